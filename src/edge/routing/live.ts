// A snapshot, compiled: everything that a request needs is made once, when the policy comes, and what is wrong with a policy shows then. Requests hold on to the
// one they began with.
import { LoupeError } from '#kernel';
import type { JsonObject } from '#plane';
import { EMPTY_POLICY, type EdgePolicy, FIREWALL_ON, OWN_PACK, type Route, type Snapshot } from '#plane';
import { removedTargets } from '#waf';
import { compileOpenapi, type OpenapiList } from '../allow/openapi.ts';
import type { Shadow } from '../allow/shadow.ts';
import type { Prover } from '../callers/caller.ts';
import { openTokenAuthority, type TokenAuthority } from '../callers/client-token.ts';
import type { IssuerKeys, KeyPlace } from '../callers/issuer-keys.ts';
import { revocations } from '../callers/revocations.ts';
import { canaryRoutes } from '../canary.ts';
import { edgeError } from '../errors.ts';
import type { Inspector } from '../firewall/inspector.ts';
import type { Counters } from '../limits/counters.ts';
import { type GuardWatch, guardWatch } from '../limits/guard.ts';
import { type Limiter, limiter } from '../limits/limiter.ts';
import type { LiveUpstream, Upstreams } from '../proxy/upstream.ts';
import { type Pseudonyms, pseudonyms } from '../pseudonyms.ts';
import { type AnswerRules, answerRules } from '../response/rules.ts';
import { type ConsolePlace, consoleRoute } from './console-route.ts';
import { proverOf, type ProverParts } from './provers.ts';
import { type EdgeKey, openSecrets } from './secrets.ts';
import { routeTable } from './table.ts';

/** What inspects a shop's requests, and what is tried beside it. */
export interface Inspectors {
  readonly enforced: Inspector;
  readonly candidate: Inspector | null;
}

/** A route with everything that serving it needs. */
export interface LiveRoute {
  readonly rule: Route;
  readonly shop: string;
  readonly methods: ReadonlySet<string>;
  readonly provers: readonly Prover[];
  readonly limiter: Limiter;
  readonly guards: readonly GuardWatch[];
  readonly allow: OpenapiList | null;
  readonly answer: AnswerRules;
  readonly upstream: LiveUpstream;
  readonly shadow: Shadow | null;
  readonly inspectors: Inspectors;
  readonly names: Pseudonyms;
}

export interface LiveTokens {
  readonly shop: string;
  readonly authority: TokenAuthority;
  readonly path: string;
  readonly names: Pseudonyms;
}

export interface LiveShop {
  readonly id: string;
  readonly policy: EdgePolicy;
  readonly names: Pseudonyms;
  readonly secrets: ReadonlyMap<string, string>;
}

/** A route whose newest rule does not compile, or a shop’s firewall rules. What it was before stays in force; where it was nothing, its place is refused. */
export interface HeldRoute {
  readonly shop: string;
  readonly route: string;
  readonly why: string;
}

export interface LivePolicy {
  /** 0: none has come yet, and what there is comes from the config file. */
  readonly version: number;
  readonly madeAt: number;
  /** The route of a host and path; a word of refusal where there is none. */
  route(host: string, path: string): LiveRoute | 'unknown-host' | 'no-route' | 'route-held';
  tokens(host: string, path: string): LiveTokens | null;
  /** The shop that a host belongs to, or null. */
  shopOf(host: string): LiveShop | null;
  /** Whether a host is Loupe's own. */
  isOwn(host: string): boolean;
  /** Every host that something stands at. */
  hosts(): readonly string[];
  readonly shops: readonly LiveShop[];
  readonly routes: readonly LiveRoute[];
  readonly held: readonly HeldRoute[];
}

export interface LiveParts {
  readonly key: EdgeKey;
  readonly counters: Counters;
  readonly upstreams: Upstreams;
  /** What answers self-tests. */
  readonly canaryOrigin: string;
  /** Loupe's own pages, where this edge serves them. */
  readonly console: ConsolePlace | null;
  /** Addresses that signed in, by pseudonym; it outlives policies. */
  readonly known: Map<string, number>;
  /** What inspects by a rule pack. */
  inspectorOf(pack: string): Promise<Inspector>;
  shadowOf(shop: string, route: string): Shadow;
  issuerKeys(place: KeyPlace): IssuerKeys;
}

