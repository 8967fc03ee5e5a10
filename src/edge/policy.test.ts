// Policy as it comes, and does not: signed, newer, compiling; and what callers notice of a change.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../test/support/ask.ts';
import {
  ed25519Jwk,
  PLAIN_RESPONSE,
  startTestEdge,
  type TestEdge,
  testRoute,
  testUpstream,
} from '../../test/support/edge.ts';
import { httpServer, type Running } from '../../test/support/servers.ts';

let upstream: Running;

beforeAll(async () => {
  upstream = await httpServer((request, response) => {
    request.resume();
    request.on('end', () => {
      if (request.url === '/slow') setTimeout(() => response.end('slow'), 400);
      else response.end('hello');
    });
  });
});
afterAll(() => upstream.close());

const url = (edge: TestEdge, path: string): string => `http://127.0.0.1:${edge.port}${path}`;

describe('policy', () => {
  test('without one nothing is let through', async () => {
    const edge = await startTestEdge(null);
    expect((await fetch(url(edge, '/'))).status).toBe(503);
    await edge.close();
  });

  test('forged, older and damaged ones leave the one in force', async () => {
    const edge = await startTestEdge({ routes: [testRoute(upstream.port)] });
    const good = await edge.snapshot({ routes: [testRoute(upstream.port, { id: 'rt_two' })] });
    expect(await edge.edge.take(good.note.replace('edge-policy', 'edge-polixy'), good.bytes)).toMatchObject({
      ok: false,
      why: 'forged',
    });
    expect(
      await edge.edge.take(
        good.note,
        Buffer.from(Buffer.from(good.bytes).toString().replace('rt_two', 'rt_six')),
      ),
    ).toMatchObject({ ok: false, why: 'damaged' });
    const stranger = await startTestEdge(null);
    expect(await stranger.edge.take(good.note, good.bytes)).toMatchObject({ ok: false, why: 'forged' });
    expect(await edge.edge.take(good.note, good.bytes)).toEqual({ ok: true, version: 2, held: [] });
    expect(await edge.edge.take(good.note, good.bytes)).toMatchObject({ ok: false, why: 'older' });
    await edge.close();
    await stranger.close();
  });

  test('a route that does not compile goes on by the rule it had, and holds up nothing else', async () => {
    const edge = await startTestEdge({ routes: [testRoute(upstream.port)] });
    const proof = { kind: 'api-key', header: 'x-api-key', scopes: [] } as const;
    for (const bad of [
      testRoute(upstream.port, { proofs: [] }),
      testRoute(upstream.port, {
        proofs: [
          { kind: 'public', owner: 'a', reason: 'b' },
          { kind: 'api-key', header: 'x', scopes: [] },
        ],
      }),
      testRoute(upstream.port, { allow: { mode: 'enforce', document: { openapi: '3.1.0', paths: {} } } }),
      testRoute(upstream.port, { upstream: testUpstream(1, { origin: 'file:///etc/passwd' }) }),
      testRoute(upstream.port, {
        response: { ...PLAIN_RESPONSE, csp: { mode: 'enforce', directives: { 'script-src': ['a;b'] } } },
      }),
      testRoute(upstream.port, { limits: [{ id: 'x', per: 'address', amount: 0, windowMs: 1, burst: 1 }] }),
    ]) {
      const other = testRoute(upstream.port, { id: 'rt_other', path: '/other', proofs: [proof] });
      const { note, bytes } = await edge.snapshot({ routes: [bad, other] });
      expect(await edge.edge.take(note, bytes)).toMatchObject({
        ok: true,
        held: [{ shop: 'shp_test', route: 'rt_all' }],
      });
      expect((await fetch(url(edge, '/'))).status).toBe(200);
      expect((await fetch(url(edge, '/other'))).status).toBe(401);
    }
    // After a restart too, and until it is mended.
    await edge.close();
    await edge.again();
    expect((await fetch(url(edge, '/'))).status).toBe(200);
    await edge.publish({ routes: [testRoute(upstream.port, { proofs: [proof] })] });
    expect((await fetch(url(edge, '/'))).status).toBe(401);
    await edge.close();
    await edge.again();
    expect((await fetch(url(edge, '/'))).status).toBe(401);
    await edge.close();
  });

  test('where a route that does not compile was to stand, nothing less strict answers', async () => {
    const edge = await startTestEdge({ routes: [testRoute(upstream.port)] });
    const bad = testRoute(upstream.port, { id: 'rt_admin', path: '/admin/', proofs: [] });
    const { note, bytes } = await edge.snapshot({ routes: [testRoute(upstream.port), bad] });
    expect(await edge.edge.take(note, bytes)).toMatchObject({ ok: true });
    expect((await fetch(url(edge, '/'))).status).toBe(200);
    expect((await fetch(url(edge, '/Admin/orders'))).status).toBe(503);
    // One that moves and does not compile there: the old place by the old rule, the new one refused.
    await edge.publish({ routes: [testRoute(upstream.port, { id: 'rt_x', path: '/old/' })] });
    const moved = await edge.snapshot({
      routes: [testRoute(upstream.port), testRoute(upstream.port, { id: 'rt_x', path: '/new/', proofs: [] })],
    });
    expect(await edge.edge.take(moved.note, moved.bytes)).toMatchObject({ ok: true });
    expect((await fetch(url(edge, '/old/'))).status).toBe(200);
    expect((await fetch(url(edge, '/new/'))).status).toBe(503);
    await edge.close();
  });

  test('no shop’s policy reaches the names of Loupe itself', async () => {
    const own = await httpServer((request, response) => response.end(`console at ${request.headers.host}`));
    const edge = await startTestEdge(null, {
      console: { origin: `http://127.0.0.1:${own.port}`, names: ['Loupe.test:8443'] },
    });
    const get = async (host: string, path = '/'): Promise<[number, string]> => {
      const answer = await ask(edge.port, path, host);
      return [answer.status, answer.text];
    };
    // It is there before any policy is, and nothing else.
    expect(await get('loupe.test')).toEqual([200, 'console at loupe.test']);
    expect((await get('shop.test'))[0]).toBe(503);
    const greedy = testRoute(upstream.port, { id: 'rt_greedy', hosts: ['loupe.test'], path: '/api/' });
    const { note, bytes } = await edge.snapshot({
      routes: [testRoute(upstream.port), greedy],
      plainSecrets: { signing: JSON.stringify({ ...ed25519Jwk().privateJwk, kid: 'one', alg: 'EdDSA' }) },
      tokens: {
        issuer: 'https://loupe.test',
        hosts: ['loupe.test'],
        path: '/api/v1/session',
        lifetimeMs: 60_000,
        key: 'signing',
      },
    });
    expect(await edge.edge.take(note, bytes)).toMatchObject({ ok: true, held: [{ route: 'rt_greedy' }] });
    for (const path of ['/', '/api/', '/api/v1/session'])
      expect(await get('loupe.test', path)).toEqual([200, 'console at loupe.test']);
    expect(await get('shop.test')).toEqual([200, 'hello']);
    await edge.close();
    await own.close();
  });

  test('it outlives a restart without control, and an older file on disk is not gone back to', async () => {
    const edge = await startTestEdge({ routes: [testRoute(upstream.port)] });
    await edge.close();
    await edge.again();
    expect(edge.edge.version()).toBe(1);
    expect((await fetch(url(edge, '/'))).status).toBe(200);
    await edge.close();
    // Whoever holds the disk and changes the bytes gets an edge without policy, which lets nothing through.
    const file = join(edge.folder, 'policy-edge-1', 'snapshot.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('rt_all', 'rt_evil'));
    await edge.again();
    expect((await fetch(url(edge, '/'))).status).toBe(503);
    await edge.close();
  });

  test('changes under load drop and misjudge nothing', async () => {
    const open = { routes: [testRoute(upstream.port, { id: 'rt_open' })] };
    const closed = {
      routes: [
        testRoute(upstream.port, {
          id: 'rt_closed',
          proofs: [{ kind: 'api-key', header: 'x-api-key', scopes: [] }],
        }),
      ],
    };
    const edge = await startTestEdge(open);
    const running = { value: true };
    const counts = new Map<string, number>();
    const caller = async (): Promise<void> => {
      while (running.value) {
        const answer = await fetch(url(edge, '/slow')).then(
          (response) => String(response.status),
          () => 'dropped',
        );
        counts.set(answer, (counts.get(answer) ?? 0) + 1);
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    for (let i = 0; i < 6; i++) {
      await edge.publish(i % 2 === 0 ? closed : open);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    running.value = false;
    await Promise.all(callers);
    expect([...counts.keys()].toSorted()).toEqual(['200', '401']);
    await new Promise((resolve) => setTimeout(resolve, 60));
    for (const { body: event } of edge.events().filter((one) => one.kind === 'request')) {
      // Each request was judged by the policy whose version it names, from begin to end.
      const isOpen = Number(event['version']) % 2 === 1;
      expect(event).toMatchObject(
        isOpen ? { route: 'rt_open', status: 200 } : { route: 'rt_closed', status: 401 },
      );
    }
    await edge.close();
  });

  test('stopping ends what is under way, and takes nothing new', async () => {
    const edge = await startTestEdge({ routes: [testRoute(upstream.port)] });
    const slow = fetch(url(edge, '/slow'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = edge.edge.close(5_000);
    await expect(fetch(url(edge, '/'))).rejects.toThrow();
    expect(await (await slow).text()).toBe('slow');
    await closing;
    expect(edge.events().at(-1)?.kind).toBe('farewell');
  });
});
