import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steadyClock } from '#kernel';
import { outboundToLoopback } from '../../test/support/builders.ts';
import { type TestAuthority, type TestCertificate, testAuthority } from '../../test/support/certificates.ts';
import { httpServer, httpsServer, rawServer, type Running } from '../../test/support/servers.ts';
import { lookAtVendor, VENDOR_CHECKS, VENDOR_DEADLINE_MS } from './index.ts';

const clock = steadyClock();
let authority: TestAuthority;
let pem: TestCertificate;
const open: Running[] = [];

beforeAll(async () => {
  authority = await testAuthority();
  pem = await authority.issue(['api.vendor.test']);
});
afterAll(async () => {
  for (const server of open) await server.close();
});

interface Api {
  readonly secure: RequestListener;
  /** What listens on port 80; nothing where absent. */
  readonly plain?: RequestListener;
}

async function look(api: Api, allowNetworks: readonly string[] = ['127.0.0.0/8']) {
  const secure = await httpsServer({ key: pem.key, cert: pem.cert }, api.secure);
  open.push(secure);
  let plainPort = 9;
  if (api.plain !== undefined) {
    const plain = await httpServer(api.plain);
    open.push(plain);
    plainPort = plain.port;
  }
  return await lookAtVendor(
    outboundToLoopback({
      allowNetworks,
      extraCa: [authority.ca],
      connectTo: {
        'api.vendor.test:443': `127.0.0.1:${secure.port}`,
        'api.vendor.test:80': `127.0.0.1:${plainPort}`,
      },
    }),
    { hosts: [], apiHosts: ['api.vendor.test'] },
    { clock },
  );
}

/** Gives a listener its type where a table would not. */
const listener = (act: RequestListener): RequestListener => act;

const asks =
  (status: number, body = 'denied'): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body);

async function outcome(api: Api, check: string) {
  const { findings } = await look(api);
  const found = findings.find((finding) => finding.check === `vendor.${check}`);
  return `${found?.outcome} ${String(found?.facts['why'] ?? found?.facts['name'] ?? '')}`.trim();
}

const query = (url: string | undefined, name: string): string | null =>
  new URL(url ?? '/', 'https://x.test').searchParams.get(name);

describe('an API that takes keys out of addresses', () => {
  it.each([
    [
      'by another status',
      listener((request, response) =>
        response.writeHead(query(request.url, 'api_key') === null ? 401 : 403).end('denied'),
      ),
      'falls-short api_key',
    ],
    [
      'by another word',
      listener((request, response) =>
        response
          .writeHead(401)
          .end(query(request.url, 'token') === null ? 'missing credentials' : 'invalid credentials'),
      ),
      'falls-short token',
    ],
    [
      'which lets anybody in by any',
      listener((request, response) =>
        response.writeHead(query(request.url, 'key') === null ? 401 : 200).end('{}'),
      ),
      'falls-short key',
    ],
  ])('is found out %s', async (_, secure, came) => {
    expect(await outcome({ secure }, 'api.url-token')).toBe(came);
  });

  it.each([
    ['that asks for credentials and does not look there', asks(401), 'holds'],
    [
      'that quotes what it was asked',
      listener((request, response) => response.writeHead(401).end(`no: ${request.url}`)),
      'holds',
    ],
    [
      'that says something new each time',
      listener((_, response) => response.writeHead(401).end(`request ${Math.random()}`)),
      'holds',
    ],
    ['that asks for nothing', asks(200), 'unknown no-demand'],
    ['that knows no such page', asks(404), 'unknown no-demand'],
  ])('is not what one is %s', async (_, secure, came) => {
    expect(await outcome({ secure }, 'api.url-token')).toBe(came);
  });

  it('is asked with nobody’s key, and a few times', async () => {
    const asked: string[] = [];
    await look({
      secure(request, response) {
        asked.push(`${request.method} ${request.url}`);
        expect(request.headers.authorization).toBeUndefined();
        response.writeHead(401).end();
      },
    });
    expect(asked.length).toBeLessThanOrEqual(8);
    for (const one of asked) expect(one).toMatch(/^GET \/\?\w+=loupe-dummy-credential$/u);
  });
});

describe('an API over plain http', () => {
  it.each([
    ['answers', asks(200), 'falls-short'],
    ['asks for the key', asks(401), 'falls-short'],
    [
      'leads to https',
      listener((_, response) => response.writeHead(301, { location: 'https://api.vendor.test/' }).end()),
      'holds',
    ],
    [
      'leads to http',
      listener((_, response) => response.writeHead(301, { location: 'http://api.vendor.test/x' }).end()),
      'falls-short',
    ],
    ['turns away', asks(403), 'holds'],
    ['is closed', undefined, 'holds'],
    ['fails', asks(502), 'unknown no-answer'],
  ])('%s', async (_, plain, came) => {
    expect(
      await outcome({ secure: asks(401), ...(plain === undefined ? {} : { plain }) }, 'api.plain-http'),
    ).toBe(came);
  });
});

describe('a hostile third party', () => {
  it.each([
    [
      'drips',
      (socket: Socket) => {
        const timer = setInterval(() => socket.write('.'), 200);
        socket.on('close', () => clearInterval(timer));
      },
    ],
    ['says nothing', () => undefined],
    ['hangs up', (socket: Socket) => socket.destroy()],
  ])('that %s costs its time, and nothing is known', async (_, act) => {
    const server = await rawServer(act);
    open.push(server);
    const result = await lookAtVendor(
      outboundToLoopback({
        resolver: '127.0.0.1:9',
        connectTo: {
          'slow.test:443': `127.0.0.1:${server.port}`,
          'slow.test:80': `127.0.0.1:${server.port}`,
        },
      }),
      { hosts: ['slow.test'], apiHosts: ['slow.test'] },
      { clock },
    );
    expect(result.ms).toBeLessThanOrEqual(VENDOR_DEADLINE_MS);
    for (const finding of result.findings) expect(finding.outcome, finding.check).not.toBe('holds');
  });

  it('that leads inside is not followed', async () => {
    let inside = 0;
    const secret = await httpServer((_, response) => {
      inside += 1;
      response.end('secret');
    });
    open.push(secret);
    // Only the vendor's own address is allowed here; the one it leads to is not.
    const result = await lookAtVendor(
      outboundToLoopback({
        allowNetworks: ['127.0.0.2'],
        resolver: '127.0.0.1:9',
        connectTo: {
          'vendor.test:443': `127.0.0.1:${secret.port}`,
          'vendor.test:80': `127.0.0.1:${secret.port}`,
        },
      }),
      { hosts: ['vendor.test'], apiHosts: [] },
      { clock },
    );
    expect(inside).toBe(0);
    expect(result.findings.find((f) => f.check === 'vendor.tls.versions')?.facts['why']).toBe(
      'address-refused',
    );
  });
});

describe('the checks of a third party', () => {
  it('belong to the provider’s three questions and to the provider', () => {
    for (const check of VENDOR_CHECKS) {
      expect(check.question).toMatch(/^P[123]$/u);
      expect(check.responsible).toBe('provider');
    }
    expect(new Set(VENDOR_CHECKS.map((check) => check.id)).size).toBe(VENDOR_CHECKS.length);
  });
});
