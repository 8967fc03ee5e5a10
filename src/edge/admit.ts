// The first half of every way through: which route, by which proof, within which limits.
import type { Clock } from '#kernel';
import type { Caller, ClientCertificate, Presented } from './callers/caller.ts';
import type { Counters } from './limits/counters.ts';
import { type Allowance, tighter } from './limits/limiter.ts';
import type { Shedder } from './limits/shedding.ts';
import type { TrustedProxies } from './message/client.ts';
import type { Head } from './message/head.ts';
import type { SlowReaders } from './proxy/slow-readers.ts';
import { isRefusal, type Refusal, refusal } from './refusal.ts';
import type { LivePolicy, LiveRoute } from './routing/live.ts';
import type { Served } from './served.ts';
import type { Spool } from './spool/spool.ts';

export interface ServeParts {
  readonly clock: Clock;
  readonly proxies: TrustedProxies;
  /** Shops' routes are served to listed proxies alone. */
  readonly onlyProxies: boolean;
  readonly counters: Counters;
  readonly shedder: Shedder;
  readonly readers: SlowReaders;
  readonly spool: Spool;
  policy(): LivePolicy | null;
}

/** The connection a request came on. */
export interface Line {
  readonly secure: boolean;
  readonly peer: string;
  readonly certificate: ClientCertificate | null;
  /** Came over the listener that only self-tests use. */
  readonly self: boolean;
}

/** Who calls which route, and what is left of its limits. */
export interface Admitted {
  readonly route: LiveRoute;
  readonly caller: Caller;
  readonly allowance: Allowance | null;
}

/** Whether a request came past the proxies that alone are served. Loupe's own pages are no shop's, and no CDN's. */
export function comesBeside(
  head: Head,
  line: Line,
  policy: LivePolicy,
  { onlyProxies, proxies }: Pick<ServeParts, 'onlyProxies' | 'proxies'>,
): boolean {
  return onlyProxies && !line.self && !policy.isOwn(head.host) && !proxies.trusts(line.peer);
}

/** The first half of the way: route, method, size, limits and proof. */
export async function admit(
  head: Head,
  line: Line,
  policy: LivePolicy | null,
  served: Served,
  parts: ServeParts,
  readBody: (maxBytes: number) => Promise<Uint8Array | Refusal>,
): Promise<Admitted | Refusal> {
  served.head = head;
  if (policy === null) return refusal('no-policy');
  const route = policy.route(head.host, head.path);
  if (typeof route === 'string') return refusal(policy.version === 0 ? 'no-policy' : route);
  served.shop = route.shop;
  served.route = route.rule.id;
  served.names = route.names;
  const method = head.override ?? head.method;
  if (!route.methods.has(method)) {
    const allow = [...route.methods].join(', ');
    return refusal('wrong-method', method, { headers: { allow } });
  }
  if (head.length !== null && head.length > route.rule.maxBodyBytes) return refusal('too-large', 'length');

  const now = served.startedAt;
  const early = route.limiter.before(served.address, now);
  const before = early instanceof Promise ? await early : early;
  if (before !== null && isRefusal(before)) return before;
  const presented = {
    head,
    certificate: line.certificate,
    body: () => readBody(route.rule.maxBodyBytes),
    now,
  };
  const proving = prove(route, presented, 0, null);
  const caller = proving instanceof Promise ? await proving : proving;
  if (isRefusal(caller)) return caller;
  served.caller = caller;
  if (caller.kind === 'public' && parts.shedder.level() > 0)
    return refusal('overloaded', 'queue time', { retryAfterS: 2 });
  const late = route.limiter.after(caller, now);
  const after = late instanceof Promise ? await late : late;
  if (after !== null && isRefusal(after)) return after;
  return { route, caller, allowance: tighter(before, after) };
}

/** The first proof, from one on, that succeeds; else the refusal of the last that was presented. */
function prove(
  route: LiveRoute,
  presented: Presented,
  from: number,
  refusedBefore: Refusal | null,
): Caller | Refusal | Promise<Caller | Refusal> {
  let refused = refusedBefore;
  for (let at = from; at < route.provers.length; at += 1) {
    const verdict = route.provers[at]?.prove(presented) ?? null;
    if (verdict instanceof Promise)
      return verdict.then((late) =>
        late === null || isRefusal(late) ? prove(route, presented, at + 1, late ?? refused) : late,
      );
    if (verdict === null) continue;
    if (!isRefusal(verdict)) return verdict;
    refused = verdict;
  }
  return refused ?? refusal('no-proof', route.provers.map((prover) => prover.kind).join(' or '));
}
