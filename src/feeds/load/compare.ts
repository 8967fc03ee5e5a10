// A load beside the last good one: what came, what went, what changed, and how prices moved. Figures alone; what follows from them is decided elsewhere. Pure.
import { CLARITIES, COLORS, SHAPES } from '../stone/words.ts';
import { QUARANTINE } from '../rows/checks.ts';
import type { LoadTable } from './table.ts';

/** How a load differs from the one before. Shares are of the stones of the load before, but for `added`. */
export interface Comparison {
  readonly rows: number;
  readonly before: number;
  readonly added: number;
  readonly removed: number;
  /** In both, with another price. */
  readonly repriced: number;
  /** In both, and no longer the same stone: shape, colour, clarity, growth, laboratory or weight. */
  readonly changed: number;
  readonly quarantined: number;
  /** Of all prices, minor units; what is in quarantine does not count. */
  readonly value: number;
  readonly valueBefore: number;
  /** New ÷ old price of stones that are in both: the quantiles 0.05, 0.5 and 0.95; 1 where there are none. */
  readonly moved: readonly [low: number, median: number, high: number];
  /** Stones in both whose price moved by more than half or doubled. */
  readonly leapt: number;
  /**
   * By cell (shape, weight, colour, clarity) the median price of a carat of stones that are new, against that of the cell before, as the quantiles 0.05, 0.5 and 0.95 over
   * such stones; 1 where no cell has enough.
   */
  readonly placed: readonly [low: number, median: number, high: number];
}

/** Bands of weight in which the trade prices a carat, thousandths of a carat. */
const BANDS = [300, 400, 500, 700, 900, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 10_000] as const;
/** A cell says something from so many stones on. */
const ENOUGH = 8;
/** Ratios are counted on a logarithmic scale from 1/1024 to 1024, so many steps for each doubling. */
const STEPS = 64;
const OCTAVES = 10;

/** A histogram of ratios, which needs no sorting and forgets no extreme. */
function ratios() {
  const counts = new Uint32Array(2 * OCTAVES * STEPS + 1);
  let total = 0;
  return {
    add(ratio: number): void {
      const step = Math.round(Math.log2(ratio) * STEPS) + OCTAVES * STEPS;
      const place = Math.max(0, Math.min(counts.length - 1, step));
      counts[place] = (counts[place] ?? 0) + 1;
      total++;
    },
    quantile(share: number): number {
      if (total === 0) return 1;
      let left = Math.floor(share * (total - 1));
      for (const [place, count] of counts.entries()) {
        left -= count;
        if (left < 0) return 2 ** ((place - OCTAVES * STEPS) / STEPS);
      }
      return 1;
    },
  };
}

/** The cell that a stone is priced in. */
function cellOf(table: LoadTable, row: number): number {
  const carat = table.caratMilli(row);
  let band = 0;
  while (band < BANDS.length && carat >= (BANDS[band] ?? 0)) band++;
  const place =
    (table.byte('shape', row) * (BANDS.length + 1) + band) * COLORS.length + table.byte('color', row);
  return place * CLARITIES.length + table.byte('clarity', row);
}

const CELLS = SHAPES.length * (BANDS.length + 1) * COLORS.length * CLARITIES.length;

/** The median price of a carat by cell, minor units; 0 where a cell has too few stones to say. */
function cellPrices(table: LoadTable): Float64Array {
  const counts = new Uint32Array(CELLS);
  const isGood = (row: number): boolean =>
    (table.findings(row) & QUARANTINE) === 0 && table.priceMinor(row) > 0;
  for (let row = 0; row < table.rows; row++) {
    const cell = cellOf(table, row);
    if (isGood(row)) counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const starts = new Uint32Array(CELLS + 1);
  for (let cell = 0; cell < CELLS; cell++) starts[cell + 1] = (starts[cell] ?? 0) + (counts[cell] ?? 0);
  const next = starts.slice();
  const sorted = new Float64Array(starts[CELLS] ?? 0);
  for (let row = 0; row < table.rows; row++) {
    if (!isGood(row)) continue;
    const cell = cellOf(table, row);
    const at = next[cell] ?? 0;
    sorted[at] = perCarat(table, row);
    next[cell] = at + 1;
  }
  const medians = new Float64Array(CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const [from, to] = [starts[cell] ?? 0, starts[cell + 1] ?? 0];
    if (to - from < ENOUGH) continue;
    const own = sorted.subarray(from, to).sort();
    medians[cell] = own[own.length >> 1] ?? 0;
  }
  return medians;
}

function perCarat(table: LoadTable, row: number): number {
  return (table.priceMinor(row) * 1_000) / Math.max(1, table.caratMilli(row));
}

/** What makes a stone that stone; its measurements may be told more exactly from one day to the next. */
const SAME = ['shape', 'color', 'clarity', 'growth', 'lab'] as const;

export function compareLoads(now: LoadTable, before: LoadTable): Comparison {
  const prices = cellPrices(before);
  const seen = new Uint8Array(before.rows);
  const [moved, placed] = [ratios(), ratios()];
  let [added, repriced, changed, quarantined, leapt, value, valueBefore] = [0, 0, 0, 0, 0, 0, 0];
  for (let row = 0; row < now.rows; row++) {
    const isGood = (now.findings(row) & QUARANTINE) === 0;
    if (isGood) value += now.priceMinor(row);
    else quarantined++;
    const old = before.find(now.keyHigh(row), now.keyLow(row));
    if (old < 0) {
      added++;
      const usual = prices[cellOf(now, row)] ?? 0;
      if (isGood && usual > 0) placed.add(perCarat(now, row) / usual);
      continue;
    }
    seen[old] = 1;
    if (
      now.caratMilli(row) !== before.caratMilli(old) ||
      SAME.some((column) => now.byte(column, row) !== before.byte(column, old))
    ) {
      changed++;
      continue;
    }
    const [price, priceBefore] = [now.priceMinor(row), before.priceMinor(old)];
    if (price !== priceBefore) repriced++;
    if (price === 0 || priceBefore === 0) continue;
    const ratio = price / priceBefore;
    moved.add(ratio);
    if (ratio < 0.5 || ratio > 2) leapt++;
  }
  let removed = 0;
  for (let row = 0; row < before.rows; row++) {
    if (seen[row] === 0) removed++;
    if ((before.findings(row) & QUARANTINE) === 0) valueBefore += before.priceMinor(row);
  }
  const spread = (of: ReturnType<typeof ratios>) =>
    [of.quantile(0.05), of.quantile(0.5), of.quantile(0.95)] as const;
  return {
    rows: now.rows,
    before: before.rows,
    added,
    removed,
    repriced,
    changed,
    quarantined,
    value,
    valueBefore,
    moved: spread(moved),
    leapt,
    placed: spread(placed),
  };
}
