// Routes, clients, keys and traffic at the edge. What is accepted here is what an edge is told, so the words and bounds are those of the policy.
import { z } from 'zod';
import { firewallRules } from './firewall.ts';

const id = z.string().max(64);
const scopes = z.array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,64}$/u)).max(32);
const host = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(
    /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/u,
  );
/** In the canonical form in which the edge judges paths. */
const path = z
  .string()
  .max(500)
  .regex(/^\/(?:[A-Za-z0-9\-._~!$&'()*+,=:@]+\/?)*$/u)
  .refine((given) => !/\/\.\.?(?:\/|;|$)/u.test(given));
const methods = z
  .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']))
  .min(1)
  .max(7);
const minute = 60_000;
const day = 1_440 * minute;
const origin = z
  .url({ protocol: /^https?$/u })
  .transform((given) => given.replace(/\/$/u, ''))
  .refine((given) => new URL(given).origin === given);
const pem = z
  .string()
  .max(20_000)
  .regex(/^-----BEGIN CERTIFICATE-----/u);
const shopifyDomain = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?\.myshopify\.com$/u);
const secretIds = z.array(id).min(1).max(4);

export const proof = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('public'),
    owner: z.string().trim().min(1).max(100),
    reason: z.string().trim().min(1).max(300),
  }),
  z.strictObject({
    kind: z.literal('jwt'),
    issuer: z.url({ protocol: /^https$/u }).max(300),
    audience: z.string().min(1).max(300),
    algorithms: z.array(z.enum(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])).min(1),
    scopes: scopes.default([]),
    keys: z
      .discriminatedUnion('from', [
        z.strictObject({ from: z.literal('issuer') }),
        z.strictObject({ from: z.literal('address'), url: z.url({ protocol: /^https$/u }).max(300) }),
      ])
      .default({ from: 'issuer' }),
    maxAgeMs: z
      .number()
      .int()
      .min(minute)
      .max(day)
      .default(60 * minute),
  }),
  z.strictObject({ kind: z.literal('client-token'), scopes: scopes.default([]) }),
  z.strictObject({
    kind: z.literal('api-key'),
    header: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,40}$/u)
      .default('X-Api-Key'),
    scopes: scopes.default([]),
  }),
  z.strictObject({
    kind: z.literal('client-certificate'),
    ca: pem,
    names: z.array(z.string().min(1).max(253)).min(1).max(50),
  }),
  z.strictObject({ kind: z.literal('shopify-proxy'), domain: shopifyDomain, secrets: secretIds }),
  z.strictObject({
    kind: z.literal('shopify-session'),
    domain: shopifyDomain,
    clientId: z.string().min(1).max(100),
    secrets: secretIds,
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    scheme: z.enum(['shopify', 'standard']),
    secrets: secretIds,
    toleranceMs: z
      .number()
      .int()
      .min(minute)
      .max(day)
      .default(5 * minute),
  }),
  z.strictObject({ kind: z.literal('order-link'), secrets: secretIds }),
]);

export const limit = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/u),
  per: z.enum(['address', 'prefix', 'caller', 'account', 'route']),
  amount: z.number().int().min(1).max(1_000_000),
  windowMs: z.number().int().min(1_000).max(day),
  burst: z.number().int().min(1).max(100_000),
});

export const guard = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/u),
  what: z.enum(['login', 'enumeration', 'card-testing']),
  methods: methods.default(['POST']),
  paths: z.array(path).min(1).max(20),
  missStatus: z.array(z.number().int().min(200).max(599)).max(20),
  missWords: z.array(z.string().trim().toLowerCase().min(3).max(60)).max(10).default([]),
  per: z.array(z.enum(['address', 'prefix', 'account'])).min(1),
  accountField: z.string().max(60).nullable().default(null),
  tries: z.number().int().min(1).max(1_000).default(10),
  windowMs: z
    .number()
    .int()
    .min(minute)
    .max(7 * day)
    .default(day),
  lockMs: z
    .number()
    .int()
    .min(minute)
    .max(day)
    .default(30 * minute),
  surge: z.number().int().min(10).max(100_000).nullable().default(null),
});

const leakAction = z.enum(['block', 'mask', 'watch', 'off']);

export const responseRules = z.strictObject({
  csp: z
    .strictObject({
      mode: z.enum(['enforce', 'report-only']),
      directives: z.record(
        z.string().regex(/^[a-z-]{1,40}$/u),
        z.array(z.string().regex(/^[\x21-\x2B\x2D-\x3A\x3C-\x7E]{1,300}$/u)).max(50),
      ),
    })
    .nullable()
    .default(null),
  nosniff: z.boolean().default(true),
  referrer: z
    .enum(['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin'])
    .nullable()
    .default('strict-origin-when-cross-origin'),
  hardenCookies: z
    .strictObject({ readable: z.array(z.string().max(100)).max(50) })
    .nullable()
    .default({ readable: [] }),
  stackTraces: leakAction.default('block'),
  cardNumbers: leakAction.default('mask'),
  secrets: leakAction.default('mask'),
  drop: z
    .array(
      z
        .string()
        .toLowerCase()
        .regex(/^[a-z][a-z0-9-]{0,60}$/u),
    )
    .max(20)
    .default(['server', 'x-powered-by', 'x-aspnet-version', 'x-generator']),
});

