import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#kernel';
import { readVerifier } from '#crypto';
import { verifyProofFile } from '#ledger';
import { decodeLeaf, observationOf } from '#plane';
import { startWorld, type World } from '../../sample/world.ts';
import { startTestControl, type TestControl } from '../../test/support/control.ts';
import { type ApiClient, eventually } from '../../test/support/installation.ts';
import { databasePlaces } from '../../test/support/databases.ts';

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

describe('before it is claimed', () => {
  let t: TestControl;
  beforeAll(async () => {
    t = await startTestControl();
  });
  afterAll(() => t.close());

  it('nobody is answered but whoever has the link', async () => {
    for (const path of ['/', `${V1}/me`, `${V1}/shops`, `${V1}/openapi.json`, '/sign-in']) {
      expect(await t.client().call('GET', path)).toMatchObject({
        status: 403,
        json: { code: 'control/not-claimed' },
      });
    }
    expect(
      await t.client().call('POST', `${V1}/session`, { email: 'a@b.example', password: 'x'.repeat(12) }),
    ).toMatchObject({
      status: 403,
    });
    expect((await t.client().call('GET', '/healthz')).status).toBe(200);
  });

  it('the link works once, for 30 minutes, and an older one dies with a newer', async () => {
    const first = await t.control.people.newSetupToken();
    const second = await t.control.people.newSetupToken();
    const claim = (token: string) => t.client().call('POST', `${V1}/claim`, { token });
    expect(await claim(first)).toMatchObject({ status: 410, json: { code: 'control/setup-link-invalid' } });
    expect(await claim(`${second}x`)).toMatchObject({ status: 410 });
    t.clock.advance(31 * MINUTE_MS);
    expect(await claim(second)).toMatchObject({ status: 410 });
    const third = await t.control.people.newSetupToken();
    const both = await Promise.all([claim(third), claim(third)]);
    expect(both.map((answer) => String(answer.status)).toSorted()).toEqual(['204', '410']);
  });
});

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
      ]).toContain(op.access);
      if (op.path.includes('{shop}')) expect(op.access).toMatch(/^shop:/u);
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
      owner: ['shop:read', 'shop:look', 'shop:edit', 'shop:people'],
      developer: ['shop:read', 'shop:look'],
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

