// Rows of a RapNet file read, typed and checked on one core, beside csv-parse, which only splits the same file into strings; a load of two million from a file on disk to its figures, beside the one before; and searches over
// what is chosen of it. Fetching, keeping and publishing are not measured yet, so these are not the figures of a whole load.
import { createReadStream, mkdtempSync, openSync, closeSync, writeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { rapnetHead, rapnetRow } from '../sample/feeds/rapnet-file.ts';
import { sampleStone, seeded } from '../sample/feeds/stones.ts';
import {
  checkStone,
  csvReader,
  noFigures,
  rapnetDownload,
  rowCells,
  type RowReader,
  readStones,
  type Run,
  runLoad,
  searchable,
  select,
  SORTS,
  stonesFile,
} from '#feeds';
import { figure, inTurn, percentile, say } from './harness.ts';

const ROWS = 200_000;
const BLOCK_BYTES = 1024 * 1024;
const ROUNDS = 5;
const MANY = 2_000_000;
/** One stone in a hundred has another price. */
const CHANGED = 100;

export async function feedsBench(): Promise<Record<string, number>> {
  const parts = [rapnetHead()];
  for (let id = 1; id <= ROWS; id++) parts.push(rapnetRow(sampleStone(id)));
  const file = Buffer.from(parts.join(''));
  say(`${ROWS} rows, ${Math.round(file.byteLength / 1024 / 1024)} MB`);
  const [ours, peer] = await inTurn(
    [
      { name: 'typed and checked', run: () => typed(file) },
      { name: 'csv-parse', run: () => split(file) },
    ],
    ROUNDS,
  );
  return {
    typedRowsPerS: figure(ours?.perS ?? 0),
    csvParseRowsPerS: figure(peer?.perS ?? 0),
    ratioToCsvParse: figure((ours?.perS ?? 0) / (peer?.perS ?? 1)),
    ...(await wholeLoads()),
  };
}

async function wholeLoads(): Promise<Record<string, number>> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-bench-feeds-'));
  try {
    const [first, second] = [join(dir, 'first.csv'), join(dir, 'second.csv')];
    writeFile(first, 0);
    writeFile(second, CHANGED);
    const fresh = await load(first, null);
    const again = await load(second, fresh.run);
    const { repriced, added, removed } = again.run.loaded.comparison;
    say(
      `${MANY} rows: ${figure(fresh.s)} s alone, ${figure(again.s)} s beside the load before (${repriced} repriced, ${added} added, ${removed} removed)`,
    );
    return {
      decided2mS: figure(again.s),
      decidedPeakMb: figure(again.peakMb),
      searchP99Ms: figure(await searchP99(again.run)),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const SEARCHES = 1_000;
const PER_S = 50;

/** Searches over all of a load at a steady rate, each timed from when it was due: one that is late makes the next ones late, too. */
async function searchP99({ table }: Run): Promise<number> {
  const selection = select(table, { shown: [], hidden: [], most: 2 * MANY }, null, 0);
  const head = {
    v: 1,
    feed: '',
    provider: '',
    currency: 'USD',
    rows: selection.rows.length,
    show: [],
  } as const;
  const parts = [...stonesFile(head, table, selection, { begin: () => 0, bytes: () => 0 })];
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
  return percentile(ms, 0.99);
}

function writeFile(path: string, changeEvery: number): void {
  const fd = openSync(path, 'w');
  let text = rapnetHead();
  for (let id = 1; id <= MANY; id++) {
    const stone = sampleStone(id);
    const changed = changeEvery > 0 && id % changeEvery === 0;
    text += rapnetRow(changed ? { ...stone, perCarat: stone.perCarat + 10 } : stone);
    if (text.length > BLOCK_BYTES) {
      writeSync(fd, text);
      text = '';
    }
  }
  writeSync(fd, text);
  closeSync(fd);
}

async function load(path: string, before: Run | null): Promise<{ run: Run; s: number; peakMb: number }> {
  globalThis.gc?.();
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 50);
  const begin = performance.now();
  const run = await runLoad({
    adapter: rapnetDownload,
    bytes: createReadStream(path, { highWaterMark: BLOCK_BYTES }),
    hashKey: Buffer.alloc(16, 7),
    before: before?.table ?? null,
    old: null,
    releases: [],
    maxBytes: 4 * 1024 ** 3,
    maxRows: 2 * MANY,
  });
  clearInterval(watch);
  return { run, s: (performance.now() - begin) / 1_000, peakMb: peakBytes / 1024 / 1024 };
}

function* blocks(file: Buffer): Generator<Buffer> {
  for (let at = 0; at < file.byteLength; at += BLOCK_BYTES) yield file.subarray(at, at + BLOCK_BYTES);
}

function typed(file: Buffer): number {
  let reader: RowReader | null = null;
  let stones = 0;
  const figures = noFigures();
  const csv = csvReader(rapnetDownload.separator, (row) => {
    if (reader === null) reader = rapnetDownload.bind(rowCells(row));
    else if (reader.figures(row, figures) === null && checkStone(figures) === 0) stones++;
  });
  for (const block of blocks(file)) csv.push(block);
  csv.end();
  if (stones !== ROWS) throw new Error(`${ROWS - stones} honest stones were refused`);
  return stones;
}

async function split(file: Buffer): Promise<number> {
  const parser = parse();
  let rows = -1;
  parser.on('data', () => rows++);
  const done = new Promise<void>((resolve, reject) => {
    parser.once('end', resolve);
    parser.once('error', reject);
  });
  for (const block of blocks(file))
    if (!parser.write(block)) await new Promise<void>((resolve) => parser.once('drain', () => resolve()));
  parser.end();
  await done;
  return rows;
}
