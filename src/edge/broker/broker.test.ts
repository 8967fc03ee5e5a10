import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '#kernel';
import type { Integration } from '#plane';
import { testAuthority } from '../../../test/support/certificates.ts';
import { startTestEdge, type TestEdge } from '../../../test/support/edge.ts';
import { httpsServer, type Running } from '../../../test/support/servers.ts';
import { readHead } from '../message/head.ts';
import { isRefusal } from '../refusal.ts';
import { carriedFields } from './customer-fields.ts';

const TOKEN = 'lb_the-shops-own-token';
const CREDENTIAL = 'rapnet-credential-nobody-sees';

let edge: TestEdge;
let vendor: Running;
let old: Running;
let stranger: Running;
let policy: (more?: Partial<Integration>) => Parameters<TestEdge['publish']>[0];
const asked: { method: string; url: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = [];

beforeAll(async () => {
  const authority = await testAuthority();
  const pem = await authority.issue(['vendor.test', 'old.test']);
  const elsewhere = await testAuthority();
  vendor = await httpsServer(pem, (incoming, answer) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
    incoming.on('end', () => {
      asked.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body });
      if (incoming.url === '/large') answer.end(Buffer.alloc(200_000));
      else if (incoming.url === '/echo')
        answer
          .writeHead(200, { 'x-echo': String(incoming.headers['authorization']) })
          .end(JSON.stringify(incoming.headers));
      else if (incoming.url === '/slow') setTimeout(() => answer.end('late'), 3_000);
      else if (incoming.url === '/away') answer.writeHead(302, { location: 'https://elsewhere.test/' }).end();
      else
        answer
          .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'track=1' })
          .end('{"stones":2}');
    });
  });
  old = await httpsServer(
    { ...pem, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
    (_, answer) => answer.end('old'),
  );
  stranger = await httpsServer(await elsewhere.issue(['vendor.test']), (_, answer) => answer.end('evil'));
  const base: Integration = {
    id: 'int_1',
    name: 'rapnet',
    origin: 'https://vendor.test',
    paths: ['/stones/', '/echo', '/large', '/slow', '/away', '/orders'],
    methods: ['GET', 'POST'],
    enabled: true,
    inject: [{ as: 'header', name: 'Authorization', prefix: 'Bearer ', secret: 'cred' }],
    maxAnswerBytes: 100_000,
    timeoutMs: 1_500,
    amountPerMinute: 6_000,
    customerFields: ['email', 'first_name', 'ring_size'],
    allowNetworks: ['127.0.0.0/8'],
    extraCa: [authority.ca],
    connectTo: { 'vendor.test:443': `127.0.0.1:${vendor.port}` },
  };
  policy = (more = {}) => ({
    integrations: [{ ...base, ...more }],
    brokerHashes: [sha256Hex(TOKEN)],
    plainSecrets: { cred: CREDENTIAL },
  });
  edge = await startTestEdge(policy(), { broker: { host: '127.0.0.1', port: 0, shared: false } });
});
afterAll(async () => {
  await edge.close();
  await Promise.all([vendor.close(), old.close(), stranger.close()]);
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

const call = (
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sending = request(
      {
        host: '127.0.0.1',
        port: edge.edge.brokerPort ?? 0,
        path,
        method: options.method ?? 'GET',
        headers: { 'loupe-token': TOKEN, ...options.headers },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      },
    );
    sending.on('error', reject);
    sending.end(options.body);
  });

const written = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

describe('the broker', () => {
  test('calls by name, puts the credential in, and tells of it', async () => {
    const answer = await call('/out/rapnet/stones/list?shape=round', {
      headers: { cookie: 'sid=1', 'x-forwarded-for': '1.2.3.4', 'user-agent': 'shop/1' },
    });
    expect(answer).toMatchObject({ status: 200, text: '{"stones":2}' });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(asked.at(-1)).toMatchObject({
      method: 'GET',
      url: '/stones/list?shape=round',
      headers: { authorization: `Bearer ${CREDENTIAL}`, host: 'vendor.test' },
    });
    for (const name of ['cookie', 'loupe-token', 'x-forwarded-for'])
      expect(asked.at(-1)?.headers[name]).toBeUndefined();
    await written();
    expect(edge.events().at(-1)).toMatchObject({
      kind: 'call',
      shop: 'shp_test',
      body: { integration: 'int_1', status: 200, path: '/stones/list', tls: 'TLSv1.3' },
    });
  });

  test('a third party that repeats the credential does not show it', async () => {
    const answer = await call('/out/rapnet/echo');
    expect(answer.status).toBe(200);
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain(CREDENTIAL);
  });

  test('customer fields that go out are on the disk before, by name alone', async () => {
    const body = JSON.stringify({
      order: { Email: 'mara@shop.test', firstName: 'Mara', note: 'x', 'ring-size': 54 },
    });
    expect(
      (
        await call('/out/rapnet/orders', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
      ).status,
    ).toBe(200);
    await written();
    const disclosure = edge.events().findLast((event) => event.kind === 'disclosure');
    expect(disclosure?.body).toMatchObject({
      integration: 'int_1',
      to: 'vendor.test',
      fields: ['email', 'first_name', 'ring_size'],
    });
    expect(disclosure?.body['subject']).toMatch(/^[0-9a-f]{32}$/u);
    expect(JSON.stringify(edge.events())).not.toMatch(/mara/iu);
  });

  const refused: readonly (readonly [string, string, Parameters<typeof call>[1], number])[] = [
    ['another token', '/out/rapnet/stones/', { headers: { 'loupe-token': 'lb_guess' } }, 401],
    ['no token', '/out/rapnet/stones/', { headers: { 'loupe-token': '' } }, 401],
    ['a name nobody gave', '/out/idex/stones/', {}, 404],
    ['a path that is not listed', '/out/rapnet/account', {}, 403],
    ['a path that climbs', '/out/rapnet/stones/../account', {}, 400],
    ['an encoded climb', '/out/rapnet/stones/%2e%2e/account', {}, 400],
    ['a method that is not listed', '/out/rapnet/stones/1', { method: 'DELETE' }, 405],
    ['an answer that is too large', '/out/rapnet/large', {}, 502],
    ['an answer that is too late', '/out/rapnet/slow', {}, 504],
    ['another way in', '/stones/', {}, 404],
  ];
  test.each(refused)('%s is refused', async (_, path, options, status) => {
    const before = asked.length;
    expect((await call(path, options)).status).toBe(status);
    if (status < 500) expect(asked).toHaveLength(before);
  });

  test('a redirect is handed on and not followed', async () => {
    const answer = await call('/out/rapnet/away');
    expect(answer).toMatchObject({ status: 302, headers: { location: 'https://elsewhere.test/' } });
  });

  test('switched off nothing goes out, and the policy of one edge is all it takes', async () => {
    await edge.publish(policy({ enabled: false }));
    const before = asked.length;
    expect((await call('/out/rapnet/stones/')).status).toBe(503);
    expect(asked).toHaveLength(before);
    await edge.publish(policy());
    expect((await call('/out/rapnet/stones/')).status).toBe(200);
  });

  test('a certificate that does not verify, an old protocol and an inner address get nothing', async () => {
    await edge.publish(policy({ connectTo: { 'vendor.test:443': `127.0.0.1:${stranger.port}` } }));
    expect((await call('/out/rapnet/stones/')).status).toBe(502);
    await edge.publish(policy({ connectTo: { 'vendor.test:443': `127.0.0.1:${old.port}` } }));
    expect((await call('/out/rapnet/stones/')).status).toBe(502);
    await edge.publish(policy({ allowNetworks: [] }));
    expect((await call('/out/rapnet/stones/')).status).toBe(502);
    await written();
    expect(edge.events().at(-1)?.body).toMatchObject({ detail: 'address-refused' });
    await edge.publish(policy());
  });

  test('more calls than allowed are told to wait', async () => {
    await edge.publish(policy({ id: 'int_few', amountPerMinute: 10 }));
    expect((await call('/out/rapnet/stones/')).status).toBe(200);
    expect((await call('/out/rapnet/stones/')).status).toBe(429);
    await edge.publish(policy());
  });

  test('what cannot be recorded is not disclosed', async () => {
    const full = await startTestEdge(policy(), {
      broker: { host: '127.0.0.1', port: 0, shared: false },
      maxSpoolBytes: 1,
    });
    const before = asked.length;
    const status = await new Promise((resolve) => {
      const sending = request(
        {
          host: '127.0.0.1',
          port: full.edge.brokerPort ?? 0,
          path: '/out/rapnet/orders',
          method: 'POST',
          headers: { 'loupe-token': TOKEN, 'content-type': 'application/json' },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode));
        },
      );
      sending.end('{"email":"a@b.de"}');
    });
    expect(status).toBe(503);
    expect(asked).toHaveLength(before);
    await full.close();
  });
});

