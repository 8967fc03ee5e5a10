// Counts of this process alone. Several edges without a shared store let through at most so many times as much as there are edges.
import { touch } from '../bounded.ts';
import { type Begun, type Counters, lockMs, type TryEnd, type TryRule } from './counters.ts';
import { take } from './gcra.ts';

/** Each table holds at most this many keys; beyond it the longest untouched goes first. */
const MAX_COUNTED = 200_000;

interface Tries {
  misses: number;
  underWay: number;
  lastMissMs: number;
  lockedUntilMs: number;
  /** Locks one after another: each is twice as long as the one before. */
  rounds: number;
}

/** A lock as it is written down, so that a restart does not lift it. */
export interface Lock {
  readonly key: string;
  readonly untilMs: number;
  readonly rounds: number;
}

export interface MemoryCounters extends Counters {
  /** Locks in force. */
  locks(nowMs: number): readonly Lock[];
  restore(locks: readonly Lock[]): void;
}

export function memoryCounters(): MemoryCounters {
  const arrivals = new Map<string, number>();
  const tries = new Map<string, Tries>();
  const seen = new Map<string, number>();

  function triesOf(key: string, rule: TryRule, nowMs: number): Tries {
    const found = tries.get(key) ?? { misses: 0, underWay: 0, lastMissMs: 0, lockedUntilMs: 0, rounds: 0 };
    if (Math.max(found.lastMissMs, found.lockedUntilMs) + rule.windowMs <= nowMs) {
      found.misses = 0;
      found.rounds = 0;
    }
    if (found.lockedUntilMs > 0 && found.lockedUntilMs <= nowMs) {
      found.misses = 0;
      found.lockedUntilMs = 0;
    }
    return found;
  }

  return {
    take(key, rate, nowMs) {
      const taken = take(rate, arrivals.get(key), nowMs);
      if (!taken.ok) return taken;
      touch(arrivals, key, taken.arrivalMs, MAX_COUNTED);
      return taken;
    },
    begin(keys, rules, nowMs): Begun {
      const own = keys.map((key, i) => triesOf(key, ruleAt(rules, i), nowMs));
      for (const [i, one] of own.entries()) {
        const rule = ruleAt(rules, i);
        if (one.lockedUntilMs > nowMs)
          return { ok: false, locked: true, retryAfterMs: one.lockedUntilMs - nowMs };
        if (one.misses + one.underWay >= rule.tries) return { ok: false, locked: false, retryAfterMs: 1_000 };
      }
      for (const [i, one] of own.entries()) {
        one.underWay++;
        touch(tries, keys[i] ?? '', one, MAX_COUNTED);
      }
      return { ok: true };
    },
    end(keys, rules, how, nowMs) {
      const locked: string[] = [];
      for (const [i, key] of keys.entries()) {
        const rule = ruleAt(rules, i);
        const one = triesOf(key, rule, nowMs);
        one.underWay = Math.max(0, one.underWay - 1);
        endTry(one, how[i] ?? 'back', nowMs);
        if (one.lockedUntilMs === 0 && one.misses >= rule.tries) {
          one.lockedUntilMs = nowMs + lockMs(rule, one.rounds);
          one.rounds++;
          locked.push(key);
        }
        if (one.misses === 0 && one.underWay === 0 && one.rounds === 0) tries.delete(key);
        else touch(tries, key, one, MAX_COUNTED);
      }
      return locked;
    },
    lift(key) {
      tries.delete(key);
    },
    once(key, ttlMs, nowMs) {
      const until = seen.get(key);
      if (until !== undefined && until > nowMs) return false;
      touch(seen, key, nowMs + ttlMs, MAX_COUNTED);
      return true;
    },
    forget(key) {
      seen.delete(key);
    },
    locks: (nowMs) =>
      [...tries].flatMap(([key, one]) =>
        one.lockedUntilMs > nowMs ? [{ key, untilMs: one.lockedUntilMs, rounds: one.rounds }] : [],
      ),
    restore(locks) {
      for (const { key, untilMs, rounds } of locks)
        tries.set(key, { misses: 1, underWay: 0, lastMissMs: untilMs, lockedUntilMs: untilMs, rounds });
    },
    close: async () => undefined,
  };
}

function endTry(one: Tries, how: TryEnd, nowMs: number): void {
  if (how === 'hit') {
    one.misses = 0;
    one.rounds = 0;
  }
  if (how !== 'miss') return;
  one.misses++;
  one.lastMissMs = nowMs;
}

function ruleAt(rules: readonly TryRule[], i: number): TryRule {
  const rule = rules[i];
  if (rule === undefined) throw new RangeError('a key without its rule');
  return rule;
}
