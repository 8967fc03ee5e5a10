// Guards against guessing: logins, order numbers, gift cards, cards. An attacker here chooses accounts, addresses, speed and how many at once.
//
// One account from many addresses: counted by account. Many accounts from one address: by address. Many from many, each slowly: misses are remembered for the
// whole window (a day for logins), and when the whole route misses more than it ever should (a surge), addresses that never succeeded get one try each.
import { DAY_MS, MINUTE_MS } from '#kernel';
import type { Guard } from '#plane';
import { touch } from '../bounded.ts';
import { unitsOf } from '../message/client.ts';
import type { Pseudonyms } from '../pseudonyms.ts';
import type { Begun, Counters, TryEnd, TryRule } from './counters.ts';
import { type Rate, rateOf } from './gcra.ts';

/** How a guarded answer turned out. */
export type GuardOutcome = 'miss' | 'success' | 'neither';

export interface GuardedTry {
  readonly begun: Begun;
  /** Ends the try; returns what was locked by it, as unit words (`account`, `address`). */
  end(outcome: GuardOutcome, nowMs: number): Promise<readonly LockMade[]>;
}

export interface LockMade {
  readonly per: string;
  /** Names the lock in the console and in `EdgePolicy.lifted`; a pseudonym. */
  readonly lock: string;
}

export interface GuardWatch {
  readonly rule: Guard;
  covers(method: string, path: string): boolean;
  begin(
    client: { readonly address: string; readonly account: string | null },
    nowMs: number,
  ): Promise<GuardedTry>;
}

const SURGE_MS = 10 * MINUTE_MS;
/** An address that succeeded is known for this long. */
const KNOWN_MS = 30 * DAY_MS;
const MAX_KNOWN = 50_000;

/** `known`: addresses that succeeded, by pseudonym, with how long they are known; it outlives the policy. */
export function guardWatch(
  rule: Guard,
  names: Pseudonyms,
  counters: Counters,
  known: Map<string, number>,
): GuardWatch {
  const methods = new Set(rule.methods);
  const covered = rule.paths.map((path) => plainPath(path));
  const basis: TryRule = { tries: rule.tries, windowMs: rule.windowMs, lockMs: rule.lockMs };
  const surgeRate: Rate | null = rule.surge === null ? null : rateOf(rule.surge, SURGE_MS, rule.surge);
  const surgeKey = names.of('surge', rule.id);
  let surgeUntil = 0;

  return {
    rule,
    covers: (method, path) => methods.has(method) && covered.some((own) => plainPath(path).startsWith(own)),
    async begin({ address, account }, nowMs) {
      const counted = rule.per.flatMap((per) => {
        const unit = unitOf(per, address, account);
        return unit === null ? [] : [{ per, key: names.of('lock', rule.id, per, unit) }];
      });
      const knownKey = names.of('known', rule.id, unitsOf(address).address);
      const strange = surgeUntil > nowMs && (known.get(knownKey) ?? 0) <= nowMs;
      const rules = counted.map(({ per }) => {
        // A neighbourhood holds many people: it gets ten times as many tries.
        if (per === 'prefix') return { ...basis, tries: basis.tries * 10 };
        return per === 'address' && strange ? { ...basis, tries: 1 } : basis;
      });
      const keys = counted.map(({ key }) => key);
      const begun = await counters.begin(keys, rules, nowMs);
      return {
        begun,
        async end(outcome, endMs) {
          if (!begun.ok) return [];
          const how = counted.map(({ per }): TryEnd => {
            if (outcome === 'miss') return 'miss';
            // Success forgives the account it was proven for. Not the address: or an attacker's own account would wash it clean.
            return outcome === 'success' && per === 'account' && rule.what === 'login' ? 'hit' : 'back';
          });
          const locked = await counters.end(keys, rules, how, endMs);
          if (outcome === 'success' && rule.what === 'login')
            touch(known, knownKey, endMs + KNOWN_MS, MAX_KNOWN);
          if (
            outcome === 'miss' &&
            surgeRate !== null &&
            !(await counters.take(surgeKey, surgeRate, endMs)).ok
          )
            surgeUntil = endMs + SURGE_MS;
          return counted
            .filter(({ key }) => locked.includes(key))
            .map(({ per, key }) => ({ per, lock: key }));
        },
      };
    },
  };
}

function unitOf(per: Guard['per'][number], address: string, account: string | null): string | null {
  switch (per) {
    case 'address':
      return unitsOf(address).address;
    case 'prefix':
      return unitsOf(address).prefix;
    case 'account':
      return account;
  }
}

/** With a slash at its end and in small letters: `/Login`, `/login/` and `/login/x` (a script's own path, behind CGI) are one login. */
function plainPath(path: string): string {
  return `${path.toLowerCase().replace(/\/$/u, '')}/`;
}