/** What was in force until now. */
export interface PolicyBefore {
  /** The rule that a route was last served by. */
  rule(shop: string, route: string): Route | undefined;
  inspectors(shop: string): Inspectors | undefined;
}

/** What stands for a shop's firewall rules among what is held. */
const FIREWALL_RULES = 'firewall rules';

/**
 * Compiles a snapshot; nothing of the one in force is touched. A route that does not compile holds up nothing else: it goes on by the rule it had, under everything
 * else of the new policy, or is refused. Throws `edge/bad-policy` where a whole shop cannot be read.
 */
export async function compileSnapshot(
  snapshot: Snapshot,
  parts: LiveParts,
  before: PolicyBefore,
): Promise<LivePolicy> {
  const table = routeTable<LiveRoute | 'route-held'>();
  const shopByHost = new Map<string, LiveShop>();
  const tokens = new Map<string, LiveTokens>();
  const shops: LiveShop[] = [];
  const routes: LiveRoute[] = [];
  const held: Held[] = [];
  const packless: HeldRoute[] = [];
  const givers: TokenGiver[] = [];
  const put = (route: LiveRoute): void => {
    routes.push(route);
    table.add(route.rule, route);
  };
  const ours: Inspectors = { enforced: await parts.inspectorOf(OWN_PACK), candidate: null };
  const own = parts.console === null ? null : consoleLive(parts.console, ours, parts);
  if (own !== null) put(own);
  const reserved = new Set(own?.rule.hosts);
  /** Neither Loupe's own nor another shop's. */
  const isFree = (host: string, shop: LiveShop): boolean =>
    !reserved.has(host) && (shopByHost.get(host) ?? shop) === shop;
  for (const [shop, value] of Object.entries(snapshot.shops)) {
    const policy = policyOf(value);
    const secrets = await openSecrets(policy, parts.key);
    const pseudonymKey = secrets.get(policy.pseudonymKey);
    if (pseudonymKey === undefined) throw edgeError('edge/bad-policy', { details: { shop, why: 'secrets' } });
    const names = pseudonyms(pseudonymKey);
    const revoked = revocations(policy.revoked);
    const authority = authorityOf(policy, secrets, revoked);
    const chosen = await inspectorsOf(policy, parts);
    const inspectors = typeof chosen === 'string' ? (before.inspectors(shop) ?? ours) : chosen;
    if (typeof chosen === 'string') packless.push({ shop, route: FIREWALL_RULES, why: chosen });
    const live: LiveShop = { id: shop, policy, names, secrets };
    shops.push(live);
    const proverParts: ProverParts = {
      policy,
      secrets,
      authority,
      revoked,
      issuerKeys: (place) => parts.issuerKeys(place),
    };
    /** Compiles a rule; a word of why not. */
    const attempt = (rule: Route): LiveRoute | string => {
      if (!rule.hosts.every((host) => isFree(host, live))) return 'host of another';
      try {
        const route = liveRoute(shop, rule, names, proverParts, inspectors, parts);
        for (const host of rule.hosts) shopByHost.set(host, live);
        return route;
      } catch (error) {
        return error instanceof Error ? error.message.slice(0, 200) : 'unreadable';
      }
    };
    for (const rule of [...policy.routes, ...canaryRoutes(shop, parts.canaryOrigin)]) {
      const route = attempt(rule);
      if (typeof route !== 'string') {
        put(route);
        continue;
      }
      const earlier = before.rule(shop, rule.id);
      const stays = earlier === undefined ? route : attempt(earlier);
      held.push({ why: route, rule, live, stays: typeof stays === 'string' ? null : stays });
    }
    if (policy.tokens !== null && authority !== null)
      givers.push({ live, hosts: policy.tokens.hosts, authority, path: policy.tokens.path });
  }
  for (const { live, hosts, authority, path } of givers)
    for (const host of hosts)
      if (isFree(host, live))
        tokens.set(`${host}${path}`, { shop: live.id, authority, path, names: live.names });
  for (const { rule, stays, live: shop } of held) {
    if (stays !== null) put(stays);
    // Where the new rule was to stand, nothing less strict may answer.
    table.add({ path: rule.path, hosts: rule.hosts.filter((host) => isFree(host, shop)) }, 'route-held');
  }
  return {
    version: snapshot.version,
    madeAt: snapshot.madeAt,
    shops,
    routes,
    held: [...packless, ...held.map(({ live, rule, why }) => ({ shop: live.id, route: rule.id, why }))],
    route: (host, path) => table.find(host, path),
    // Most installations give no tokens, and need no key made for asking.
    tokens: (host, path) => (tokens.size === 0 ? null : (tokens.get(host + path) ?? null)),
    shopOf: (host) => shopByHost.get(host) ?? null,
    isOwn: (host) => reserved.has(host),
    hosts: () => [...table.hosts()],
  };
}

