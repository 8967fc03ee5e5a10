// A load beside the last good one: what came, what went, what changed, and how prices moved. Figures alone; what follows from them is decided elsewhere. Pure.
import { isQuarantined } from '../rows/checks.ts';
import { type CellPrices, cellPrices, perCarat } from './cells.ts';
import { type LoadMatch, matchLoads } from './match.ts';
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

/** Ratios are counted on a logarithmic scale from 1/1024 to 1024, so many steps for each doubling. */
const STEPS = 64;
const OCTAVES = 10;

/** A histogram of ratios, which needs no sorting and forgets no extreme. */
function ratios() {
  const counts = new Uint32Array(2 * OCTAVES * STEPS + 1);
  let total = 0;
  return {
    add(ratio: number): void {
      // Most prices are as they were: no logarithm for them.
      const steps = ratio === 1 ? 0 : Math.round(Math.log2(ratio) * STEPS);
      const step = steps + OCTAVES * STEPS;
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

/** What makes a stone that stone; its measurements may be told more exactly from one day to the next. */
const SAME = ['caratMilli', 'shape', 'color', 'clarity', 'growth', 'lab'] as const;

/** Compares; `cells` are the prices of the load before. */
export function compareLoads(
  now: LoadTable,
  before: LoadTable,
  match: LoadMatch = matchLoads(now, before),
  cells: CellPrices = cellPrices(before),
): Comparison {
  let known = 0;
  const [moved, placed] = [ratios(), ratios()];
  let [added, repriced, changed, quarantined, leapt, value, valueBefore] = [0, 0, 0, 0, 0, 0, 0];
  const same = SAME.map((column) => [now.column(column), before.column(column)] as const);
  const [prices, pricesBefore] = [now.column('priceMinor'), before.column('priceMinor')];
  const [findings, findingsBefore] = [now.column('findings'), before.column('findings')];
  /** Whether a stone is no longer the one it was. */
  const isOther = (row: number, old: number): boolean => {
    for (const [is, was] of same) if (is[row] !== was[old]) return true;
    return false;
  };
  for (let row = 0; row < now.rows; row++) {
    const price = prices[row] ?? 0;
    if (isQuarantined(findings[row] ?? 0)) quarantined++;
    else value += price;
    const old = match.old(row);
    if (old < 0) {
      added++;
      const usual = cells.median(now, row);
      // Those in quarantine, too: where new stones are placed says something of the whole load.
      if (price > 0 && usual > 0) placed.add(perCarat(now, row) / usual);
      continue;
    }
    known++;
    if (isOther(row, old)) {
      changed++;
      continue;
    }
    const priceBefore = pricesBefore[old] ?? 0;
    if (price !== priceBefore) repriced++;
    if (price === 0 || priceBefore === 0) continue;
    const ratio = price / priceBefore;
    moved.add(ratio);
    if (ratio < 0.5 || ratio > 2) leapt++;
  }
  for (let row = 0; row < before.rows; row++)
    if (!isQuarantined(findingsBefore[row] ?? 0)) valueBefore += pricesBefore[row] ?? 0;
  const spread = (of: ReturnType<typeof ratios>) =>
    [of.quantile(0.05), of.quantile(0.5), of.quantile(0.95)] as const;
  return {
    rows: now.rows,
    before: before.rows,
    added,
    removed: before.rows - known,
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
