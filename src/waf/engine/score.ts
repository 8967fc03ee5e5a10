// What rules' own `score` adds up to. Signs in arguments, cookies and bodies count together where they are signs of one value: a large body holds hundreds of values, each with
// its chance of a sign that means nothing. Signs elsewhere, of the path or of headers, count with those of any value.
import type { MatchedField } from './matched.ts';
import type { Value } from './value.ts';

/** Variables that hold many values of no more to do with each other than that they came together. */
const MANY_VALUES = /^(?:ARGS|REQUEST_COOKIES|XML|FILES|MULTIPART_|REQUEST_BODY$|UNREAD_BODY$)/u;

/** What one rule adds, and the numbers of the values that it adds it to; none: it counts with any. */
export interface Points {
  readonly points: number;
  readonly values: readonly number[];
}

/** What rules come to together: the sum of the value with most, and of what counts with any. */
export function scoreOf(rules: readonly Points[]): number {
  let elsewhere = 0;
  const sums = new Map<number, number>();
  for (const { points, values } of rules) {
    if (values.length === 0) elsewhere += points;
    for (const value of values) sums.set(value, (sums.get(value) ?? 0) + points);
  }
  return elsewhere + Math.max(0, ...sums.values());
}

export class Score {
  /** Each value that has a sign: its number from 1 on, and its sum. */
  readonly #values = new Map<Value, { readonly at: number; sum: number }>();
  #elsewhere = 0;
  #highest = 0;

  /** The sum of the value with most, and of what counts with any. */
  get total(): number {
    return this.#elsewhere + this.#highest;
  }

  /** Adds what a rule found, once for each value. Gives the numbers of the values; none where it counts with any. */
  add(amount: number, matched: readonly MatchedField[]): readonly number[] {
    const values = new Set<Value>();
    for (const { variable, value } of matched) {
      if (value === null || !MANY_VALUES.test(variable)) {
        this.#elsewhere += amount;
        return [];
      }
      values.add(value);
    }
    if (values.size === 0) this.#elsewhere += amount;
    return Array.from(values, (value) => this.#raise(value, amount));
  }

  #raise(value: Value, amount: number): number {
    const known = this.#values.get(value) ?? { at: this.#values.size + 1, sum: 0 };
    this.#values.set(value, known);
    known.sum += amount;
    this.#highest = Math.max(this.#highest, known.sum);
    return known.at;
  }
}
