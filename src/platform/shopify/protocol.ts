// Shopify's protocol, by Shopify's own library. Its errors repeat tokens, shops and answers, so none of them leaves this file: what comes
// out is a word.
import '@shopify/shopify-api/adapters/web-api';
import { AsyncLocalStorage } from 'node:async_hooks';
import { ApiVersion, HttpResponseError, type Shopify, shopifyApi } from '@shopify/shopify-api';
import { setAbstractFetchFunc } from '@shopify/shopify-api/runtime';
import { SECOND_MS, textOf } from '#kernel';
import type { Outbound } from '#outbound';
import { platformError } from '../errors.ts';
import { type BoundFetch, boundFetch, FetchFailed } from '../fetch.ts';

/** The version of the Admin API that is asked for. A new one comes each quarter, and each is served for a year. */
export const SHOPIFY_VERSION: ApiVersion = ApiVersion.October26;

/** A Dev Dashboard app's own credentials. */
export interface ShopifyApp {
  readonly clientId: string;
  readonly clientSecret: string;
}

const through = new AsyncLocalStorage<BoundFetch>();
// The library has one fetch for all; each call brings its own way out along.
setAbstractFetchFunc(async (url, init) => {
  const own = through.getStore();
  if (own === undefined) throw new FetchFailed('not-allowed');
  return await own(url instanceof Request ? url.url : url, init);
});

