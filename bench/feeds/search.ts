// Searches over two million stones at a steady rate, each timed from when it was due: one that is late makes the next ones late, too.
import { createReadStream } from 'node:fs';
import { rapnetDownload, readStones, runLoad, searchable, select, SORTS, stonesFile } from '#feeds';
import { seeded } from '../../sample/feeds/stones.ts';
import { figure, percentile } from '../harness.ts';
import { MANY } from './files.ts';

const SEARCHES = 1_000;
const PER_S = 50;
const HEAD = { v: 1, of: 'stones', feed: '', provider: '', currency: 'USD', rows: MANY, show: [] } as const;

/** Searches over every stone of a file of `MANY`. */
export async function searches(file: string): Promise<Record<string, number>> {
  const { table } = await runLoad({
    adapter: rapnetDownload,
    bytes: createReadStream(file, { highWaterMark: 1024 * 1024 }),
    hashKey: Buffer.alloc(16, 7),
    before: null,
    gone: null,
    old: null,
    releases: [],
    maxBytes: 4 * 1024 ** 3,
    maxRows: MANY,
  });
  const selection = select(table, { shown: [], hidden: [], most: MANY }, null, 0);
  const parts = [...stonesFile(HEAD, table, selection, { begin: () => 0, bytes: () => 0 })];
  const catalogue = searchable(readStones(Buffer.concat(parts)));
  const one = seeded(7);
  const codes = (most: number): number[] =>
    Array.from({ length: 1 + Math.floor(one() * 3) }, () => Math.floor(one() * most));
  const ms: number[] = [];
  const begin = performance.now();
  for (let i = 0; i < SEARCHES; i++) {
    const due = begin + (i * 1_000) / PER_S;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const from = 300 + Math.floor(one() * 2_000);
    catalogue.search({
      facets: {
        ...(one() < 0.8 ? { shape: codes(10) } : {}),
        ...(one() < 0.5 ? { color: codes(10) } : {}),
        ...(one() < 0.5 ? { clarity: codes(8) } : {}),
        ...(one() < 0.2 ? { cut: codes(6) } : {}),
      },
      caratMilli: one() < 0.5 ? [from, from + 500] : [null, null],
      priceMinor: [null, null],
      sort: SORTS[Math.floor(one() * SORTS.length)] ?? 'price',
      most: 24,
    });
    ms.push(performance.now() - due);
  }
  return { searchP99Ms: figure(percentile(ms, 0.99)) };
}
