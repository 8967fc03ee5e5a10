// What an edge is told to do: the part of a snapshot that belongs to one shop. Control makes it, signed; the edge compiles it and works from it. Everything
// here is plain JSON. Times are milliseconds, sizes bytes; a `SecretId` names an entry of `secrets`.
import type { Millis } from '#kernel';

/** Names one entry of `EdgePolicy.secrets`. */
export type SecretId = string;

/**
 * How a caller may prove who it is. A route lists one or more, any of which will do; `public` stands alone, with the name of whoever answers for it and
 * the reason. A kind that an edge does not know never lets anybody in.
 */
export type Proof =
  | { readonly kind: 'public'; readonly owner: string; readonly reason: string }
  | {
      /** A bearer token of somebody else's authority (RFC 6750, RFC 7519, RFC 9068). */
      readonly kind: 'jwt';
      readonly issuer: string;
      readonly audience: string;
      readonly algorithms: readonly SignatureAlgorithm[];
      readonly scopes: readonly string[];
      /** Where the keys are: found from the issuer (OpenID Connect Discovery, RFC 8414), at an address, or in the policy. */
      readonly keys:
        | { readonly from: 'issuer' }
        | { readonly from: 'address'; readonly url: string }
        | { readonly from: 'policy'; readonly jwks: { readonly keys: readonly { readonly kty: string }[] } };
      /** A token older than this is refused, whatever it says about its end. */
      readonly maxAgeMs: number;
    }
  /** A short token of this edge's own token endpoint. */
  | { readonly kind: 'client-token'; readonly scopes: readonly string[] }
  | { readonly kind: 'api-key'; readonly header: string; readonly scopes: readonly string[] }
  /** Mutual TLS: a client certificate below this authority (PEM), for one of these names (subjectAltName, DNS or URI). */
  | { readonly kind: 'client-certificate'; readonly ca: string; readonly names: readonly string[] }
  | { readonly kind: 'shopify-proxy'; readonly domain: string; readonly secrets: readonly SecretId[] }
  | {
      readonly kind: 'shopify-session';
      readonly domain: string;
      readonly clientId: string;
      readonly secrets: readonly SecretId[];
    }
  /** A signed delivery, over its body as it came: Shopify's headers, or those of Standard Webhooks. */
  | {
      readonly kind: 'webhook';
      readonly scheme: 'shopify' | 'standard';
      readonly secrets: readonly SecretId[];
      readonly toleranceMs: number;
    }
  /** A link that was signed for one order and ends: `?exp=…&sig=…` over path and the rest of the query. */
  | { readonly kind: 'order-link'; readonly secrets: readonly SecretId[] };

/** Asymmetric signatures only: with them a public key can never be taken for a shared secret. */
export type SignatureAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA';

/** What a count is kept by. `address`: an IPv4 address or an IPv6 /64; `prefix`: /24 or /48; `caller`: key, client or certificate; `account`: the person a token speaks for. */
export type CountedBy = 'address' | 'prefix' | 'caller' | 'account' | 'route';

/** So many requests a window, and so many at once. */
export interface Limit {
  readonly id: string;
  readonly per: CountedBy;
  readonly amount: number;
  readonly windowMs: number;
  /** How many may come at once, at least 1. */
  readonly burst: number;
}

/**
 * Counts tries that miss, and locks out whoever misses too often: logins, order numbers and gift cards that are guessed, cards that are tested. A try counts from
 * its beginning, so that many at once are no way round; one that succeeds is given back.
 */
export interface Guard {
  readonly id: string;
  readonly what: 'login' | 'enumeration' | 'card-testing';
  readonly methods: readonly string[];
  /** Below the route; exact paths, or prefixes where they end in `/`. */
  readonly paths: readonly string[];
  /** Answers that mean a miss. */
  readonly missStatus: readonly number[];
  /** Words in a redirect's `Location`, or in the first bytes of an answer, that mean a miss where the status does not tell; lower case. */
  readonly missWords: readonly string[];
  readonly per: readonly ('address' | 'prefix' | 'account')[];
  /** The member of a form or JSON body that names the account, or null. */
  readonly accountField: string | null;
  readonly tries: number;
  /** Misses are forgotten this long after the last one. */
  readonly windowMs: number;
  readonly lockMs: number;
  /** So many misses on the whole route within ten minutes, and addresses that never succeeded get one try each; null: never. */
  readonly surge: number | null;
}

