import { describe, expect, test } from 'vitest';
import type { Comparison } from './compare.ts';
import { decide, type GoodLoad, type HoldReason, type Loaded, remembered } from './decide.ts';

const WEEK = 7 * 86_400_000;

const same: Comparison = {
  rows: 10_000,
  before: 10_000,
  added: 0,
  removed: 0,
  repriced: 0,
  changed: 0,
  quarantined: 20,
  value: 80_000_000,
  valueBefore: 80_000_000,
  moved: [1, 1, 1],
  leapt: 0,
  placed: [1, 1, 1],
};
const loaded = (more: Partial<Comparison> = {}, rest: Partial<Loaded> = {}): Loaded => ({
  comparison: { ...same, ...more },
  errors: 10,
  read: 10_010,
  sha256: `now ${JSON.stringify(more)}`,
  ...rest,
});
const weeks = (count: number, moved = 1): GoodLoad[] =>
  Array.from({ length: count }, (_, i) => ({
    sha256: `week ${i}`,
    at: i * WEEK,
    errorShare: 0.001,
    quarantinedShare: 0.002,
    moved,
    accepted: false,
  }));
const reasons = (load: Loaded, good = weeks(10)): HoldReason[] =>
  decide(load, good, good.length * WEEK).holds.map((one) => one.reason);

describe('a load is published by itself', () => {
  test.each<[string, Partial<Comparison>]>([
    ['the same again', {}],
    ['a fifth sold and a fifth new', { added: 2_000, removed: 2_000, placed: [0.6, 1.05, 1.5] }],
    ['a sale of ten percent', { moved: [0.88, 0.9, 1], repriced: 9_000, value: 72_000_000 }],
    ['a new price list', { moved: [0.95, 1.06, 1.12], repriced: 10_000, value: 85_000_000 }],
    ['a restock by a third', { rows: 15_000, added: 5_000, placed: [0.7, 1.1, 1.6], value: 120_000_000 }],
    ['a few stones that leap', { leapt: 80 }],
  ])('%s', (_, more) => {
    expect(decide(loaded(more), weeks(10), 10 * WEEK)).toEqual({ outcome: 'publish', holds: [] });
  });

  test('the very file that was last', () => {
    expect(reasons(loaded({}, { sha256: 'week 9' }))).toEqual([]);
  });
});

describe('a person is asked', () => {
  test.each<[string, Loaded, HoldReason]>([
    ['nothing at all', loaded({ rows: 0, removed: 10_000, value: 0 }), 'empty'],
    ['an old file again', loaded({}, { sha256: 'week 3' }), 'replayed'],
    ['rows that nobody can read', loaded({}, { errors: 400 }), 'unreadable-rows'],
    ['many that contradict themselves', loaded({ quarantined: 600 }), 'quarantined'],
    ['other stones under known ids', loaded({ changed: 80 }), 'changed-stones'],
    ['cents for dollars', loaded({ moved: [99, 100, 101], leapt: 10_000, value: 8e9 }), 'unit'],
    ['a tenth of every price', loaded({ moved: [0.1, 0.1, 0.1], leapt: 10_000, value: 8e6 }), 'prices'],
    ['prices cut by a fifth', loaded({ moved: [0.8, 0.8, 0.8], value: 64_000_000 }), 'prices'],
    ['a hundred and fifty poisoned ones', loaded({ leapt: 150 }), 'leaps'],
    ['new stones for a song', loaded({ added: 300, placed: [0.1, 0.3, 0.9] }), 'new-stones'],
    ['half of it gone', loaded({ rows: 5_000, removed: 5_000, value: 55_000_000 }), 'fewer'],
    ['twice as much', loaded({ rows: 21_000, added: 11_000, value: 100_000_000 }), 'more'],
  ])('%s', (_, load, reason) => {
    expect(reasons(load)).toContain(reason);
    expect(decide(load, weeks(10), 10 * WEEK).outcome).toBe('hold');
  });

  test('the first time', () => {
    expect(reasons(loaded({ before: 0, valueBefore: 0, added: 10_000 }), [])).toEqual(['first']);
    expect(reasons(loaded({ rows: 0, before: 0, value: 0, valueBefore: 0 }), [])).toEqual(['empty']);
  });

  test('a drift that no single week shows', () => {
    const step = 0.97;
    const good: GoodLoad[] = weeks(1);
    let held: number | null = null;
    for (let week = 1; week <= 20 && held === null; week++) {
      const load = loaded({ moved: [step, step, step] }, { sha256: `drift ${week}` });
      const decision = decide(load, good, week * WEEK);
      if (decision.outcome === 'publish') good.push(remembered(load, week * WEEK, false));
      else {
        held = week;
        expect(decision.holds.map((one) => one.reason)).toEqual(['drift']);
      }
    }
    expect(held).toBeLessThanOrEqual(8);
  });

  test('rows that get worse by a little each week', () => {
    const good = weeks(1);
    let held: number | null = null;
    for (let week = 1; week <= 10 && held === null; week++) {
      const load = loaded({ quarantined: 20 + week * 100 }, { sha256: `worse ${week}` });
      const decision = decide(load, good, week * WEEK);
      if (decision.outcome === 'publish') good.push(remembered(load, week * WEEK, false));
      else {
        held = week;
        expect(decision.holds.map((one) => one.reason)).toEqual(['quarantined']);
      }
    }
    expect(held).toBe(4);
  });

  test('once about a new level of prices, and not again for two months', () => {
    const good = weeks(10);
    const cut = loaded({ moved: [0.75, 0.75, 0.75], value: 60_000_000 });
    expect(reasons(cut, good)).toContain('prices');
    good.push(remembered(cut, 10 * WEEK, true));
    for (let week = 11; week < 20; week++) {
      const load = loaded({}, { sha256: `after ${week}` });
      expect(decide(load, good, week * WEEK).holds).toEqual([]);
      good.push(remembered(load, week * WEEK, false));
    }
  });

  test('what counts is what is new: a provider that was always so untidy is not held for it', () => {
    const untidy = weeks(10).map((one) => ({ ...one, errorShare: 0.05, quarantinedShare: 0.08 }));
    expect(reasons(loaded({ quarantined: 850 }, { errors: 550 }), untidy)).toEqual([]);
  });
});