interface Held {
  readonly why: string;
  readonly rule: Route;
  readonly live: LiveShop;
  readonly stays: LiveRoute | null;
}

interface TokenGiver {
  readonly live: LiveShop;
  readonly hosts: readonly string[];
  readonly authority: TokenAuthority;
  readonly path: string;
}

/** What a shop's policy has inspect its requests, or why that cannot be had. Throws where only the line to control is down. */
async function inspectorsOf({ firewall }: EdgePolicy, parts: LiveParts): Promise<Inspectors | string> {
  const { enforced, candidate } = firewall;
  try {
    return {
      enforced: await parts.inspectorOf(enforced),
      candidate: candidate === null ? null : await parts.inspectorOf(candidate),
    };
  } catch (error) {
    // A line that is down comes back, and the policy is asked for again.
    if (!(error instanceof LoupeError) || !/^(?:edge\/no-pack|waf\/.*)$/u.test(error.code)) throw error;
    return error.message.slice(0, 200);
  }
}

/** The console's route, whose visitors are named under a key of this edge's own. */
function consoleLive(place: ConsolePlace, inspectors: Inspectors, parts: LiveParts): LiveRoute {
  const provers: ProverParts = {
    policy: EMPTY_POLICY,
    secrets: new Map(),
    authority: null,
    revoked: revocations([]),
    issuerKeys: (keys) => parts.issuerKeys(keys),
  };
  return liveRoute('', consoleRoute(place), pseudonyms(parts.key.nameKey), provers, inspectors, parts);
}

/** Signed by our own key over what control's own schema let through: the shape is ours. */
function policyOf(value: unknown): EdgePolicy {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const stored = value as StoredPolicy;
  return { ...stored, firewall: stored.firewall ?? EMPTY_POLICY.firewall };
}

/** A policy as an earlier release wrote it down. */
type StoredPolicy = Omit<EdgePolicy, 'firewall'> & Partial<Pick<EdgePolicy, 'firewall'>>;

function authorityOf(
  policy: EdgePolicy,
  secrets: ReadonlyMap<string, string>,
  revoked: ReturnType<typeof revocations>,
): TokenAuthority | null {
  const { tokens } = policy;
  const sealed = tokens === null ? undefined : secrets.get(tokens.key);
  if (tokens === null || sealed === undefined) return null;
  const jwk: JsonObject = JSON.parse(sealed);
  return openTokenAuthority(tokens, jwk, policy.clients, revoked);
}

/** A route as an earlier release wrote it down: it had no firewall yet. */
type StoredRoute = Omit<Route, 'firewall'> & Partial<Pick<Route, 'firewall'>>;

function liveRoute(
  shop: string,
  given: StoredRoute,
  names: Pseudonyms,
  proverParts: ProverParts,
  inspectors: Inspectors,
  parts: LiveParts,
): LiveRoute {
  const rule: Route = { ...given, firewall: given.firewall ?? FIREWALL_ON };
  removedTargets(rule.firewall.exclusions);
  if (rule.proofs.length === 0) throw new RangeError('a route without a proof');
  const isPublic = rule.proofs.some((proof) => proof.kind === 'public');
  if (isPublic && rule.proofs.length > 1) throw new RangeError('public stands alone');
  if (!rule.path.startsWith('/')) throw new RangeError('a path begins with /');
  return {
    rule,
    shop,
    methods: new Set(rule.methods),
    provers: rule.proofs.map((proof) => proverOf(proof, proverParts)),
    limiter: limiter(`${shop}/${rule.id}`, rule.limits, names, parts.counters),
    guards: rule.guards.map((guard) => guardWatch(guard, names, parts.counters, parts.known)),
    allow: rule.allow === null ? null : compileOpenapi(rule.allow.document),
    answer: answerRules(rule.response),
    upstream: parts.upstreams.of(rule.upstream),
    inspectors,
    shadow: rule.learn ? parts.shadowOf(shop, rule.id) : null,
    names,
  };
}
