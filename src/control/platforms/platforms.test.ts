import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '#kernel';
import type { Answer, Change } from '@loupe/contract';
import { SHOPIFY_DOMAIN } from '../../../sample/shopify/platform.ts';
import type { Delivery } from '../../../sample/shopify/sender.ts';
import { startWorld, type World } from '../../../sample/world.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { databasePlaces } from '../../../test/support/databases.ts';
import { type ApiClient, eventually, filesWith } from '../../../test/support/installation.ts';

const V1 = '/api/v1';

describe.each(databasePlaces())('a connected shop, with state on $engine', ({ place }) => {
  let t: TestControl;
  let world: World;
  let owner: ApiClient;
  let shop = '';
  let hookup = '';

  const platform = () => world.platform;
  const keys = () => ({
    domain: SHOPIFY_DOMAIN,
    clientId: platform().clientId,
    clientSecret: platform().clientSecret(),
  });
  const view = async () => (await owner.call('GET', `${V1}/shops/${shop}/platform`)).json;
  const changes = async (): Promise<Change[]> =>
    (await owner.call('GET', `${V1}/shops/${shop}/changes`)).json.changes;
  const answer = async (id: string): Promise<Answer> =>
    (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json.answers.find(
      (one: Answer) => one.id === id,
    );
  const check = async (question: string, id: string) =>
    (await answer(question)).checks.filter((one) => one.id === id);
  /** What a check comes to; it is judged a moment after what it is judged by. */
  const comesTo = (question: string, id: string, outcome: string) =>
    eventually(async () => (await check(question, id))[0]?.outcome === outcome);
  /** The next reading, as time brings it. */
  const read = async () => {
    const before = (await view()).platform.readAt;
    t.clock.advance(15 * SECOND_MS);
    await owner.call('POST', `${V1}/shops/${shop}/platform/readings`);
    t.clock.advance(5 * SECOND_MS);
    await eventually(async () => ((await view()).platform.readAt ?? 0) > (before ?? 0));
  };
  /** A reading that a delivery caused. */
  const readByItself = async () => {
    const before = (await view()).platform.readAt;
    await eventually(async () => {
      t.clock.advance(SECOND_MS);
      return (await view()).platform.readAt > before;
    });
  };

  beforeAll(async () => {
    world = await startWorld({ firstPort: 0, weaknesses: new Set(), deliverTo: () => t.url });
    t = await startTestControl({ samples: world.shops, state: await place('control') });
    owner = await t.owner();
    const added = await owner.call('POST', `${V1}/shops`, { address: 'https://maison-aurora.test/' });
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
  afterEach(() => {
    platform().switches.clear();
    expect(t.errors).toEqual([]);
  });

  it('is offered, and says what each right unlocks', async () => {
    const before = await view();
    expect(before).toMatchObject({ platform: null, offered: true, sample: { domain: SHOPIFY_DOMAIN } });
    expect(before.scopes.length).toBeGreaterThan(7);
    for (const scope of before.scopes) expect(scope.unlocks.split(' ').length).toBeGreaterThan(3);
    expect((await check('Q1', 'platform.connected'))[0]).toMatchObject({ outcome: 'unknown' });
  });

  it('refuses wrong credentials and other hosts, and stores nothing of them', async () => {
    const connect = (given: object) =>
      owner.call('POST', `${V1}/shops/${shop}/platform`, { ...keys(), ...given });
    const wrong = 'shpss_0123456789abcdef-wrong';
    expect(await connect({ clientSecret: wrong })).toMatchObject({
      status: 422,
      json: { code: 'control/platform-refused' },
    });
    for (const domain of [
      'evil.example',
      'evil.example/.myshopify.com',
      'x.myshopify.com.evil.example',
      'https://x.myshopify.com@evil.example',
      'x.myshopify.com:444',
      'x.y.myshopify.com',
      'myshopify.com',
      'x.myshopify.io',
      'admin.shopify.com/store/x',
      'x.myshopify.com#.evil.example',
      'x.myshopify.com\\.evil.example',
      'ẋ.myshopify.com',
      '-x.myshopify.com',
    ])
      expect((await connect({ domain })).json.code, domain).toBe('platform/not-a-domain');
    expect((await view()).platform).toBeNull();
    expect(filesWith(t.folder, [wrong])).toEqual([]);
  });

  it('connects, reads, and shows what is closed as a gap', async () => {
    const made = await owner.call('POST', `${V1}/shops/${shop}/platform`, keys());
    expect(made.status).toBe(201);
    hookup = made.json.platform;
    await eventually(async () => (await view()).platform.readAt !== null);
    const { platform: now } = await view();
    expect(now).toMatchObject({ state: 'connected', domain: SHOPIFY_DOMAIN, problem: null });
    expect(now.watched).toContainEqual({ part: 'Products', count: 6 });
    expect(now.gaps.map((gap: { part: string }) => gap.part).toSorted()).toEqual(['Apps', 'Staff accounts']);
    // Nothing has changed at the first reading.
    expect(await changes()).toEqual([]);
    expect((await owner.call('POST', `${V1}/shops/${shop}/platform`, keys())).json.code).toBe(
      'control/conflict',
    );
  });

  it('keeps secret and token sealed, and in no file, leaf or answer', async () => {
    const { clientSecret } = keys();
    expect(filesWith(t.folder, [clientSecret, 'shpat_'])).toEqual([]);
    expect(JSON.stringify(await t.leavesOf(shop))).not.toContain(clientSecret);
    const shown = (await owner.call('GET', `${V1}/shops/${shop}/platform`)).json.platform;
    expect(JSON.stringify(shown)).not.toContain(clientSecret);
    expect(JSON.stringify(shown)).not.toContain('shpat_');
  });

  describe('the app proxy and embedded pages', () => {
    const proxy = (query: string) => fetch(`${t.url}/proxy/shopify/${hookup}?${query}`);
    const stamp = () => String(Math.floor(Date.now() / 1000));

    it('hears the platform', async () => {
      expect(await (await proxy(platform().signProxy({ q: 'ring' }))).json()).toEqual({
        loupe: 'reached',
        shop: SHOPIFY_DOMAIN,
      });
    });

    it.each([
      ['a changed query', () => platform().signProxy({ q: 'ring' }).replace('ring', 'king')],
      ['an added parameter', () => `${platform().signProxy({})}&admin=1`],
      ['a repeated shop', () => `${platform().signProxy({})}&shop=other.myshopify.com`],
      ['another shop of the same app', () => platform().signProxy({ shop: 'other-shop.myshopify.com' })],
      ['an old time', () => platform().signProxy({ timestamp: String(Number(stamp()) - 91) })],
      ['a time that is no whole number', () => platform().signProxy({ timestamp: `${stamp()}.5` })],
      ['no signature', () => `shop=${SHOPIFY_DOMAIN}&timestamp=${stamp()}`],
    ] as const)('refuses %s', async (_says, query) => {
      expect((await proxy(query())).status).toBe(401);
    });

    it('takes what speaks for a shopper once', async () => {
      const query = platform().signProxy({ logged_in_customer_id: '7' });
      expect([(await proxy(query)).status, (await proxy(query)).status]).toEqual([200, 401]);
      // Two visitors may ask the same within a second.
      const open = platform().signProxy({ q: 'pendant' });
      expect([(await proxy(open)).status, (await proxy(open)).status]).toEqual([200, 200]);
    });

    const embedded = (token: string) =>
      fetch(`${t.url}/embedded/shopify/${hookup}/answers`, { headers: { authorization: `Bearer ${token}` } });

    it('answers whoever is signed in at the platform', async () => {
      const answered = (await (await embedded(platform().sessionToken())).json()) as { answers: unknown[] };
      expect(answered.answers).toHaveLength(10);
    });

    it.each([
      ['of another app', { aud: 'another' }],
      [
        'for another shop',
        { dest: 'https://other-shop.myshopify.com', iss: 'https://other-shop.myshopify.com/admin' },
      ],
      ['with an issuer of its own', { iss: 'https://evil.example/admin' }],
      ['that has ended', { exp: Math.floor(Date.now() / 1000) - 60 }],
      ['that has not begun', { nbf: Math.floor(Date.now() / 1000) + 600 }],
      ['of nobody', { sub: '' }],
    ] as const)('refuses a session token %s, without repeating it', async (_says, claims) => {
      const token = platform().sessionToken(claims);
      const answer = await embedded(token);
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toContain(token.slice(0, 20));
    });

    it('refuses a token without a signature', async () => {
      const [, payload] = platform().sessionToken().split('.');
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
      expect((await embedded(none)).status).toBe(401);
      expect((await embedded('x'.repeat(5_000))).status).toBe(401);
    });
  });

  it('hears of a change by webhook, reads it, and shows it line by line', async () => {
    await platform().deed('add-a-skimmer');
    await readByItself();
    const [found] = await changes();
    expect(found).toMatchObject({
      weight: 'alarm',
      verdict: 'open',
      sentence: 'Theme file “layout/theme.liquid” was changed.',
    });
    expect(found!.why).toContain('skimmers');
    const one = await owner.call('GET', `${V1}/shops/${shop}/changes/${found!.id}`);
    expect(JSON.stringify(one.json.items[0].differs)).toContain('jewels-metrics.test');
    const lines = await owner.call('GET', `${V1}/shops/${shop}/changes/${found!.id}/items/0/lines`);
    expect(lines.json.hunks[0].lines.filter((line: string) => line.startsWith('+'))).toEqual([
      '+  <script src="https://jewels-metrics.test/a.js" async></script>',
    ]);
    const raw = await owner.call('GET', `${V1}/shops/${shop}/evidence/${found!.evidence}`);
    expect(raw.json.items[0].key).toBe('layout/theme.liquid');
    const noticed = await eventually(async () =>
      (await t.leavesOf(shop)).find((leaf) => leaf.kind === 'change-noticed'),
    );
    expect(noticed.body).toMatchObject({ change: found!.id, weight: 'alarm', evidence: found!.evidence });
  });

  it('sees the same in the rendered pages', async () => {
    const again = await owner.call('POST', `${V1}/shops/${shop}/looks`);
    await eventually(
      async () =>
        (await owner.call('GET', `${V1}/shops/${shop}/looks/${again.json.look}`)).json.state === 'done',
    );
    expect((await changes()).map((change) => change.sentence)).toContain(
      'jewels-metrics.test now runs scripts in your pages.',
    );
  });

  it.each([
    ['all-prices-to-one', 'alarm', /6 products were changed/u],
    ['give-everything-away', 'alarm', /Discount “Staff test” was added: 100 % off/u],
    [
      'lead-customers-away',
      'alarm',
      /Redirect “\/checkout-help” was added: it leads to https:\/\/maison-aurora-pay\.test/u,
    ],
    ['change-the-iban', 'alarm', /Page “Paying by transfer” was changed/u],
    ['remove-a-product', 'notice', /Product “Wedding bands, a pair” was removed/u],
    ['fix-a-typo', 'warn', /Theme file “sections\/footer\.liquid” was changed/u],
  ] as const)('notices: %s', async (deed, weight, sentence) => {
    await platform().deed(deed);
    await read();
    const found = (await changes()).find((change) => sentence.test(change.sentence));
    expect(found, JSON.stringify((await changes()).map((c) => c.sentence))).toMatchObject({ weight });
    if (deed === 'all-prices-to-one') expect(found!.doneBy).toBe('the app Bulk Price Editor');
    if (deed === 'give-everything-away') expect(found!.doneBy).toBe('somebody with a staff account');
  });

  it('lets a person say whose a change was, and does not let an alarm be forgotten', async () => {
    expect((await check('Q5a', 'watch.alarms'))[0]!.outcome).toBe('holds');
    t.clock.advance(DAY_MS);
    owner = await t.owner();
    const judge = (id: string, given: object) =>
      owner.call('PUT', `${V1}/shops/${shop}/changes/${id}/verdict`, given);
    const list = await changes();
    const foreign = list.find((change) => change.sentence.includes('Staff test'))!;
    expect((await judge(foreign.id, { verdict: 'dealt-with', note: 'x' })).json.code).toBe('control/say-how');
    for (const change of list) if (change.id !== foreign.id) await judge(change.id, { verdict: 'mine' });
    expect((await check('Q5a', 'watch.alarms'))[0]!.outcome).toBe('falls-short');
    await judge(foreign.id, { verdict: 'not-mine' });
    expect((await check('Q5a', 'watch.alarms'))[0]!.sentence).toContain('none of yours');
    await judge(foreign.id, { verdict: 'dealt-with', note: 'Code removed, account of the temp closed.' });
    expect((await check('Q5a', 'watch.alarms'))[0]!.outcome).toBe('holds');
    expect((await changes()).find((change) => change.id === foreign.id)).toMatchObject({
      verdict: 'dealt-with',
    });
  });

  describe('a delivery', () => {
    /** The last one that was sent, as it lay on the wire. */
    const last = (): Delivery => platform().sender.sent.at(-1)!;
    const post = (delivery: Delivery) => platform().sender.post(delivery);
    const signed = (body: string, secret: string) =>
      createHmac('sha256', secret).update(body).digest('base64');
    const withHeaders = (headers: Record<string, string>, body?: string): Delivery => ({
      ...last(),
      ...(body === undefined ? {} : { body }),
      headers: { ...last().headers, ...headers },
    });

    beforeAll(async () => {
      // The test's clock went ahead; the platform's own did not.
      await platform().deed('raise-a-price');
    });

    const fresh = (id: string): Record<string, string> => ({
      'x-shopify-triggered-at': new Date(t.clock.now()).toISOString(),
      'x-shopify-webhook-id': id,
    });

    it('is taken once, however often it comes', async () => {
      const body = JSON.stringify({ id: 1, updated_at: 'once' });
      const one = withHeaders(
        { ...fresh('11111111-once'), 'x-shopify-hmac-sha256': signed(body, platform().clientSecret()) },
        body,
      );
      expect([await post(one), await post(one)]).toEqual([200, 200]);
      // The id is not signed: the same body under a new one is the same delivery.
      expect(await post({ ...one, headers: { ...one.headers, 'x-shopify-webhook-id': 'another' } })).toBe(
        200,
      );
    });

    it.each([
      [
        'signed with another secret',
        (d: Delivery) => ({ 'x-shopify-hmac-sha256': signed(d.body, 'another') }),
      ],
      ['without a signature', () => ({ 'x-shopify-hmac-sha256': '' })],
      [
        'with half a signature',
        (d: Delivery) => ({ 'x-shopify-hmac-sha256': d.headers['x-shopify-hmac-sha256']!.slice(0, 20) }),
      ],
      ['about another shop', () => ({ 'x-shopify-shop-domain': 'other-shop.myshopify.com' })],
      [
        'nine hours old',
        () => ({ 'x-shopify-triggered-at': new Date(t.clock.now() - 9 * HOUR_MS).toISOString() }),
      ],
      ['from tomorrow', () => ({ 'x-shopify-triggered-at': new Date(t.clock.now() + DAY_MS).toISOString() })],
      ['without a time', () => ({ 'x-shopify-triggered-at': '' })],
      ['about nothing that was asked for', () => ({ 'x-shopify-topic': 'carts/update' })],
      ['without an id', () => ({ 'x-shopify-webhook-id': '' })],
    ] as const)('%s is refused like any other', async (_says, change) => {
      const body = JSON.stringify({ id: 2, updated_at: String(Math.random()) });
      const good = withHeaders(
        {
          ...fresh(`w-${String(Math.random())}`),
          'x-shopify-hmac-sha256': signed(body, platform().clientSecret()),
        },
        body,
      );
      expect(await post({ ...good, headers: { ...good.headers, ...change(good) } })).toBe(401);
    });

    it('changed by one byte is refused', async () => {
      const body = JSON.stringify({ id: 3, updated_at: 'x' });
      const good = withHeaders(
        { ...fresh('w3'), 'x-shopify-hmac-sha256': signed(body, platform().clientSecret()) },
        body,
      );
      expect(await post({ ...good, body: `${good.body} ` })).toBe(401);
      expect(await post(good)).toBe(200);
    });

    it('to an address that is nobody’s is refused in the same words', async () => {
      const wrong = { ...last(), path: '/hooks/shopify/plt_00000000000000000000000000000000' };
      const at = async (delivery: Delivery) => {
        const answer = await fetch(`${t.url}${delivery.path}`, {
          method: 'POST',
          body: '{}',
          headers: { host: 'loupe.test' },
        });
        return { status: answer.status, text: await answer.text() };
      };
      expect(await at(wrong)).toEqual(await at(last()));
    });

    it('is refused by size before it is read', async () => {
      const answer = await fetch(`${t.url}${last().path}`, {
        method: 'POST',
        body: 'x'.repeat(6 * 1024 * 1024),
      });
      expect(answer.status).toBe(413);
    });

    it('of a rotated secret counts for an hour', async () => {
      const old = platform().clientSecret();
      const next = platform().rotateSecret();
      const rotated = await owner.call('PUT', `${V1}/shops/${shop}/platform/secret`, { clientSecret: next });
      expect(rotated.status).toBe(204);
      const send = (secret: string, id: string) => {
        const body = JSON.stringify({ id: 4, updated_at: id });
        return post(withHeaders({ ...fresh(id), 'x-shopify-hmac-sha256': signed(body, secret) }, body));
      };
      expect([await send(old, 'r1'), await send(next, 'r2')]).toEqual([200, 200]);
      t.clock.advance(HOUR_MS + 1);
      owner = await t.owner();
      expect([await send(old, 'r3'), await send(next, 'r4')]).toEqual([401, 200]);
    });

    it('that was refused is counted, and shown', async () => {
      await eventually(async () => (await view()).platform.refused.length >= 4);
      expect((await view()).platform.refused).toContainEqual({ why: 'about another shop', count: 1 });
    });

    it('for a customer’s demand is recorded with its date, sealed, and erased when done', async () => {
      const body = JSON.stringify({
        shop_id: 1,
        shop_domain: SHOPIFY_DOMAIN,
        customer: { id: 7, email: 'anna@customer.example', phone: '555' },
        data_request: { id: 9 },
      });
      const demand = withHeaders(
        {
          ...fresh('p1'),
          'x-shopify-topic': 'customers/data_request',
          'x-shopify-hmac-sha256': signed(body, platform().clientSecret()),
        },
        body,
      );
      expect(await post(demand)).toBe(200);
      // Signed, but about another shop of the same app: never ours to carry out.
      const foreign = body.replace(SHOPIFY_DOMAIN, 'other-shop.myshopify.com');
      await post(
        withHeaders(
          {
            ...fresh('p2'),
            'x-shopify-topic': 'customers/redact',
            'x-shopify-hmac-sha256': signed(foreign, platform().clientSecret()),
          },
          foreign,
        ),
      );
      const list = async () =>
        (await owner.call('GET', `${V1}/shops/${shop}/privacy-requests`)).json.requests;
      await eventually(async () => (await list()).length === 1);
      const [request] = await list();
      expect(request).toMatchObject({ what: 'A customer asks for a copy of their data', overdue: false });
      expect(request.dueAt - request.receivedAt).toBe(30 * DAY_MS);
      expect(filesWith(t.folder, ['anna@customer.example'])).toEqual([]);
      const about = await owner.call('POST', `${V1}/shops/${shop}/privacy-requests/${request.id}/about`);
      expect(JSON.parse(about.json.about).customer.email).toBe('anna@customer.example');
      t.clock.advance(31 * DAY_MS);
      owner = await t.owner();
      await read();
      await comesTo('Q3b', 'platform.privacy', 'falls-short');
      await owner.call('PUT', `${V1}/shops/${shop}/privacy-requests/${request.id}/done`, {
        note: 'Sent by mail.',
      });
      expect((await check('Q3b', 'platform.privacy'))[0]).toMatchObject({ outcome: 'holds' });
      expect(
        (await owner.call('POST', `${V1}/shops/${shop}/privacy-requests/${request.id}/about`)).status,
      ).toBe(404);
      expect(JSON.stringify(await t.leavesOf(shop))).not.toContain('anna@');
    });
  });

  it('keeps a list by hand where the interface is closed, with screenshots, for a quarter', async () => {
    expect((await check('Q2', 'platform.apps'))[0]).toMatchObject({ outcome: 'unknown' });
    const form = new FormData();
    form.set('what', 'staff');
    form.set(
      'entries',
      JSON.stringify([
        { name: 'Berta Owner', may: 'everything' },
        { name: 'Carl Temp', may: 'orders' },
      ]),
    );
    form.append(
      'shot',
      new File(
        [
          Buffer.from(
            'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
            'base64',
          ),
        ],
        'users.png',
      ),
    );
    const taken = await fetch(`${t.url}${V1}/shops/${shop}/inventories`, {
      method: 'POST',
      body: form,
      headers: { cookie: owner.cookie() },
    });
    expect(taken.status).toBe(201);
    const apps = new FormData();
    apps.set('what', 'apps');
    apps.set('entries', JSON.stringify([{ name: 'Star Reviews', may: 'read products' }]));
    await fetch(`${t.url}${V1}/shops/${shop}/inventories`, {
      method: 'POST',
      body: apps,
      headers: { cookie: owner.cookie() },
    });
    const list = async () => (await owner.call('GET', `${V1}/shops/${shop}/inventories`)).json.inventories;
    await eventually(async () => (await list())[1].shots[0]?.state === 'kept');
    expect((await list())[1].entries[1]).toEqual({ name: 'Carl Temp', may: 'orders' });
    // Names of people are in no file that can be read without the keeper.
    expect(filesWith(t.folder, ['Carl Temp'])).toEqual([]);
    expect((await check('Q2', 'platform.apps'))[0]).toMatchObject({ outcome: 'holds', source: 'said' });
    t.clock.advance(91 * DAY_MS);
    owner = await t.owner();
    await read();
    await comesTo('Q2', 'platform.apps', 'falls-short');
    expect((await check('Q2', 'platform.apps'))[0]).toMatchObject({ source: 'said' });
  });

  it('leaves no check of a hosted shop empty: each is seen, said, the provider’s, or a gap that is named', async () => {
    await read();
    const answers: Answer[] = (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json.answers;
    const own = answers.flatMap((one) => one.checks).filter((one) => /^(?:platform|watch)\./u.test(one.id));
    expect(own.length).toBeGreaterThan(20);
    for (const one of own) {
      expect(one.observation, one.id).not.toBeNull();
      expect(['seen', 'said', 'provider'], one.id).toContain(one.source);
      if (one.outcome === 'unknown')
        expect(one.sentence, one.id).toMatch(/Closed to apps|no paper of theirs|Not granted/u);
    }
    const duties = (await owner.call('GET', `${V1}/shops/${shop}/duties`)).json.duties;
    const who = new Set(duties.map((duty: { who: string }) => duty.who));
    for (const one of ['platform', 'developer', 'owner', 'loupe', 'nobody']) expect(who).toContain(one);
  });

  it('counts a duty as the platform’s only with its paper on file', async () => {
    expect((await check('Q3', 'platform.at-rest'))[0]).toMatchObject({ outcome: 'unknown' });
    const vendor = await owner.call('POST', `${V1}/shops/${shop}/vendors`, {
      name: 'Shopify',
      kind: 'platform',
      hosts: ['myshopify.com'],
    });
    const form = new FormData();
    form.set('kind', 'soc2');
    form.set('file', new File(['SOC 2 Type II report'], 'soc2.txt'));
    const filed = await fetch(`${t.url}${V1}/shops/${shop}/vendors/${vendor.json.vendor}/papers`, {
      method: 'POST',
      body: form,
      headers: { cookie: owner.cookie() },
    });
    const { paper } = (await filed.json()) as { paper: string };
    await owner.call('PUT', `${V1}/shops/${shop}/papers/${paper}/dates`, {
      issuedAt: null,
      validUntil: t.clock.now() + 10 * HOUR_MS,
    });
    await eventually(async () => {
      await read();
      return (await check('Q3', 'platform.at-rest'))[0]!.outcome === 'providers';
    });
    expect((await check('Q3', 'platform.at-rest'))[0]).toMatchObject({ source: 'provider' });
    expect((await answer('Q3')).state).not.toBe('yes');
    t.clock.advance(11 * HOUR_MS);
    owner = await t.owner();
    expect((await check('Q3', 'platform.at-rest'))[0]!.outcome).toBe('unknown');
  });

  it('says so when the version it asks for is retired', async () => {
    platform().switches.add('retired-version');
    await read();
    await comesTo('Q1b', 'platform.version', 'falls-short');
    platform().switches.clear();
    await read();
    await comesTo('Q1b', 'platform.version', 'holds');
  });

  it('gets a new token where the old one was taken back, and says when none is given any more', async () => {
    platform().revokeTokens();
    await read();
    expect((await view()).platform.state).toBe('connected');
    platform().switches.add('revoked').add('leaky');
    t.clock.advance(DAY_MS);
    owner = await t.owner();
    await owner.call('POST', `${V1}/shops/${shop}/platform/readings`);
    await eventually(async () => {
      t.clock.advance(5 * SECOND_MS);
      return (await view()).platform.state === 'refused';
    });
    expect((await view()).platform.problem).toContain('uninstalled');
    expect((await check('Q1', 'platform.connected'))[0]).toMatchObject({ outcome: 'falls-short' });
    platform().switches.clear();
    await owner.call('PUT', `${V1}/shops/${shop}/platform/secret`, {
      clientSecret: platform().clientSecret(),
    });
    expect((await view()).platform.state).toBe('connected');
  });

  it('is another shop’s business to nobody', async () => {
    const other = await owner.call('POST', `${V1}/shops`, { address: 'https://other.example' });
    expect((await owner.call('GET', `${V1}/shops/${other.json.shop.id}/platform`)).json.platform).toBeNull();
    const [any] = await changes();
    expect((await owner.call('GET', `${V1}/shops/${other.json.shop.id}/changes/${any!.id}`)).status).toBe(
      404,
    );
  });

  it('disconnects: takes back its webhooks, erases secrets and what it knew, keeps the history', async () => {
    expect(platform().store.subscriptions.length).toBeGreaterThan(0);
    const many = (await changes()).length;
    expect((await owner.call('DELETE', `${V1}/shops/${shop}/platform`)).status).toBe(204);
    expect(platform().store.subscriptions).toEqual([]);
    expect((await view()).platform).toBeNull();
    expect((await changes()).length).toBe(many);
    expect((await check('Q1', 'platform.connected'))[0]).toMatchObject({ outcome: 'unknown' });
    const left = await eventually(async () =>
      (await t.leavesOf(shop)).find((leaf) => leaf.kind === 'platform-left'),
    );
    expect(left.body).toMatchObject({ hookup, tidied: true });
  });
});
