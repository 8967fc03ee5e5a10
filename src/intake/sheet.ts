import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/universal';
import { textOf } from '#kernel';
import { Refused } from './kind.ts';

const MAX_ROWS = 5_000;
const MAX_COLUMNS = 50;
const MAX_CELL = 8_000;

/** Rows of text cells out of a CSV or the first sheet of an XLSX workbook that was inspected before. Throws Refused. */
export async function sheetRows(
  bytes: Uint8Array,
  kind: 'text' | 'xlsx',
): Promise<readonly (readonly string[])[]> {
  const rows = kind === 'xlsx' ? await workbookRows(bytes) : csvRows(bytes);
  if (rows.length > MAX_ROWS) throw new Refused('too-large');
  return rows.map((row) => row.slice(0, MAX_COLUMNS).map((cell) => cell.trim().slice(0, MAX_CELL)));
}

async function workbookRows(bytes: Uint8Array): Promise<string[][]> {
  const rows = await readSheet(Uint8Array.from(bytes).buffer).catch(() => {
    throw new Refused('broken');
  });
  return rows.map((row) =>
    row.map((cell) =>
      cell === null ? '' : cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell),
    ),
  );
}

function csvRows(bytes: Uint8Array): string[][] {
  const text = textOf(bytes);
  if (text === null) throw new Refused('broken');
  const [head = ''] = text.split('\n', 1);
  const delimiter =
    [';', '\t', ','].toSorted((a, b) => head.split(b).length - head.split(a).length)[0] ?? ',';
  try {
    return parse(text, {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      to: MAX_ROWS + 1,
    });
  } catch {
    throw new Refused('broken'); // csv-parse's errors are about the file's quoting
  }
}
