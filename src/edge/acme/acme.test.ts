import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../../test/support/ask.ts';
import { type TestAuthority, testAuthority } from '../../../test/support/certificates.ts';
import { NSD, nsdServer, PEBBLE, type PebbleServer, pebbleServer } from '../../../test/support/daemons.ts';
import { startTestEdge, type TestEdge, testListener, testRoute } from '../../../test/support/edge.ts';
import { eventually } from '../../../test/support/installation.ts';
import { optional } from '../../../test/support/optional.ts';
import { freePort, httpServer, httpsServer, type Running } from '../../../test/support/servers.ts';
import { openChallenges } from './challenges.ts';
import { acmeFolder } from './files.ts';
import { certifiable } from './orders.ts';

const SOON = 20_000;
const DIRECTORY = 'https://authority.test/directory';
const NOWHERE = { allowNetworks: [], extraCa: [], resolver: null, userAgent: 'LoupeTest/1', connectTo: {} };
const plain = { redirect: true };
const secure = { tls: true };

/** Who issued what is served for a name; null: no handshake. */
async function issuerOf(port: number, servername: string, ca: string): Promise<string | null> {
  return await new Promise((resolve) => {
    const socket = tlsConnect({ host: '127.0.0.1', port, servername, ca }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '');
      socket.destroy();
    });
    socket.on('error', () => resolve(null));
  });
}

describe('the door for those who come without TLS', () => {
  let edge: TestEdge;
  let upstream: Running;
  let hits = 0;

  beforeAll(async () => {
    upstream = await httpServer((_, response) => {
      hits++;
      response.end('inside');
    });
    edge = await startTestEdge(
      { routes: [testRoute(upstream.port)] },
      {
        listeners: [testListener(plain), testListener({ ...secure, port: 4430 })],
        acme: { directory: DIRECTORY, contact: null, outbound: NOWHERE, orders: false },
      },
    );
  });
  afterAll(async () => {
    await edge.close();
    await upstream.close();
  });

  test('everybody is shown to https, and nothing is served', async () => {
    expect(await ask(edge.port, '/a/b?c=d', 'shop.test')).toMatchObject({
      status: 308,
      location: 'https://shop.test:4430/a/b?c=d',
    });
    expect((await ask(edge.port, '/login', 'shop.test', 'POST')).status).toBe(308);
    expect(hits).toBe(0);
  });

  test('no stranger’s name is shown to, and no odd address', async () => {
    expect(await ask(edge.port, '/', 'evil.test')).toMatchObject({ status: 421, location: undefined });
    expect((await ask(edge.port, '/..%2f..%2fetc/passwd', 'shop.test')).status).toBe(400);
    expect(await ask(edge.port, '//evil.test/', 'shop.test')).toMatchObject({
      location: 'https://shop.test:4430/evil.test/',
    });
  });

  test('a challenge is read by its token alone', async () => {
    const challenges = openChallenges(acmeFolder(edge.folder, DIRECTORY).challenges);
    challenges.show('token-of-sixteen-or-more', 'token-of-sixteen-or-more.thumbprint');
    challenges.show('../../../edge.key', 'never');
    const path = '/.well-known/acme-challenge/';
    expect(await ask(edge.port, `${path}token-of-sixteen-or-more`, 'any.test')).toMatchObject({
      status: 200,
      text: 'token-of-sixteen-or-more.thumbprint',
    });
    for (const odd of ['..', '../account.key', '..%2faccount.key', 'other-of-sixteen-or-more', ''])
      expect([400, 404]).toContain((await ask(edge.port, path + odd, 'shop.test')).status);
    challenges.hide('token-of-sixteen-or-more');
    expect((await ask(edge.port, `${path}token-of-sixteen-or-more`, 'shop.test')).status).toBe(404);
  });
});

test('only names that an authority could certify are ordered', () => {
  for (const name of ['shop.example', 'www.shop.example', 'xn--bcher-kva.example'])
    expect(certifiable(name)).toBe(true);
  for (const name of [
    'localhost',
    '127.0.0.1',
    '[::1]',
    'shp_1.self-test.invalid',
    'printer.local',
    'x.internal',
    'a_b.example',
    '*.shop.example',
  ])
    expect(certifiable(name)).toBe(false);
});

