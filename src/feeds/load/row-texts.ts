// The texts of single stones, read again from where their rows lie in the kept bytes.
import type { SealedReader } from '#storage';
import type { CsvAdapter, RowReader, Texts } from '../providers/adapter.ts';
import { CSV_BOUNDS, csvReader, rowCells } from '../read/csv.ts';

/** Opens a way to the texts of rows that were read as stones before, by where they lie. */
export function rowTexts(
  raw: Pick<SealedReader, 'read'>,
  adapter: CsvAdapter,
): (offset: number, bytes: number) => Texts {
  let reader: RowReader | null = null;
  let texts: Texts | null = null;
  const head = csvReader(adapter.separator, (row) => (reader ??= adapter.bind(rowCells(row))));
  head.push(raw.read(0, CSV_BOUNDS.maxRowBytes));
  const csv = csvReader(adapter.separator, (row) => (texts = reader?.texts(row) ?? null));
  return (offset, bytes) => {
    texts = null;
    csv.push(raw.read(offset, bytes));
    // The last row of a file may have no line end.
    if (texts === null) csv.end();
    if (texts === null) throw new TypeError('a row that was a stone');
    return texts;
  };
}