function libraryFor(app: ShopifyApp): Shopify {
  return shopifyApi({
    apiKey: app.clientId,
    apiSecretKey: app.clientSecret,
    hostName: 'loupe.invalid',
    apiVersion: SHOPIFY_VERSION,
    isEmbeddedApp: true,
    logger: { log: () => undefined },
  });
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?\.myshopify\.com$/u;

/**
 * A shop's permanent name, `NAME.myshopify.com`, as the platform writes it. The library would also let `shopify.com`, `shop.dev`, slashes and capitals pass;
 * a shop has exactly one label below `myshopify.com`. Throws `platform/not-a-domain`.
 */
export function shopifyDomain(given: string): string {
  const bare = given
    .trim()
    .toLowerCase()
    .replace(/^https:\/\//u, '')
    .replace(/\/(?:admin\/?)?$/u, '');
  if (!NAME.test(bare)) throw platformError('platform/not-a-domain');
  return bare;
}

export type TokenGrant =
  | {
      readonly ok: true;
      readonly token: string;
      readonly scopes: readonly string[];
      /** When it ends; the platform's word, at most a day from now. */
      readonly until: number;
    }
  | { readonly ok: false; readonly why: 'refused' | 'unreachable' | 'bad-answer' };

const GRANT_MS = 10 * SECOND_MS;
const GRANT_BYTES = 64 * 1024;
const LONGEST_GRANT_MS = 24 * 3600 * SECOND_MS;

/**
 * Gets a token by the app's own credentials (OAuth 2.0 client credentials, RFC 6749 section 4.4; of an app that the shop's own organisation made).
 * Expected failures are values: `refused` where the credentials are not, or no longer, good for this shop.
 */
export async function grantToken(
  outbound: Outbound,
  domain: string,
  app: ShopifyApp,
  now: number,
  signal: AbortSignal,
): Promise<TokenGrant> {
  const shop = shopifyDomain(domain);
  const fetchOwn = boundFetch(outbound, {
    hosts: [shop],
    maxBodyBytes: GRANT_BYTES,
    timeoutMs: GRANT_MS,
    signal,
  });
  try {
    const { session } = await through.run(fetchOwn, () => libraryFor(app).auth.clientCredentials({ shop }));
    if (session.accessToken === undefined || session.accessToken === '')
      return { ok: false, why: 'bad-answer' };
    const until = Math.min(session.expires?.getTime() ?? now + LONGEST_GRANT_MS, now + LONGEST_GRANT_MS);
    const scopes = (session.scope ?? '').split(',').filter((scope) => scope !== '');
    return { ok: true, token: session.accessToken, scopes, until };
  } catch (error) {
    if (error instanceof FetchFailed)
      return { ok: false, why: error.kind === 'malformed-answer' ? 'bad-answer' : 'unreachable' };
    const status = error instanceof HttpResponseError ? error.response.code : 0;
    if (status >= 400 && status < 500 && status !== 429) return { ok: false, why: 'refused' };
    return { ok: false, why: status === 0 ? 'bad-answer' : 'unreachable' };
  }
}

/** What a webhook's headers claim. They are not signed: a claim, to be held against what is known. */
export interface DeliveryClaims {
  /** As the Admin API spells it: `PRODUCTS_UPDATE`. */
  readonly topic: string;
  readonly domain: string;
  readonly id: string;
  readonly triggeredAt: number | null;
}

export type DeliveryVerdict =
  | { readonly ok: true; readonly claims: DeliveryClaims }
  | { readonly ok: false; readonly why: 'no-signature' | 'bad-signature' | 'bad-headers' };

/**
 * Checks a webhook: HMAC-SHA256 over the body as it came, by any of the given secrets (a rotated one is good for an hour), compared in constant time.
 * A body that is no UTF-8 cannot have been signed and is refused.
 */
export async function verifyDelivery(
  apps: readonly ShopifyApp[],
  headers: Headers,
  body: Uint8Array,
): Promise<DeliveryVerdict> {
  const rawBody = textOf(body);
  if (rawBody === null || rawBody === '') return { ok: false, why: 'bad-signature' };
  const rawRequest = new Request('https://loupe.invalid/', { method: 'POST', headers });
  for (const app of apps) {
    const checked = await libraryFor(app)
      .webhooks.validate({ rawBody, rawRequest })
      .catch(() => null);
    if (checked?.valid === true) {
      if (!('webhookId' in checked)) return { ok: false, why: 'bad-headers' };
      const at = 'triggeredAt' in checked ? Date.parse(checked.triggeredAt ?? '') : Number.NaN;
      return {
        ok: true,
        claims: {
          topic: checked.topic,
          domain: checked.domain.toLowerCase(),
          id: checked.webhookId,
          triggeredAt: Number.isNaN(at) ? null : at,
        },
      };
    }
    if (checked !== null && checked.reason === 'missing_hmac') return { ok: false, why: 'no-signature' };
    if (checked !== null && 'missingHeaders' in checked) return { ok: false, why: 'bad-headers' };
  }
  return { ok: false, why: 'bad-signature' };
}

export type ProxyVerdict =
  | {
      readonly ok: true;
      readonly signature: string;
      readonly at: number;
      /** Whether the request speaks for a signed-in shopper. */
      readonly forShopper: boolean;
    }
  | { readonly ok: false; readonly why: 'bad-signature' | 'stale' | 'other-shop' };

const PROXY_TOLERANCE_MS = 90 * SECOND_MS;

/** Checks a request that came through the app proxy: signature over the query, for this shop, within 90 s. */
export async function verifyProxy(
  apps: readonly ShopifyApp[],
  domain: string,
  query: URLSearchParams,
  now: number,
): Promise<ProxyVerdict> {
  const at = Number(query.get('timestamp')) * SECOND_MS;
  if (!Number.isSafeInteger(at) || Math.abs(now - at) > PROXY_TOLERANCE_MS)
    return { ok: false, why: 'stale' };
  for (const app of apps) {
    const good = await libraryFor(app)
      .utils.validateHmac(query, { signator: 'appProxy' })
      .catch(() => false);
    if (!good) continue;
    if (query.get('shop') !== domain) return { ok: false, why: 'other-shop' };
    return {
      ok: true,
      signature: query.get('signature') ?? '',
      at,
      forShopper: (query.get('logged_in_customer_id') ?? '') !== '',
    };
  }
  return { ok: false, why: 'bad-signature' };
}

export type SessionVerdict =
  | { readonly ok: true; readonly user: string }
  | { readonly ok: false; readonly why: 'bad-token' | 'other-shop' };

const MAX_TOKEN = 4_096;

/**
 * Checks a session token of an embedded page (JWT, HS256). The library looks at signature, times and audience; that issuer and destination are this very shop is looked at here.
 */
export async function verifySession(
  apps: readonly ShopifyApp[],
  domain: string,
  token: string,
): Promise<SessionVerdict> {
  if (token.length > MAX_TOKEN) return { ok: false, why: 'bad-token' };
  for (const app of apps) {
    const payload = await libraryFor(app)
      .session.decodeSessionToken(token)
      // Its message holds the token whole.
      .catch(() => null);
    if (payload === null) continue;
    if (payload.dest !== `https://${domain}` || payload.iss !== `https://${domain}/admin`)
      return { ok: false, why: 'other-shop' };
    if (typeof payload.exp !== 'number' || typeof payload.sub !== 'string' || payload.sub === '')
      return { ok: false, why: 'bad-token' };
    return { ok: true, user: payload.sub };
  }
  return { ok: false, why: 'bad-token' };
}
