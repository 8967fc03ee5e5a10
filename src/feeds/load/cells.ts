// What stones cost, by cell: shape, weight, colour and clarity, as the trade prices them. Robust figures, so that a few cannot move them.
import { QUARANTINE } from '../rows/checks.ts';
import { CLARITIES, COLORS, SHAPES } from '../stone/words.ts';
import type { LoadTable } from './table.ts';

/** Bands of weight in which the trade prices a carat, thousandths of a carat. */
const BANDS = [300, 400, 500, 700, 900, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 10_000] as const;
/** A cell says something from so many stones on. */
const ENOUGH = 8;
const CELLS = SHAPES.length * (BANDS.length + 1) * COLORS.length * CLARITIES.length;
/** What lies between the quartiles of a normal distribution, in standard deviations. */
const QUARTILES_APART = 1.349;

export interface CellPrices {
  /** The median price of a carat of such stones, minor units; 0 where there are too few to say. */
  median(table: LoadTable, row: number): number;
  /** How far such prices lie apart: a standard deviation of their natural logarithms, by the quartiles. */
  spread(table: LoadTable, row: number): number;
}

export function perCarat(table: LoadTable, row: number): number {
  return caratPrice(table.of('priceMinor', row), table.of('caratMilli', row));
}

function caratPrice(priceMinor: number, caratMilli: number): number {
  return (priceMinor * 1_000) / Math.max(1, caratMilli);
}

/** The cell that a stone is priced in. */
function cellAt(shape: number, caratMilli: number, color: number, clarity: number): number {
  let band = 0;
  while (band < BANDS.length && caratMilli >= (BANDS[band] ?? 0)) band++;
  return ((shape * (BANDS.length + 1) + band) * COLORS.length + color) * CLARITIES.length + clarity;
}

function cellOf(table: LoadTable, row: number): number {
  return cellAt(
    table.of('shape', row),
    table.of('caratMilli', row),
    table.of('color', row),
    table.of('clarity', row),
  );
}

/** The prices of a load's stones that are in no doubt. */
export function cellPrices(table: LoadTable): CellPrices {
  const [shapes, colors, clarities] = [table.column('shape'), table.column('color'), table.column('clarity')];
  const [carats, prices, findings] = [
    table.column('caratMilli'),
    table.column('priceMinor'),
    table.column('findings'),
  ];
  /** The cell of a row whose price is in no doubt; else −1. */
  const cellIn = (row: number): number => {
    if (((findings[row] ?? 0) & QUARANTINE) !== 0 || (prices[row] ?? 0) <= 0) return -1;
    return cellAt(shapes[row] ?? 0, carats[row] ?? 0, colors[row] ?? 0, clarities[row] ?? 0);
  };
  const counts = new Uint32Array(CELLS);
  for (let row = 0; row < table.rows; row++) {
    const cell = cellIn(row);
    if (cell >= 0) counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const starts = new Uint32Array(CELLS + 1);
  for (let cell = 0; cell < CELLS; cell++) starts[cell + 1] = (starts[cell] ?? 0) + (counts[cell] ?? 0);
  const next = starts.slice();
  const sorted = new Float64Array(starts[CELLS] ?? 0);
  for (let row = 0; row < table.rows; row++) {
    const cell = cellIn(row);
    if (cell < 0) continue;
    const at = next[cell] ?? 0;
    sorted[at] = caratPrice(prices[row] ?? 0, carats[row] ?? 0);
    next[cell] = at + 1;
  }
  const medians = new Float64Array(CELLS);
  const spreads = new Float64Array(CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const [from, to] = [starts[cell] ?? 0, starts[cell + 1] ?? 0];
    if (to - from < ENOUGH) continue;
    const own = sorted.subarray(from, to).sort();
    const at = (share: number): number => own[Math.floor((own.length - 1) * share)] ?? 1;
    medians[cell] = own[own.length >> 1] ?? 0;
    spreads[cell] = Math.log(at(0.75) / at(0.25)) / QUARTILES_APART;
  }
  return {
    median: (of, row) => medians[cellOf(of, row)] ?? 0,
    spread: (of, row) => spreads[cellOf(of, row)] ?? 0,
  };
}