export type LeakAction = 'block' | 'mask' | 'watch' | 'off';

export interface ResponseRules {
  readonly csp: {
    readonly mode: 'enforce' | 'report-only';
    readonly directives: { readonly [directive: string]: readonly string[] };
  } | null;
  readonly nosniff: boolean;
  readonly referrer: string | null;
  /** Sets `Secure`, `HttpOnly` and `SameSite=Lax` on cookies that lack them; names listed stay readable for scripts. */
  readonly hardenCookies: { readonly readable: readonly string[] } | null;
  readonly stackTraces: LeakAction;
  readonly cardNumbers: LeakAction;
  readonly secrets: LeakAction;
  /** Header names, lower case, that tell what runs behind; taken away. */
  readonly drop: readonly string[];
}

export interface Upstream {
  /** `http://` or `https://`, host and port alone. */
  readonly origin: string;
  readonly timeoutMs: number;
  /** The Host that the upstream is asked for; null: the visitor's own. */
  readonly host: string | null;
  /** Authorities trusted besides the usual ones, PEM. */
  readonly extraCa: readonly string[];
  readonly connections: number;
}

/** What a route lets through: an OpenAPI 3 document. `watch`: what would be refused passes, and is told. */
export interface Allowlist {
  readonly mode: 'enforce' | 'watch';
  readonly document: { readonly [name: string]: unknown };
}

export interface GraphqlRules {
  readonly maxDepth: number;
  readonly maxCost: number;
  readonly maxAliases: number;
  readonly introspection: boolean;
}

/** A firewall rule that leaves a value alone. */
export interface FirewallExclusion {
  readonly rule: number;
  /** A variable of the rules' language, or a member of one: `ARGS:engraving`. */
  readonly field: string;
}

/** How the firewall treats what comes on a route. */
export interface FirewallRules {
  /** `watch`: what would be refused passes, and is told. */
  readonly mode: 'off' | 'watch' | 'block';
  /** So much of a body is inspected. */
  readonly inspectBytes: number;
  /** What becomes of a body that is longer, once its beginning was inspected. */
  readonly beyond: 'block' | 'pass';
  /** What becomes of a request that could not be inspected: an unknown content coding, a rule that reached its bound, an inspection that took too long. */
  readonly onFailure: 'block' | 'pass';
  readonly exclusions: readonly FirewallExclusion[];
}

/** A path on the edge with its upstream and policy. */
export interface Route {
  readonly id: string;
  readonly name: string;
  readonly hosts: readonly string[];
  /** A path prefix that begins and ends in `/`, or one exact path. The longest that fits wins. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly upstream: Upstream;
  readonly proofs: readonly Proof[];
  readonly limits: readonly Limit[];
  readonly guards: readonly Guard[];
  readonly allow: Allowlist | null;
  readonly graphql: GraphqlRules | null;
  readonly firewall: FirewallRules;
  readonly response: ResponseRules;
  readonly maxBodyBytes: number;
  readonly websocket: boolean;
  /** The shadow: paths, methods and types are noted, so that an allowlist can be drafted from them. */
  readonly learn: boolean;
}

/** A machine that gets short tokens for its secret. */
export interface MachineClient {
  readonly id: string;
  /** SHA-256 of each secret that is good now, hexadecimal; two while one is rotated. */
  readonly secretHashes: readonly string[];
  readonly scopes: readonly string[];
  /** Tokens made before this moment are void. */
  readonly since: Millis;
  readonly until: Millis | null;
}

export interface ApiKey {
  readonly id: string;
  /** SHA-256 of the whole key, hexadecimal. The key has 256 random bits, so nothing slower is needed. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly until: Millis | null;
}

export interface TokenIssuer {
  /** The `iss` of tokens, a URL of the shop's public name. */
  readonly issuer: string;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly lifetimeMs: number;
  /** A private JWK (Ed25519), sealed. */
  readonly key: SecretId;
}

