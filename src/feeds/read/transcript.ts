// Records of any format as CSV: what is kept of a load, read again and judged is always one table of text, whatever it came in.
import { CSV_BOUNDS } from './csv.ts';
import { MAX_BEGIN, type FlatRecord } from './record.ts';

const BLOCK_CHARS = 256 * 1024;

function cell(text: string): string {
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row of CSV with its line end. */
function row(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** What could not be read becomes a row of one cell, how it begins: no row of a table of many columns, and so an error that people can look at. */
function spoilt(begins: string): string {
  return row([begins.slice(0, MAX_BEGIN) || '?']);
}

/** The cells of a row, or how one begins that could not be read. */
type TableRow = readonly string[] | { readonly spoilt: string };

/** Rows under a head, in blocks of CSV. */
export async function* csvBlocks(
  head: readonly string[],
  rows: AsyncIterable<TableRow> | Iterable<TableRow>,
): AsyncGenerator<Uint8Array> {
  let held = row(head);
  for await (const one of rows) {
    const text = 'spoilt' in one ? spoilt(one.spoilt) : row(one);
    // Too long a row would end the file.
    held += text.length * 3 > CSV_BOUNDS.maxRowBytes ? spoilt(text) : text;
    if (held.length < BLOCK_CHARS) continue;
    yield Buffer.from(held);
    held = '';
  }
  yield Buffer.from(held);
}

/** The named fields of records, as CSV under their names; a field that a record does not have is an empty cell. */
export function transcript(
  fields: readonly string[],
  records: AsyncIterable<FlatRecord> | Iterable<FlatRecord>,
): AsyncGenerator<Uint8Array> {
  return csvBlocks(fields, rowsOf(fields, records));
}

async function* rowsOf(
  fields: readonly string[],
  records: AsyncIterable<FlatRecord> | Iterable<FlatRecord>,
): AsyncGenerator<TableRow> {
  for await (const { texts, begins } of records)
    yield texts === null ? { spoilt: begins } : fields.map((field) => texts.get(field) ?? '');
}
