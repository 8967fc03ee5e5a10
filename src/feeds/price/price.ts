// What a stone costs in the shop: what the provider asks, a rule's markup, rounding. A price at or below cost is no price, unless a named person has said so, with a date. Pure; integers alone.
import type { LoadTable } from '../load/table.ts';
import { type Fits, fitting, type Match } from './match.ts';

/** A markup for the stones that it is about. */
export interface PriceRule {
  readonly when: Match;
  /** Hundredths of a percent on top of cost. */
  readonly markupBp: number;
  /** And so much more, minor units of the shop's currency. */
  readonly addMinor: number;
}

export interface PriceRules {
  /** ISO 4217: what shoppers pay in. */
  readonly currency: string;
  /** Millionths of the shop's unit for one of the provider's; 1,000,000 where it is the same currency. */
  readonly ratePpm: number;
  /** The first that fits counts; a stone that none fits has no price and is not shown. */
  readonly rules: readonly PriceRule[];
  /** Prices end so: up to the next whole step, less so much. 10,000 and 100: 1,499.00 → steps of a hundred, less one. */
  readonly stepMinor: number;
  readonly lessMinor: number;
  /** No stone costs less than this. */
  readonly floorMinor: number;
  /** Until when stones may be sold at or below cost; null: they may not. Whose word that is stands in the ledger. */
  readonly belowCostUntil: number | null;
}

/** Without rules nothing has a price. */
export const NO_RULES: PriceRules = {
  currency: '',
  ratePpm: 1_000_000,
  rules: [],
  stepMinor: 1,
  lessMinor: 0,
  floorMinor: 0,
  belowCostUntil: null,
};

export type Priced =
  | { readonly ok: true; readonly priceMinor: number; readonly costMinor: number }
  | { readonly ok: false; readonly why: 'no-cost' | 'no-rule' | 'below-cost' };

/** value × numerator ÷ denominator, rounded up, without leaving the safe integers on the way. */
function scaled(value: number, numerator: number, denominator: number): number {
  const whole = Math.floor(value / denominator) * numerator;
  return whole + Math.ceil(((value % denominator) * numerator) / denominator);
}

/** Up to the next step less `less`, never down. */
function rounded(minor: number, step: number, less: number): number {
  return Math.ceil((minor + less) / step) * step - less;
}

/** Makes the pricing of one set of rules; `now` says whether somebody's word about selling below cost is still good. */
export function pricing(rules: PriceRules, now: number): (table: LoadTable, row: number) => Priced {
  const ready: readonly (readonly [PriceRule, Fits])[] = rules.rules.map((rule) => [
    rule,
    fitting(rule.when),
  ]);
  const mayLose = rules.belowCostUntil !== null && rules.belowCostUntil > now;
  return (table, row) => {
    const asked = table.of('priceMinor', row);
    if (asked <= 0) return { ok: false, why: 'no-cost' };
    const rule = ready.find(([, fits]) => fits(table, row))?.[0];
    if (rule === undefined) return { ok: false, why: 'no-rule' };
    const costMinor = scaled(asked, rules.ratePpm, 1_000_000);
    const marked = scaled(costMinor, 10_000 + rule.markupBp, 10_000) + rule.addMinor;
    const priceMinor = Math.max(rounded(marked, rules.stepMinor, rules.lessMinor), rules.floorMinor);
    if (priceMinor <= costMinor && !mayLose) return { ok: false, why: 'below-cost' };
    return { ok: true, priceMinor, costMinor };
  };
}