/** A third party that the shop's software calls through the edge by name. */
export interface Integration {
  readonly id: string;
  /** `/out/NAME/…`. */
  readonly name: string;
  readonly origin: string;
  /** Path prefixes that may be asked for. */
  readonly paths: readonly string[];
  readonly methods: readonly string[];
  /** Off: every call is refused at once. */
  readonly enabled: boolean;
  readonly inject: readonly Injection[];
  readonly maxAnswerBytes: number;
  readonly timeoutMs: number;
  readonly amountPerMinute: number;
  /** Members of a request (JSON pointer-like names, lower case) that hold customer data, as names alone. */
  readonly customerFields: readonly string[];
  readonly allowNetworks: readonly string[];
  readonly extraCa: readonly string[];
  readonly connectTo: { readonly [place: string]: string };
}

export type Injection =
  | { readonly as: 'header'; readonly name: string; readonly prefix: string; readonly secret: SecretId }
  | { readonly as: 'basic'; readonly user: string; readonly secret: SecretId };

export type RevokedToken =
  | { readonly kind: 'jti'; readonly value: string }
  /** Every token of this subject that was made before `before`. */
  | { readonly kind: 'subject'; readonly value: string; readonly before: Millis };

/** Names Loupe's own rules, which come with each edge. */
export const OWN_PACK = 'own';

/** The firewall's rules that a shop's requests are inspected by, each named by the SHA-256 of its pack, hexadecimal, or `own`: Loupe's. */
export interface FirewallPacks {
  readonly enforced: string;
  /** Rules that are tried: what they would do is told beside what is done. Null: none. */
  readonly candidate: string | null;
}

export interface EdgePolicy {
  readonly firewall: FirewallPacks;
  readonly routes: readonly Route[];
  readonly clients: readonly MachineClient[];
  readonly keys: readonly ApiKey[];
  readonly tokens: TokenIssuer | null;
  readonly revoked: readonly RevokedToken[];
  readonly integrations: readonly Integration[];
  /** SHA-256 of the tokens with which the shop's software may use the outbound broker, hexadecimal. */
  readonly brokerHashes: readonly string[];
  /** Secret id → edge key id → compact JWE (RFC 7516) that this edge alone can open. */
  readonly secrets: { readonly [secret: string]: { readonly [edgeKey: string]: string } };
  /** A secret that makes pseudonyms of addresses and accounts, the same on every edge. */
  readonly pseudonymKey: SecretId;
  /** Locks that a person lifted: lock name → lifted at. */
  readonly lifted: { readonly [lock: string]: Millis };
}

/** Bodies of a mebibyte are inspected whole; what is not inspected does not pass. */
export const FIREWALL_ON: FirewallRules = {
  mode: 'block',
  inspectBytes: 1024 * 1024,
  beyond: 'block',
  onFailure: 'block',
  exclusions: [],
};

/** No firewall. */
export const FIREWALL_OFF: FirewallRules = { ...FIREWALL_ON, mode: 'off' };

/** Answers go out as they came. */
export const UNTOUCHED: ResponseRules = {
  csp: null,
  nosniff: false,
  referrer: null,
  hardenCookies: null,
  stackTraces: 'off',
  cardNumbers: 'off',
  secrets: 'off',
  drop: [],
};

/** A policy of nothing at all. */
export const EMPTY_POLICY: EdgePolicy = {
  firewall: { enforced: OWN_PACK, candidate: null },
  routes: [],
  clients: [],
  keys: [],
  tokens: null,
  revoked: [],
  integrations: [],
  brokerHashes: [],
  secrets: {},
  pseudonymKey: '',
  lifted: {},
};

/** The route of self-tests, on every edge. */
export const SELF_TEST_ROUTE = 'self-test';

/** On the listener of self-tests: asks what a route's firewall says of a request, which goes no further. */
export const INSPECT_HEADER = 'loupe-inspect';

/** The host under which a shop's self-test is asked for; `.invalid` is nobody's (RFC 2606). */
export function selfTestHost(shop: string): string {
  return `${shop}.self-test.invalid`;
}
