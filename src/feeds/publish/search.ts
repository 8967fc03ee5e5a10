// Search over one catalogue: filters, counts by facet, pages in an order. Everything in memory but texts; nothing here knows who asks.
import { type BitSet, type BitSpace, bitSpace } from './bits.ts';
import { type Facet, FACETS, type StonesFile } from './catalogue-file.ts';

/** From and up to, both included; null: no end on that side. */
export type Span = readonly [from: number | null, to: number | null];

export const SORTS = ['price', '-price', 'carat', '-carat'] as const;
export type Sort = (typeof SORTS)[number];

export interface Query {
  /** Codes by facet; a facet that is not asked for fits all. */
  readonly facets: Readonly<Partial<Record<Facet, readonly number[]>>>;
  readonly caratMilli: Span;
  readonly priceMinor: Span;
  readonly sort: Sort;
  /** How many stones of the order are found at the most: offset and page together. */
  readonly most: number;
}

export interface Found {
  readonly total: number;
  /** The first `most` places of the catalogue, in the order asked for. */
  readonly places: readonly number[];
  /** By facet and code: how many stones there would be with that word alone in that facet, all other filters as they are. */
  readonly counts: ReadonlyMap<Facet, readonly number[]>;
}

export interface Searchable {
  readonly rows: number;
  search(query: Query): Found;
  /** The place of a stone by its public name; −1 where there is none. */
  find(high: number, low: number): number;
}

/** Where no more than this share of the stones is left, counting them one by one is quicker than counting bits. */
const FEW = 200;
/** Sets of everything up to so many places of the order by weight: a span is what two of them differ in. */
const MARKS = 64;

