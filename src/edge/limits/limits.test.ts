import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { found } from '../../../test/support/daemons.ts';
import { optional } from '../../../test/support/optional.ts';
import { REDIS, type RedisServer, redisServer } from '../../../test/support/redis.ts';
import { pseudonyms } from '../pseudonyms.ts';
import type { Counters, TryRule } from './counters.ts';
import { rateOf, take } from './gcra.ts';
import { guardWatch } from './guard.ts';
import { memoryCounters } from './memory.ts';
import { sharedCounters } from './shared.ts';
import { openShedder } from './shedding.ts';

const NOW = 1_700_000_000_000;

describe('the rate', () => {
  test('over any stretch no more than burst + stretch / interval, and a steady caller below the rate is never refused', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 100, max: 60_000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 }),
        (amount, windowMs, burst, gaps) => {
          const rate = rateOf(amount, windowMs, burst);
          const passed: number[] = [];
          let at = NOW;
          let arrival: number | undefined;
          for (const gap of gaps) {
            at += gap;
            const taken = take(rate, arrival, at);
            if (taken.ok) {
              arrival = taken.arrivalMs;
              passed.push(at);
            } else {
              // The word about when to come again is true.
              expect(take(rate, arrival, at + taken.retryAfterMs + 0.001).ok).toBe(true);
            }
          }
          for (const [i, from] of passed.entries())
            for (const [j, to] of passed.entries())
              if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(burst + (to - from) / rate.intervalMs + 1e-6);
        },
      ),
    );
    const rate = rateOf(10, 1_000, 1);
    let arrival: number | undefined;
    for (let i = 0; i < 100; i++) {
      const taken = take(rate, arrival, NOW + i * 100);
      expect(taken.ok).toBe(true);
      arrival = taken.ok ? taken.arrivalMs : arrival;
    }
  });
});

const RULE: TryRule = { tries: 10, windowMs: 86_400_000, lockMs: 1_800_000 };

const haveRedis = optional('redis-server', found(REDIS));
let redis: RedisServer | null = null;
beforeAll(async () => {
  redis = haveRedis ? await redisServer() : null;
});
afterAll(async () => {
  await redis?.close();
});

