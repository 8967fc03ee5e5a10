// What stands at the edge, judged. Pure: what is known goes in, observations come out.
import type { Observation, ShopKind } from '#plane';
import { ATTACKS, HONEST, LET_GO, STOPPED } from './attacks.ts';
import { CERTIFICATE_MS, KEY_MS, RULES_MS, SILENT_MS, UNUSED_MS } from './checks.ts';
import type { RouteView } from './routes.ts';
import type { SelfTest } from './self-test.ts';

export type Judged = Pick<Observation, 'check' | 'subject' | 'outcome' | 'figure' | 'facts'>;

export interface EdgeFacts {
  readonly name: string;
  readonly seenAt: number;
  readonly current: boolean;
  /** Whether part of the newest policy could not be worked with. */
  readonly held: boolean;
  readonly listeners: readonly {
    readonly host: string;
    readonly tls: boolean;
    readonly redirect?: boolean;
  }[];
  /** Whether proxies are listed, and whether they alone are served. */
  readonly proxies: 'none' | 'listed' | 'only';
  readonly certificates: readonly { readonly names: readonly string[]; readonly notAfter: number }[];
  readonly missed: number;
}

export interface CredentialFacts {
  readonly name: string;
  readonly secretAt: number;
  readonly madeAt: number;
  readonly usedAt: number | null;
}

export interface CallFacts {
  readonly host: string;
  readonly tls: string | null;
  readonly certificateUntil: number | null;
}

export interface EdgeInput {
  readonly kind: ShopKind | null;
  readonly routes: readonly RouteView[];
  readonly edges: readonly EdgeFacts[];
  readonly credentials: readonly CredentialFacts[];
  /** The newest call of each integration. */
  readonly calls: readonly CallFacts[];
  readonly tests: readonly SelfTest[];
  /** The firewall's rules that are in force. */
  readonly pack: { readonly name: string; readonly version: string; readonly madeOn: string };
}

const SUBJECT = 'the edge';
const DAY = 86_400_000;

/** What is judged where the shop has routes at an edge. */
const OF_ROUTES = [
  'edge.routes',
  'edge.refuses',
  'edge.tls',
  'edge.current',
  'edge.beside',
  'edge.limits',
  'edge.lockout',
  'edge.leaks',
  'edge.told',
  'firewall.blocks',
  'firewall.rules',
] as const;

export function judgeEdges(input: EdgeInput, now: number): readonly Judged[] {
  const judged: Judged[] = [];
  const say = (
    check: string,
    outcome: Judged['outcome'],
    facts: Judged['facts'] = {},
    figure: Judged['figure'] = null,
    subject = SUBJECT,
  ): void => void judged.push({ check, subject, outcome, facts, figure });

  if (input.routes.length === 0) {
    // A hosted shop owes no edge; any other has something that could stand behind one.
    for (const check of OF_ROUTES)
      say(check, input.kind === 'hosted' ? 'not-applicable' : 'unknown', { why: 'no-edge' });
    // What stops attacks on a hosted shop is its provider's, and nobody has shown it.
    say('firewall.attack', 'unknown', { why: input.kind === 'hosted' ? 'hosted' : 'no-edge' });
  } else {
    judgeRoutes(input, now, say);
  }
  judgeKeys(input.credentials, now, say);
  judgeCalls(input.calls, now, say);
  return judged;
}

type Say = (
  check: string,
  outcome: Judged['outcome'],
  facts?: Judged['facts'],
  figure?: Judged['figure'],
  subject?: string,
) => void;

