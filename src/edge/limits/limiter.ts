// The limits of one route, and the headers that tell a caller about them.
import type { Limit } from '#plane';
import type { Caller } from '../callers/caller.ts';
import { unitsOf } from '../message/client.ts';
import type { Pseudonyms } from '../pseudonyms.ts';
import { isRefusal, type Refusal, refusal } from '../refusal.ts';
import type { Counters } from './counters.ts';
import { type Rate, rateOf } from './gcra.ts';

/** What the tightest limit leaves: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers). */
export interface Allowance {
  readonly id: string;
  readonly amount: number;
  readonly windowS: number;
  readonly remaining: number;
  readonly resetS: number;
}

export interface Limiter {
  /** Limits that need no caller. Null where there are none. */
  before(address: string, nowMs: number): Promise<Allowance | Refusal | null> | null;
  /** Those by caller and account. */
  after(caller: Caller, nowMs: number): Promise<Allowance | Refusal | null> | null;
}

interface LiveLimit {
  readonly rule: Limit;
  readonly rate: Rate;
}

export function limiter(
  scope: string,
  limits: readonly Limit[],
  names: Pseudonyms,
  counters: Counters,
): Limiter {
  const live = limits.map(
    (rule): LiveLimit => ({ rule, rate: rateOf(rule.amount, rule.windowMs, rule.burst) }),
  );
  const early = live.filter(({ rule }) => rule.per !== 'caller' && rule.per !== 'account');
  const late = live.filter(({ rule }) => rule.per === 'caller' || rule.per === 'account');

  async function takeAll(
    own: readonly LiveLimit[],
    unitOf: (per: Limit['per']) => string | null,
    nowMs: number,
  ): Promise<Allowance | Refusal | null> {
    let tightest: Allowance | null = null;
    for (const { rule, rate } of own) {
      const unit = unitOf(rule.per);
      if (unit === null) continue;
      const counted = counters.take(`${scope}/${rule.id}/${unit}`, rate, nowMs);
      const count = counted instanceof Promise ? await counted : counted;
      if (!count.ok) {
        const retryAfterS = Math.max(1, Math.ceil(count.retryAfterMs / 1000));
        const none = {
          id: rule.id,
          amount: rule.amount,
          windowS: rule.windowMs / 1000,
          remaining: 0,
          resetS: retryAfterS,
        };
        return refusal('over-limit', `${rule.id} by ${rule.per}`, {
          retryAfterS,
          headers: rateHeaders(none),
        });
      }
      if (tightest === null || count.remaining < tightest.remaining) {
        const resetS = Math.ceil(count.resetMs / 1000);
        tightest = {
          id: rule.id,
          amount: rule.amount,
          windowS: rule.windowMs / 1000,
          remaining: count.remaining,
          resetS,
        };
      }
    }
    return tightest;
  }

  return {
    before: (address, nowMs) =>
      early.length === 0
        ? null
        : takeAll(
            early,
            (per) =>
              per === 'address'
                ? unitsOf(address).address
                : per === 'prefix'
                  ? unitsOf(address).prefix
                  : 'all',
            nowMs,
          ),
    after: (caller, nowMs) =>
      late.length === 0
        ? null
        : takeAll(
            late,
            (per) => {
              const who = per === 'caller' ? `${caller.kind} ${caller.id}` : caller.account;
              return who === null ? null : names.of(per, who);
            },
            nowMs,
          ),
  };
}

export function rateHeaders(allowance: Allowance): Readonly<Record<string, string>> {
  const { id, amount, windowS, remaining, resetS } = allowance;
  return {
    'ratelimit-policy': `"${id}";q=${amount};w=${Math.ceil(windowS)}`,
    ratelimit: `"${id}";r=${remaining};t=${resetS}`,
  };
}

/** The tighter of two. */
export function tighter(a: Allowance | Refusal | null, b: Allowance | Refusal | null): Allowance | null {
  const one = a === null || isRefusal(a) ? null : a;
  const other = b === null || isRefusal(b) ? null : b;
  if (one === null || other === null) return one ?? other;
  return other.remaining < one.remaining ? other : one;
}