describe('a name that is not ours', () => {
  it('is not answered under (DNS rebinding)', async () => {
    const t = await startTestControl();
    const { request } = await import('node:http');
    const status = await new Promise<number>((resolve, reject) => {
      request(`${t.url}${V1}/me`, { headers: { host: 'evil.example' } }, (res) =>
        resolve(res.resume().statusCode ?? 0),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
    await t.close();
  });
});

describe('signing in', () => {
  let t: TestControl;
  let key = '';
  const email = 'anna@one.example';
  const password = 'seven stones in a ring';
  beforeAll(async () => {
    t = await startTestControl();
    const owner = await t.owner();
    for (const bad of ['short', 'password123456', 'aaaaaaaaaaaaaaa']) {
      expect(
        await owner.call('PUT', `${V1}/me/credentials`, { name: 'Anna', email, password: bad }),
      ).toMatchObject({
        status: 422,
        json: { code: 'control/weak-password' },
      });
    }
    expect((await owner.call('PUT', `${V1}/me/credentials`, { name: 'Anna', email, password })).status).toBe(
      204,
    );
    const begun = await owner.call('POST', `${V1}/me/second-factor`);
    key = begun.json.secret;
    const code = new TOTP({ secret: key }).generate({ timestamp: t.clock.now() });
    expect((await owner.call('PUT', `${V1}/me/second-factor`, { code })).json.recoveryCodes).toHaveLength(10);
  });
  afterAll(() => t.close());

  const signIn = async (given = { email, password }) => {
    const client = t.client();
    const answer = await client.call('POST', `${V1}/session`, given);
    return { client, answer };
  };

  it('takes both factors; the first alone opens nothing', async () => {
    t.clock.advance(2 * MINUTE_MS);
    const { client, answer } = await signIn();
    expect(answer.status).toBe(204);
    expect((await client.call('GET', `${V1}/me`)).json).toMatchObject({ complete: false });
    expect((await client.call('GET', `${V1}/shops`)).status).toBe(401);
    expect(
      (await client.call('PUT', `${V1}/me/credentials`, { name: 'x', email, password: 'another long one' }))
        .status,
    ).toBe(401);
    const code = new TOTP({ secret: key }).generate({ timestamp: t.clock.now() });
    expect((await client.call('PUT', `${V1}/me/second-factor`, { code })).status).toBe(200);
    expect((await client.call('GET', `${V1}/shops`)).status).toBe(200);
    const again = await signIn();
    expect(await again.client.call('PUT', `${V1}/me/second-factor`, { code })).toMatchObject({
      status: 401,
      json: { code: 'control/wrong-credentials' },
    });
  });

  it('does not tell whether the account exists', async () => {
    const wrong = await signIn({ email, password: 'not the right one' });
    const nobody = await signIn({ email: 'nobody@one.example', password: 'not the right one' });
    expect(nobody.answer.text).toBe(wrong.answer.text);
    expect(nobody.answer.status).toBe(wrong.answer.status);
  });

  it('is locked for 30 minutes after ten tries, for accounts that exist and for those that do not', async () => {
    for (const who of [email, 'ghost@one.example']) {
      t.clock.advance(HOUR_MS);
      for (let n = 0; n < 10; n++)
        expect((await signIn({ email: who, password: 'wrong wrong wrong' })).answer.status).toBe(401);
      expect((await signIn({ email: who, password })).answer).toMatchObject({
        status: 429,
        json: { code: 'control/locked' },
      });
      t.clock.advance(29 * MINUTE_MS);
      expect((await signIn({ email: who, password })).answer.status).toBe(429);
      t.clock.advance(2 * MINUTE_MS);
      expect((await signIn({ email: who, password })).answer.status).toBe(who === email ? 204 : 401);
    }
  });

  it('ends after an hour without a request', async () => {
    const { client } = await signIn();
    expect((await client.call('GET', `${V1}/me`)).status).toBe(200);
    t.clock.advance(HOUR_MS + 1);
    expect((await client.call('GET', `${V1}/me`)).status).toBe(401);
  });

  it('keeps the cookie from scripts and other sites', async () => {
    const { answer } = await signIn();
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^loupe_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/u,
    );
  });
});

describe('a change of people or policy', () => {
  it('is a leaf of the ledger, by ids alone', async () => {
    const t = await startTestControl();
    const owner = await t.owner();
    const added = await owner.call('POST', `${V1}/shops`, { address: 'https://one.example' });
    const shop: string = added.json.shop.id;
    await owner.call('PATCH', `${V1}/shops/${shop}`, { name: 'One', timeZone: 'Europe/Paris' });
    const granted = await owner.call('POST', `${V1}/shops/${shop}/grants`, {
      email: 'dev@one.example',
      name: 'Dev',
      role: 'developer',
    });
    await owner.call('DELETE', `${V1}/shops/${shop}/grants/${granted.json.grant}`);
    await owner.call('PUT', `${V1}/me/credentials`, {
      name: 'Anna',
      email: 'anna@one.example',
      password: 'seven stones in a ring',
    });
    const kinds = await eventually(async () => {
      const leaves = [...(await t.leavesOf(shop)), ...(await t.leavesOf('installation'))];
      return leaves.length >= 8 ? leaves.filter((leaf) => leaf.kind !== 'observation') : null;
    });
    expect(kinds.map((leaf) => leaf.kind).toSorted()).toEqual([
      'grant-added',
      'grant-added',
      'grant-ended',
      'person-added',
      'person-added',
      'person-changed',
      'shop-added',
      'shop-changed',
    ]);
    for (const leaf of kinds) {
      expect(JSON.stringify(leaf)).not.toMatch(/Anna|dev@|anna@|seven stones/u);
      expect(leaf.by).toMatch(/^per_/u);
    }
    await t.close();
  });
});

describe.each(databasePlaces())('a look, with state on $engine', ({ place }) => {
  let t: TestControl;
  let world: World;
  let owner: ApiClient;
  let shop = '';
  beforeAll(async () => {
    world = await startWorld({ firstPort: 0 });
    t = await startTestControl({ samples: world.shops, state: await place('control') });
    owner = await t.owner();
    const added = await owner.call('POST', `${V1}/shops`, { address: 'bergstrom-jewelers.test' });
    shop = added.json.shop.id;
    await eventually(
      async () =>
        (await owner.call('GET', `${V1}/shops/${shop}/looks/${added.json.look}`)).json.state === 'done',
    );
  });
  afterAll(async () => {
    await t.close();
    await world.close();
  });

  const answers = async () => (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json.answers;
  const answer = async (id: string) => (await answers()).find((a: { id: string }) => a.id === id);

  it('answers every question, follow-up and provider question, none of them Yes without a room that sees it', async () => {
    const all = await answers();
    expect(all).toHaveLength(33);
    expect((await answer('Q3')).state).toBe('no');
    for (const one of all) expect(['no', 'unknown']).toContain(one.state);
    for (const one of all) expect(one.sentence.split(/\s+/u).length, one.sentence).toBeLessThanOrEqual(25);
    for (const one of all) expect(JSON.stringify(one), one.id).not.toMatch(/–\D|\{\w+\}|undefined/u);
  });

  it('signs every observation into the shop’s log, with a proof that verifies offline', async () => {
    const q1 = await answer('Q1');
    const id = q1.checks[0].observation;
    const held = await eventually(async () => {
      const { json } = await owner.call('GET', `${V1}/shops/${shop}/observations/${id}`);
      return json.leaf === null ? null : json;
    });
    const proof = await owner.call('GET', `${V1}/shops/${shop}/observations/${id}/proof`);
    const verdict = verifyProofFile(proof.text, readVerifier(held.key));
    if (!verdict.ok) throw new Error(verdict.why);
    expect(observationOf(decodeLeaf(verdict.leaf))).toEqual(held.observation);
    expect(held.log).toBe(`loupe/SAMPLE/${shop}`);
    const raw = await owner.call('GET', `${V1}/shops/${shop}/evidence/${held.observation.evidence}`);
    expect(raw.json.piece.host).toBe('bergstrom-jewelers.test');
  });

  it('turns to Unknown by itself when nothing looks any more', async () => {
    expect((await answer('Q3')).state).toBe('no');
    t.clock.advance(2 * DAY_MS);
    owner = await t.owner();
    const q3 = await answer('Q3');
    expect(q3.state).toBe('unknown');
    expect(q3.checks.every((c: { outcome: string }) => c.outcome === 'unknown')).toBe(true);
  });

  it('was recorded without an error', () => {
    expect(t.errors).toEqual([]);
  });
});
