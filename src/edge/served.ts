// What is told of one request when it is over.
import { randomBytes } from 'node:crypto';
import type { Json } from '#kernel';
import type { JsonObject } from '#plane';
import type { Caller } from './callers/caller.ts';
import { unitsOf } from './message/client.ts';
import type { Head } from './message/head.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import type { Why } from './refusal.ts';
import { queryNames, redactAgent, redactPath, referrerHost } from './spool/redact.ts';

/** Filled in as a request goes through. */
export interface Served {
  readonly reference: string;
  readonly startedAt: number;
  readonly address: string;
  head: Head | null;
  shop: string;
  route: string | null;
  names: Pseudonyms | null;
  caller: Caller | null;
  operation: string | null;
  /** What watching would have refused. */
  misfit: string | null;
  /** What the firewall has to tell. */
  firewall: JsonObject | null;
  /** What rules that are tried would have done. */
  candidate: JsonObject | null;
  status: number;
  bytes: number;
  why: Why | null;
  detail: string;
  leaks: string[];
  locks: string[];
  cut: boolean;
  left: boolean;
}

const REFERENCE_BYTES = 9;
let random: Buffer = Buffer.alloc(0);
let used = 0;

/** Twelve characters that name a request; they tell nothing. Randomness is drawn for many at once. */
function newReference(): string {
  if (used + REFERENCE_BYTES > random.byteLength) {
    random = randomBytes(REFERENCE_BYTES * 256);
    used = 0;
  }
  used += REFERENCE_BYTES;
  return random.toString('base64url', used - REFERENCE_BYTES, used);
}

export function newServed(address: string, now: number): Served {
  return {
    reference: newReference(),
    startedAt: now,
    address,
    head: null,
    shop: '',
    route: null,
    names: null,
    caller: null,
    operation: null,
    misfit: null,
    firewall: null,
    candidate: null,
    status: 0,
    bytes: 0,
    why: null,
    detail: '',
    leaks: [],
    locks: [],
    cut: false,
    left: false,
  };
}

/** What there is nothing to say about is left out. */
export function requestEvent(served: Served, version: number, ms: number): JsonObject {
  const { head, names, caller } = served;
  const event: { [name: string]: Json } = {
    ref: served.reference,
    version,
    status: served.status,
    ms: Math.round(ms),
    bytes: served.bytes,
  };
  if (served.route !== null) event['route'] = served.route;
  if (head !== null) {
    event['method'] = head.method;
    event['path'] = served.operation ?? redactPath(head.path);
    if (head.query !== '') event['query'] = queryNames(head.query);
    const agent = redactAgent(head.by.get('user-agent'));
    if (agent !== null) event['agent'] = agent;
    const referrer = referrerHost(head.by.get('referer'));
    if (referrer !== null) event['referrer'] = referrer;
  }
  if (names !== null) {
    const units = unitsOf(served.address);
    event['from'] = names.of('address', units.address);
    event['near'] = names.of('prefix', units.prefix);
    const account = caller?.account ?? null;
    if (account !== null) event['account'] = names.of('account', account);
  }
  if (caller !== null && caller.kind !== 'public') event['caller'] = `${caller.kind} ${caller.id}`;
  if (served.why !== null) event['why'] = served.why;
  if (served.detail !== '') event['detail'] = served.detail;
  if (served.misfit !== null) event['misfit'] = served.misfit;
  if (served.firewall !== null) event['firewall'] = served.firewall;
  if (served.candidate !== null) event['candidate'] = served.candidate;
  if (served.leaks.length > 0) event['leaks'] = served.leaks;
  if (served.locks.length > 0) event['locks'] = served.locks;
  if (served.cut) event['cut'] = true;
  if (served.left) event['left'] = true;
  return event;
}
