import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleStone } from '../../../sample/feeds/stones.ts';
import { rapnetLoad } from '../load/testing/rapnet-load.ts';
import type { LoadTable } from '../load/table.ts';
import { bit } from '../rows/checks.ts';
import { COLORS, SHAPES } from '../stone/words.ts';
import { select } from './choice.ts';
import { ANY } from './match.ts';
import { type PriceRules, pricing } from './price.ts';

const RULES: PriceRules = {
  currency: 'USD',
  ratePpm: 1_000_000,
  rules: [{ when: ANY, markupBp: 3_000, addMinor: 0 }],
  stepMinor: 100,
  lessMinor: 0,
  floorMinor: 0,
  belowCostUntil: null,
};
const EVERY = { shown: [], hidden: [], most: 1_000_000 };

/** One stone that costs so much. */
function costing(minor: number): LoadTable {
  const table = rapnetLoad([sampleStone(3)]);
  table.put('priceMinor', 0, minor);
  return table;
}

describe('a price', () => {
  test.each<[string, Partial<PriceRules>, number, number | string]>([
    ['a markup, up to the next step', {}, 100_050, 130_100],
    ['an amount on top', { rules: [{ when: ANY, markupBp: 0, addMinor: 5_000 }] }, 100_000, 105_000],
    ['in another currency', { ratePpm: 920_000 }, 100_000, 119_600],
    ['that ends in 99', { stepMinor: 10_000, lessMinor: 100 }, 100_000, 139_900],
    ['no less than the floor', { floorMinor: 500_000 }, 100_000, 500_000],
    ['none without a rule that fits', { rules: [] }, 100_000, 'no-rule'],
    ['none without a cost', {}, 0, 'no-cost'],
    ['none at cost', { rules: [{ when: ANY, markupBp: 0, addMinor: 0 }] }, 100_000, 'below-cost'],
    ['none below it', { rules: [{ when: ANY, markupBp: -2_000, addMinor: 0 }] }, 100_000, 'below-cost'],
    [
      'below cost where somebody said so',
      { rules: [{ when: ANY, markupBp: -2_000, addMinor: 0 }], belowCostUntil: 10 },
      100_000,
      80_000,
    ],
    [
      'and not after the day that they said',
      { rules: [{ when: ANY, markupBp: -2_000, addMinor: 0 }], belowCostUntil: 5 },
      100_000,
      'below-cost',
    ],
    [
      'the first rule that fits',
      {
        rules: [
          { when: { ...ANY, costMinor: [200_000, null] }, markupBp: 1_000, addMinor: 0 },
          { when: { ...ANY, costMinor: [null, 200_000] }, markupBp: 5_000, addMinor: 0 },
        ],
      },
      100_000,
      150_000,
    ],
  ])('is %s', (_, rules, cost, expected) => {
    const priced = pricing({ ...RULES, ...rules }, 5)(costing(cost), 0);
    expect(priced.ok ? priced.priceMinor : priced.why).toBe(expected);
  });

  test('is never at or below cost, whatever the rules are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600_000_000_000 }),
        fc.integer({ min: 1, max: 200_000_000 }),
        fc.integer({ min: -10_000, max: 100_000 }),
        fc.integer({ min: -100_000, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.nat(99_999),
        (cost, ratePpm, markupBp, addMinor, stepMinor, less) => {
          const rules: PriceRules = {
            ...RULES,
            ratePpm,
            rules: [{ when: ANY, markupBp, addMinor }],
            stepMinor,
            lessMinor: less % stepMinor,
          };
          const priced = pricing(rules, 0)(costing(cost), 0);
          if (!priced.ok) return priced.why === 'below-cost';
          // Exactly, in whole numbers: price × 1,000,000 is more than cost × rate.
          expect(BigInt(priced.priceMinor) * 1_000_000n > BigInt(cost) * BigInt(ratePpm)).toBe(true);
          expect((priced.priceMinor + rules.lessMinor) % stepMinor).toBe(0);
          return Number.isSafeInteger(priced.priceMinor);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a choice', () => {
  const stones = Array.from({ length: 3_000 }, (_, i) => sampleStone(i + 1));
  const table = rapnetLoad(stones);

  test('shows what it names, hides what it names, and says what became of every stone', () => {
    const choice = {
      shown: [{ ...ANY, shapes: ['round' as const], caratMilli: [500, 1_500] as const }],
      hidden: [{ ...ANY, colors: ['M' as const] }],
      most: 10_000,
    };
    const { rows, prices, leftOut } = select(table, choice, RULES, 0);
    expect(rows.length).toBeGreaterThan(300);
    for (const row of rows) {
      expect(table.of('shape', row)).toBe(SHAPES.indexOf('round'));
      expect(table.of('caratMilli', row)).toBeGreaterThanOrEqual(500);
      expect(table.of('caratMilli', row)).toBeLessThan(1_500);
      expect(table.of('color', row)).not.toBe(COLORS.indexOf('M'));
    }
    expect([...prices]).toEqual([...prices].toSorted((a, b) => a - b));
    const out = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
    expect(rows.length + out).toBe(table.rows);
  });

  test('of few among many is spread over all kinds, the best value of each first', () => {
    const { rows, leftOut } = select(table, { ...EVERY, most: 500 }, RULES, 0);
    expect(rows.length).toBe(500);
    expect(leftOut['beyond-most']).toBe(2_500);
    const kinds = (of: Iterable<number>, column: 'shape' | 'color'): number =>
      new Set(Array.from(of, (row) => table.of(column, row))).size;
    const all = Array.from({ length: table.rows }, (_, row) => row);
    for (const column of ['shape', 'color'] as const) expect(kinds(rows, column)).toBe(kinds(all, column));
    expect([...select(table, { ...EVERY, most: 500 }, RULES, 0).rows]).toEqual([...rows]);
  });

  test('of few among many takes turns, however many there may be', () => {
    const cellOf = (row: number): string =>
      [
        Math.floor(table.of('caratMilli', row) / 200),
        ...(['shape', 'color', 'clarity'] as const).map((column) => table.of(column, row)),
      ].join();
    const cells = new Map<string, number[]>();
    for (let row = 0; row < table.rows; row++)
      cells.set(cellOf(row), [...(cells.get(cellOf(row)) ?? []), row]);
    const cost = (row: number): number => (table.of('priceMinor', row) * 1_000) / table.of('caratMilli', row);
    const queues = [...cells.values()].map((rows) => rows.toSorted((a, b) => cost(a) - cost(b) || a - b));
    const turns = Array.from({ length: Math.max(...queues.map((rows) => rows.length)) }, (_, turn) =>
      queues.flatMap((rows) => rows.slice(turn, turn + 1)),
    ).flat();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: table.rows }), fc.boolean(), (most, isPriced) => {
        const { rows } = select(table, { ...EVERY, most }, isPriced ? RULES : null, 0);
        const wanted = turns.slice(0, most).toSorted((a, b) => a - b);
        expect([...rows].toSorted((a, b) => a - b)).toEqual(wanted);
      }),
      { numRuns: 100 },
    );
  });

  test('never shows what is in quarantine, and shows prices on request where no price may be seen', () => {
    const doubtful = rapnetLoad(stones.slice(0, 100));
    doubtful.note(7, bit('price-leap'));
    const { rows, prices, leftOut } = select(doubtful, EVERY, null, 0);
    expect([...rows]).not.toContain(7);
    expect(leftOut.quarantined).toBe(1);
    expect(new Set(prices)).toEqual(new Set([0]));
  });
});
