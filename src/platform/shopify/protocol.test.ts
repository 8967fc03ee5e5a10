import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasCode } from '#kernel';
import { shopifyDomain, verifyDelivery, verifyProxy, verifySession } from '#platform';

const APP = { clientId: 'client', clientSecret: 'hush' };
const DOMAIN = 'shop-name.myshopify.com';

afterEach(() => vi.useRealTimers());

describe('the app proxy’s signature', () => {
  // The example of Shopify's documents ("Authenticate app proxies"): repeated values joined by commas, sorted, put together without a sign.
  const DOCUMENTED =
    'extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1&path_prefix=%2Fapps%2Fawesome_reviews' +
    '&timestamp=1317327555&signature=4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb';
  const AT = 1_317_327_555_000;
  const verify = (query: string, app = APP, domain = DOMAIN) => {
    vi.setSystemTime(AT);
    return verifyProxy([app], domain, new URLSearchParams(query), AT);
  };

  it('is right in the documented example', async () => {
    expect(await verify(DOCUMENTED)).toMatchObject({ ok: true, forShopper: true, at: AT });
  });

  it('is wrong in the same with anything changed', async () => {
    for (const [from, to] of [
      ['extra=2', 'extra=3'],
      ['extra=1&', ''],
      ['_id=1', '_id=2'],
      ['awesome', 'awful'],
      ['4c68', '4c69'],
      ['signature=', 'hmac='],
    ] as const)
      expect((await verify(DOCUMENTED.replace(from, to))).ok, to).toBe(false);
    expect((await verify(DOCUMENTED, { ...APP, clientSecret: 'hush!' })).ok).toBe(false);
    expect(await verify(DOCUMENTED, APP, 'another.myshopify.com')).toEqual({ ok: false, why: 'other-shop' });
  });
});

describe('a delivery’s signature', () => {
  const headersOf = (body: string, secret: string) =>
    new Headers({
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
      'x-shopify-topic': 'products/update',
      'x-shopify-shop-domain': DOMAIN,
      'x-shopify-api-version': '2026-10',
      'x-shopify-webhook-id': 'w',
      'x-shopify-triggered-at': '2026-11-24T10:00:00.000Z',
    });

  it('counts for any body, by the current or the former secret', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.constantFrom('new', 'old'),
        async (body, secret) => {
          const apps = ['new', 'old'].map((clientSecret) => ({ ...APP, clientSecret }));
          const verdict = await verifyDelivery(apps, headersOf(body, secret), Buffer.from(body));
          expect(verdict).toMatchObject({
            ok: true,
            claims: { topic: 'PRODUCTS_UPDATE', domain: DOMAIN, id: 'w' },
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('does not count for a body with one bit flipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.nat(), async (body, where) => {
        const bytes = Buffer.from(body);
        const at = where % (bytes.byteLength * 8);
        bytes[at >> 3] = bytes[at >> 3]! ^ (1 << (at & 7));
        const verdict = await verifyDelivery([APP], headersOf(body, APP.clientSecret), bytes);
        expect(verdict.ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('counts for nothing where there is no secret, no body, or no text', async () => {
    expect((await verifyDelivery([], headersOf('{}', 'x'), Buffer.from('{}'))).ok).toBe(false);
    expect((await verifyDelivery([APP], headersOf('', 'hush'), Buffer.alloc(0))).ok).toBe(false);
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    // Signed over what a lenient reader would make of it.
    expect((await verifyDelivery([APP], headersOf(bytes.toString(), 'hush'), bytes)).ok).toBe(false);
  });

  it('is no cookie’s: a value that the library signs for itself is not taken for a body', async () => {
    const state = '1234567890';
    const cookie = createHmac('sha256', APP.clientSecret).update(state).digest('base64');
    const headers = headersOf(state, APP.clientSecret);
    headers.set('x-shopify-hmac-sha256', cookie.replaceAll('+', '-'));
    headers.delete('x-shopify-topic');
    expect((await verifyDelivery([APP], headers, Buffer.from(state))).ok).toBe(false);
  });
});

describe('a shop’s domain', () => {
  it('is one label below myshopify.com, however it is typed', () => {
    for (const typed of [
      'shop-name.myshopify.com',
      ' Shop-Name.MyShopify.com ',
      'https://shop-name.myshopify.com/',
      'https://shop-name.myshopify.com/admin',
    ])
      expect(shopifyDomain(typed)).toBe(DOMAIN);
  });

  it('is nothing else, whatever it looks like', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.domain(),
          fc.string().map((s) => `${s}.myshopify.com`),
        ),
        (typed) => {
          let domain: string;
          try {
            domain = shopifyDomain(typed);
          } catch (error) {
            expect(hasCode(error, 'platform/not-a-domain')).toBe(true);
            return;
          }
          // Whatever is let through names exactly that host to a URL parser.
          expect(new URL(`https://${domain}/`).hostname).toBe(domain);
          expect(domain).toMatch(/^[a-z0-9-]+\.myshopify\.com$/u);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a session token', () => {
  it('that is none is refused, and never thrown about', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 300 }), async (token) => {
        expect((await verifySession([APP], DOMAIN, token)).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('in another algorithm is refused: none, and a longer hash by the same secret', async () => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const claims = part({
      iss: `https://${DOMAIN}/admin`,
      dest: `https://${DOMAIN}`,
      aud: 'client',
      sub: '1',
      exp: now + 60,
      nbf: now,
      iat: now,
    });
    const signed = (alg: string, hash: string): string => {
      const head = `${part({ alg, typ: 'JWT' })}.${claims}`;
      return `${head}.${createHmac(hash, APP.clientSecret).update(head).digest('base64url')}`;
    };
    expect(await verifySession([APP], DOMAIN, signed('HS256', 'sha256'))).toEqual({ ok: true, user: '1' });
    expect((await verifySession([APP], DOMAIN, signed('HS512', 'sha512'))).ok).toBe(false);
    expect((await verifySession([APP], DOMAIN, `${part({ alg: 'none' })}.${claims}.`)).ok).toBe(false);
    expect((await verifySession([APP], 'another.myshopify.com', signed('HS256', 'sha256'))).ok).toBe(false);
  });
});
