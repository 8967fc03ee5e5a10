import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitSpace } from './bits.ts';
import { type CatalogueColumn, FACETS, type StonesFile } from './catalogue-file.ts';
import { type Query, searchable, SORTS, type Span } from './search.ts';

interface Row {
  readonly codes: readonly number[];
  readonly caratMilli: number;
  readonly priceMinor: number;
}

const row = fc.record({
  codes: fc.tuple(...FACETS.map(() => fc.nat(4))),
  caratMilli: fc.integer({ min: 200, max: 1_200 }),
  priceMinor: fc.integer({ min: 0, max: 900 }),
});
const span = fc.tuple(
  fc.option(fc.integer({ min: 0, max: 1_300 })),
  fc.option(fc.integer({ min: 0, max: 1_300 })),
);
const facets = fc.dictionary(fc.constantFrom(...FACETS), fc.uniqueArray(fc.nat(5), { maxLength: 3 }), {
  maxKeys: 3,
  noNullPrototype: true,
});

/** A catalogue of these rows, in order of price. */
function fileOf(rows: readonly Row[]): StonesFile {
  const column = (name: CatalogueColumn) => {
    const facet = FACETS.findIndex((one) => one === name);
    if (facet >= 0) return Uint8Array.from(rows, (one) => one.codes[facet] ?? 0);
    if (name === 'caratMilli') return Uint32Array.from(rows, (one) => one.caratMilli);
    if (name === 'priceMinor') return Float64Array.from(rows, (one) => one.priceMinor);
    if (name === 'refHigh') return Uint32Array.from(rows, (_, i) => i % 7);
    if (name === 'refLow') return Uint32Array.from(rows, (_, i) => (i * 2_654_435_761) >>> 0);
    return new Uint8Array(rows.length);
  };
  return {
    head: { v: 1, of: 'stones', feed: '', provider: '', currency: 'USD', rows: rows.length, show: [] },
    column,
  };
}

const inside = ([from, to]: Span, value: number): boolean =>
  (from === null || value >= from) && (to === null || value <= to);

describe('a search', () => {
  test('finds, counts and orders as going through all stones one by one does', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 400 }),
        fc.array(
          fc.record({
            facets,
            caratMilli: span,
            priceMinor: span,
            sort: fc.constantFrom(...SORTS),
            most: fc.integer({ min: 1, max: 50 }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (unordered, queries) => {
          const rows = unordered.toSorted((a, b) => a.priceMinor - b.priceMinor);
          const catalogue = searchable(fileOf(rows));
          // Several on one catalogue: no query leaves anything behind for the next.
          for (const query of queries satisfies Query[]) {
            const fits = (one: Row, but: string | null): boolean =>
              inside(query.caratMilli, one.caratMilli) &&
              inside(query.priceMinor, one.priceMinor) &&
              FACETS.every((facet, i) => {
                const asked = query.facets[facet];
                return asked === undefined || facet === but || asked.includes(one.codes[i] ?? -1);
              });
            const found = catalogue.search(query);
            const right = rows.flatMap((one, place) => (fits(one, null) ? [place] : []));
            expect(found.total).toBe(right.length);
            const key = (place: number): number =>
              query.sort.endsWith('price') ? place : (rows[place]?.caratMilli ?? 0) * 1_000 + place;
            const sign = query.sort.startsWith('-') ? -1 : 1;
            const ordered = right.toSorted((a, b) => sign * (key(a) - key(b)));
            expect(found.places).toEqual(ordered.slice(0, query.most));
            for (const [i, facet] of FACETS.entries()) {
              const counts = found.counts.get(facet) ?? [];
              for (let code = 0; code < 6; code++)
                expect(counts[code] ?? 0).toBe(
                  rows.filter((one) => one.codes[i] === code && fits(one, facet)).length,
                );
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('finds each stone by its public name, and no other', () => {
    const rows = Array.from({ length: 500 }, (_, i): Row => ({ codes: [], caratMilli: 500, priceMinor: i }));
    const catalogue = searchable(fileOf(rows));
    for (const i of [0, 6, 7, 123, 499]) expect(catalogue.find(i % 7, (i * 2_654_435_761) >>> 0)).toBe(i);
    expect(catalogue.find(1, (123 * 2_654_435_761) >>> 0)).toBe(-1);
    expect(searchable(fileOf([])).find(0, 0)).toBe(-1);
  });
});

describe('sets of bits', () => {
  test('do as sets do, at every length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.infiniteStream(fc.boolean()), (rows, coin) => {
        const space = bitSpace(rows, 3);
        const [a, b, c] = [space.make(), space.make(), space.make()];
        const inA: number[] = [];
        const inB: number[] = [];
        for (let i = 0; i < rows; i++) {
          if (coin.next().value) inA.push(i);
          if (coin.next().value) inB.push(i);
        }
        for (const i of inA) space.set(a, i, true);
        for (const i of inB) space.set(b, i, true);
        const both = inA.filter((i) => inB.includes(i));
        expect(space.count(a, b)).toBe(both.length);
        expect(space.rows(a, rows)).toEqual(inA);
        expect(space.rows(a, 3, true)).toEqual(inA.toReversed().slice(0, 3));
        space.copy(c, a);
        space.keepOnly(c, b);
        expect(space.rows(c, rows)).toEqual(both);
        space.copy(c, a);
        space.except(c, b);
        expect(space.rows(c, rows)).toEqual(inA.filter((i) => !inB.includes(i)));
        space.copy(c, a);
        space.add(c, b);
        expect(space.count(c, c)).toBe(new Set([...inA, ...inB]).size);
        space.fill(c, rows >> 2, rows);
        expect(space.count(c, c)).toBe(rows - (rows >> 2));
        expect(() => space.make()).toThrow(RangeError);
      }),
      { numRuns: 100 },
    );
  });
});
