// All stones that a load keeps out of the window, as a table for people and their spreadsheets: what each is, what was found, what it cost before.
import type { Provider } from '../providers/provider.ts';
import { spreadsheetCell } from '../read/text.ts';
import { findingsOf, isQuarantined } from '../rows/checks.ts';
import { acceptPrices } from './history.ts';
import { type KeptLoad, openKept, readKeptTable } from './kept.ts';
import { rowTexts } from './row-texts.ts';

/** More are not listed: whoever has so many has another question than which. */
const MAX_STONES = 20_000;

export interface QuarantineSheet {
  /** CSV with a head; cells that a spreadsheet would compute begin with an apostrophe. */
  readonly csv: string;
  readonly stones: number;
  /** How many are in quarantine in all. */
  readonly of: number;
}

const HEAD = [
  'offer',
  'stock number',
  'found',
  'laboratory',
  'report',
  'shape',
  'carat',
  'color',
  'clarity',
  'price',
  'price in no doubt',
  'comment',
];

/** Lists the quarantine of a kept load, as people's words about its prices left it. Throws `feeds/unreadable` where it is no longer kept, `storage/damaged`. */
export function quarantineSheet(
  provider: Provider,
  load: KeptLoad & { readonly pricesAccepted: boolean },
): QuarantineSheet {
  const table = readKeptTable(load);
  if (load.pricesAccepted) acceptPrices(table);
  const raw = openKept(load, 'raw');
  try {
    const textsAt = rowTexts(raw, provider.adapter);
    const lines = [HEAD.join(',')];
    let all = 0;
    for (let row = 0; row < table.rows; row++) {
      const found = table.of('findings', row);
      if (!isQuarantined(found) || ++all > MAX_STONES) continue;
      const stone = provider.adapter.shown((figure) => table.of(figure, row));
      const texts = textsAt(table.of('offset', row), table.of('rowBytes', row));
      const basis = table.of('basisMinor', row);
      lines.push(
        [
          texts.offerId,
          texts.supplierStockRef,
          findingsOf(found).join(' '),
          stone.lab,
          texts.certificate,
          stone.shape,
          String(stone.carat),
          stone.fancy === '' ? stone.color : stone.fancy,
          stone.clarity,
          (stone.priceMinor / 100).toFixed(2),
          basis === 0 ? '' : (basis / 100).toFixed(2),
          [...Object.values(texts.facts), texts.comment].filter((one) => one !== '').join('; '),
        ]
          .map(spreadsheetCell)
          .join(','),
      );
    }
    return { csv: `${lines.join('\r\n')}\r\n`, stones: Math.min(all, MAX_STONES), of: all };
  } finally {
    raw.close();
  }
}
