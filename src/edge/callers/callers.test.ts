import { createHmac, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { base64url, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyDelivery, verifyProxy, verifySession } from '#platform';
import { fixedClock, sha256Hex } from '#kernel';
import type { Proof } from '#plane';
import { ed25519Jwk, startTestEdge, type TestEdge, testRoute } from '../../../test/support/edge.ts';
import { httpServer, type Running } from '../../../test/support/servers.ts';
import { signOrderLink } from './order-link.ts';

// The library that verdicts are compared with reads the real clock.
const NOW = Date.now();
const ISSUER = 'https://issuer.test';
const SECRET = 'shpss_0123456789abcdef0123456789abcdef';
const DOMAIN = 'mara-jewels.myshopify.com';
const KEY = `lk_abcdefghijkl_${'K'.repeat(43)}`;
const ENDED = `lk_mnopqrstuvwx_${'E'.repeat(43)}`;

let upstream: Running;
let edge: TestEdge;
const clock = fixedClock(NOW);
const own = await generateKeyPair('ES256', { extractable: true });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = await generateKeyPair('ES256', { extractable: true });
const authority = ed25519Jwk();
let reached: NodeJS.Dict<string | string[]> | null = null;

beforeAll(async () => {
  upstream = await httpServer((request, response) => {
    reached = request.headers;
    request.resume();
    request.on('end', () => response.end('inside'));
  });
  const jwks = {
    keys: [
      { ...(await exportJWK(own.publicKey)), kty: 'EC', kid: 'own', alg: 'ES256' },
      { ...rsa.publicKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'rsa' },
    ],
  };
  const route = (path: string, proofs: readonly Proof[]) =>
    testRoute(upstream.port, { id: `rt_${path.slice(1, -1)}`, path, proofs });
  edge = await startTestEdge(
    {
      routes: [
        route('/jwt/', [
          {
            kind: 'jwt',
            issuer: ISSUER,
            audience: 'shop-api',
            algorithms: ['ES256', 'RS256'],
            scopes: ['orders:read'],
            keys: { from: 'policy', jwks },
            maxAgeMs: 3_600_000,
          },
        ]),
        route('/key/', [{ kind: 'api-key', header: 'X-Api-Key', scopes: ['stock'] }]),
        route('/token/', [{ kind: 'client-token', scopes: ['feed'] }]),
        route('/proxy/', [{ kind: 'shopify-proxy', domain: DOMAIN, secrets: ['app'] }]),
        route('/session/', [
          { kind: 'shopify-session', domain: DOMAIN, clientId: 'client-1', secrets: ['app'] },
        ]),
        route('/hook/', [{ kind: 'webhook', scheme: 'shopify', secrets: ['app'], toleranceMs: 300_000 }]),
        route('/standard/', [
          { kind: 'webhook', scheme: 'standard', secrets: ['std'], toleranceMs: 300_000 },
        ]),
        route('/orders/', [{ kind: 'order-link', secrets: ['links'] }]),
        route('/either/', [
          { kind: 'api-key', header: 'X-Api-Key', scopes: [] },
          { kind: 'client-token', scopes: [] },
        ]),
        route('/sealed/', [{ kind: 'webhook', scheme: 'shopify', secrets: ['elsewhere'], toleranceMs: 1 }]),
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a newer control could send
        route('/future/', [{ kind: 'quantum' } as unknown as Proof]),
      ],
      keys: [
        { id: 'abcdefghijkl', hash: sha256Hex(KEY), scopes: ['stock'], until: null },
        { id: 'mnopqrstuvwx', hash: sha256Hex(ENDED), scopes: ['stock'], until: NOW - 1 },
      ],
      clients: [
        {
          id: 'erp',
          secretHashes: [sha256Hex('s'.repeat(43))],
          scopes: ['feed', 'stock'],
          since: 0,
          until: null,
        },
      ],
      tokens: {
        issuer: 'https://shop.test',
        hosts: ['127.0.0.1'],
        path: '/oauth/token',
        lifetimeMs: 600_000,
        key: 'signing',
      },
      revoked: [
        { kind: 'jti', value: 'taken-back' },
        { kind: 'subject', value: 'left', before: NOW },
      ],
      plainSecrets: {
        app: SECRET,
        std: `whsec_${Buffer.from('standard-secret-of-32-bytes-long').toString('base64')}`,
        links: 'order-links-secret-32-bytes-long',
        signing: JSON.stringify(authority.privateJwk),
      },
    },
    { clock },
  );
});

afterAll(async () => {
  await edge.close();
  await upstream.close();
});

async function call(path: string, init: RequestInit = {}): Promise<number> {
  reached = null;
  const answer = await fetch(`http://127.0.0.1:${edge.port}${path}`, init);
  await answer.arrayBuffer();
  return answer.status;
}

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

describe('bearer tokens', () => {
  const at = Math.floor(NOW / 1000);
  type Claims = Record<string, unknown>;
  const good: Claims = {
    iss: ISSUER,
    aud: 'shop-api',
    sub: 'mara',
    scope: 'orders:read',
    iat: at,
    exp: at + 300,
  };
  const signed = (claims: Claims, header: Record<string, unknown> = {}, key: CryptoKey = own.privateKey) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'own', ...header }).sign(key);
  const unsigned = (header: object, claims: object, signature = ''): string =>
    `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claims))}.${signature}`;

  test('a good one goes through, and the upstream is told whose it is', async () => {
    expect(await call('/jwt/', bearer(await signed(good)))).toBe(200);
    expect(reached).toMatchObject({
      'loupe-caller': `jwt ${ISSUER}`,
      'loupe-account': 'mara',
      'loupe-scopes': 'orders:read',
    });
  });

  const hs = (secret: string | Buffer): string => {
    const text = unsigned({ alg: 'HS256', kid: 'rsa', typ: 'JWT' }, good).slice(0, -1);
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const hostile: readonly (readonly [name: string, make: () => string | Promise<string>, status: number])[] =
    [
      ['none', () => unsigned({ alg: 'none' }, good), 401],
      ['None', () => unsigned({ alg: 'None', kid: 'own' }, good), 401],
      ['no algorithm', () => unsigned({ kid: 'own' }, good, 'AAAA'), 401],
      ['a public key taken for a shared secret', () => hs(pem), 401],
      ['an empty shared secret', () => hs(''), 401],
      [
        'a key of the token’s own (jwk)',
        async () => signed(good, { jwk: await exportJWK(stranger.publicKey) }, stranger.privateKey),
        401,
      ],
      [
        'an address of keys (jku)',
        () => signed(good, { jku: 'https://evil.test/jwks' }, stranger.privateKey),
        401,
      ],
      [
        'an address of a certificate (x5u)',
        () => signed(good, { x5u: 'https://evil.test/cert' }, stranger.privateKey),
        401,
      ],
      ['a key id that climbs', () => signed(good, { kid: '../../dev/null' }, stranger.privateKey), 401],
      [
        'a demand nobody understands (crit)',
        () => unsigned({ alg: 'ES256', kid: 'own', crit: ['x'], x: 1 }, good, 'AAAA'),
        401,
      ],
      ['another signer', () => signed(good, {}, stranger.privateKey), 401],
      ['another issuer', () => signed({ ...good, iss: 'https://evil.test' }), 401],
      ['another audience', () => signed({ ...good, aud: 'other' }), 401],
      ['no audience', () => signed({ ...good, aud: undefined }), 401],
      ['ended', () => signed({ ...good, exp: at - 60 }), 401],
      ['no end', () => signed({ ...good, exp: undefined }), 401],
      ['from tomorrow', () => signed({ ...good, nbf: at + 86_400 }), 401],
      ['too old, whatever it says', () => signed({ ...good, iat: at - 7_200, exp: at + 999_999 }), 401],
      ['without a subject', () => signed({ ...good, sub: undefined }), 401],
      ['taken back', () => signed({ ...good, jti: 'taken-back' }), 401],
      ['of a person who left', () => signed({ ...good, sub: 'left', iat: at - 10 }), 401],
      ['without the scope', () => signed({ ...good, scope: 'orders:write' }), 403],
      ['scopes as one long word', () => signed({ ...good, scope: 'xorders:readx' }), 403],
      ['oversized', () => signed({ ...good, pad: 'x'.repeat(9_000) }), 401],
      ['encrypted', () => 'a.b.c.d.e', 401],
      ['garbage', () => '....', 401],
      ['nothing', () => '', 401],
    ];
  test.each(hostile)('%s', async (_, make, status) => {
    expect(await call('/jwt/', bearer(await make()))).toBe(status);
    expect(reached).toBeNull();
  });

  test('a good one with any character changed is refused, after it was known', async () => {
    const token = await signed({ ...good, jti: 'flip' });
    expect(await call('/jwt/', bearer(token))).toBe(200);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 2), async (at_) => {
        const char = token.charAt(at_) === 'A' ? 'B' : 'A';
        if (token.charAt(at_) === '.' || token.charAt(at_) === char) return;
        const status = await call('/jwt/', bearer(token.slice(0, at_) + char + token.slice(at_ + 1)));
        expect(status).toBe(401);
      }),
      { numRuns: 60 },
    );
  });

  test('a known one ends when it ends', async () => {
    const token = await signed({ ...good, jti: 'short', exp: at + 20 });
    expect(await call('/jwt/', bearer(token))).toBe(200);
    clock.advance(60_000);
    expect(await call('/jwt/', bearer(token))).toBe(401);
    clock.advance(-60_000);
  });
});

