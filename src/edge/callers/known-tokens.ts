import { hash } from 'node:crypto';
import { touch } from '../bounded.ts';
import type { Caller } from './caller.ts';

/** A token that was verified is known for at most this long, however long it lives. */
const MAX_KNOWN_MS = 60_000;
const MAX_KNOWN = 10_000;

/**
 * Tokens whose signature was verified a moment ago, so that one is not verified at every request. Bounded in number and time; kept by digest, so
 * that a dump of memory holds no more tokens than must be. What can be taken back (revocation, the end of a client) is asked anew each time.
 */
export interface KnownTokens<Facts extends Caller = Caller> {
  get(token: string, now: number): Facts | undefined;
  keep(token: string, facts: Facts, until: number, now: number): void;
}

const keyOf = (token: string): string => hash('sha256', token, 'base64');

export function openKnownTokens<Facts extends Caller = Caller>(): KnownTokens<Facts> {
  const known = new Map<string, { readonly facts: Facts; readonly until: number }>();
  return {
    get(token, now) {
      const key = keyOf(token);
      const found = known.get(key);
      if (found === undefined) return undefined;
      if (found.until > now) return found.facts;
      known.delete(key);
      return undefined;
    },
    keep(token, facts, until, now) {
      touch(known, keyOf(token), { facts, until: Math.min(until, now + MAX_KNOWN_MS) }, MAX_KNOWN);
    },
  };
}
