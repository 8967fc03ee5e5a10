// The edge as callers, upstreams and operators meet it: real sockets, real servers behind.
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedClock } from '#kernel';
import {
  PLAIN_RESPONSE,
  startTestEdge,
  type TestEdge,
  testRoute,
  testUpstream,
} from '../../test/support/edge.ts';
import { eventually } from '../../test/support/installation.ts';
import { httpServer, rawServer, type Running } from '../../test/support/servers.ts';

let upstream: Running;
let hits: { method: string; url: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = [];

beforeAll(async () => {
  upstream = await httpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      hits.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      const url = request.url ?? '';
      if (url.startsWith('/login')) {
        const good = body.includes('password=right');
        response.writeHead(good ? 302 : 401, good ? { location: '/account' } : {}).end();
      } else if (url.startsWith('/leak')) {
        response.writeHead(url.includes('late') ? 200 : 500, { 'content-type': 'text/html' });
        response.end(`<p>card 4111 1111 1111 1111</p>`);
      } else if (url.startsWith('/large')) {
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        response.end(Buffer.alloc(3 * 1024 * 1024, 7));
      } else if (url.startsWith('/slow')) {
        setTimeout(() => response.end('slow'), 400);
      } else {
        response.writeHead(200, {
          'content-type': 'text/plain',
          'x-powered-by': 'PHP/5.2',
          'set-cookie': 'sid=1',
          connection: 'x-secret',
          'x-secret': '1',
        });
        response.end(`hello ${body}`);
      }
    });
  });
});
afterAll(() => upstream.close());

const login = {
  id: 'login',
  what: 'login',
  methods: ['POST'],
  paths: ['/login'],
  missStatus: [401],
  missWords: [],
  per: ['account', 'address'],
  accountField: 'email',
  tries: 10,
  windowMs: 86_400_000,
  lockMs: 1_800_000,
  surge: null,
} as const;

const url = (edge: TestEdge, path: string): string => `http://127.0.0.1:${edge.port}${path}`;

async function requestEvents(edge: TestEdge) {
  await new Promise((resolve) => setTimeout(resolve, 60));
  return edge
    .events()
    .filter((event) => event.kind === 'request')
    .map((event) => event.body);
}