test('customer fields are found however they are written', () => {
  const headOf = (type: string, query = '') => {
    const head = readHead({
      version: '1.1',
      method: 'POST',
      target: `/x${query}`,
      authority: undefined,
      rawHeaders: ['host', 'a', 'content-type', type, 'content-length', '1'],
      bodyFollows: undefined,
    });
    if (isRefusal(head)) throw new Error('head');
    return head;
  };
  const listed = ['email', 'first_name', 'zip'];
  const json = (value: object) =>
    carriedFields(headOf('application/json'), Buffer.from(JSON.stringify(value)), listed);
  expect(json({ a: [{ b: { FirstName: 'M' } }] })).toEqual({ fields: ['first_name'], subject: null });
  expect(json({ email: '', zip: null })).toEqual({ fields: [], subject: null });
  expect(json({ email: 'a@b.de', customer_id: 7 })).toEqual({ fields: ['email'], subject: '7' });
  expect(
    carriedFields(
      headOf('application/x-www-form-urlencoded'),
      Buffer.from('customer[email]=a%40b.de&ZIP=1'),
      listed,
    ),
  ).toEqual({ fields: ['email', 'zip'], subject: 'a@b.de' });
  expect(carriedFields(headOf('text/plain', '?email=a'), Buffer.from(''), listed).fields).toEqual(['email']);
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  expect(carriedFields(headOf('application/json'), Buffer.from(deep), listed).fields).toEqual([]);
});
