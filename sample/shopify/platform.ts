// The sample's platform: a subset of Shopify behind its documented wire formats. What speaks to it speaks to Shopify unchanged.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { execute, GraphQLError, parse, validate } from 'graphql';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { type Credentials, newCredentials, newSecret } from './credentials.ts';
import { actualCost, Bucket, requestedCost } from './cost.ts';
import { DEEDS, type DeedName, doDeed } from './deeds.ts';
import { type Bulk, bulkLines, rootFor } from './resolvers.ts';
import { SCHEMA } from './schema.ts';
import { openSender, type Sender } from './sender.ts';
import { newStore, type Store } from './store.ts';
import type { ShopifySwitch } from './switches.ts';

export const SHOPIFY_DOMAIN = 'maison-aurora-loupe-sample.myshopify.com';
export const BULK_HOST = 'storage.googleapis.com';
const VERSIONS = ['2026-01', '2026-04', '2026-07', '2026-10'];

/** What the sample app was set up with. */
export const SAMPLE_SCOPES: readonly string[] = [
  'read_themes',
  'read_products',
  'read_discounts',
  'read_online_store_navigation',
  'read_legal_policies',
  'read_content',
  'read_orders',
  'read_customers',
];

/** Standard plan: a bucket of 2,000 points, 100 come back a second; one query costs 1,000 at most. */
const BUCKET = { size: 2_000, rate: 100 };
const MAX_QUERY_COST = 1_000;
const TOKEN_S = 86_399;

export interface SamplePlatform {
  readonly app: Hono;
  readonly store: Store;
  readonly sender: Sender;
  readonly switches: Set<ShopifySwitch>;
  readonly clientId: string;
  /** The secret that signs now; the one before it is good for an hour. */
  clientSecret(): string;
  rotateSecret(): string;
  /** What the app may do; given anew with each token. */
  scopes: string[];
  /** Ends every token. */
  revokeTokens(): void;
  deed(name: DeedName): Promise<void>;
  /** The query of a request through the app proxy, signed. */
  signProxy(query: Readonly<Record<string, string>>): string;
  /** A session token for an embedded page. */
  sessionToken(claims?: Readonly<Record<string, unknown>>): string;
  /** Answers so far, by operation and status: what a test counts. */
  readonly calls: string[];
}

export interface SamplePlatformOptions {
  readonly deliverTo: () => string | null;
  readonly scopes: readonly string[];
  readonly domain?: string;
  readonly credentials?: Credentials;
  readonly retryMs?: readonly number[];
  readonly bucket?: { readonly size: number; readonly rate: number };
  /** The platform’s clock; the system’s where absent. A test whose Loupe has a clock of its own gives it that. */
  readonly now?: () => number;
}