describe('a plain route', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge({
      routes: [
        testRoute(upstream.port, {
          response: {
            ...PLAIN_RESPONSE,
            nosniff: true,
            hardenCookies: { readable: [] },
            drop: ['x-powered-by'],
          },
          limits: [{ id: 'each', per: 'address', amount: 600, windowMs: 60_000, burst: 500 }],
          maxBodyBytes: 2_000_000,
        }),
        testRoute(1, { id: 'rt_dead', path: '/dead/' }),
        testRoute(upstream.port, {
          id: 'rt_few',
          path: '/few',
          limits: [{ id: 'few', per: 'address', amount: 3, windowMs: 60_000, burst: 3 }],
        }),
      ],
    });
  });
  afterAll(() => edge.close());

  test('goes through both ways, and its event says so and no more', async () => {
    const answer = await fetch(url(edge, '/orders/1042?mail=mara@shop.test'), {
      method: 'POST',
      body: 'x=1',
    });
    expect(await answer.text()).toBe('hello x=1');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'set-cookie': 'sid=1; HttpOnly; SameSite=Lax',
      'ratelimit-policy': '"each";q=600;w=60',
    });
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('x-secret')).toBeNull();
    expect(hits.at(-1)?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    });
    const event = (await requestEvents(edge)).at(-1);
    expect(event).toMatchObject({
      status: 200,
      route: 'rt_all',
      method: 'POST',
      path: '/orders/{n}',
      query: ['mail'],
      bytes: 9,
    });
    expect(JSON.stringify(edge.events())).not.toMatch(/1042|mara|127\.0\.0\.1/u);
  });

  test('a large answer comes whole to a reader who dawdles', async () => {
    const answer = await fetch(url(edge, '/large'));
    const reader = answer.body?.getReader();
    let length = 0;
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      length += part.value.byteLength;
      if (length < 1_000_000) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(length).toBe(3 * 1024 * 1024);
  });

  test('a body larger than allowed is refused by its word, and by its bytes', async () => {
    const told = await fetch(url(edge, '/x'), { method: 'POST', body: Buffer.alloc(2_000_001) }).catch(
      () => null,
    );
    expect(told === null || told.status === 413).toBe(true);
    const chunked = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(100_000));
      },
    });
    const before = hits.length;
    const streamed = await fetch(url(edge, '/x'), {
      method: 'POST',
      body: chunked,
      duplex: 'half',
    }).catch(() => null);
    expect(streamed === null || streamed.status === 413).toBe(true);
    expect(hits.length).toBe(before);
  });

  test('a body without end is answered and its connection ended, held or streamed', async () => {
    const small = await startTestEdge({ routes: [testRoute(upstream.port)] });
    for (const port of [edge.port, small.port]) {
      const before = hits.length;
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1');
        let text = '';
        const chunk = Buffer.concat([
          Buffer.from('8000\r\n'),
          Buffer.alloc(0x8000, 120),
          Buffer.from('\r\n'),
        ]);
        const more = (): void => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on('data', (data) => (text += data.toString()));
        socket.on('error', () => undefined);
        socket.on('drain', () => setTimeout(more, 1));
        socket.on('close', () => resolve(text));
        socket.write('POST /x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n');
        more();
      });
      expect(answer === '' || answer.startsWith('HTTP/1.1 413')).toBe(true);
      expect(hits.length).toBe(before);
    }
    await small.close();
  });

  test('the fourth of three is told when to come again', async () => {
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await fetch(url(edge, '/few'))).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await fetch(url(edge, '/few'));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit')).toMatch(/^"few";r=0;t=\d+$/u);
    const text = await refused.text();
    const { reference } = JSON.parse(text);
    expect((await requestEvents(edge)).at(-1)).toMatchObject({
      ref: reference,
      why: 'over-limit',
      detail: 'few by address',
    });
    expect(text).not.toContain('few');
  });

  test('nothing behind, no such host, no such path', async () => {
    expect((await fetch(url(edge, '/dead/'))).status).toBe(502);
    const other = await startTestEdge({ routes: [testRoute(upstream.port, { hosts: ['other.test'] })] });
    expect((await fetch(url(other, '/'))).status).toBe(421);
    await other.close();
  });

  test('people get a page, programs problem details; neither the reason', async () => {
    const page = await fetch(url(edge, '/dead/'), { headers: { accept: 'text/html,*/*' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    const text = await page.text();
    expect(text).toContain('The shop does not answer at the moment.');
    expect(text).not.toMatch(/upstream|ECONN|loupe/iu);
  });
});

test('spelling leads round no stricter route and no guard', async () => {
  const edge = await startTestEdge({
    routes: [
      testRoute(upstream.port, { guards: [{ ...login, per: ['account'], tries: 2 }] }),
      testRoute(upstream.port, {
        id: 'rt_admin',
        path: '/admin/',
        proofs: [{ kind: 'api-key', header: 'x-api-key', scopes: [] }],
      }),
      testRoute(upstream.port, {
        id: 'rt_export',
        path: '/export',
        proofs: [{ kind: 'api-key', header: 'x-api-key', scopes: [] }],
      }),
    ],
  });
  for (const path of [
    '/admin/',
    '/Admin/x',
    '/ADMIN/',
    '/%61dmin/',
    '//admin//',
    '/export',
    '/Export',
    '/export/',
    '/EXPORT/',
  ])
    expect((await fetch(url(edge, path))).status, path).toBe(401);
  const attempt = async (path: string): Promise<number> =>
    (await fetch(url(edge, path), { method: 'POST', body: new URLSearchParams({ email: 'a' }) })).status;
  expect(await attempt('/login')).toBe(401);
  expect(await attempt('/login/x')).toBe(401);
  for (const path of ['/login', '/Login', '/login/', '/LOGIN/y']) expect(await attempt(path), path).toBe(429);
  await edge.close();
});

describe('behind listed proxies', () => {
  test('their word counts, a stranger’s does not', async () => {
    const edge = await startTestEdge(
      { routes: [testRoute(upstream.port)] },
      { trustedProxies: ['127.0.0.1', '10.0.0.0/8'] },
    );
    const seenBy = async (forwarded: string): Promise<unknown> => {
      await fetch(url(edge, '/'), { headers: { 'x-forwarded-for': forwarded } });
      return hits.at(-1)?.headers['x-forwarded-for'];
    };
    expect(await seenBy('203.0.113.9')).toBe('203.0.113.9');
    expect(await seenBy('1.2.3.4, 203.0.113.9, 10.1.1.1')).toBe('203.0.113.9');
    expect(await seenBy('203.0.113.9, not an address')).toBe('127.0.0.1');
    expect(await seenBy('2001:db8::1')).toBe('2001:db8::1');
    await edge.close();
    const strict = await startTestEdge({ routes: [testRoute(upstream.port)] });
    await fetch(url(strict, '/'), { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(hits.at(-1)?.headers['x-forwarded-for']).toBe('127.0.0.1');
    await strict.close();
  });

  test('where they alone are served, nobody who found the edge’s own address is', async () => {
    const own = await startTestEdge(
      { routes: [testRoute(upstream.port)] },
      { trustedProxies: ['203.0.113.0/24'], onlyProxies: true },
    );
    const before = hits.length;
    // What the address says of itself makes no proxy of it.
    const refused = await fetch(url(own, '/'), { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(refused.status).toBe(403);
    expect(hits).toHaveLength(before);
    expect((await fetch(url(own, '/.well-known/loupe/csp'), { method: 'POST', body: '{}' })).status).toBe(
      403,
    );
    await own.close();
    const through = await startTestEdge(
      { routes: [testRoute(upstream.port)] },
      { trustedProxies: ['127.0.0.1'], onlyProxies: true },
    );
    expect((await fetch(url(through, '/'))).status).toBe(200);
    await through.close();
  });
});

describe('guards and leaks', () => {
  test('ten wrong passwords lock account and address, and a restart does not unlock', async () => {
    const clock = fixedClock(Date.now());
    const edge = await startTestEdge({ routes: [testRoute(upstream.port, { guards: [login] })] }, { clock });
    const attempt = (email: string, password = 'wrong') =>
      fetch(url(edge, '/login'), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ email, password }),
      }).then((answer) => answer.status);
    hits = [];
    const statuses = await Promise.all(Array.from({ length: 30 }, () => attempt('Mara@shop.test')));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(hits).toHaveLength(10);
    expect(await attempt('mara@shop.test ', 'right')).toBe(429);
    const events = await requestEvents(edge);
    expect(events.filter((event) => Array.isArray(event['locks'])).length).toBeGreaterThan(0);
    expect(JSON.stringify(edge.events())).not.toMatch(/mara/iu);
    await edge.close();
    await edge.again();
    expect(await attempt('mara@shop.test', 'right')).toBe(429);
    clock.advance(1_800_001);
    expect(await attempt('mara@shop.test', 'right')).toBe(302);
    await edge.close();
  });

  test('a person’s word lifts a lock', async () => {
    const edge = await startTestEdge({
      routes: [testRoute(upstream.port, { guards: [{ ...login, per: ['account'] }] })],
    });
    const attempt = (password: string) =>
      fetch(url(edge, '/login'), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ email: 'a', password }),
      }).then((answer) => answer.status);
    for (let i = 0; i < 10; i++) await attempt('wrong');
    expect(await attempt('right')).toBe(429);
    const locks = (await requestEvents(edge)).flatMap((event) =>
      Array.isArray(event['locks']) ? event['locks'] : [],
    );
    const lock = String(locks[0]).split(' ')[1] ?? '';
    await edge.publish({
      routes: [testRoute(upstream.port, { guards: [{ ...login, per: ['account'] }] })],
      lifted: { [lock]: Date.now() },
    });
    expect(await attempt('right')).toBe(302);
    await edge.close();
  });

  test('a leak is masked, kept back, or told', async () => {
    const withCards = (cardNumbers: 'mask' | 'block' | 'watch') => ({
      routes: [testRoute(upstream.port, { response: { ...PLAIN_RESPONSE, cardNumbers } })],
    });
    const edge = await startTestEdge(withCards('mask'));
    expect(await (await fetch(url(edge, '/leak'))).text()).toBe('<p>card **** **** **** 1111</p>');
    await edge.publish(withCards('block'));
    const blocked = await fetch(url(edge, '/leak-late'));
    expect(blocked.status).toBe(502);
    expect(await blocked.text()).not.toContain('1111');
    await edge.publish(withCards('watch'));
    expect(await (await fetch(url(edge, '/leak'))).text()).toContain('4111 1111');
    expect((await requestEvents(edge)).map((event) => event['leaks'] ?? event['why'])).toEqual([
      ['card-number'],
      'leak-blocked',
      ['card-number'],
    ]);
    await edge.close();
  });
});

