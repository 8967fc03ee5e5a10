// Which stones a rule of price or choice is about.
import type { LoadTable } from '../load/table.ts';
import {
  CLARITIES,
  type Clarity,
  type Color,
  COLORS,
  type Growth,
  GROWTHS,
  type Lab,
  LABS,
  type Shape,
  SHAPES,
} from '../stone/words.ts';

/** From and up to, the end not included; null: no end on that side. */
export type Range = readonly [from: number | null, to: number | null];

/** All of it has to fit; an empty list fits everything. */
export interface Match {
  readonly shapes: readonly Shape[];
  readonly colors: readonly Color[];
  readonly clarities: readonly Clarity[];
  readonly labs: readonly Lab[];
  readonly growths: readonly Growth[];
  /** Thousandths of a carat. */
  readonly caratMilli: Range;
  /** What the provider asks for the stone, in minor units of its currency. */
  readonly costMinor: Range;
}

export const ANY: Match = {
  shapes: [],
  colors: [],
  clarities: [],
  labs: [],
  growths: [],
  caratMilli: [null, null],
  costMinor: [null, null],
};

export type Fits = (table: LoadTable, row: number) => boolean;

/** A match made ready for two million stones. */
export function fitting(match: Match): Fits {
  const words = [
    ['shape', maskOf(SHAPES, match.shapes)],
    ['color', maskOf(COLORS, match.colors)],
    ['clarity', maskOf(CLARITIES, match.clarities)],
    ['lab', maskOf(LABS, match.labs)],
    ['growth', maskOf(GROWTHS, match.growths)],
  ] as const;
  const asked = words.filter(([, mask]) => mask !== 0);
  return (table, row) =>
    asked.every(([column, mask]) => (mask & (1 << table.of(column, row))) !== 0) &&
    inRange(match.caratMilli, table.of('caratMilli', row)) &&
    inRange(match.costMinor, table.of('priceMinor', row));
}

function inRange([from, to]: Range, value: number): boolean {
  return (from === null || value >= from) && (to === null || value < to);
}

/** One bit a word; every list of words has fewer than 32. */
function maskOf<Word extends string>(all: readonly Word[], asked: readonly Word[]): number {
  return asked.reduce((mask, word) => mask | (1 << all.indexOf(word)), 0);
}
