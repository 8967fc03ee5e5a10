import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedClock, HOUR_MS, MINUTE_MS, SECOND_MS } from '#kernel';
import type { OutboundPolicy } from '#outbound';
import { testAuthority } from '../../../test/support/certificates.ts';
import { httpsServer, type Running } from '../../../test/support/servers.ts';
import { issuerKeys } from './issuer-keys.ts';

// What the issuer answers, changed by each test.
const issuer = { named: 'https://issuer.test', jwks: '{"keys":[]}', status: 200, asked: [] as string[] };

describe('the keys of an issuer', () => {
  let server: Running;
  let policy: OutboundPolicy;
  const place = { from: 'issuer', url: 'https://issuer.test' } as const;
  const clock = fixedClock(Date.now());

  beforeAll(async () => {
    const authority = await testAuthority();
    server = await httpsServer(await authority.issue(['issuer.test']), (request, response) => {
      issuer.asked.push(request.url ?? '');
      if (issuer.status !== 200) response.writeHead(issuer.status).end();
      else if (request.url === '/.well-known/openid-configuration')
        response.end(JSON.stringify({ issuer: issuer.named, jwks_uri: 'https://issuer.test/jwks' }));
      else response.end(issuer.jwks);
    });
    policy = {
      allowNetworks: ['127.0.0.0/8'],
      extraCa: [authority.ca],
      resolver: null,
      userAgent: 'LoupeTest/1',
      connectTo: { 'issuer.test:443': `127.0.0.1:${server.port}` },
    };
  });
  afterAll(() => server.close());

  async function pair(kid: string) {
    const keys = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid, alg: 'ES256' };
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(keys.privateKey);
    return { jwk, token };
  }
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

  test('are found from the issuer, kept, and fetched anew for an unknown key at most every half minute', async () => {
    const [one, two] = [await pair('one'), await pair('two')];
    issuer.jwks = JSON.stringify({ keys: [one.jwk] });
    const keys = issuerKeys(place, policy, clock);
    const set = await keys.set(false);
    if (set === null) throw new Error('no keys');
    await jwtVerify(one.token, set);
    issuer.asked = [];
    for (let i = 0; i < 50; i++) await keys.set(true);
    // Whoever sends made-up key ids does not make us ask at each.
    expect(issuer.asked).toEqual([]);
    issuer.jwks = JSON.stringify({ keys: [two.jwk] });
    clock.advance(31 * SECOND_MS);
    const rotated = await keys.set(true);
    if (rotated === null) throw new Error('no keys');
    await jwtVerify(two.token, rotated);
    await expect(jwtVerify(one.token, rotated)).rejects.toThrow();
    expect(issuer.asked).toEqual(['/jwks']);
  });

  test('are renewed behind the scenes, stay good for an hour while the issuer is down, and then nobody is let in', async () => {
    const one = await pair('one');
    issuer.jwks = JSON.stringify({ keys: [one.jwk] });
    const keys = issuerKeys(place, policy, clock);
    expect(await keys.set(false)).not.toBeNull();
    issuer.status = 500;
    clock.advance(11 * MINUTE_MS);
    expect(await keys.set(false)).not.toBeNull();
    await settled();
    clock.advance(HOUR_MS);
    expect(await keys.set(false)).toBeNull();
    issuer.status = 200;
    clock.advance(MINUTE_MS);
    expect(await keys.set(false)).not.toBeNull();
  });

  test.each([
    ['names another issuer', { named: 'https://evil.test' }],
    ['sends no list', { jwks: '{"keys":5}' }],
    ['sends no JSON', { jwks: '<html>' }],
    [
      'sends a list without end',
      { jwks: JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) }) },
    ],
    ['sends more than anybody needs', { jwks: JSON.stringify({ keys: [], pad: 'x'.repeat(200_000) }) }],
  ])('one that %s gives none', async (_, wrong) => {
    const before = { ...issuer };
    Object.assign(issuer, { named: 'https://issuer.test', ...wrong });
    expect(await issuerKeys(place, policy, clock).set(false)).toBeNull();
    Object.assign(issuer, before);
  });

  test('a shared secret in a public list is no key', async () => {
    issuer.jwks = JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'one', alg: 'HS256' }] });
    const set = await issuerKeys(place, policy, clock).set(false);
    if (set === null) throw new Error('no keys');
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(Buffer.from('secret'.padEnd(32)));
    await expect(jwtVerify(token, set, { algorithms: ['HS256'] })).rejects.toThrow();
  });

  test('an issuer on a private address is not asked', async () => {
    issuer.asked = [];
    expect(await issuerKeys(place, { ...policy, allowNetworks: [] }, clock).set(false)).toBeNull();
    expect(issuer.asked).toEqual([]);
  });
});
