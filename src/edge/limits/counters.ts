// Where counts are kept: in this process, or shared by all edges. What is counted is the same.
import { DAY_MS } from '#kernel';
import type { Rate } from './gcra.ts';

export type Count =
  | { readonly ok: true; readonly remaining: number; readonly resetMs: number }
  | { readonly ok: false; readonly retryAfterMs: number };

export interface TryRule {
  readonly tries: number;
  readonly windowMs: number;
  readonly lockMs: number;
}

/** No lock is longer: whoever is locked out by another's guesses must not wait for days. */
export const LONGEST_LOCK_MS: number = DAY_MS;

/** How long a lock lasts after `rounds` before it: twice as long each time, so that a patient attacker gets a few dozen tries a day and not hundreds. */
export function lockMs(rule: TryRule, rounds: number): number {
  return Math.min(Math.max(rule.lockMs, LONGEST_LOCK_MS), rule.lockMs * 2 ** Math.min(rounds, 20));
}

/** A try that may go on, or until when it is locked out. `locked` false: too many are under way at once. */
export type Begun =
  | { readonly ok: true }
  | { readonly ok: false; readonly locked: boolean; readonly retryAfterMs: number };

/** `miss`: it failed. `hit`: it succeeded, and what was counted against this key is forgiven. `back`: neither, it does not count. */
export type TryEnd = 'miss' | 'hit' | 'back';

/** Keys are opaque: whoever counts has made them from shop, rule and unit. */
export interface Counters {
  take(key: string, rate: Rate, nowMs: number): Count | Promise<Count>;
  /** Begins a try under every key, or under none. */
  begin(keys: readonly string[], rules: readonly TryRule[], nowMs: number): Begun | Promise<Begun>;
  /** Ends one; returns the keys that are locked by it now. */
  end(
    keys: readonly string[],
    rules: readonly TryRule[],
    how: readonly TryEnd[],
    nowMs: number,
  ): readonly string[] | Promise<readonly string[]>;
  /** Lifts a lock and forgets its misses. */
  lift(key: string): void | Promise<void>;
  /** True for the first who asks within the time. `forget` takes it back. */
  once(key: string, ttlMs: number, nowMs: number): boolean | Promise<boolean>;
  forget(key: string): void | Promise<void>;
  close(): Promise<void>;
}