function judgeRoutes({ routes, edges, tests, pack }: EdgeInput, now: number, say: Say): void {
  const open = routes.filter(({ rule }) => rule.proofs.some((proof) => proof.kind === 'public'));
  say(
    'edge.routes',
    'holds',
    { routes: routes.length, open: open.length },
    { value: routes.length, unit: 'routes' },
  );

  const alive = edges.filter((edge) => now - edge.seenAt <= SILENT_MS);
  if (alive.length === 0) say('edge.current', 'falls-short', { why: 'silent' });
  else {
    const behind = alive.filter((edge) => !edge.current).map((edge) => edge.name);
    const held = alive.find((edge) => edge.held);
    if (behind.length > 0) say('edge.current', 'falls-short', { why: 'behind', edge: behind[0] ?? '' });
    else if (held !== undefined) say('edge.current', 'falls-short', { why: 'held', edge: held.name });
    else say('edge.current', 'holds', { edges: alive.length }, { value: alive.length, unit: 'edges' });
  }

  const missed = alive.reduce((sum, edge) => sum + edge.missed, 0);
  say(
    'edge.told',
    missed > 0 ? 'falls-short' : 'holds',
    { missed },
    { value: missed, unit: 'missed-events' },
  );

  judgeTls(alive, now, say);
  if (alive.length === 0) say('edge.beside', 'unknown', { why: 'no-edge-alive' });
  else if (alive.some((edge) => edge.proxies === 'listed')) say('edge.beside', 'falls-short');
  else if (alive.every((edge) => edge.proxies === 'only')) say('edge.beside', 'holds');
  else say('edge.beside', 'not-applicable', { why: 'no-proxies' });
  judgeTests(routes, tests, say);
  judgeFirewall(routes, pack, now, say);
  judgeAttacks(routes, tests, say);
}

function judgeFirewall(
  routes: readonly RouteView[],
  { name, version, madeOn }: EdgeInput['pack'],
  now: number,
  say: Say,
): void {
  const open = routes.find(({ rule }) => rule.firewall.mode !== 'block');
  const figure = { value: routes.length, unit: 'routes' };
  if (open !== undefined)
    say('firewall.blocks', 'falls-short', { why: open.rule.firewall.mode, route: open.rule.name }, figure);
  else {
    const exclusions = routes.reduce((sum, { rule }) => sum + rule.firewall.exclusions.length, 0);
    say('firewall.blocks', 'holds', { routes: routes.length, exclusions }, figure);
  }

  const days = Math.max(0, Math.floor((now - Date.parse(madeOn)) / DAY));
  say(
    'firewall.rules',
    days * DAY > RULES_MS ? 'falls-short' : 'holds',
    { name, version, days },
    { value: days, unit: 'days-old' },
  );
}

/** Each attack is an observation: stopped by every edge, on every route, where an honest request passes. */
function judgeAttacks(routes: readonly RouteView[], tests: readonly SelfTest[], say: Say): void {
  // Whatever else came back, or nothing, says neither that it was stopped nor that it was not.
  const sent = tests.filter(
    ({ test, statuses: [status] }) => test === 'attack' && (status === LET_GO || status === STOPPED),
  );
  const places = routes.length * new Set(tests.map(({ edge }) => edge)).size;
  const answered = (id: string): number => sent.filter(({ attack }) => attack === id).length;
  const nameOf = (test: SelfTest): string => routes.find(({ id }) => id === test.route)?.rule.name ?? '';
  const deaf = sent.find(({ attack, passed }) => attack === HONEST.id && !passed);
  for (const { id, name } of ATTACKS) {
    const own = sent.filter(({ attack }) => attack === id);
    const through = own.find(({ passed }) => !passed);
    const figure = { value: own.length, unit: 'attacks-stopped' };
    if (through !== undefined)
      say('firewall.attack', 'falls-short', { why: 'through', route: nameOf(through) }, null, name);
    else if (places === 0 || own.length < places || answered(HONEST.id) < places)
      say('firewall.attack', 'unknown', { why: 'not-tested' }, null, name);
    else if (deaf !== undefined)
      say('firewall.attack', 'unknown', { why: 'deaf', route: nameOf(deaf) }, null, name);
    else say('firewall.attack', 'holds', { routes: routes.length }, figure, name);
  }
}

