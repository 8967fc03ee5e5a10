// The firewall at the edge, as attackers and honest callers meet it: real sockets, Loupe's own rules.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIREWALL_ON, type FirewallRules } from '#plane';
import { encodePack } from '#waf';
import { startTestEdge, type TestEdge, testRoute } from '../../../test/support/edge.ts';
import { eventually } from '../../../test/support/installation.ts';
import { httpServer, type Running } from '../../../test/support/servers.ts';
import { partOf } from './part.ts';

let upstream: Running;
let edge: TestEdge;
let hits: { url: string; body: Buffer }[] = [];

const ATTACK = "q=' union select card,1 from customers-- Mara Lindqvist";
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const MANY_BYTES = 3 * 1024 * 1024;

const routeAt = (path: string, more: Partial<FirewallRules>, websocket = false) =>
  testRoute(upstream.port, {
    id: `rt_${path.replaceAll('/', '')}`,
    path,
    firewall: { ...FIREWALL_ON, ...more },
    maxBodyBytes: 2 * MANY_BYTES,
    websocket,
  });

beforeAll(async () => {
  upstream = await httpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      hits.push({ url: request.url ?? '', body: Buffer.concat(chunks) });
      response.end('reached');
    });
  });
  edge = await startTestEdge({
    routes: [
      routeAt('/block/', {}, true),
      routeAt('/watch/', { mode: 'watch' }),
      routeAt('/off/', { mode: 'off' }),
      routeAt('/pass/', { beyond: 'pass', onFailure: 'pass', inspectBytes: 64 * 1024 }),
    ],
  });
});
afterAll(async () => {
  await edge.close();
  await upstream.close();
});

const at = (path: string): string => `http://127.0.0.1:${edge.port}${path}`;
const post = async (path: string, body: string | Uint8Array, headers: Record<string, string> = FORM) =>
  (
    await fetch(at(path), {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : Buffer.from(body),
    })
  ).status;

/** What was told last of a request; events are written a moment after their answers. */
const last = () => edge.events().findLast((event) => event.kind === 'request')?.body;

async function settledLast() {
  await new Promise((resolve) => setTimeout(resolve, 400));
  return last();
}

describe('the firewall of a route', () => {
  test('stops an attack before anything is asked of the upstream, and tells of it without a word of what was sent', async () => {
    hits = [];
    expect((await fetch(at(`/block/?${ATTACK}`))).status).toBe(403);
    expect(hits).toEqual([]);
    const event = await settledLast();
    expect(event).toMatchObject({
      why: 'firewall',
      route: 'rt_block',
      firewall: { mode: 'block', threshold: 5, by: 900_200 },
    });
    expect(JSON.stringify(event)).toContain('ARGS:q');
    expect(JSON.stringify(event)).toContain("' union select");
    expect(JSON.stringify(edge.events())).not.toMatch(/mara|lindqvist/iu);
  });

  test('lets the honest go, with bodies as they came', async () => {
    hits = [];
    const bodies = [
      'q=Ring f%C3%BCr O%27Brien %26 Sons',
      JSON.stringify({ engraving: "For my love, it's always you; 10% of <3" }),
      randomBytes(300_000).toString('hex'),
    ];
    for (const [i, body] of bodies.entries())
      expect(
        await post('/block/', body, { 'content-type': i === 1 ? 'application/json' : FORM['content-type'] }),
      ).toBe(200);
    expect(hits.map((hit) => hit.body.toString())).toEqual(bodies);
    expect((await settledLast())?.['firewall']).toBeUndefined();
  });

  test('watching lets an attack go and says what would have been', async () => {
    hits = [];
    expect((await fetch(at(`/watch/?${ATTACK}`))).status).toBe(200);
    expect(hits).toHaveLength(1);
    const event = await settledLast();
    expect(event).toMatchObject({ status: 200, firewall: { mode: 'watch', would: 'firewall' } });
    expect(event?.['why']).toBeUndefined();
  });

  test('a visitor cannot ask for an inspection alone, as self-tests do', async () => {
    hits = [];
    const asked = (query: string) =>
      fetch(at(`/block/${query}`), { headers: { 'loupe-inspect': '1' } }).then(({ status }) => status);
    expect(await asked('rings')).toBe(200);
    expect(await asked(`?${ATTACK}`)).toBe(403);
    expect(hits).toHaveLength(1);
  });

  test('off looks at nothing', async () => {
    expect((await fetch(at(`/off/?${ATTACK}`))).status).toBe(200);
    expect((await settledLast())?.['firewall']).toBeUndefined();
  });

  test('an exclusion lets one value be, and no other', async () => {
    await fetch(at(`/block/?${ATTACK}`));
    const told: { matches: { rule: number }[] } = JSON.parse(
      JSON.stringify((await settledLast())?.['firewall']),
    );
    const exclusions = told.matches.map(({ rule }) => ({ rule, field: 'ARGS:q' }));
    const other = await startTestEdge({ routes: [routeAt('/', { exclusions })] });
    const status = async (query: string) => (await fetch(`http://127.0.0.1:${other.port}/?${query}`)).status;
    expect(await status(ATTACK)).toBe(200);
    expect(await status(ATTACK.replace('q=', 'name='))).toBe(403);
    await other.close();
  });

  test.each([
    ['a form', ATTACK, FORM],
    ['JSON', JSON.stringify({ a: [{ b: ATTACK }] }), { 'content-type': 'application/json' }],
    ['a body that says nothing of itself', ATTACK, { 'content-type': '' }],
    ['a body under a coding', gzipSync(ATTACK), { ...FORM, 'content-encoding': 'gzip' }],
    ['another coding', brotliCompressSync(ATTACK), { ...FORM, 'content-encoding': 'br' }],
    ['a long body', `${ATTACK}&filler=${'a '.repeat(100_000)}`, FORM],
  ])('finds an attack in %s', async (_, body, headers) => {
    expect(await post('/block/', body, headers)).toBe(403);
    await expect.poll(last).toMatchObject({ why: 'firewall' });
  });

  test('what cannot be inspected is refused, or passes where the route says so', async () => {
    hits = [];
    for (const [body, coding] of [
      [Buffer.from(ATTACK), 'compress'],
      [Buffer.from(ATTACK), 'gzip'],
      [gzipSync(Buffer.alloc(20 * 1024 * 1024, 'rings ')), 'gzip'],
    ] as const) {
      expect(await post('/block/', body, { ...FORM, 'content-encoding': coding })).toBe(403);
      await expect.poll(last).toMatchObject({ why: 'not-inspected' });
      expect(await post('/pass/', body, { ...FORM, 'content-encoding': coding })).toBe(200);
    }
    expect(hits).toHaveLength(3);
  });

  test('what is longer than what is inspected is refused, or passes whole with its beginning inspected', async () => {
    hits = [];
    const filler = randomBytes(MANY_BYTES / 2).toString('hex');
    const stream = { ...FORM, 'content-type': 'text/plain' };
    const outcome = await post('/block/', filler, stream).catch(() => 403);
    expect(outcome).toBe(403);
    await expect.poll(last).toMatchObject({ why: 'not-inspected' });
    expect(await post('/pass/', filler, stream)).toBe(200);
    expect(hits.map((hit) => hit.body.equals(Buffer.from(filler)))).toEqual([true]);
    expect(await post('/pass/', `${ATTACK}&x=${filler}`).catch(() => 403)).toBe(403);
  });

  test('a long hostile body does not keep others waiting', async () => {
    const order: string[] = [];
    // Many values, each another: nothing that was found out of one helps with the next.
    const values = Array.from({ length: 15_000 }, (_, i) => `q=${i}'/*${i}*/"(;${i}|<${i}>`).join('&');
    const long = post('/block/', values).then(() => order.push('long'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        await (await fetch(at('/block/rings'))).text();
        order.push('short');
      }),
    );
    await long;
    expect(order).toEqual(['short', 'short', 'short', 'short', 'short', 'long']);
  });

  test('one address has few long ones waiting at once', async () => {
    const long = `q=${"'/*!".repeat(200_000)}`;
    const statuses = await Promise.all(Array.from({ length: 20 }, () => post('/block/', long)));
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status !== 503).length).toBeGreaterThanOrEqual(8);
  });

  test('a client that leaves while it sends costs nobody anything', async () => {
    hits = [];
    const socket = connect(edge.port, '127.0.0.1');
    socket.write('POST /block/ HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1000\r\n\r\nq=1');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await expect.poll(last).toMatchObject({ why: 'bad-body' });
    expect(hits).toEqual([]);
  });

  test('a WebSocket is asked for past it like anything else', async () => {
    const asked = httpRequest(at(`/block/?${encodeURI(ATTACK)}`), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      },
    }).end();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(403);
    await expect.poll(last).toMatchObject({ why: 'firewall' });
  });
});

