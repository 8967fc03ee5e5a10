// Loupe's own pages at a public name: through the edge, over TLS, from anywhere.
import { request } from 'node:https';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Edge, startEdge } from '#edge';
import { testAuthority } from '../support/certificates.ts';
import { startTestControl, type TestControl } from '../support/control.ts';
import { joinedEdge, testListener } from '../support/edge.ts';
import { freePort } from '../support/servers.ts';

describe('the console at a public name', () => {
  let t: TestControl;
  let edge: Edge;
  let port: number;
  let ca: string;

  beforeAll(async () => {
    const authority = await testAuthority();
    ca = authority.ca;
    const pem = await authority.issue(['loupe.test']);
    port = await freePort();
    t = await startTestControl({ publicNames: [`loupe.test:${port}`] });
    edge = await startEdge({
      ...joinedEdge(t.forEdges, mkdtempSync(join(tmpdir(), 'loupe-edge-')), 'edge-1'),
      listeners: [testListener({ port, tls: true })],
      certificates: [{ cert: pem.certPath, key: pem.keyPath }],
      console: { origin: t.url, names: [`loupe.test:${port}`] },
    });
  });
  afterAll(async () => {
    await edge.close(100);
    await t.close();
  });

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    return await new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
      (resolve, reject) => {
        const sent = request(
          {
            host: '127.0.0.1',
            port,
            servername: 'loupe.test',
            ca,
            method,
            path,
            agent: false,
            headers: { host: `loupe.test:${port}`, 'content-type': 'application/json', ...headers },
          },
          (answer) => {
            let text = '';
            answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
            answer.on('end', () =>
              resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
            );
          },
        );
        sent.on('error', reject);
        sent.end(body === undefined ? undefined : JSON.stringify(body));
      },
    );
  }

  test('a person signs in there with a cookie that never goes without TLS', async () => {
    const token = await t.control.people.newSetupToken();
    const claimed = await call('POST', '/api/v1/claim', { token });
    expect(claimed.status).toBe(204);
    const [cookie = ''] = claimed.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Secure/u);
    expect(cookie).toMatch(/; HttpOnly/u);
    const own = await call('GET', '/api/v1/me', undefined, { cookie: cookie.split(';')[0] ?? '' });
    expect(own.status).toBe(200);
    expect(own.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(own.headers['content-security-policy']).toContain("default-src 'none'");

    // No shop's route takes the name.
    const signedIn = { cookie: cookie.split(';')[0] ?? '' };
    const made = await call('POST', '/api/v1/shops', { address: 'https://shop.test' }, signedIn);
    const shop: string = JSON.parse(made.text).shop.id;
    const route = (host: string) =>
      call(
        'POST',
        `/api/v1/shops/${shop}/routes`,
        {
          name: 'All',
          hosts: [host],
          upstream: { origin: 'http://127.0.0.1:9' },
          proofs: [{ kind: 'public', owner: 'Mara', reason: 'the shop window' }],
        },
        signedIn,
      );
    expect((await route('loupe.test')).status).toBe(409);
    expect((await route('shop.test')).status).toBe(201);
  });

  test('a page of a stranger changes nothing, and another name is not answered', async () => {
    expect((await call('POST', '/api/v1/session', {}, { origin: 'https://evil.test' })).status).toBe(403);
    expect([421, 503]).toContain((await call('GET', '/', undefined, { host: 'other.test' })).status);
  });

  test('who guesses from one address is locked out there, whichever account is named', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++)
      statuses.push(
        (await call('POST', '/api/v1/session', { email: `a${i}@shop.test`, password: 'wrong wrong wrong' }))
          .status,
      );
    expect(statuses.slice(-2)).toEqual([429, 429]);
    // Whoever is signed in, or reads, is not concerned.
    expect((await call('GET', '/healthz')).status).toBe(200);
  });
});