describe.runIf(optional('Pebble and NSD', existsSync(PEBBLE) && existsSync(NSD)))(
  'certificates ordered from Pebble',
  () => {
    let authority: TestAuthority;
    let dns: Running;
    let upstream: Running;
    let pebble: PebbleServer;
    let httpPort: number;

    beforeAll(async () => {
      authority = await testAuthority();
      upstream = await httpServer((_, response) => response.end('inside'));
      dns = await nsdServer('test', 'shop A 127.0.0.1\nother A 127.0.0.1\nelsewhere A 127.0.0.9\n');
      httpPort = await freePort();
      pebble = await pebbleServer(await authority.issue(['127.0.0.1']), dns.port, httpPort);
    });
    afterAll(async () => {
      await pebble.close();
      await dns.close();
      await upstream.close();
    });

    const reach = () => ({
      allowNetworks: ['127.0.0.0/8'],
      extraCa: [authority.ca],
      resolver: null,
      userAgent: 'LoupeTest/1',
      connectTo: {},
    });
    const acme = (directory = pebble.directory) => ({
      directory,
      contact: 'owner@shop.test',
      outbound: reach(),
      orders: true,
    });

    test('a route’s name gets its certificate, a name that leads elsewhere holds up none', async () => {
      let aheadMs = 0;
      const edge = await startTestEdge(
        {
          routes: [
            testRoute(upstream.port, { hosts: ['elsewhere.test', 'shop.test', '127.0.0.1'] }),
            testRoute(upstream.port, { id: 'rt_other', hosts: ['other.test'] }),
          ],
        },
        {
          listeners: [testListener(secure), testListener({ ...plain, port: httpPort })],
          acme: acme(),
          clock: { now: () => Date.now() + aheadMs, steppedMs: () => 0 },
        },
      );
      const root = await pebble.root(authority.ca);
      await eventually(
        async () => ((await issuerOf(edge.port, 'other.test', root)) === 'DNS:other.test' ? true : null),
        SOON,
      );
      expect(await issuerOf(edge.port, 'shop.test', root)).toBe('DNS:shop.test');
      const { certificates, challenges } = acmeFolder(edge.folder, pebble.directory);
      expect(readdirSync(certificates)).toEqual(['other.test.pem', 'shop.test.pem']);
      expect(statSync(join(certificates, 'shop.test.pem')).mode & 0o077).toBe(0);
      expect(readdirSync(challenges)).toEqual([]);
      const told = await eventually(async () => {
        const events = edge.events().filter((one) => one.kind.startsWith('certificate-'));
        return events.length >= 3 ? events : null;
      }, SOON);
      expect(told.map(({ kind, body }) => `${kind} ${JSON.stringify(body['name'])}`).toSorted()).toEqual([
        'certificate-failed "elsewhere.test"',
        'certificate-ordered "other.test"',
        'certificate-ordered "shop.test"',
      ]);
      expect(edge.errors).toEqual([]);

      // Again in its folder, it orders nothing that it has, and waits with what failed.
      await edge.close();
      const before = readFileSync(join(certificates, 'shop.test.pem'), 'utf8');
      await edge.again();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(readFileSync(join(certificates, 'shop.test.pem'), 'utf8')).toBe(before);
      expect(await issuerOf(edge.port, 'shop.test', root)).toBe('DNS:shop.test');
      await edge.close();

      // An edge beside it that orders nothing serves what is there, but nothing of another authority's.
      for (const [directory, served] of [
        [pebble.directory, 'DNS:shop.test'],
        ['https://other.test/directory', null],
      ] as const) {
        const beside = await startTestEdge(null, {
          name: 'edge-2',
          folder: edge.folder,
          listeners: [testListener(secure)],
          acme: { ...acme(directory), orders: false },
        });
        expect(await issuerOf(beside.port, 'shop.test', root)).toBe(served);
        await beside.close();
      }

      // When two thirds of its time are over it is ordered again.
      aheadMs = 4 * 365 * 86_400_000;
      await edge.again();
      await eventually(
        async () => (readFileSync(join(certificates, 'shop.test.pem'), 'utf8') === before ? null : true),
        SOON,
      );
      await edge.close();

      // One that is damaged on disk is ordered anew, and stops nothing meanwhile.
      writeFileSync(join(certificates, 'shop.test.pem'), 'nothing');
      await edge.again();
      await eventually(
        async () => ((await issuerOf(edge.port, 'shop.test', root)) === 'DNS:shop.test' ? true : null),
        SOON,
      );
      await edge.close();
    });

    test('a certificate that cannot be written down is told, and not ordered again at once', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'loupe-edge-'));
      mkdirSync(join(acmeFolder(folder, pebble.directory).certificates, 'shop.test.pem'));
      const edge = await startTestEdge(
        { routes: [testRoute(upstream.port, { hosts: ['shop.test'] })] },
        { folder, listeners: [testListener({ ...plain, port: httpPort })], acme: acme() },
      );
      const told = await eventually(
        async () => edge.events().find((one) => one.kind === 'certificate-failed') ?? null,
        SOON,
      );
      expect(told.body).toEqual({ name: 'shop.test', problem: 'unwritten' });
      expect(edge.errors.length).toBeGreaterThan(0);
      await edge.close();
    });

    test('a name with a certificate of its own is not ordered', async () => {
      const own = await authority.issue(['*.test']);
      const edge = await startTestEdge(
        { routes: [testRoute(upstream.port, { hosts: ['shop.test'] })] },
        {
          listeners: [testListener(secure), testListener({ ...plain, port: httpPort })],
          certificates: [{ cert: own.certPath, key: own.keyPath }],
          acme: acme(),
        },
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(readdirSync(acmeFolder(edge.folder, pebble.directory).certificates)).toEqual([]);
      await edge.close();
    });

    test.each([
      ['silence', (_: unknown, response: { destroy(): void }) => response.destroy()],
      [
        'HTML',
        (_: unknown, response: { end(text: string): void }) => response.end('<html>maintenance</html>'),
      ],
      [
        'a directory that leads to http',
        (_: unknown, response: { end(text: string): void }) =>
          response.end(JSON.stringify({ newNonce: 'http://127.0.0.1:1/', newAccount: 'file:///etc/passwd' })),
      ],
      [
        'endless JSON',
        (_: unknown, response: { end(text: string): void }) => response.end('['.repeat(1_000_000)),
      ],
    ])('an authority that answers with %s is a failure that is told', async (_, listener) => {
      const pem = await authority.issue(['127.0.0.1']);
      const hostile = await httpsServer({ key: pem.key, cert: pem.cert }, listener);
      const edge = await startTestEdge(
        { routes: [testRoute(upstream.port, { hosts: ['shop.test'] })] },
        { acme: acme(`https://127.0.0.1:${hostile.port}/dir`) },
      );
      const told = await eventually(
        async () => edge.events().find((one) => one.kind === 'certificate-failed') ?? null,
        SOON,
      );
      expect(told.body['problem']).toMatch(/^(?:unreachable|unreadable)$/u);
      expect(edge.errors).toEqual([]);
      await edge.close();
      await hostile.close();
    });
  },
);
