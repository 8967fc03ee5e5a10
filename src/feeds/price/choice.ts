// Which stones a shop shows at all: thousands, out of millions. Pure.
import type { LoadTable } from '../load/table.ts';
import { isQuarantined } from '../rows/checks.ts';
import { AVAILABILITIES } from '../stone/words.ts';
import { fitting, type Match } from './match.ts';
import { type Priced, type PriceRules, pricing } from './price.ts';
import { spread } from './spread.ts';

export interface Choice {
  /** Any of these; empty: every stone. */
  readonly shown: readonly Match[];
  /** And none of these. */
  readonly hidden: readonly Match[];
  /** At most so many: spread over shape, weight, colour and clarity, the best value of each first. */
  readonly most: number;
}

/** Why stones of a load are not shown, each stone counted once. */
export const LEFT_OUT = [
  'quarantined',
  'unavailable',
  'not-chosen',
  'no-cost',
  'no-rule',
  'below-cost',
  'beyond-most',
] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

export interface Selection {
  /** Rows of the table, ordered by price, then by row. */
  readonly rows: Uint32Array;
  /** Their prices, in the same order; 0: on request. */
  readonly prices: Float64Array;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
}

const UNAVAILABLE = AVAILABILITIES.indexOf('unavailable');

/** Selects what is shown of a load. `rules` null: prices are on request. */
export function select(table: LoadTable, choice: Choice, rules: PriceRules | null, now: number): Selection {
  const shown = choice.shown.map(fitting);
  const hidden = choice.hidden.map(fitting);
  const price = rules === null ? null : pricing(rules, now);
  const leftOut: Record<LeftOut, number> = {
    quarantined: 0,
    unavailable: 0,
    'not-chosen': 0,
    'no-cost': 0,
    'no-rule': 0,
    'below-cost': 0,
    'beyond-most': 0,
  };
  const rows = new Uint32Array(table.rows);
  const prices = new Float64Array(table.rows);
  let count = 0;
  for (let row = 0; row < table.rows; row++) {
    const why = reason(row);
    if (typeof why === 'string') {
      leftOut[why]++;
      continue;
    }
    rows[count] = row;
    prices[count] = why;
    count++;
  }
  const kept =
    count > choice.most
      ? spread(table, rows.subarray(0, count), choice.most)
      : rows.slice(0, count).map((_, place) => place);
  leftOut['beyond-most'] = count - kept.length;
  kept.sort((a, b) => (prices[a] ?? 0) - (prices[b] ?? 0) || a - b);
  return {
    rows: kept.map((place) => rows[place] ?? 0),
    prices: Float64Array.from(kept, (place) => prices[place] ?? 0),
    leftOut,
  };

  /** What a stone is left out for, or its price. */
  function reason(row: number): LeftOut | number {
    if (isQuarantined(table.of('findings', row))) return 'quarantined';
    if (table.of('availability', row) === UNAVAILABLE) return 'unavailable';
    if (shown.length > 0 && !shown.some((fits) => fits(table, row))) return 'not-chosen';
    if (hidden.some((fits) => fits(table, row))) return 'not-chosen';
    if (price === null) return 0;
    const priced: Priced = price(table, row);
    return priced.ok ? priced.priceMinor : priced.why;
  }
}