describe('keys and our own tokens', () => {
  test('a key opens its route and is not passed on', async () => {
    expect(await call('/key/', { headers: { 'x-api-key': KEY } })).toBe(200);
    expect(reached?.['x-api-key']).toBeUndefined();
    expect(reached?.['loupe-caller']).toBe('api-key abcdefghijkl');
  });
  test.each([
    ['none', {}],
    ['ended', { 'x-api-key': ENDED }],
    ['another secret', { 'x-api-key': `lk_abcdefghijkl_${'X'.repeat(43)}` }],
    ['another id', { 'x-api-key': `lk_zzzzzzzzzzzz_${'K'.repeat(43)}` }],
    ['in another header', { authorization: KEY }],
    ['cut', { 'x-api-key': KEY.slice(0, -1) }],
    ['twice', { 'x-api-key': `${KEY}, ${KEY}` }],
  ])('a key that is %s opens nothing', async (_, headers) => {
    expect(await call('/key/', { headers })).toBe(401);
    expect(reached).toBeNull();
  });

  const form = (fields: Record<string, string>): RequestInit => ({
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  const secret = 's'.repeat(43);

  test('a client gets a token, and the token opens its route until the client changes', async () => {
    const answer = await fetch(`http://127.0.0.1:${edge.port}/oauth/token`, {
      ...form({ grant_type: 'client_credentials', scope: 'feed' }),
      headers: { authorization: `Basic ${Buffer.from(`erp:${secret}`).toString('base64')}` },
    });
    const granted = (await answer.json()) as { access_token: string; expires_in: number; scope: string };
    expect(granted).toMatchObject({ expires_in: 600, scope: 'feed', token_type: 'Bearer' });
    expect(await call('/token/', bearer(granted.access_token))).toBe(200);
    expect(reached?.['authorization']).toBeUndefined();
    // Of another route's issuer it is nothing.
    expect(await call('/jwt/', bearer(granted.access_token))).toBe(401);
    expect(await call('/either/', bearer(granted.access_token))).toBe(200);
  });
  test.each([
    ['another secret', { grant_type: 'client_credentials', client_id: 'erp', client_secret: 'x' }, 401],
    ['another client', { grant_type: 'client_credentials', client_id: 'crm', client_secret: secret }, 401],
    ['another grant', { grant_type: 'password', client_id: 'erp', client_secret: secret }, 400],
    [
      'more than it may',
      { grant_type: 'client_credentials', client_id: 'erp', client_secret: secret, scope: 'feed admin' },
      400,
    ],
    ['nothing', {}, 400],
  ])('no token for %s', async (_, fields, status) => {
    expect(await call('/oauth/token', form(fields))).toBe(status);
  });
});

describe('Shopify’s signatures', () => {
  const at = Math.floor(NOW / 1000);
  function proxyQuery(fields: Record<string, string>, secret = SECRET): string {
    const text = Object.entries(fields)
      .map(([key, value]) => `${key}=${value}`)
      .toSorted()
      .join('');
    return new URLSearchParams({
      ...fields,
      signature: createHmac('sha256', secret).update(text).digest('hex'),
    }).toString();
  }
  const fields = {
    shop: DOMAIN,
    timestamp: String(at),
    path_prefix: '/apps/loupe',
    logged_in_customer_id: '',
  };

  test('the proxy', async () => {
    expect(await call(`/proxy/?${proxyQuery(fields)}`)).toBe(200);
    expect(await call(`/proxy/?${proxyQuery(fields)}&shop=other`)).toBe(401);
    expect(await call(`/proxy/?${proxyQuery({ ...fields, shop: 'other.myshopify.com' })}`)).toBe(401);
    expect(await call(`/proxy/?${proxyQuery({ ...fields, timestamp: String(at - 91) })}`)).toBe(401);
    expect(await call(`/proxy/?${proxyQuery({ ...fields, timestamp: `${at}.5` })}`)).toBe(401);
    expect(await call(`/proxy/?${proxyQuery(fields, 'another-secret-of-some-length')}`)).toBe(401);
    expect(await call('/proxy/')).toBe(401);
  });

  test('the same verdict as Shopify’s own library, whatever is signed or changed', async () => {
    const app = { clientId: 'client-1', clientSecret: SECRET };
    const word = fc.stringMatching(/^[a-z0-9 +%&=,é]{0,12}$/u);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/u), word, { maxKeys: 4 }),
        fc.constantFrom(0, 1, 2),
        async (extra, change) => {
          const { signature: _, ...rest } = extra;
          let query = proxyQuery({ ...rest, ...fields });
          if (change === 1) query = query.replace(/signature=./u, 'signature=0');
          if (change === 2) query += '&added=1';
          const theirs = await verifyProxy([app], DOMAIN, new URLSearchParams(query), NOW);
          expect((await call(`/proxy/?${query}`)) === 200).toBe(theirs.ok);
        },
      ),
      { numRuns: 80 },
    );
  });

  const hook = (body: string, more: Record<string, string> = {}, secret = SECRET): RequestInit => ({
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
      'x-shopify-webhook-id': 'w1',
      'x-shopify-triggered-at': new Date(NOW).toISOString(),
      'x-shopify-topic': 'orders/create',
      'x-shopify-shop-domain': DOMAIN,
      'x-shopify-api-version': '2026-10',
      ...more,
    },
  });

  test('a webhook is taken once, and one that failed may come again', async () => {
    expect(await call('/hook/', hook('{"id":1}'))).toBe(200);
    expect(reached).not.toBeNull();
    // Answered as good, or the platform would send it again; but the shop sees it once.
    expect(await call('/hook/', hook('{"id":1}'))).toBe(200);
    expect(reached).toBeNull();
    expect(
      await call(
        '/hook/',
        hook('{"id":2}', { 'x-shopify-webhook-id': 'w2' }, 'another-secret-of-some-length'),
      ),
    ).toBe(401);
    expect(
      await call(
        '/hook/',
        hook('{"id":3}', {
          'x-shopify-webhook-id': 'w3',
          'x-shopify-triggered-at': new Date(NOW - 400_000).toISOString(),
        }),
      ),
    ).toBe(401);
    expect(await call('/hook/', hook('{"id":4}', { 'x-shopify-webhook-id': '' }))).toBe(401);
  });

  test('the same verdict on bodies as Shopify’s own library', async () => {
    const app = { clientId: 'client-1', clientSecret: SECRET };
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 200 }), fc.boolean(), async (text, flip) => {
        const init = hook(text, { 'x-shopify-webhook-id': `d${n++}` });
        const body = flip ? `${text} ` : text;
        const theirs = await verifyDelivery([app], new Headers(init.headers), Buffer.from(body));
        expect((await call('/hook/', { ...init, body })) === 200).toBe(theirs.ok);
      }),
      { numRuns: 60 },
    );
  });

  test('a session token, and the same verdict as the library', async () => {
    const good = {
      iss: `https://${DOMAIN}/admin`,
      dest: `https://${DOMAIN}`,
      aud: 'client-1',
      sub: '42',
      exp: Math.floor(Date.now() / 1000) + 60,
      nbf: Math.floor(Date.now() / 1000) - 1,
      iat: Math.floor(Date.now() / 1000) - 1,
      jti: 'j',
      sid: 's',
    };
    const sign = (claims: object, secret = SECRET) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(secret));
    const app = { clientId: 'client-1', clientSecret: SECRET };
    for (const [claims, secret] of [
      [good, SECRET],
      [{ ...good, aud: 'other' }, SECRET],
      [{ ...good, dest: 'https://other.myshopify.com' }, SECRET],
      [{ ...good, iss: 'https://other.myshopify.com/admin' }, SECRET],
      [{ ...good, exp: good.exp - 600 }, SECRET],
      [good, 'another-secret-of-some-length'],
    ] as const) {
      const token = await sign(claims, secret);
      const theirs = await verifySession([app], DOMAIN, token);
      expect((await call('/session/', bearer(token))) === 200).toBe(theirs.ok);
    }
  });
});