export const upstream = z.strictObject({
  origin,
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .max(10 * minute)
    .default(30_000),
  host: host.nullable().default(null),
  extraCa: z.array(pem).max(5).default([]),
  connections: z.number().int().min(1).max(1_000).default(64),
});

/** A route as it is given; what is left out gets the careful default. */
export const routeGiven = z.strictObject({
  name: z.string().trim().min(1).max(100),
  hosts: z.array(host).min(1).max(20),
  path: path.default('/'),
  methods: methods.default(['GET', 'HEAD']),
  upstream,
  proofs: z.array(proof).min(1).max(5),
  limits: z
    .array(limit)
    .max(10)
    .default([{ id: 'address', per: 'address', amount: 600, windowMs: minute, burst: 100 }]),
  guards: z.array(guard).max(10).default([]),
  allow: z
    .strictObject({ mode: z.enum(['enforce', 'watch']), document: z.record(z.string(), z.unknown()) })
    .nullable()
    .default(null),
  graphql: z
    .strictObject({
      maxDepth: z.number().int().min(1).max(50),
      maxCost: z.number().int().min(1).max(1_000_000),
      maxAliases: z.number().int().min(0).max(1_000),
      introspection: z.boolean(),
    })
    .nullable()
    .default(null),
  firewall: firewallRules.prefault({}),
  response: responseRules.prefault({}),
  maxBodyBytes: z
    .number()
    .int()
    .min(0)
    .max(100 * 1024 * 1024)
    .default(1024 * 1024),
  websocket: z.boolean().default(false),
  learn: z.boolean().default(false),
});
export type RouteGiven = z.infer<typeof routeGiven>;

export const route = z.object({
  id,
  rule: routeGiven,
  madeAt: z.number(),
  changedAt: z.number(),
  changedBy: z.string(),
  /** The last change can be undone. */
  undoable: z.boolean(),
  /** Requests and refusals of the last day. */
  requests: z.number(),
  refused: z.number(),
});
export type EdgeRoute = z.infer<typeof route>;
/** A route that was taken away and can be brought back. */
export const endedRoute = z.object({ id, name: z.string(), endedAt: z.number() });
export type EndedRoute = z.infer<typeof endedRoute>;
export const routes = z.object({ routes: z.array(route), ended: z.array(endedRoute) });

/** What browsers' reports say that a content security policy stopped, or would have. */
export const cspReports = z.object({
  reports: z.array(
    z.object({
      directive: z.string(),
      /** A host, or a word as `inline`. */
      blocked: z.string(),
      page: z.string(),
      /** Whether it was stopped; else it would have been. */
      stopped: z.boolean(),
      count: z.number(),
      lastAt: z.number(),
    }),
  ),
});
export type CspReports = z.infer<typeof cspReports>;

/** An edge process as control knows it. */
export const edgeProcess = z.object({
  name: z.string(),
  version: z.number(),
  /** Whether it runs the newest policy. */
  current: z.boolean(),
  /** Why it did not take a version, or null. */
  refused: z.string().nullable(),
  /** Routes of this shop whose newest rule it cannot work with; they go on by the rule before, or are refused. */
  held: z.array(z.object({ route: z.string(), why: z.string() })),
  seenAt: z.number(),
  connections: z.number(),
  counters: z.string(),
  certificates: z.array(z.object({ names: z.array(z.string()), notAfter: z.number() })),
  /** Names whose certificate could not be ordered: what the authority said, when it is tried again, until when there still is one. */
  unordered: z.array(
    z.object({
      name: z.string(),
      problem: z.string(),
      says: z.string(),
      againAt: z.number().nullable(),
      notAfter: z.number().nullable(),
    }),
  ),
  /** Events that were lost to a full spool or a boot without farewell. */
  missed: z.number(),
});
export const edges = z.object({
  version: z.number(),
  publishedAt: z.number().nullable(),
  edges: z.array(edgeProcess),
});
export type Edges = z.infer<typeof edges>;

export const credentialGiven = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: scopes.default([]),
  /** When it ends; a year at most. */
  until: z.number().int(),
});

export const credential = z.object({
  id,
  name: z.string(),
  scopes: z.array(z.string()),
  madeAt: z.number(),
  madeBy: z.string(),
  until: z.number().nullable(),
  usedAt: z.number().nullable(),
  /** When the newest secret was made. */
  secretAt: z.number(),
});
export type EdgeCredential = z.infer<typeof credential>;
export const credentials = z.object({
  keys: z.array(credential),
  clients: z.array(credential),
  /** Where clients get tokens, or null: nowhere yet. */
  tokens: z
    .object({ issuer: z.string(), hosts: z.array(z.string()), path: z.string(), lifetimeMs: z.number() })
    .nullable(),
});
export type EdgeCredentials = z.infer<typeof credentials>;

/** The secret is shown once: an answer that is repeated holds null. */
export const credentialMade = z.object({ id, secret: z.string().nullable() });

