// Rows of a RapNet file read, typed and checked on one core, beside csv-parse, which only splits the same file into strings; and a whole load of two million from a
// file on disk to its decision, beside the one before. Fetching and publishing are not there yet, so these are not the figures of a whole load.
import { createReadStream, mkdtempSync, openSync, closeSync, writeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { rapnetHead, rapnetRow } from '../sample/feeds/rapnet-file.ts';
import { sampleStone } from '../sample/feeds/stones.ts';
import {
  checkStone,
  csvReader,
  noFigures,
  rapnetDownload,
  rowCells,
  type RowReader,
  type Run,
  runLoad,
} from '#feeds';
import { figure, inTurn, say } from './harness.ts';

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
    return { decided2mS: figure(again.s), decidedPeakMb: figure(again.peakMb) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
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
  const csv = csvReader((row) => {
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
