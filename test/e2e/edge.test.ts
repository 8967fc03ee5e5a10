// Control and edges together: what a person decides is in force on every edge within a second, and what happens there is told once.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ControlOptions } from '#control';
import { type Edge, signOrderLink, startEdge } from '#edge';
import { DAY_MS } from '#kernel';
import { testAuthority } from '../support/certificates.ts';
import { joinedEdge } from '../support/edge.ts';
import { startTestControl, type TestControl } from '../support/control.ts';
import { databasePlaces } from '../support/databases.ts';
import { type ApiClient, eventually, filesWith } from '../support/installation.ts';
import { httpServer, httpsServer, type Running } from '../support/servers.ts';

const V1 = '/api/v1';
/** Policy is promised on every edge within a second; tests wait longer, benches measure. */
const SOON = 10_000;

describe.each(databasePlaces())('a shop behind two edges, on $engine', (place) => {
  let t: TestControl;
  let owner: ApiClient;
  let shop: string;
  let upstream: Running;
  let edges: Edge[];
  let folder: string;
  const seen: NodeJS.Dict<string | string[]>[] = [];
  const asked: NodeJS.Dict<string | string[]>[] = [];
  let vendor: Running;

  beforeAll(async () => {
    upstream = await httpServer((request, response) => {
      seen.push(request.headers);
      request.resume();
      request.on('end', () =>
        response.writeHead(request.url?.startsWith('/login') === true ? 401 : 200).end('inside'),
      );
    });
    const authority = await testAuthority();
    vendor = await httpsServer(await authority.issue(['vendor.example']), (request, response) => {
      asked.push(request.headers);
      request.resume();
      request.on('end', () => response.end('stones'));
    });
    const reach: ControlOptions['reach'] = {
      'vendor.example': {
        allowNetworks: ['127.0.0.0/8'],
        extraCa: [authority.ca],
        resolver: null,
        connectTo: { 'vendor.example:443': `127.0.0.1:${vendor.port}` },
      },
    };
    t = await startTestControl({
      state: await place.place('edges_state'),
      events: await place.place('edges_events'),
      reach,
    });
    owner = await t.owner();
    shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://edge.example' })).json.shop.id;
    folder = mkdtempSync(join(tmpdir(), 'loupe-edges-'));
    edges = [
      await startEdge(joinedEdge(t.forEdges, folder, 'edge-1')),
      await startEdge(joinedEdge(t.forEdges, folder, 'edge-2')),
    ];
  });
  afterAll(async () => {
    await Promise.all(edges.map((edge) => edge.close(100)));
    await t.close();
    await upstream.close();
    await vendor.close();
  });

  const rule = (more: object = {}) => ({
    name: 'Shop API',
    hosts: ['127.0.0.1'],
    path: '/',
    methods: ['GET', 'POST'],
    upstream: { origin: `http://127.0.0.1:${upstream.port}` },
    proofs: [{ kind: 'public', owner: 'Mara', reason: 'the shop window' }],
    ...more,
  });
  const call = async (n: number, path: string, init: RequestInit = {}): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${edges[n]?.ports[0]}${path}`, init);
    await answer.arrayBuffer();
    return answer.status;
  };
  const everywhere = (path: string, status: number, init: RequestInit = {}) =>
    eventually(async () => {
      const both = await Promise.all([call(0, path, init), call(1, path, init)]);
      return both.every((one) => one === status);
    }, SOON);
  const api = async (method: string, path: string, body?: object) =>
    await owner.call(method, `${V1}/shops/${shop}${path}`, body);

  /** Changes policy, and waits until every edge runs it. */
  const decide = async (method: string, path: string, body?: object) => {
    const before = (await api('GET', '/edges')).json.version;
    const answer = await api(method, path, body);
    if (answer.status < 300)
      await eventually(async () => {
        const { json } = await api('GET', '/edges');
        return json.version > before && json.edges.every((edge: { current: boolean }) => edge.current);
      }, SOON);
    return answer;
  };

  let route: string;

  test('a route is in force on both, after its leaf', async () => {
    expect(await call(0, '/')).toBe(503);
    const added = await api('POST', '/routes', rule());
    expect(added.status).toBe(201);
    route = added.json.id;
    await everywhere('/', 200);
    const leaves = await t.leavesOf(shop);
    expect(leaves.map((leaf) => [leaf.kind, leaf.body['what'], leaf.body['action']])).toContainEqual([
      'policy-changed',
      'route',
      'added',
    ]);
    const { json } = await api('GET', '/edges');
    await eventually(async () =>
      (await api('GET', '/edges')).json.edges.every((edge: { current: boolean }) => edge.current),
    );
    expect(json.edges.map((edge: { name: string }) => edge.name)).toEqual(['edge-1', 'edge-2']);
  });

  test('a key opens it, and ended it opens nothing; the secret lies nowhere', async () => {
    await decide(
      'PUT',
      `/routes/${route}`,
      rule({
        proofs: [
          { kind: 'api-key', scopes: ['stock'] },
          { kind: 'client-token', scopes: ['stock'] },
        ],
      }),
    );
    await everywhere('/', 401);
    const made = await owner.call(
      'POST',
      `${V1}/shops/${shop}/keys`,
      { name: 'ERP', scopes: ['stock'], until: t.clock.now() + DAY_MS },
      { 'idempotency-key': 'k1' },
    );
    expect(made.json.secret).toMatch(/^lk_[a-z2-9]{12}_/u);
    const header = { headers: { 'x-api-key': made.json.secret } };
    await everywhere('/', 200, header);
    expect(filesWith(t.folder, [made.json.secret])).toEqual([]);
    expect(filesWith(folder, [made.json.secret])).toEqual([]);
    await eventually(async () => (await api('GET', '/credentials')).json.keys[0].usedAt !== null);
    const other = await api('POST', '/keys', {
      name: 'Other',
      scopes: ['orders'],
      until: t.clock.now() + DAY_MS,
    });
    await everywhere('/', 403, { headers: { 'x-api-key': other.json.secret } });
    await decide('DELETE', `/credentials/${made.json.id}`);
    await everywhere('/', 401, header);
    expect((await api('POST', '/keys', { name: 'x', until: t.clock.now() + 900 * DAY_MS })).status).toBe(422);
  });

  test('a client gets tokens at every edge, good at every edge, until it ends', async () => {
    expect((await api('PUT', '/tokens', { hosts: ['elsewhere.test'] })).status).toBe(400);
    await api('PUT', '/tokens', { hosts: ['127.0.0.1'], path: '/oauth/token' });
    const made = await api('POST', '/clients', {
      name: 'Warehouse',
      scopes: ['stock'],
      until: t.clock.now() + DAY_MS,
    });
    const ask = (n: number, secret: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${edges[n]?.ports[0]}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: made.json.id,
          client_secret: secret,
        }),
      });
    const granted = await eventually(async () => {
      const answer = await ask(0, made.json.secret);
      return answer.ok ? ((await answer.json()) as { access_token: string }) : null;
    }, SOON);
    const bearer = { headers: { authorization: `Bearer ${granted.access_token}` } };
    await everywhere('/', 200, bearer);
    const renewed = await api('POST', `/clients/${made.json.id}/renew`);
    await eventually(async () => (await ask(1, renewed.json.secret)).ok, SOON);
    expect((await ask(1, made.json.secret)).ok).toBe(true);
    await decide('DELETE', `/credentials/${made.json.id}`);
    await everywhere('/', 401, bearer);
  });

  test('a shared secret signs, is shown to nobody, and stays as long as a route needs it', async () => {
    const made = await api('POST', '/secrets', { name: 'Order links' });
    expect(made.json.secret.length).toBeGreaterThan(40);
    const id: string = made.json.id;
    await decide('PUT', `/routes/${route}`, rule({ proofs: [{ kind: 'order-link', secrets: [id] }] }));
    await everywhere(signOrderLink(made.json.secret, '/orders/1', Date.now() + 60_000), 200);
    expect(filesWith(t.folder, [made.json.secret])).toEqual([]);
    expect(filesWith(folder, [made.json.secret])).toEqual([]);
    expect((await api('GET', '/secrets')).text).not.toContain(made.json.secret);
    expect((await api('DELETE', `/secrets/${id}`)).status).toBe(409);
    await decide('PUT', `/routes/${route}`, rule());
    expect((await api('DELETE', `/secrets/${id}`)).status).toBe(204);
    expect(
      (await decide('PUT', `/routes/${route}`, rule({ proofs: [{ kind: 'order-link', secrets: [id] }] })))
        .status,
    ).toBe(400);
  });

  test('a lock is seen with its reason, and lifted', async () => {
    const guard = {
      id: 'login',
      what: 'login',
      paths: ['/login'],
      missStatus: [401],
      per: ['account'],
      accountField: 'email',
      tries: 3,
    };
    await decide('PUT', `/routes/${route}`, rule({ guards: [guard] }));
    const login = (n: number): Promise<number> =>
      call(n, '/login', {
        method: 'POST',
        body: new URLSearchParams({ email: 'mara@edge.example', password: 'x' }),
      });
    await everywhere('/', 200);
    await eventually(async () => (await login(0)) === 429, SOON);
    const lock = await eventually(async () => {
      const { json } = await api('GET', '/traffic?limit=200');
      return json.entries.flatMap((entry: { locks: { lock: string }[] }) => entry.locks)[0];
    }, SOON);
    const json = await eventually(async () => {
      const answer = await api('GET', '/traffic?refused=true');
      return answer.json.entries[0].status === 429 ? answer.json : null;
    }, SOON);
    expect(json.entries[0]).toMatchObject({
      status: 429,
      refused: true,
      path: '/login',
      says: expect.stringContaining('locked'),
    });
    expect(JSON.stringify(json)).not.toMatch(/mara|127\.0\.0\.1/u);
    expect((await decide('POST', `/locks/${lock.lock}/lift`)).status).toBe(204);
    await eventually(async () => (await login(0)) === 401, SOON);
    expect((await t.leavesOf(shop)).some((leaf) => leaf.kind === 'lock-lifted')).toBe(true);
  });

  test('a learning route drafts what it lets through', async () => {
    await decide('PUT', `/routes/${route}`, rule({ learn: true }));
    await everywhere('/', 200);
    for (let i = 1; i < 4; i++)
      await call(0, `/orders/${i}?lang=de`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ engraving: 'for M.', count: i }),
      });
    // What was learned is told once a minute, and when an edge stops.
    await edges[0]?.close(100);
    edges[0] = await startEdge(joinedEdge(t.forEdges, folder, 'edge-1'));
    const drafted = await eventually(async () => {
      const { json } = await api('GET', `/routes/${route}/draft`);
      return json.operations > 0 ? json : null;
    }, SOON);
    expect(
      drafted.document.paths['/orders/{id}'].post.requestBody.content['application/json'].schema,
    ).toMatchObject({
      properties: { engraving: { type: 'string', maxLength: 16 }, count: { type: 'integer' } },
      required: ['engraving', 'count'],
      additionalProperties: false,
    });
    // The draft is good as an allowlist.
    await decide('PUT', `/routes/${route}`, rule({ allow: { mode: 'enforce', document: drafted.document } }));
    await everywhere('/admin', 403);
    const order = { method: 'POST', headers: { 'content-type': 'application/json' } };
    expect(await call(1, '/orders/9?lang=de', { ...order, body: '{"engraving":"x","count":1}' })).toBe(200);
    expect(
      await call(1, '/orders/9?lang=de', { ...order, body: '{"engraving":"x","count":1,"role":"admin"}' }),
    ).toBe(403);
  });

  test.each([
    ['another shop’s host', (own: object) => own, 409],
    ['control itself as upstream', () => rule({ hosts: ['inner.test'], upstream: { origin: t.url } }), 400],
    [
      'a cloud’s metadata as upstream',
      () => rule({ hosts: ['inner.test'], upstream: { origin: 'http://169.254.169.254' } }),
      400,
    ],
    [
      'public beside a key',
      () =>
        rule({
          hosts: ['inner.test'],
          proofs: [{ kind: 'public', owner: 'a', reason: 'b' }, { kind: 'api-key' }],
        }),
      400,
    ],
    [
      'public without a reason',
      () => rule({ hosts: ['inner.test'], proofs: [{ kind: 'public', owner: 'a', reason: '' }] }),
      400,
    ],
    ['no proof', () => rule({ hosts: ['inner.test'], proofs: [] }), 400],
    ['a path that climbs', () => rule({ hosts: ['inner.test'], path: '/a/../b' }), 400],
    [
      'a shared-secret algorithm',
      () =>
        rule({
          hosts: ['inner.test'],
          proofs: [{ kind: 'jwt', issuer: 'https://i.test', audience: 'a', algorithms: ['HS256'] }],
        }),
      400,
    ],
  ])('a route with %s is refused', async (name, make, status) => {
    const target =
      name === 'another shop’s host'
        ? (await owner.call('POST', `${V1}/shops`, { address: 'https://second.example' })).json.shop.id
        : shop;
    const answer = await owner.call('POST', `${V1}/shops/${target}/routes`, make(rule()));
    expect(answer.status).toBe(status);
  });

  test('the self-test proves that limits limit, lock-outs lock and nobody gets in; each is an observation', async () => {
    await decide('PUT', `/routes/${route}`, rule({ proofs: [{ kind: 'api-key' }] }));
    const { json } = await api('POST', '/self-test');
    expect(json.tests.filter((one: { passed: boolean }) => !one.passed)).toEqual([]);
    expect(
      json.tests
        .map((one: { edge: string; test: string }) => `${one.edge} ${one.test}`)
        .filter((one: string) => !one.endsWith('attack'))
        .toSorted(),
    ).toEqual(
      ['edge-1', 'edge-2'].flatMap((edge) =>
        ['leaks', 'limits', 'lockout', 'paths', 'refuses'].map((test_) => `${edge} ${test_}`),
      ),
    );
    const checksOf = async (question: string) => {
      const answers = await owner.call('GET', `${V1}/shops/${shop}/answers`);
      const answer = answers.json.answers.find((one: { id: string }) => one.id === question);
      return Object.fromEntries(
        answer.checks
          .filter((check: { id: string }) => check.id.startsWith('edge.'))
          .map((check: { id: string; outcome: string }) => [check.id, check.outcome]),
      );
    };
    expect(await checksOf('Q1')).toMatchObject({
      'edge.routes': 'holds',
      'edge.refuses': 'holds',
      'edge.current': 'holds',
      'edge.tls': 'not-applicable',
    });
    expect(await checksOf('Q4')).toEqual({
      'edge.beside': 'not-applicable',
      'edge.limits': 'holds',
      'edge.lockout': 'holds',
      'edge.leaks': 'holds',
    });
    // What it did is not among what visitors did.
    expect((await api('GET', '/traffic?limit=200')).text).not.toContain('self-test');

    await decide('PUT', `/routes/${route}`, rule({ limits: [] }));
    await api('POST', '/self-test');
    expect(await checksOf('Q4')).toMatchObject({ 'edge.limits': 'falls-short' });
    expect(await checksOf('Q1')).toMatchObject({ 'edge.refuses': 'not-applicable' });
  });

  test('a third party is called by name, once the register lets it, until it is switched off', async () => {
    const secret = await api('POST', '/secrets', { name: 'RapNet', secret: 'the-rapnet-credential' });
    const given = {
      name: 'rapnet',
      origin: 'https://vendor.example',
      paths: ['/stones/'],
      inject: [{ as: 'header', name: 'Authorization', prefix: 'Bearer ', secret: secret.json.id }],
    };
    const added = await decide('POST', '/integrations', given);
    const token = (await decide('POST', '/broker-token')).json.token;
    const out = async (body?: object): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${edges[1]?.brokerPort}/out/rapnet/stones/`, {
        headers: { 'loupe-token': token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await out()).toBe(503);
    const id: string = added.json.id;
    expect((await api('POST', `/integrations/${id}/on`)).status).toBe(409);
    const { json } = await api('GET', '/integrations');
    expect(json.integrations[0]).toMatchObject({ on: false, open: false, gateShut: true });
    await api('POST', '/exceptions', {
      about: 'connection',
      id: json.integrations[0].connection,
      reason: 'trial',
      owner: 'Mara',
      until: t.clock.now() + DAY_MS,
    });
    expect((await decide('POST', `/integrations/${id}/on`)).status).toBe(204);
    expect(await out()).toBe(200);
    expect(asked.at(-1)?.['authorization']).toBe('Bearer the-rapnet-credential');

    expect(await out({ email: 'mara@edge.example', shape: 'round' })).toBe(200);
    const leaf = await eventually(
      async () => (await t.leavesOf(shop)).find((one) => one.kind === 'customer-data-disclosed'),
      SOON,
    );
    expect(leaf.body).toMatchObject({ integration: id, to: 'vendor.example', fields: ['email'] });
    expect(JSON.stringify(leaf)).not.toContain('mara');
    await api('POST', '/self-test');
    const answers = (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json.answers;
    expect(
      answers[0].checks.find((check: { subject: string }) => check.subject === 'vendor.example'),
    ).toMatchObject({
      outcome: 'holds',
      subject: 'vendor.example',
    });

    await decide('POST', `/integrations/${id}/off`);
    const before = asked.length;
    expect(await out()).toBe(503);
    expect(asked).toHaveLength(before);
    await eventually(async () => {
      const [one] = (await api('GET', '/integrations')).json.integrations;
      return one.calls === 4 && one.refused === 2;
    }, SOON);
  });

  test('what browsers report is counted, by what it says', async () => {
    const report = (blocked: string): Promise<number> =>
      call(0, '/.well-known/loupe/csp', {
        method: 'POST',
        body: JSON.stringify({
          'csp-report': {
            'effective-directive': 'script-src-elem',
            'blocked-uri': blocked,
            'document-uri': 'https://shop.test/orders/4711?name=Anna',
            disposition: 'enforce',
          },
        }),
      });
    for (const blocked of ['https://evil.test/x.js?card=4111', 'https://evil.test/y.js', 'inline'])
      expect(await report(blocked)).toBe(204);
    const reports = await eventually(async () => {
      const { json } = await api('GET', '/csp-reports');
      return json.reports.length === 2 ? json.reports : null;
    }, SOON);
    expect(reports[0]).toMatchObject({
      directive: 'script-src-elem',
      blocked: 'evil.test',
      page: '/orders/{n}',
      stopped: true,
      count: 2,
    });
  });

  test('a change is undone, and undone again; a route that was taken away comes back', async () => {
    const own = async () => (await api('GET', '/routes')).json.routes[0];
    const { rule: before } = await own();
    await decide('PUT', `/routes/${route}`, { ...before, name: 'Renamed', path: '/only/' });
    expect((await own()).rule).toMatchObject({ name: 'Renamed', path: '/only/' });
    await decide('POST', `/routes/${route}/undo`);
    expect((await own()).rule).toEqual(before);
    await decide('POST', `/routes/${route}/undo`);
    expect((await own()).rule.name).toBe('Renamed');
    await decide('POST', `/routes/${route}/undo`);

    await decide('DELETE', `/routes/${route}`);
    await everywhere('/', 421);
    // Meanwhile another stands there: the old one does not come back beside it.
    const other = await decide('POST', '/routes', rule({ path: before.path }));
    expect((await api('POST', `/routes/${route}/undo`)).status).toBe(409);
    await decide('DELETE', `/routes/${other.json.id}`);
    const { ended } = (await api('GET', '/routes')).json;
    expect(new Set(ended.map((one: { id: string }) => one.id))).toEqual(new Set([other.json.id, route]));
    await decide('POST', `/routes/${route}/undo`);
    expect((await own()).rule).toEqual(before);
    expect((await api('POST', '/routes/rt_00000000000000000000000000000000/undo')).status).toBe(404);
  });

  test('the route ends', async () => {
    await decide('DELETE', `/routes/${route}`);
    await everywhere('/', 421);
    expect(t.errors).toEqual([]);
  });
});