function judgeTls(alive: readonly EdgeFacts[], now: number, say: Say): void {
  const listeners = alive.flatMap((edge) => edge.listeners);
  const bare = listeners.find(
    ({ host, tls, redirect }) => !tls && redirect !== true && !/^127\.|^::1$|^localhost$/u.test(host),
  );
  const certificates = alive.flatMap((edge) => edge.certificates);
  const first = certificates.toSorted((a, b) => a.notAfter - b.notAfter)[0];
  if (alive.length === 0) say('edge.tls', 'unknown', { why: 'no-edge-alive' });
  else if (bare !== undefined) say('edge.tls', 'falls-short', { why: 'plain', host: bare.host });
  // On loopback alone somebody else speaks TLS in front of it: looks from outside judge that.
  else if (!listeners.some(({ tls }) => tls)) say('edge.tls', 'not-applicable', { why: 'tls-elsewhere' });
  else if (first === undefined) say('edge.tls', 'falls-short', { why: 'none' });
  else {
    const days = Math.floor((first.notAfter - now) / DAY);
    const short = first.notAfter - now < CERTIFICATE_MS;
    say(
      'edge.tls',
      short ? 'falls-short' : 'holds',
      { why: 'ending', days, name: first.names[0] ?? '' },
      { value: days, unit: 'days' },
    );
  }
}

function judgeTests(routes: readonly RouteView[], tests: readonly SelfTest[], say: Say): void {
  const of = (test: SelfTest['test']) => tests.filter((one) => one.test === test);
  const closed = routes.filter(({ rule }) => !rule.proofs.some((proof) => proof.kind === 'public'));
  const refuses = of('refuses');
  const failed = refuses.find((one) => !one.passed);
  const name = routes.find((route) => route.id === failed?.route)?.rule.name ?? '';
  if (closed.length === 0) say('edge.refuses', 'not-applicable', { why: 'all-public' });
  else if (failed !== undefined) say('edge.refuses', 'falls-short', { route: name });
  else if (refuses.length < closed.length) say('edge.refuses', 'unknown', { why: 'not-tested' });
  else say('edge.refuses', 'holds', { routes: closed.length }, { value: closed.length, unit: 'routes' });

  const unlimited = routes.filter(({ rule }) => rule.limits.length === 0);
  for (const [test, check] of [
    ['limits', 'edge.limits'],
    ['lockout', 'edge.lockout'],
    ['leaks', 'edge.leaks'],
  ] as const) {
    const own = of(test);
    if (own.length === 0) say(check, 'unknown', { why: 'not-tested' });
    else if (own.some((one) => !one.passed)) say(check, 'falls-short', { why: 'failed' });
    else if (test === 'limits' && unlimited.length > 0)
      say(check, 'falls-short', { why: 'unlimited', route: unlimited[0]?.rule.name ?? '' });
    else say(check, 'holds', { edges: own.length });
  }
}

function judgeKeys(credentials: readonly CredentialFacts[], now: number, say: Say): void {
  const oldest = credentials.toSorted((a, b) => a.secretAt - b.secretAt)[0];
  if (oldest === undefined) {
    say('edge.keys', 'not-applicable', { why: 'no-keys' });
    return;
  }
  const days = Math.floor((now - oldest.secretAt) / DAY);
  const unused = credentials.find((one) => now - (one.usedAt ?? one.madeAt) > UNUSED_MS);
  const figure = { value: days, unit: 'days-old' };
  if (now - oldest.secretAt > KEY_MS)
    say('edge.keys', 'falls-short', { why: 'old', name: oldest.name, days }, figure);
  else if (unused !== undefined)
    say('edge.keys', 'falls-short', { why: 'unused', name: unused.name }, figure);
  else say('edge.keys', 'holds', { count: credentials.length }, figure);
}

function judgeCalls(calls: readonly CallFacts[], now: number, say: Say): void {
  if (calls.length === 0) say('edge.outbound', 'not-applicable', { why: 'no-calls' });
  for (const { host, tls, certificateUntil } of calls) {
    if (tls === null || certificateUntil === null) {
      say('edge.outbound', 'unknown', { why: 'no-answer' }, null, host);
      continue;
    }
    const days = Math.floor((certificateUntil - now) / DAY);
    const short = certificateUntil - now < CERTIFICATE_MS;
    say(
      'edge.outbound',
      short ? 'falls-short' : 'holds',
      { protocol: tls, days },
      { value: days, unit: 'days' },
      host,
    );
  }
}
