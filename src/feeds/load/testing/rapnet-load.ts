import { rapnetHead, rapnetRow } from '../../../../sample/feeds/rapnet-file.ts';
import type { SampleStone } from '../../../../sample/feeds/stones.ts';
import { rapnetDownload } from '../../providers/rapnet.ts';
import { csvReader, rowCells } from '../../read/csv.ts';
import { checkStone } from '../../rows/checks.ts';
import { noFigures } from '../../stone/figures.ts';
import { keyedHash } from '../siphash.ts';
import { type LoadTable, loadTable } from '../table.ts';

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

/** A load of stones, as a RapNet file brings it. */
export function rapnetLoad(
  stones: readonly SampleStone[],
  more: Readonly<Record<string, string>> = {},
): LoadTable {
  const table = loadTable();
  const key = keyedHash(KEY);
  const figures = noFigures();
  let reader: ReturnType<typeof rapnetDownload.bind> | null = null;
  const csv = csvReader(rapnetDownload.separator, (row) => {
    if (reader === null) {
      reader = rapnetDownload.bind(rowCells(row));
      return;
    }
    if (reader.figures(row, figures) !== null) throw new Error('an honest row was meant');
    const id = Buffer.from(reader.texts(row).offerId);
    key.of(id, 0, id.length);
    table.add(figures, checkStone(figures), key);
  });
  csv.push(Buffer.from(rapnetHead() + stones.map((stone) => rapnetRow(stone, more)).join('')));
  csv.end();
  return table;
}