describe('other signatures', () => {
  test('Standard Webhooks', async () => {
    const stamp = String(Math.floor(NOW / 1000));
    const key = Buffer.from('standard-secret-of-32-bytes-long');
    const sign = (id: string, at: string, body: string) =>
      `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
    const send = (id: string, at: string, body: string, signature: string) =>
      call('/standard/', {
        method: 'POST',
        body,
        headers: { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature },
      });
    expect(await send('m1', stamp, 'a', `v1a,xx ${sign('m1', stamp, 'a')}`)).toBe(200);
    expect(await send('m2', stamp, 'a', sign('m1', stamp, 'a'))).toBe(401);
    expect(
      await send('m3', String(Number(stamp) - 301), 'a', sign('m3', String(Number(stamp) - 301), 'a')),
    ).toBe(401);
    expect(await send('m4', stamp, 'b', sign('m4', stamp, 'a'))).toBe(401);
  });

  test('an order’s link opens that order, until it ends', async () => {
    const secret = 'order-links-secret-32-bytes-long';
    const link = signOrderLink(secret, '/orders/1042?lang=de', NOW + 60_000);
    expect(await call(link)).toBe(200);
    expect(await call(link.replace('1042', '1043'))).toBe(401);
    expect(await call(link.replace('lang=de', 'lang=fr'))).toBe(401);
    expect(await call(link.replace(/exp=\d+/u, 'exp=99999999999'))).toBe(401);
    expect(await call(`${link}&x=1`)).toBe(401);
    expect(await call('/orders/1042')).toBe(401);
    clock.advance(61_000);
    expect(await call(link)).toBe(401);
    clock.advance(-61_000);
  });

  test('what cannot be decided is refused', async () => {
    expect(
      await call('/sealed/', { method: 'POST', body: 'x', headers: { 'x-shopify-hmac-sha256': 'x' } }),
    ).toBe(503);
    expect(await call('/future/')).toBe(503);
    expect(reached).toBeNull();
  });
});
