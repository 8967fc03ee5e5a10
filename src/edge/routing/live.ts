// A snapshot, compiled: everything that a request needs is made once, when the policy comes, and what is wrong with a policy shows then. Requests hold on to the
// one they began with.
import type { JsonObject } from '#plane';
import type { EdgePolicy, Route, Snapshot } from '#plane';
import { compileOpenapi, type OpenapiList } from '../allow/openapi.ts';
import type { Shadow } from '../allow/shadow.ts';
import type { Prover } from '../callers/caller.ts';
import { openTokenAuthority, type TokenAuthority } from '../callers/client-token.ts';
import type { IssuerKeys, KeyPlace } from '../callers/issuer-keys.ts';
import { revocations } from '../callers/revocations.ts';
import { canaryRoutes } from '../canary.ts';
import { edgeError } from '../errors.ts';
import type { Counters } from '../limits/counters.ts';
import { type GuardWatch, guardWatch } from '../limits/guard.ts';
import { type Limiter, limiter } from '../limits/limiter.ts';
import type { LiveUpstream, Upstreams } from '../proxy/upstream.ts';
import { type Pseudonyms, pseudonyms } from '../pseudonyms.ts';
import { type AnswerRules, answerRules } from '../response/rules.ts';
import { proverOf, type ProverParts } from './provers.ts';
import { type EdgeKey, openSecrets } from './secrets.ts';

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

export interface LivePolicy {
  readonly version: number;
  readonly madeAt: number;
  /** The route of a host and path; a word where there is none. */
  route(host: string, path: string): LiveRoute | 'unknown-host' | 'no-route';
  tokens(host: string, path: string): LiveTokens | null;
  /** The shop that a host belongs to, or null. */
  shopOf(host: string): LiveShop | null;
  readonly shops: readonly LiveShop[];
  readonly routes: readonly LiveRoute[];
}

export interface LiveParts {
  readonly key: EdgeKey;
  readonly counters: Counters;
  readonly upstreams: Upstreams;
  /** What answers self-tests. */
  readonly canaryOrigin: string;
  /** Addresses that signed in, by pseudonym; it outlives policies. */
  readonly known: Map<string, number>;
  shadowOf(shop: string, route: string): Shadow;
  issuerKeys(place: KeyPlace): IssuerKeys;
}

interface HostTable {
  readonly exact: Map<string, LiveRoute>;
  /** Prefixes, the longest first. */
  readonly prefixes: LiveRoute[];
}

/** Compiles a snapshot. Throws `edge/bad-policy` with the route that is at fault; nothing of the one in force is touched. */
export async function compileSnapshot(snapshot: Snapshot, parts: LiveParts): Promise<LivePolicy> {
  const hosts = new Map<string, HostTable>();
  const shopByHost = new Map<string, LiveShop>();
  const tokens = new Map<string, LiveTokens>();
  const shops: LiveShop[] = [];
  const routes: LiveRoute[] = [];
  for (const [shop, value] of Object.entries(snapshot.shops)) {
    const policy = policyOf(value);
    const secrets = await openSecrets(policy, parts.key);
    const pseudonymKey = secrets.get(policy.pseudonymKey);
    if (pseudonymKey === undefined) throw edgeError('edge/bad-policy', { details: { shop, why: 'secrets' } });
    const names = pseudonyms(pseudonymKey);
    const revoked = revocations(policy.revoked);
    const authority = authorityOf(policy, secrets, revoked);
    const live: LiveShop = { id: shop, policy, names, secrets };
    shops.push(live);
    const proverParts: ProverParts = {
      policy,
      secrets,
      authority,
      revoked,
      issuerKeys: (place) => parts.issuerKeys(place),
    };
    for (const rule of [...policy.routes, ...canaryRoutes(shop, parts.canaryOrigin)]) {
      const route = attempt(rule, () => liveRoute(shop, rule, names, proverParts, parts));
      routes.push(route);
      for (const host of rule.hosts) {
        if ((shopByHost.get(host) ?? live) !== live)
          throw edgeError('edge/bad-policy', { details: { route: rule.id, why: 'host of another shop' } });
        shopByHost.set(host, live);
        const table = hosts.get(host) ?? { exact: new Map<string, LiveRoute>(), prefixes: [] };
        hosts.set(host, table);
        if (rule.path.endsWith('/')) table.prefixes.push(route);
        else table.exact.set(rule.path.toLowerCase(), route);
      }
    }
    if (policy.tokens !== null && authority !== null)
      for (const host of policy.tokens.hosts)
        tokens.set(`${host}${policy.tokens.path}`, { shop, authority, path: policy.tokens.path, names });
  }
  for (const table of hosts.values()) table.prefixes.sort((a, b) => b.rule.path.length - a.rule.path.length);
  return {
    version: snapshot.version,
    madeAt: snapshot.madeAt,
    shops,
    routes,
    route(host, path) {
      const table = hosts.get(host);
      if (table === undefined) return 'unknown-host';
      // Many servers take `/Admin` for `/admin`, and `/login/` for `/login`: spelling must not lead round a stricter route.
      const plain = path.toLowerCase();
      const exact = table.exact.get(plain) ?? table.exact.get(plain.replace(/\/$/u, ''));
      if (exact !== undefined) return exact;
      for (const route of table.prefixes) if (plain.startsWith(route.rule.path.toLowerCase())) return route;
      return 'no-route';
    },
    tokens: (host, path) => tokens.get(host + path) ?? null,
    shopOf: (host) => shopByHost.get(host) ?? null,
  };
}

/** Signed by our own key over what control's own schema let through: the shape is ours. */
function policyOf(value: unknown): EdgePolicy {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return value as EdgePolicy;
}

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

function attempt<T>(rule: Route, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : 'unreadable';
    throw edgeError('edge/bad-policy', { details: { route: rule.id, why }, cause: error });
  }
}

function liveRoute(
  shop: string,
  rule: Route,
  names: Pseudonyms,
  proverParts: ProverParts,
  parts: LiveParts,
): LiveRoute {
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
    shadow: rule.learn ? parts.shadowOf(shop, rule.id) : null,
    names,
  };
}