export const tokensGiven = z.strictObject({
  hosts: z.array(host).min(1).max(5),
  path: path.default('/oauth/token'),
  lifetimeMs: z
    .number()
    .int()
    .min(minute)
    .max(60 * minute)
    .default(10 * minute),
});

export const secretGiven = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Left out: a random one is made, and shown once. */
  secret: z.string().min(16).max(4_000).optional(),
});
export const edgeSecret = z.object({ id, name: z.string(), madeAt: z.number(), usedBy: z.array(z.string()) });
export type EdgeSecret = z.infer<typeof edgeSecret>;
export const edgeSecrets = z.object({ secrets: z.array(edgeSecret) });
export const secretMade = z.object({ id, secret: z.string().nullable() });

export const revokedGiven = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('jti'), value: z.string().min(1).max(200) }),
  z.strictObject({ kind: z.literal('subject'), value: z.string().min(1).max(200) }),
]);

/** One request as its event tells of it. */
export const trafficEntry = z.object({
  id: z.string(),
  at: z.number(),
  kind: z.string(),
  route: z.string().nullable(),
  method: z.string().nullable(),
  path: z.string().nullable(),
  status: z.number().nullable(),
  ms: z.number().nullable(),
  from: z.string().nullable(),
  caller: z.string().nullable(),
  reference: z.string().nullable(),
  /** What happened, in a sentence. */
  says: z.string(),
  refused: z.boolean(),
  /** Whether the firewall has something to explain about it. */
  inspected: z.boolean(),
  /** Locks that this request brought about and that can be lifted. */
  locks: z.array(z.object({ lock: z.string(), per: z.string(), lifted: z.boolean() })),
});
export type TrafficEntry = z.infer<typeof trafficEntry>;
export const traffic = z.object({
  entries: z.array(trafficEntry),
  /** Requests, refusals and slowest percent of the last hour, by minute. */
  minutes: z.array(z.object({ at: z.number(), requests: z.number(), refused: z.number() })),
});

export type Traffic = z.infer<typeof traffic>;

/** An OpenAPI document drafted from what a route saw. */
export const draft = z.object({
  document: z.record(z.string(), z.unknown()),
  operations: z.number(),
  requests: z.number(),
});

const secretName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,60}$/u);

/** Customer fields that are looked for where nothing else is said. */
export const CUSTOMER_FIELDS = [
  'email',
  'phone',
  'first_name',
  'last_name',
  'name',
  'address',
  'address1',
  'street',
  'city',
  'zip',
  'postcode',
  'postal_code',
  'birth_date',
  'customer_id',
  'ring_size',
] as const;

/** A third party that the shop's software calls by name: `/out/NAME/…`. */
export const integrationGiven = z.strictObject({
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/u),
  origin: z
    .url({ protocol: /^https$/u })
    .transform((given) => given.replace(/\/$/u, ''))
    .refine((given) => new URL(given).origin === given),
  paths: z.array(path).min(1).max(50).default(['/']),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .default(['GET', 'HEAD', 'POST']),
  inject: z
    .array(
      z.discriminatedUnion('as', [
        z.strictObject({
          as: z.literal('header'),
          name: secretName,
          prefix: z.string().max(40).default(''),
          secret: id,
        }),
        z.strictObject({ as: z.literal('basic'), user: z.string().max(200), secret: id }),
      ]),
    )
    .max(4)
    .default([]),
  maxAnswerBytes: z
    .number()
    .int()
    .min(1_024)
    .max(64 * 1024 * 1024)
    .default(4 * 1024 * 1024),
  timeoutMs: z
    .number()
    .int()
    .min(500)
    .max(2 * minute)
    .default(20_000),
  amountPerMinute: z.number().int().min(1).max(100_000).default(300),
  customerFields: z
    .array(z.string().regex(/^[a-z][a-z0-9_]{0,40}$/u))
    .max(100)
    .default([...CUSTOMER_FIELDS]),
});
export type IntegrationGiven = z.infer<typeof integrationGiven>;

export const integration = z.object({
  id,
  rule: integrationGiven,
  on: z.boolean(),
  /** Whether calls are let out at this moment. */
  open: z.boolean(),
  /** The register has no assessment in date for it. */
  gateShut: z.boolean(),
  connection: z.string(),
  turnedAt: z.number(),
  turnedBy: z.string(),
  /** Of the last day. */
  calls: z.number(),
  refused: z.number(),
});
export const integrations = z.object({
  integrations: z.array(integration),
  tokenMadeAt: z.number().nullable(),
});
export type EdgeIntegration = z.infer<typeof integration>;

export const selfTest = z.object({
  edge: z.string(),
  test: z.enum(['refuses', 'limits', 'lockout', 'leaks', 'paths', 'attack']),
  route: z.string().nullable(),
  /** Which attack; `honest` for a request that must pass. */
  attack: z.string().nullable(),
  passed: z.boolean(),
  statuses: z.array(z.number()),
});
export type SelfTestResult = z.infer<typeof selfTest>;

/** What the self-test tried, and what came back. */
export const selfTests = z.object({ tests: z.array(selfTest) });