export function openSamplePlatform(options: SamplePlatformOptions): SamplePlatform {
  const domain = options.domain ?? SHOPIFY_DOMAIN;
  const now = options.now ?? Date.now;
  const store = newStore(domain, now());
  const switches = new Set<ShopifySwitch>();
  const credentials = options.credentials ?? newCredentials();
  const secrets = [credentials.clientSecret];
  const { clientId } = credentials;
  const tokens = new Map<string, { readonly scopes: readonly string[]; readonly until: number }>();
  const bulks = new Map<string, Bulk>();
  const calls: string[] = [];
  const given = options.bucket ?? BUCKET;
  const bucket = new Bucket(given.size, given.rate);
  const slow = new Bucket(800, 400);
  const secret = (): string => secrets[0] ?? '';
  const sender = openSender({
    store,
    secret,
    version: VERSIONS.at(-1) ?? '',
    switches,
    deliverTo: options.deliverTo,
    now,
    retryMs: options.retryMs ?? [200, 400, 800, 1_600, 3_200, 6_400, 12_800],
  });
  const app = new Hono();

  app.post('/admin/oauth/access_token', async (c) => {
    const body: Record<string, unknown> = await c.req.json().catch(() => ({}));
    calls.push('token');
    const claimed = typeof body['client_secret'] === 'string' ? body['client_secret'] : '';
    const presented = Buffer.from(claimed);
    const right = secrets.some((one) => {
      const own = Buffer.from(one);
      return own.byteLength === presented.byteLength && timingSafeEqual(own, presented);
    });
    if (switches.has('revoked') || body['client_id'] !== clientId || !right)
      return c.json(
        {
          error: 'application_cannot_be_found',
          error_description: `no app with secret ${claimed}`,
        },
        400,
      );
    if (body['grant_type'] !== 'client_credentials') return c.json({ error: 'unsupported_grant_type' }, 400);
    const token = `shpat_${randomBytes(16).toString('hex')}`;
    tokens.set(token, { scopes: [...platform.scopes], until: Date.now() + TOKEN_S * 1000 });
    return c.json({ access_token: token, scope: platform.scopes.join(','), expires_in: TOKEN_S });
  });

  app.post('/admin/api/:version/graphql.json', async (c) => {
    const token = c.req.header('x-shopify-access-token') ?? '';
    const held = tokens.get(token);
    const asked = c.req.param('version');
    if (switches.has('revoked') || held === undefined || held.until <= Date.now()) {
      calls.push('401');
      const says = switches.has('leaky')
        ? `Invalid API key or access token ${token}`
        : '[API] Invalid API key or access token';
      return c.json({ errors: says }, 401);
    }
    const served = switches.has('retired-version') || !VERSIONS.includes(asked) ? VERSIONS[0] : asked;
    c.header('x-shopify-api-version', served);
    const body: { query?: string; variables?: Record<string, unknown> } = await c.req.json();
    const tank = switches.has('throttled') ? slow : bucket;
    const cost = (requestedQueryCost: number, actualQueryCost: number | null) => ({
      cost: {
        requestedQueryCost,
        actualQueryCost,
        throttleStatus: {
          maximumAvailable: tank.size,
          currentlyAvailable: Math.floor(tank.available()),
          restoreRate: tank.rate,
        },
      },
    });
    try {
      const document = parse(body.query ?? '', { maxTokens: 5_000 });
      const faults = validate(SCHEMA, document);
      if (faults.length > 0) return c.json({ errors: faults.map((fault) => fault.toJSON()) });
      const points = requestedCost(document, body.variables ?? {});
      if (points > MAX_QUERY_COST)
        return c.json({
          errors: [
            {
              message: `Query cost is ${points}, which exceeds the single query max cost limit`,
              extensions: { code: 'MAX_COST_EXCEEDED' },
            },
          ],
        });
      if (!tank.take(points)) {
        calls.push('throttled');
        return c.json({
          errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
          extensions: cost(points, null),
        });
      }
      const name = /^\s*(?:query|mutation)\s+(\w+)/u.exec(body.query ?? '')?.[1] ?? 'query';
      calls.push(name);
      const root = rootFor(
        store,
        { scopes: held.scopes },
        bulks,
        (bulk) => `https://${BULK_HOST}/bulk/${bulk.token}.jsonl?Expires=1&Signature=sample`,
      );
      const result = await execute({
        schema: SCHEMA,
        document,
        rootValue: root,
        variableValues: body.variables ?? {},
      });
      const used = Math.min(points, actualCost(result.data));
      // Others that use the same bucket leave nothing over.
      if (!switches.has('throttled')) tank.refund(points - used);
      return c.json({ ...JSON.parse(JSON.stringify(result)), extensions: cost(points, used) });
    } catch (error) {
      return c.json({
        errors: [{ message: error instanceof GraphQLError ? error.message : 'Internal error' }],
      });
    }
  });

  app.get('/bulk/:file', (c) => {
    const known = [...bulks.values()].some((bulk) => `${bulk.token}.jsonl` === c.req.param('file'));
    return known ? c.body(bulkLines(store), 200, { 'content-type': 'application/jsonl' }) : c.notFound();
  });

  // The merchant's admin, as far as a try needs one.
  app.get('/dev-dashboard', (c) =>
    c.html(html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>SAMPLE: the shop’s admin</title></head>
<body><h1>SAMPLE: the admin of Maison Aurora</h1>
<p>Domain <code>${domain}</code>, client id <code>${clientId}</code>, client secret <code>${secret()}</code></p>
<h2>Let something happen</h2>
${Object.keys(DEEDS).map((deed) => html`<form method="post" action="/dev-dashboard/${deed}"><button>${deed.replaceAll('-', ' ')}</button></form>`)}
</body></html>`),
  );
  app.post('/dev-dashboard/:deed', async (c) => {
    const deed = c.req.param('deed');
    if (!(deed in DEEDS)) return c.notFound();
    void platform.deed(deed as DeedName);
    return c.redirect('/dev-dashboard', 303);
  });

  const platform: SamplePlatform = {
    app,
    store,
    sender,
    switches,
    clientId,
    calls,
    scopes: [...options.scopes],
    clientSecret: secret,
    rotateSecret() {
      secrets.unshift(newSecret());
      secrets.splice(2);
      return secret();
    },
    revokeTokens: () => tokens.clear(),
    deed: (name) => doDeed(name, store, sender, now()),
    signProxy(query) {
      const all: Record<string, string> = {
        shop: domain,
        path_prefix: '/apps/loupe',
        timestamp: String(Math.floor(Date.now() / 1000)),
        logged_in_customer_id: '',
        ...query,
      };
      const message = Object.keys(all)
        .toSorted()
        .map((name) => `${name}=${all[name] ?? ''}`)
        .join('');
      const signature = createHmac('sha256', secret()).update(message).digest('hex');
      return new URLSearchParams({ ...all, signature }).toString();
    },
    sessionToken(claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const payload = {
        iss: `https://${domain}/admin`,
        dest: `https://${domain}`,
        aud: clientId,
        sub: '42',
        exp: now + 60,
        nbf: now,
        iat: now,
        jti: randomBytes(8).toString('hex'),
        sid: randomBytes(8).toString('hex'),
        ...claims,
      };
      const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`;
      return `${signed}.${createHmac('sha256', secret()).update(signed).digest('base64url')}`;
    },
  };
  return platform;
}
