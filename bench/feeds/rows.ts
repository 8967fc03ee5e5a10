// Rows of a RapNet file read, typed and checked on one core, beside csv-parse, which only splits the same file into strings.
import { parse } from 'csv-parse';
import { checkStone, csvReader, noFigures, rapnetDownload, rowCells, type RowReader } from '#feeds';
import { rapnetHead, rapnetRow } from '../../sample/feeds/rapnet-file.ts';
import { sampleStone } from '../../sample/feeds/stones.ts';
import { figure, inTurn, say } from '../harness.ts';

const ROWS = 200_000;
const BLOCK_BYTES = 1024 * 1024;
const ROUNDS = 5;

export async function rows(): Promise<Record<string, number>> {
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
  };
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