describe('rule packs', () => {
  const pack = encodePack({
    name: 'other',
    version: '1',
    madeOn: '2026-11-01',
    rules: [{ path: 'a.conf', text: 'SecRule ARGS "@contains goldsmith" "id:77,phase:2,deny"' }],
    data: {},
  });
  const id = createHash('sha256').update(pack).digest('hex');

  test('one that cannot be had, or is not the bytes that policy names, holds nothing up: what inspected before goes on, and it is said', async () => {
    const own = await startTestEdge({ routes: [routeAt('/', {})] });
    const at_ = (query: string) =>
      fetch(`http://127.0.0.1:${own.port}/?${query}`).then(({ status }) => status);
    mkdirSync(join(own.folder, 'packs-edge-1'), { recursive: true });
    writeFileSync(join(own.folder, 'packs-edge-1', `${id}.json`), Buffer.concat([pack, Buffer.from(' ')]));
    const named = { firewall: { enforced: id, candidate: null }, routes: [routeAt('/', {})] };
    await own.publish(named);
    expect(await at_('q=goldsmith')).toBe(200);
    expect(await at_(ATTACK)).toBe(403);
    const held = await eventually(async () => own.events().find((event) => event.kind === 'route-held'));
    expect(held.body).toMatchObject({ route: 'firewall rules' });

    writeFileSync(join(own.folder, 'packs-edge-1', `${id}.json`), pack);
    await own.publish(named);
    expect(await at_('q=goldsmith')).toBe(403);
    await own.edge.close(100);
    await own.again();
    expect(await at_('q=goldsmith')).toBe(403);
    await own.close();
  });
});

describe('the part of a value that is told', () => {
  test.each([
    ["' or 'Mara'='Mara' --", "' or 'xxxx'='xxxx' --"],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(9)>'],
    ['mara.lindqvist@shop.example +46 70 123 45 67', 'xxxx.xxxxxxxx@xxxx.xxxxxxx +99 99 999 99 99'],
    ['Grüße\n4111 1111', 'xxxxxxx\\x0a9999 9999'],
  ])('%j shows as its form', (value, part) => {
    expect(partOf(Buffer.from(value).toString('latin1'))).toBe(part);
  });
});
