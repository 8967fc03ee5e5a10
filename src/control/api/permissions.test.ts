import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '#kernel';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { type ApiClient, filesWith } from '../../../test/support/installation.ts';

const V1 = '/api/v1';

interface OpenApiOperation {
  readonly method: string;
  readonly path: string;
  readonly access: string;
}

async function operations(client: ApiClient): Promise<OpenApiOperation[]> {
  const { json } = await client.call('GET', `${V1}/openapi.json`);
  return Object.entries(json.paths as Record<string, Record<string, { 'x-access': string }>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        access: operation['x-access'],
      })),
  );
}

describe('every operation', () => {
  let t: TestControl;
  let owner: ApiClient;
  let ops: OpenApiOperation[];
  const shops: string[] = [];
  const clients: Record<string, ApiClient> = {};

  beforeAll(async () => {
    t = await startTestControl();
    owner = await t.owner();
    ops = await operations(owner);
    for (const address of ['https://one.example', 'https://two.example']) {
      const { json } = await owner.call('POST', `${V1}/shops`, { address });
      shops.push(json.shop.id);
    }
    for (const role of ['owner', 'developer', 'auditor']) {
      const added = await owner.call('POST', `${V1}/shops/${shops[1]}/grants`, {
        email: `${role}@two.example`,
        name: role,
        role,
      });
      const client = t.client();
      await client.call('POST', `${V1}/claim`, { token: String(added.json.invite).split('#')[1] });
      clients[role] = client;
    }
    clients['stranger'] = t.client();
  });
  afterAll(() => t.close());

  const fill = (path: string, shop: string) =>
    `${V1}${path
      .replace('{shop}', shop)
      .replace('{hash}', 'a'.repeat(64))
      .replaceAll(/\{\w+\}/gu, 'none_00')}`;

  it('declares who may use it', () => {
    expect(ops.length).toBeGreaterThan(15);
    for (const op of ops) {
      expect([
        'open',
        'session',
        'person',
        'admin',
        'shop:read',
        'shop:look',
        'shop:edit',
        'shop:people',
        'ask:write',
        'vendor:write',
        'vendor:decide',
        'platform:write',
        'edge:write',
        'feed:write',
      ]).toContain(op.access);
      if (op.path.includes('{shop}')) expect(op.access).toMatch(/^(shop|ask|vendor|platform|edge|feed):/u);
    }
    expect(
      ops
        .filter((op) => op.access === 'open')
        .map((op) => `${op.method} ${op.path}`)
        .toSorted(),
    ).toEqual(['POST /claim', 'POST /session']);
  });

  it('of another shop does not exist, whoever asks and whatever their role elsewhere', async () => {
    for (const op of ops.filter((o) => o.path.includes('{shop}'))) {
      for (const role of ['owner', 'developer', 'auditor']) {
        const answer = await clients[role]!.call(
          op.method,
          fill(op.path, shops[0]!),
          op.method === 'GET' ? undefined : {},
        );
        expect(answer, `${role} ${op.method} ${op.path}`).toMatchObject({
          status: 404,
          json: { code: 'control/not-found' },
        });
        expect(answer.text).not.toContain('one.example');
      }
      const none = await clients['stranger']!.call(
        op.method,
        fill(op.path, shops[0]!),
        op.method === 'GET' ? undefined : {},
      );
      expect(none.status, `stranger ${op.method} ${op.path}`).toBe(401);
    }
  });

  it('that needs a person, or an admin, is refused to others', async () => {
    for (const op of ops.filter((o) => !o.path.includes('{shop}') && o.access !== 'open')) {
      const answer = await clients['stranger']!.call(
        op.method,
        fill(op.path, ''),
        op.method === 'GET' ? undefined : {},
      );
      expect(answer.status, `${op.method} ${op.path}`).toBe(401);
      if (op.access !== 'admin') continue;
      for (const role of ['owner', 'developer', 'auditor']) {
        const refused = await clients[role]!.call(op.method, fill(op.path, ''), {
          address: 'https://three.example',
        });
        expect(refused, `${role} ${op.method} ${op.path}`).toMatchObject({
          status: 403,
          json: { code: 'control/not-allowed' },
        });
      }
    }
  });

  it('of one’s own shop is allowed by role, and denied by default', async () => {
    const may: Record<string, readonly string[]> = {
      owner: [
        'shop:read',
        'shop:look',
        'shop:edit',
        'shop:people',
        'ask:write',
        'vendor:write',
        'vendor:decide',
        'platform:write',
        'edge:write',
        'feed:write',
      ],
      developer: [
        'shop:read',
        'shop:look',
        'ask:write',
        'vendor:write',
        'platform:write',
        'edge:write',
        'feed:write',
      ],
      auditor: ['shop:read'],
    };
    for (const op of ops.filter(
      (o) => o.path.includes('{shop}') && !(o.method === 'DELETE' && o.path === '/shops/{shop}'),
    )) {
      for (const role of ['owner', 'developer', 'auditor']) {
        const answer = await clients[role]!.call(
          op.method,
          fill(op.path, shops[1]!),
          op.method === 'GET' ? undefined : {},
        );
        expect(answer.status, `${role} ${op.method} ${op.path}`).not.toBe(500);
        const denied = answer.status === 403;
        expect(denied, `${role} ${op.method} ${op.path}: ${answer.status}`).toBe(
          !may[role]!.includes(op.access),
        );
      }
    }
  });

  it('ends with the grant: at its date, and when it is ended', async () => {
    const until = t.clock.now() + HOUR_MS / 2;
    const added = await owner.call('POST', `${V1}/shops/${shops[1]}/grants`, {
      email: 'short@two.example',
      name: 'S',
      role: 'auditor',
      until,
    });
    const client = t.client();
    await client.call('POST', `${V1}/claim`, { token: String(added.json.invite).split('#')[1] });
    expect((await client.call('GET', `${V1}/shops/${shops[1]}`)).status).toBe(200);
    t.clock.advance(HOUR_MS / 2 + 1);
    expect((await client.call('GET', `${V1}/shops/${shops[1]}`)).status).toBe(404);
    const { json } = await owner.call('GET', `${V1}/shops/${shops[1]}/grants`);
    const auditor = json.grants.find((g: { email: string }) => g.email === 'auditor@two.example');
    expect((await clients['auditor']!.call('GET', `${V1}/shops/${shops[1]}`)).status).toBe(200);
    expect((await owner.call('DELETE', `${V1}/shops/${shops[1]}/grants/${auditor.id}`)).status).toBe(204);
    expect((await clients['auditor']!.call('GET', `${V1}/shops/${shops[1]}`)).status).toBe(404);
  });

  it('to invite somebody does not hand over an account that somebody else’s link opens', async () => {
    const invite = (client: ApiClient, shop: string) =>
      client.call('POST', `${V1}/shops/${shop}/grants`, {
        email: 'new@three.example',
        name: 'N',
        role: 'developer',
      });
    const first = await invite(owner, shops[0]!);
    expect(first.json.invite).toMatch(/^\/claim#/u);
    expect(await invite(clients['owner']!, shops[1]!)).toMatchObject({
      status: 409,
      json: { code: 'control/invited-elsewhere' },
    });
    expect((await invite(owner, shops[1]!)).json.invite).toMatch(/^\/claim#/u);
  });

  it('by a link ends when there is a password: an older link opens nothing', async () => {
    const links = [];
    for (const shop of [shops[0]!, shops[1]!]) {
      const { json } = await owner.call(
        'POST',
        `${V1}/shops/${shop}/grants`,
        { email: 'late@three.example', name: 'L', role: 'developer' },
        { 'idempotency-key': `late-${shop}` },
      );
      links.push(String(json.invite).split('#')[1]);
    }
    const person = t.client();
    expect((await person.call('POST', `${V1}/claim`, { token: links[0] })).status).toBe(204);
    await person.call('PUT', `${V1}/me/credentials`, {
      name: 'L',
      email: 'late@three.example',
      password: 'seven stones in a ring',
    });
    expect(await t.client().call('POST', `${V1}/claim`, { token: links[1] })).toMatchObject({
      status: 410,
      json: { code: 'control/setup-link-invalid' },
    });
    // And no link lies readable where answers are kept for repeated requests.
    expect(filesWith(t.folder, links.map(String))).toEqual([]);
    const again = await owner.call(
      'POST',
      `${V1}/shops/${shops[0]}/grants`,
      { email: 'late@three.example', name: 'L', role: 'developer' },
      { 'idempotency-key': `late-${shops[0]}` },
    );
    expect(again.json.invite).toBeNull();
  });

  it('refuses a body that is too large, whether it says so or not', async () => {
    const big = 'x'.repeat(70_000);
    expect(await owner.call('POST', `${V1}/shops`, { address: big })).toMatchObject({ status: 413 });
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(big)),
    });
    const answer = await fetch(`${t.url}${V1}/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    }).catch(() => null);
    expect(answer === null || answer.status === 413).toBe(true);
  });

  it('that is repeated with the same key acts once', async () => {
    const headers = { 'idempotency-key': 'k-1' };
    const first = await owner.call('POST', `${V1}/shops`, { address: 'https://four.example' }, headers);
    const second = await owner.call('POST', `${V1}/shops`, { address: 'https://four.example' }, headers);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await owner.call('POST', `${V1}/shops`, { address: 'https://four.example' })).status).toBe(409);
  });

  it('that changes something comes from our own pages or from no page', async () => {
    const add = (headers: Record<string, string>) =>
      owner.call('POST', `${V1}/shops`, { address: 'https://five.example' }, headers);
    expect(await add({ 'sec-fetch-site': 'cross-site' })).toMatchObject({
      status: 403,
      json: { code: 'control/forged-request' },
    });
    expect((await add({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await add({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await add({ origin: 'null' })).status).toBe(403);
    expect((await add({ origin: t.url, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });

  it('pages through lists', async () => {
    const one = await owner.call('GET', `${V1}/shops?limit=2`);
    expect(one.json.shops).toHaveLength(2);
    const two = await owner.call('GET', `${V1}/shops?limit=200&cursor=${one.json.next}`);
    expect(two.json.next).toBeNull();
    const ids = [...one.json.shops, ...two.json.shops].map((s: { id: string }) => s.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await owner.call('GET', `${V1}/shops?limit=0`)).json.code).toBe('control/bad-request');
  });
});