/** Makes a catalogue searchable. */
export function searchable(file: StonesFile): Searchable {
  const { rows } = file.head;
  const columns = FACETS.map((facet) => file.column(facet));
  const price = file.column('priceMinor');
  const carat = file.column('caratMilli');
  const byCarat = Uint32Array.from({ length: rows }, (_, place) => place).sort(
    (a, b) => (carat[a] ?? 0) - (carat[b] ?? 0) || a - b,
  );
  const kinds = columns.map((column) => codesIn(column, rows));
  const codeCount = kinds.reduce((sum, codes) => sum + codes.size, 0);
  // Words and marks; and for one query a set for each facet, two spans, all of it, and all but one.
  const space = bitSpace(rows, codeCount + MARKS + FACETS.length + 4);
  const words = columns.map((column, i) => wordSets(space, column, rows, kinds[i] ?? new Set()));
  const marks = markSets(space, byCarat);
  const scratch = {
    asked: FACETS.map(() => space.make()),
    price: space.make(),
    carat: space.make(),
    all: space.make(),
    others: space.make(),
  };
  const ref = refIndex(file, rows);

  const priceAt = (i: number): number => price[i] ?? 0;
  const caratAt = (i: number): number => carat[byCarat[i] ?? 0] ?? 0;

  /** The first place of an order whose value is at least `value`. */
  function lowerBound(value: number, at: (i: number) => number): number {
    let [from, to] = [0, rows];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (at(middle) < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  function priceSet([from, to]: Span): BitSet | null {
    if (from === null && to === null) return null;
    space.fill(
      scratch.price,
      from === null ? 0 : lowerBound(from, priceAt),
      to === null ? rows : lowerBound(to + 1, priceAt),
    );
    return scratch.price;
  }

  /** The places of the order by weight that lie in a span: from the first up to the last, which is not included. */
  function caratEnds([from, to]: Span): readonly [first: number, last: number] {
    const last = to === null ? rows : lowerBound(to + 1, caratAt);
    return [Math.min(last, from === null ? 0 : lowerBound(from, caratAt)), last];
  }

  function caratSet([first, last]: readonly [number, number]): BitSet | null {
    if (first === 0 && last === rows) return null;
    marks.upTo(last, scratch.carat);
    marks.upTo(first, scratch.others);
    space.except(scratch.carat, scratch.others);
    return scratch.carat;
  }

  function askedSet(i: number, codes: readonly number[]): BitSet {
    const set = scratch.asked[i] ?? scratch.others;
    space.clear(set);
    for (const code of codes) {
      const own = words[i]?.get(code);
      if (own !== undefined) space.add(set, own);
    }
    return set;
  }

  function countsOf(i: number, mask: BitSet, places: readonly number[] | null): number[] {
    const counts: number[] = [];
    if (places === null) {
      for (const [code, set] of words[i] ?? []) counts[code] = space.count(set, mask);
    } else {
      const column = columns[i] ?? [];
      for (const place of places) {
        const code = column[place] ?? 0;
        counts[code] = (counts[code] ?? 0) + 1;
      }
    }
    return Array.from(counts, (count) => count ?? 0);
  }

  /** The places of a set where they are few, else null. */
  const few = (set: BitSet, total: number): number[] | null =>
    total * FEW > rows ? null : space.rows(set, total);

  function firstOf(
    all: BitSet,
    total: number,
    places: readonly number[] | null,
    { sort, most }: Query,
    [first, last]: readonly [number, number],
  ): number[] {
    const wanted = Math.min(most, total);
    if (sort === 'price' || sort === '-price') return space.rows(all, wanted, sort === '-price');
    const down = sort === '-carat';
    if (places !== null) {
      const sign = down ? -1 : 1;
      return places.toSorted((a, b) => sign * ((carat[a] ?? 0) - (carat[b] ?? 0) || a - b)).slice(0, wanted);
    }
    const found: number[] = [];
    for (let i = 0; found.length < wanted; i++) {
      const place = byCarat[down ? last - 1 - i : first + i] ?? 0;
      if (space.has(all, place)) found.push(place);
    }
    return found;
  }

  return {
    rows,
    search(query) {
      const ends = caratEnds(query.caratMilli);
      const spans = [priceSet(query.priceMinor), caratSet(ends)].filter((set) => set !== null);
      const asked = FACETS.map((facet, i) => {
        const codes = query.facets[facet];
        return codes === undefined ? null : askedSet(i, codes);
      });
      const join = (into: BitSet, but: BitSet | null): number => {
        space.fill(into, 0, rows);
        for (const set of spans) space.keepOnly(into, set);
        for (const set of asked) if (set !== null && set !== but) space.keepOnly(into, set);
        return space.count(into, into);
      };
      const { all, others } = scratch;
      const total = join(all, null);
      const places = few(all, total);
      const counts = FACETS.map((facet, i) => {
        const own = asked[i] ?? null;
        if (own === null) return [facet, countsOf(i, all, places)] as const;
        const without = join(others, own);
        return [facet, countsOf(i, others, few(others, without))] as const;
      });
      return { total, places: firstOf(all, total, places, query, ends), counts: new Map(counts) };
    },
    find: (high, low) => ref(high, low),
  };
}

function codesIn(column: ArrayLike<number>, rows: number): ReadonlySet<number> {
  const codes = new Set<number>();
  for (let row = 0; row < rows; row++) codes.add(column[row] ?? 0);
  return codes;
}

/** A set of rows for each code of a column. */
function wordSets(
  space: BitSpace,
  column: ArrayLike<number>,
  rows: number,
  codes: ReadonlySet<number>,
): ReadonlyMap<number, BitSet> {
  const sets = new Map([...codes].map((code) => [code, space.make()] as const));
  for (let row = 0; row < rows; row++) {
    const set = sets.get(column[row] ?? 0);
    if (set !== undefined) space.set(set, row, true);
  }
  return sets;
}

/** Sets of the first so many places of an order: kept for some numbers, made for all from the nearest below. */
function markSets(space: BitSpace, order: Uint32Array) {
  const step = Math.max(1, Math.ceil(order.length / MARKS));
  const kept: BitSet[] = [];
  const running = space.make();
  for (let i = 0; i < order.length; i++) {
    if (i > 0 && i % step === 0 && kept.length < MARKS - 1) {
      const mark = space.make();
      space.copy(mark, running);
      kept.push(mark);
    }
    space.set(running, order[i] ?? 0, true);
  }
  return {
    upTo(count: number, into: BitSet): void {
      const below = Math.min(kept.length, Math.floor(count / step));
      const mark = kept[below - 1];
      if (mark === undefined) space.clear(into);
      else space.copy(into, mark);
      for (let i = below * step; i < count; i++) space.set(into, order[i] ?? 0, true);
    },
  };
}

/** Places by public name: an order to look up in, instead of a map of two million entries. */
function refIndex(file: StonesFile, rows: number): (high: number, low: number) => number {
  const [highs, lows] = [file.column('refHigh'), file.column('refLow')];
  const order = Uint32Array.from({ length: rows }, (_, place) => place).sort(
    (a, b) => (highs[a] ?? 0) - (highs[b] ?? 0) || (lows[a] ?? 0) - (lows[b] ?? 0),
  );
  return (high, low) => {
    let [from, to] = [0, rows];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const place = order[middle] ?? 0;
      const before = (highs[place] ?? 0) - high || (lows[place] ?? 0) - low;
      if (before < 0) from = middle + 1;
      else to = middle;
    }
    const place = order[from];
    return place !== undefined && highs[place] === high && lows[place] === low ? place : -1;
  };
}