async function shared(onState: (shared: boolean) => void = () => undefined) {
  const counters = sharedCounters({ url: redis?.url ?? '', onState });
  for (let i = 0; i < 200 && !counters.shared(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(counters.shared()).toBe(true);
  return counters;
}

const stores: readonly { readonly name: string; readonly there: boolean; open(): Promise<Counters> }[] = [
  { name: 'memory', there: true, open: async () => memoryCounters() },
  { name: 'Redis', there: haveRedis, open: () => shared() },
];

describe.each(stores.filter((store) => store.there))('counts in $name', ({ open }) => {
  let counters: Counters;
  beforeAll(async () => {
    counters = await open();
  });
  afterAll(async () => {
    await counters.close();
  });

  test('ten misses lock for half an hour, and the eleventh try does not get through', async () => {
    const now = Date.now();
    for (let i = 0; i < 10; i++) {
      expect(await counters.begin(['a'], [RULE], now)).toEqual({ ok: true });
      expect(await counters.end(['a'], [RULE], ['miss'], now)).toEqual(i === 9 ? ['a'] : []);
    }
    const refused = await counters.begin(['a'], [RULE], now);
    expect(refused).toMatchObject({ ok: false, locked: true });
    expect(refused.ok ? 0 : refused.retryAfterMs).toBeGreaterThan(1_790_000);
    expect(await counters.begin(['b'], [RULE], now)).toEqual({ ok: true });
    await counters.lift('a');
    expect(await counters.begin(['a'], [RULE], now)).toEqual({ ok: true });
  });

  test('a hundred at once are ten', async () => {
    const now = Date.now();
    const begun = await Promise.all(
      Array.from({ length: 100 }, async () => counters.begin(['many'], [RULE], now)),
    );
    expect(begun.filter((one) => one.ok)).toHaveLength(10);
  });

  test('one key that is locked lets none of the others be counted', async () => {
    const now = Date.now();
    const once = { ...RULE, tries: 1 };
    await counters.begin(['x'], [once], now);
    await counters.end(['x'], [once], ['miss'], now);
    for (let i = 0; i < 20; i++)
      expect(await counters.begin(['fresh', 'x'], [RULE, once], now)).toMatchObject({ ok: false });
    for (let i = 0; i < 10; i++) expect(await counters.begin(['fresh'], [RULE], now)).toEqual({ ok: true });
  });

  test('success forgives, a try that does not count is given back', async () => {
    const now = Date.now();
    for (let i = 0; i < 30; i++) {
      expect(await counters.begin(['c'], [RULE], now)).toEqual({ ok: true });
      await counters.end(['c'], [RULE], [i % 5 === 4 ? 'hit' : 'miss'], now);
    }
    for (let i = 0; i < 30; i++) {
      expect(await counters.begin(['d'], [RULE], now)).toEqual({ ok: true });
      await counters.end(['d'], [RULE], ['back'], now);
    }
  });

  test('a second lock is twice as long as the first', async () => {
    const short = { tries: 1, windowMs: 60_000, lockMs: 200 };
    const miss = async (): Promise<void> => {
      await counters.begin(['twice'], [short], Date.now());
      await counters.end(['twice'], [short], ['miss'], Date.now());
    };
    await miss();
    await new Promise((resolve) => setTimeout(resolve, 220));
    await miss();
    const refused = await counters.begin(['twice'], [short], Date.now());
    expect(refused.ok ? 0 : refused.retryAfterMs).toBeGreaterThan(300);
  });

  test('once is once', async () => {
    const now = Date.now();
    const all = await Promise.all(Array.from({ length: 20 }, async () => counters.once('w', 60_000, now)));
    expect(all.filter(Boolean)).toHaveLength(1);
    await counters.forget('w');
    expect(await counters.once('w', 60_000, now)).toBe(true);
  });
});

describe.runIf(haveRedis)('shared counts', () => {
  test('two edges together let through no more than the rate, restarts of one included', async () => {
    const rate = rateOf(50, 1_000, 5);
    const one = await shared();
    let other = await shared();
    const passed: number[] = [];
    const begin = performance.now();
    const hammer = async (counters: Counters): Promise<void> => {
      while (performance.now() - begin < 1_500) {
        const at = performance.now();
        if ((await counters.take('both', rate, 0)).ok) passed.push(at);
      }
    };
    const restarts = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        const until = performance.now() + 400;
        while (performance.now() < until) {
          const at = performance.now();
          if ((await other.take('both', rate, 0)).ok) passed.push(at);
        }
        await other.close();
        other = await shared();
      }
    };
    await Promise.all([hammer(one), hammer(one), restarts()]);
    const stretch = performance.now() - begin;
    expect(passed.length).toBeLessThanOrEqual(5 + stretch / rate.intervalMs);
    expect(passed.length).toBeGreaterThan(40);
    await one.close();
    await other.close();
  });

  test('when the server is gone it counts alone and says so, and comes back by itself', async () => {
    const own = await redisServer();
    const states: boolean[] = [];
    const counters = sharedCounters({ url: own.url, onState: (state) => states.push(state) });
    for (let i = 0; i < 200 && states.length === 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const rate = rateOf(1, 60_000, 3);
    await own.stop();
    for (let i = 0; i < 200 && states.length < 2; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const results = [];
    for (let i = 0; i < 5; i++) results.push((await counters.take('k', rate, Date.now())).ok);
    expect(results).toEqual([true, true, true, false, false]);
    await own.start();
    for (let i = 0; i < 400 && states.length < 3; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(states).toEqual([true, false, true]);
    await counters.close();
    await own.close();
  });
});

describe('a guard', () => {
  const guard = {
    id: 'login',
    what: 'login',
    methods: ['POST'],
    paths: ['/login'],
    missStatus: [401],
    missWords: [],
    per: ['account', 'address'],
    accountField: 'email',
    tries: 10,
    windowMs: 86_400_000,
    lockMs: 1_800_000,
    surge: 50,
  } as const;
  const open = () => guardWatch(guard, pseudonyms('k'.repeat(32)), memoryCounters(), new Map());
  const attempt = async (
    watch: ReturnType<typeof open>,
    address: string,
    account: string,
    at: number,
    outcome: 'miss' | 'success' = 'miss',
  ): Promise<boolean> => {
    const begun = await watch.begin({ address, account }, at);
    if (begun.begun.ok) await begun.end(outcome, at);
    return begun.begun.ok;
  };

  test('one account from ever new addresses: ten tries, then a lock, and each lock twice as long', async () => {
    const watch = open();
    let quick = 0;
    for (let i = 0; i < 40; i++)
      if (await attempt(watch, `198.51.${i}.7`, 'mara@shop.test', NOW + i)) quick++;
    expect(quick).toBe(10);
    const patient = open();
    let day = 0;
    for (let i = 0; i < 24 * 60; i++)
      if (await attempt(patient, `198.${i >> 8}.${i & 255}.7`, 'mara@shop.test', NOW + i * 60_000)) day++;
    expect(day).toBeLessThanOrEqual(70);
  });

  test('many accounts from one address: ten tries; an IPv6 subscriber is one address', async () => {
    const watch = open();
    let through = 0;
    for (let i = 0; i < 40; i++) if (await attempt(watch, '198.51.100.7', `user${i}`, NOW + i)) through++;
    expect(through).toBe(10);
    let six = 0;
    for (let i = 0; i < 40; i++) if (await attempt(watch, `2001:db8:1:2:${i}::1`, `six${i}`, NOW + i)) six++;
    expect(six).toBe(10);
  });

  test('an attacker’s own account does not wash its address clean', async () => {
    const watch = open();
    let through = 0;
    for (let i = 0; i < 60; i++) {
      if (i % 3 === 2) await attempt(watch, '198.51.100.7', 'attacker', NOW + i, 'success');
      else if (await attempt(watch, '198.51.100.7', `user${i}`, NOW + i)) through++;
    }
    expect(through).toBe(10);
  });

  test('in a surge a stranger’s address gets one try; one that signed in before goes on', async () => {
    const watch = open();
    await attempt(watch, '203.0.113.5', 'regular', NOW, 'success');
    for (let i = 0; i < 60; i++) await attempt(watch, `198.51.${i % 250}.${i}`, `u${i}`, NOW + i);
    expect(await attempt(watch, '192.0.2.1', 'v1', NOW + 100)).toBe(true);
    expect(await attempt(watch, '192.0.2.1', 'v2', NOW + 101)).toBe(false);
    for (let i = 0; i < 9; i++)
      expect(await attempt(watch, '203.0.113.5', `typo${i}`, NOW + 200 + i)).toBe(true);
  });
});

test('shedding follows how long everything waits, not one late moment', () => {
  const shedder = openShedder();
  for (const wait of [0, 0, 500, 0, 0, 900]) shedder.feed(wait);
  expect(shedder.level()).toBe(0);
  for (let i = 0; i < 5; i++) shedder.feed(100);
  expect(shedder.level()).toBe(1);
  for (let i = 0; i < 5; i++) shedder.feed(400);
  expect(shedder.level()).toBe(2);
  shedder.feed(0);
  expect(shedder.level()).toBe(0);
  shedder.close();
});
