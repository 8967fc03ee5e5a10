// A year of an honest provider: stones sell and come, prices move with the list, there are sales and restocks. How often is a person asked?
import { expect, test } from 'vitest';
import { type SampleStone, sampleStone, seeded } from '../../../sample/feeds/stones.ts';
import { compareLoads } from './compare.ts';
import { decide, type GoodLoad, type Loaded, remembered } from './decide.ts';
import type { LoadTable } from './table.ts';
import { rapnetLoad } from './testing/rapnet-load.ts';

const WEEK = 7 * 86_400_000;
const STONES = 1_500;

/** What a week brings besides the usual: a factor on all prices, and stones that come on top. */
const EVENTS: Readonly<
  Record<number, { readonly prices?: number; readonly come?: number; readonly go?: number }>
> = {
  4: { prices: 1.03 },
  11: { prices: 0.97 },
  14: { come: 400 },
  19: { prices: 0.9 },
  21: { prices: 1 / 0.9 },
  28: { prices: 1.04 },
  33: { go: 300 },
  38: { come: 500 },
  46: { prices: 0.92 },
  49: { prices: 1 / 0.92 },
};

test('fifty-two honest weeks: at most one question a quarter', { timeout: 120_000 }, () => {
  const random = seeded(20_260_105);
  let ids = Array.from({ length: STONES }, (_, i) => i + 1);
  let nextId = STONES + 1;
  let level = 1;
  let before: LoadTable | null = null;
  const good: GoodLoad[] = [];
  const asked: number[] = [];
  for (let week = 0; week < 52; week++) {
    const { prices = 1, come = 0, go = 0 } = EVENTS[week] ?? {};
    level *= prices;
    // From three to nine stones of a hundred sell in a week, about as many come.
    const sold = 0.03 + random() * 0.06;
    ids = ids.filter(() => random() > sold).slice(go);
    const fresh = Math.round(STONES * (0.03 + random() * 0.06)) + come;
    for (let i = 0; i < fresh; i++) ids.push(nextId++);
    const stones = ids.map((id): SampleStone => {
      const stone = sampleStone(id, week);
      return { ...stone, perCarat: Math.max(50, Math.round(stone.perCarat * level)) };
    });
    const now = rapnetLoad(stones);
    const comparison = compareLoads(now, before ?? rapnetLoad([]));
    const load: Loaded = { comparison, errors: 0, read: now.rows, sha256: `week ${week}` };
    const { outcome, holds } = decide(load, good, week * WEEK);
    if (week === 0) expect(holds.map((one) => one.reason)).toEqual(['first']);
    else if (outcome === 'hold') asked.push(week);
    good.push(remembered(load, week * WEEK, outcome === 'hold'));
    before = now;
  }
  for (let quarter = 0; quarter < 4; quarter++)
    expect(
      asked.filter((week) => Math.floor(week / 13) === quarter).length,
      `asked in weeks ${asked.join(', ')}`,
    ).toBeLessThanOrEqual(1);
});