describe('upstreams that misbehave', () => {
  const answers: readonly (readonly [string, (socket: Socket) => void, number | 'cut'])[] = [
    ['closes at once', (socket) => socket.destroy(), 502],
    ['speaks no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), 502],
    [
      'sends two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\nhello'),
      502,
    ],
    ['splits its headers', (socket) => socket.end('HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n'), 502],
    [
      'has endless headers',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\n${'X: yyyyyyyyyyyyyyyy\r\n'.repeat(9_000)}\r\n`),
      502,
    ],
    ['never answers', () => undefined, 504],
    [
      'breaks off',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
        setTimeout(() => socket.destroy(), 50);
      },
      'cut',
    ],
  ];
  test.each(answers)('one that %s', async (_, act, expected) => {
    const server = await rawServer((socket) => socket.once('data', () => act(socket)));
    const edge = await startTestEdge({
      routes: [testRoute(server.port, { upstream: testUpstream(server.port, { timeoutMs: 500 }) })],
    });
    const answer = await fetch(url(edge, '/')).then(
      async (response) => {
        const text = await response.text().catch(() => null);
        return text === null ? 'cut' : response.status;
      },
      () => 'cut',
    );
    expect(answer).toBe(expected);
    await edge.close();
    await server.close();
  });
});

test('a connection too many from one address is not taken', async () => {
  const edge = await startTestEdge({ routes: [testRoute(upstream.port)] }, { bounds: { perAddress: 3 } });
  const sockets = Array.from({ length: 3 }, () => connect(edge.port, '127.0.0.1'));
  await eventually(async () => edge.edge.connections() === 3);
  await expect(fetch(url(edge, '/'))).rejects.toThrow();
  for (const socket of sockets) socket.destroy();
  await eventually(async () => edge.edge.connections() === 0);
  expect((await fetch(url(edge, '/'))).status).toBe(200);
  await edge.close();
});
