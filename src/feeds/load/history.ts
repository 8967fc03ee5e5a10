// Each stone beside what was known of it: its own price before, the prices of its like, the certificate that was another stone's. What stands out goes to quarantine and stays there for as long as it stands out, or until a
// person says otherwise: yesterday's doubt is not forgotten because today brings the same again.
import { bit, PRICE_DOUBTS, RELEASED } from '../rows/checks.ts';
import { type CellPrices, perCarat } from './cells.ts';
import type { GoneCertificates } from './gone.ts';
import type { LoadMatch } from './match.ts';
import { isSameStone } from './same-stone.ts';
import type { Column, LoadTable } from './table.ts';

/** A stone that a person let into the window as it was: this offer with these figures, and no others. */
export interface Release {
  readonly keyHigh: number;
  readonly keyLow: number;
  /** By column, those of RELEASE_COLUMNS. */
  readonly figures: readonly number[];
}

/** The figures that a release is good for. */
export const RELEASE_COLUMNS = [
  'shape',
  'color',
  'hue',
  'clarity',
  'lab',
  'growth',
  'caratMilli',
  'priceMinor',
] as const satisfies readonly Column[];

const LEAP = bit('price-leap');
const OUTLIER = bit('price-outlier');
const MOVED = bit('certificate-moved');

/** How far one stone's price may go from one load to the next, either way, before somebody looks. */
const MAX_LEAP = 2.5;
/** How far a stone may lie from its like: so many standard deviations of theirs, and this factor at the least. */
const MAX_DEVIATIONS = 5;
const MIN_OUTLIER = Math.log(3);

/** Notes what is found in each stone of a load beside the load before, and which price of it was last in no doubt. `cells`: of the load before, or of this one where there is none; `gone`: stones that had left by the load before. */
export function judgeHistory(
  now: LoadTable,
  before: LoadTable | null,
  match: LoadMatch,
  cells: CellPrices,
  releases: readonly Release[],
  gone: GoneCertificates,
): void {
  for (const release of releases) letIn(now, release);
  const [prices, findings, bases] = [
    now.column('priceMinor'),
    now.column('findings'),
    now.column('basisMinor'),
  ];
  const basesBefore = before?.column('basisMinor') ?? null;
  for (let row = 0; row < now.rows; row++) {
    const old = match.old(row);
    const last = old < 0 ? 0 : (basesBefore?.[old] ?? 0);
    const price = prices[row] ?? 0;
    const found = (findings[row] ?? 0) | doubts(row, old, price, last);
    findings[row] = found;
    const isDoubted = (found & PRICE_DOUBTS) !== 0 && (found & RELEASED) === 0;
    bases[row] = isDoubted ? last : price;
  }

  function doubts(row: number, old: number, price: number, last: number): number {
    let found = 0;
    if (last > 0 && price > 0 && (price > last * MAX_LEAP || price * MAX_LEAP < last)) found |= LEAP;
    if ((old < 0 || (before !== null && isStillDoubted(before, old, OUTLIER))) && isOutlier(row))
      found |= OUTLIER;
    if (before !== null && hasMoved(before, row, old)) found |= MOVED;
    return found;
  }

  function isOutlier(row: number): boolean {
    const median = cells.median(now, row);
    if (median === 0 || now.of('priceMinor', row) === 0) return false;
    const away = Math.abs(Math.log(perCarat(now, row) / median));
    return away > Math.max(MIN_OUTLIER, MAX_DEVIATIONS * cells.spread(now, row));
  }

  /** Whether a stone's certificate was another stone's, as far back as is known. */
  function hasMoved(from: LoadTable, row: number, old: number): boolean {
    const [high, low] = [now.certificates.high(row), now.certificates.low(row)];
    if (high === 0 && low === 0) return false;
    const isOwn = old >= 0 && from.certificates.high(old) === high && from.certificates.low(old) === low;
    // A new offer, or a known one under another certificate: whose was that?
    const known = isOwn ? old : match.holder(row);
    // The same as one that was in doubt: the doubt was about what it is now.
    if (known >= 0) return !isSameStone(now, row, from, known) || isStillDoubted(from, known, MOVED);
    const left = match.gone(row);
    return left >= 0 && !isSameStone(now, row, gone, left);
  }
}

/** Whether a stone was in doubt in a load, and nobody had let it in. */
function isStillDoubted(table: LoadTable, row: number, finding: number): boolean {
  const findings = table.of('findings', row);
  return (findings & finding) !== 0 && (findings & RELEASED) === 0;
}

function letIn(now: LoadTable, { keyHigh, keyLow, figures }: Release): void {
  const row = now.find(keyHigh, keyLow);
  if (row >= 0 && RELEASE_COLUMNS.every((column, i) => now.of(column, row) === figures[i]))
    now.note(row, RELEASED);
}

/** A person said that the prices of a load are right: what was in doubt about them no longer is. */
export function acceptPrices(table: LoadTable): void {
  for (let row = 0; row < table.rows; row++) {
    const findings = table.of('findings', row);
    if ((findings & PRICE_DOUBTS) === 0) continue;
    table.put('findings', row, findings & ~(LEAP | OUTLIER));
    // What else is wrong with a stone is no matter of its price.
    if ((findings & PRICE_DOUBTS & ~(LEAP | OUTLIER)) === 0)
      table.put('basisMinor', row, table.of('priceMinor', row));
  }
}
