import { csvReader, rowCells } from '../../read/csv.ts';
import { checkStone, type FindingId, findingsOf } from '../../rows/checks.ts';
import { type Figures, noFigures } from '../../stone/figures.ts';
import type { CsvAdapter, RowError, RowReader, Texts } from '../adapter.ts';

export interface TypedRow {
  readonly error: RowError | null;
  readonly figures: Figures;
  readonly texts: Texts | null;
  readonly findings: readonly FindingId[];
}

/** Every row of a file, read and checked by itself. */
export function typedRows(adapter: CsvAdapter, file: string): TypedRow[] {
  let reader: RowReader | null = null;
  const found: TypedRow[] = [];
  const csv = csvReader(adapter.separator, (row) => {
    if (reader === null) {
      reader = adapter.bind(rowCells(row));
      return;
    }
    const figures = noFigures();
    const error = reader.figures(row, figures);
    const isStone = error === null;
    found.push({
      error,
      figures,
      texts: isStone ? reader.texts(row) : null,
      findings: isStone ? findingsOf(checkStone(figures)) : [],
    });
  });
  csv.push(Buffer.from(file));
  csv.end();
  return found;
}
