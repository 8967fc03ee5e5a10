import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SampleStone, sampleStone } from '../../../sample/feeds/stones.ts';
import { noFigures } from '../stone/figures.ts';
import { type Comparison, compareLoads } from './compare.ts';
import { keyedHash } from './siphash.ts';
import { rapnetLoad } from './testing/rapnet-load.ts';
import { loadTable } from './table.ts';

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

describe('SipHash-2-4', () => {
  const hashed = (length: number): string => {
    const hash = keyedHash(KEY);
    const bytes = Uint8Array.from({ length: length + 2 }, (_, i) => i - 1);
    hash.of(bytes, 1, length + 1);
    return hash.high.toString(16).padStart(8, '0') + hash.low.toString(16).padStart(8, '0');
  };

  test.each([
    // The reference implementation's vectors, and the one of the paper (appendix A).
    [0, '726fdb47dd0e0e31'],
    [1, '74f839c593dc67fd'],
    [2, '0d6c8009d9a94f5a'],
    [3, '85676696d7fb7e2d'],
    [15, 'a129ca6149be45e5'],
  ])('of %i bytes', (length, expected) => {
    expect(hashed(length)).toBe(expected);
  });

  test('a key of another length is none', () => {
    expect(() => keyedHash(new Uint8Array(8))).toThrow(RangeError);
  });
});

describe('a load in columns', () => {
  test('finds every stone by its key and takes each key once, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9]{1,4}$/u), { maxLength: 300 }), (ids) => {
        const table = loadTable(1);
        const key = keyedHash(KEY);
        const rows = new Map<string, number>();
        for (const id of ids) {
          const bytes = Buffer.from(id);
          key.of(bytes, 0, bytes.length);
          const isNew = table.add({ ...noFigures(), caratMilli: rows.size + 1 }, 0, key);
          expect(isNew).toBe(!rows.has(id));
          if (isNew) rows.set(id, rows.size);
        }
        expect(table.rows).toBe(rows.size);
        for (const [id, row] of rows) {
          const bytes = Buffer.from(id);
          key.of(bytes, 0, bytes.length);
          expect(table.find(key.high, key.low)).toBe(row);
          expect(table.of('caratMilli', row)).toBe(row + 1);
        }
        key.of(Buffer.from('nobody'), 0, 6);
        expect(table.find(key.high, key.low)).toBe(-1);
      }),
    );
  });

  test('grows past what was expected and keeps all it had', () => {
    const table = loadTable();
    const key = keyedHash(KEY);
    for (let i = 0; i < 20_000; i++) {
      const bytes = Buffer.from(String(i));
      key.of(bytes, 0, bytes.length);
      table.add({ ...noFigures(), priceMinor: i * 1_000_000, length: i % 5_000, shape: i % 20 }, i % 7, key);
    }
    for (let i = 0; i < 20_000; i += 777) {
      const bytes = Buffer.from(String(i));
      key.of(bytes, 0, bytes.length);
      const row = table.find(key.high, key.low);
      expect([
        table.of('priceMinor', row),
        table.of('length', row),
        table.of('shape', row),
        table.of('findings', row),
      ]).toEqual([i * 1_000_000, i % 5_000, i % 20, i % 7]);
    }
  });
});

describe('a load beside the one before', () => {
  const COUNT = 6_000;
  const stones = Array.from({ length: COUNT }, (_, i) => sampleStone(i + 1));
  const before = rapnetLoad(stones);
  const beside = (now: readonly SampleStone[], more: Readonly<Record<string, string>> = {}): Comparison =>
    compareLoads(rapnetLoad(now, more), before);
  const dearer = (stone: SampleStone, times: number): SampleStone => ({
    ...stone,
    perCarat: Math.round(stone.perCarat * times),
  });

  test('the same again is no difference', () => {
    expect(beside(stones)).toMatchObject({
      rows: COUNT,
      before: COUNT,
      added: 0,
      removed: 0,
      repriced: 0,
      changed: 0,
      quarantined: 0,
      leapt: 0,
      moved: [1, 1, 1],
      placed: [1, 1, 1],
    });
  });

  test('an honest day: some sold, some new at what such stones cost, prices a little up or down', () => {
    const today = Array.from({ length: COUNT }, (_, i) => sampleStone(i + 101, 1));
    const { added, removed, changed, leapt, moved, placed } = beside(today);
    expect([added, removed, changed, leapt]).toEqual([100, 100, 0, 0]);
    expect(moved[0]).toBeGreaterThan(0.9);
    expect(moved[1]).toBeCloseTo(1, 1);
    expect(moved[2]).toBeLessThan(1.1);
    expect(placed[1]).toBeGreaterThan(0.7);
    expect(placed[1]).toBeLessThan(1.4);
  });

  test('all prices a hundred times less, or half of them a tenth', () => {
    const { moved, leapt, value, valueBefore } = beside(stones.map((stone) => dearer(stone, 100)));
    expect(moved[1]).toBeGreaterThan(95);
    expect(moved[1]).toBeLessThan(105);
    expect(leapt).toBe(COUNT);
    expect(value / valueBefore).toBeCloseTo(100, 0);
    const half = beside(stones.map((stone, i) => (i % 2 === 0 ? stone : dearer(stone, 0.1))));
    expect(half.leapt).toBeGreaterThan(COUNT * 0.45);
    expect(half.moved[0]).toBeLessThan(0.2);
  });

  test('most of it gone; a day later other stones under the same ids', () => {
    expect(beside(stones.slice(0, COUNT * 0.3)).removed).toBe(COUNT * 0.7);
    const swapped = stones.map((stone, i) => ({ ...(stones[COUNT - 1 - i] ?? stone), id: stone.id }));
    expect(beside(swapped).changed).toBeGreaterThan(COUNT * 0.9);
  });

  test('new stones for a song stand out by what such stones cost', () => {
    const cheap = Array.from({ length: 600 }, (_, i) => dearer(sampleStone(COUNT + 1 + i), 0.2));
    const { added, placed, moved } = beside([...stones, ...cheap]);
    expect(added).toBe(600);
    expect(placed[1]).toBeLessThan(0.3);
    expect(moved[1]).toBe(1);
  });

  test('what is in quarantine adds no value', () => {
    const { quarantined, value } = beside(stones, { 'Meas Depth': '0' });
    expect(quarantined).toBe(COUNT);
    expect(value).toBe(0);
  });
});
