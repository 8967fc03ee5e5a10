import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '#kernel';
import type { Answer } from '@loupe/contract';
import { SHOPIFY_DOMAIN } from '../../../sample/shopify/platform.ts';
import { databasePlaces } from '../../../test/support/databases.ts';
import { type HostedShop, startHostedShop, V1 } from '../../../test/support/hosted-shop.ts';
import { eventually, filesWith } from '../../../test/support/installation.ts';

describe.each(databasePlaces())('a connected shop, with state on $engine', ({ place }) => {
  let hookup = '';
  let h: HostedShop;
  beforeAll(async () => {
    h = await startHostedShop(await place('control'));
  });
  afterAll(() => h.close());
  afterEach(() => {
    h.platform.switches.clear();
    expect(h.t.errors).toEqual([]);
  });

  it('is offered, and says what each right unlocks', async () => {
    const before = await h.view();
    expect(before).toMatchObject({
      platform: null,
      offered: ['shopify'],
      sample: { domain: SHOPIFY_DOMAIN },
    });
    expect(before.scopes.length).toBeGreaterThan(7);
    for (const scope of before.scopes) expect(scope.unlocks.split(' ').length).toBeGreaterThan(3);
    expect((await h.check('Q1', 'platform.connected'))[0]).toMatchObject({ outcome: 'unknown' });
  });

  it('refuses wrong credentials and other hosts, and stores nothing of them', async () => {
    const connect = (given: object) =>
      h.owner().call('POST', `${V1}/shops/${h.shop}/platform`, { ...h.keys(), ...given });
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
    expect((await h.view()).platform).toBeNull();
    expect(filesWith(h.t.folder, [wrong])).toEqual([]);
  });

  it('connects, reads, and shows what is closed as a gap', async () => {
    const made = await h.owner().call('POST', `${V1}/shops/${h.shop}/platform`, h.keys());
    expect(made.status).toBe(201);
    hookup = made.json.platform;
    await eventually(async () => (await h.view()).platform.readAt !== null);
    const { platform: now } = await h.view();
    expect(now).toMatchObject({ state: 'connected', domain: SHOPIFY_DOMAIN, problem: null });
    expect(now.watched).toContain('6 products');
    expect(now.gaps.map((gap: { part: string }) => gap.part).toSorted()).toEqual([
      'Apps',
      'Checkout extensions',
      'Pixels',
      'Staff accounts',
    ]);
    // Nothing has changed at the first reading.
    expect(await h.changes()).toEqual([]);
    expect((await h.owner().call('POST', `${V1}/shops/${h.shop}/platform`, h.keys())).json.code).toBe(
      'control/conflict',
    );
  });

  it('keeps secret and token sealed, and in no file, leaf or answer', async () => {
    const { clientSecret } = h.keys();
    expect(filesWith(h.t.folder, [clientSecret, 'shpat_'])).toEqual([]);
    expect(JSON.stringify(await h.t.leavesOf(h.shop))).not.toContain(clientSecret);
    const shown = (await h.owner().call('GET', `${V1}/shops/${h.shop}/platform`)).json.platform;
    expect(JSON.stringify(shown)).not.toContain(clientSecret);
    expect(JSON.stringify(shown)).not.toContain('shpat_');
  });

  it('hears of a change by webhook, reads it, and shows it line by line', async () => {
    await h.platform.deed('add-a-skimmer');
    await h.readByItself();
    const [found] = await h.changes();
    expect(found).toMatchObject({
      weight: 'alarm',
      verdict: 'open',
      sentence: 'Theme file “layout/theme.liquid” was changed.',
    });
    expect(found!.why).toContain('skimmers');
    const one = await h.owner().call('GET', `${V1}/shops/${h.shop}/changes/${found!.id}`);
    expect(JSON.stringify(one.json.items[0].differs)).toContain('jewels-metrics.test');
    const lines = await h.owner().call('GET', `${V1}/shops/${h.shop}/changes/${found!.id}/items/0/lines`);
    expect(lines.json.hunks[0].lines.filter((line: string) => line.startsWith('+'))).toEqual([
      '+  <script src="https://jewels-metrics.test/a.js" async></script>',
    ]);
    const raw = await h.owner().call('GET', `${V1}/shops/${h.shop}/evidence/${found!.evidence}`);
    expect(raw.json.items[0].key).toBe('layout/theme.liquid');
    const noticed = await eventually(async () =>
      (await h.t.leavesOf(h.shop)).find((leaf) => leaf.kind === 'change-noticed'),
    );
    expect(noticed.body).toMatchObject({ change: found!.id, weight: 'alarm', evidence: found!.evidence });
  });

  it('sees the same in the rendered pages', async () => {
    const again = await h.owner().call('POST', `${V1}/shops/${h.shop}/looks`);
    await eventually(
      async () =>
        (await h.owner().call('GET', `${V1}/shops/${h.shop}/looks/${again.json.look}`)).json.state === 'done',
    );
    expect((await h.changes()).map((change) => change.sentence)).toContain(
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
    await h.platform.deed(deed);
    await h.read();
    const found = (await h.changes()).find((change) => sentence.test(change.sentence));
    expect(found, JSON.stringify((await h.changes()).map((c) => c.sentence))).toMatchObject({ weight });
    if (deed === 'all-prices-to-one') expect(found!.doneBy).toBe('the app Bulk Price Editor');
    if (deed === 'give-everything-away') expect(found!.doneBy).toBe('somebody with a staff account');
  });

  it('lets a person say whose a change was, and does not let an alarm be forgotten', async () => {
    expect((await h.check('Q5a', 'watch.alarms'))[0]!.outcome).toBe('holds');
    h.t.clock.advance(DAY_MS);
    await h.signInAgain();
    const judge = (id: string, given: object) =>
      h.owner().call('PUT', `${V1}/shops/${h.shop}/changes/${id}/verdict`, given);
    const list = await h.changes();
    const foreign = list.find((change) => change.sentence.includes('Staff test'))!;
    expect((await judge(foreign.id, { verdict: 'dealt-with', note: 'x' })).json.code).toBe('control/say-how');
    for (const change of list) if (change.id !== foreign.id) await judge(change.id, { verdict: 'mine' });
    expect((await h.check('Q5a', 'watch.alarms'))[0]!.outcome).toBe('falls-short');
    await judge(foreign.id, { verdict: 'not-mine' });
    expect((await h.check('Q5a', 'watch.alarms'))[0]!.sentence).toContain('none of yours');
    await judge(foreign.id, { verdict: 'dealt-with', note: 'Code removed, account of the temp closed.' });
    expect((await h.check('Q5a', 'watch.alarms'))[0]!.outcome).toBe('holds');
    expect((await h.changes()).find((change) => change.id === foreign.id)).toMatchObject({
      verdict: 'dealt-with',
    });
  });

  it('keeps a list by hand where the interface is closed, with screenshots, for a quarter', async () => {
    expect((await h.check('Q2', 'platform.apps'))[0]).toMatchObject({ outcome: 'unknown' });
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
    const taken = await fetch(`${h.t.url}${V1}/shops/${h.shop}/inventories`, {
      method: 'POST',
      body: form,
      headers: { cookie: h.owner().cookie() },
    });
    expect(taken.status).toBe(201);
    const apps = new FormData();
    apps.set('what', 'apps');
    apps.set('entries', JSON.stringify([{ name: 'Star Reviews', may: 'read products' }]));
    await fetch(`${h.t.url}${V1}/shops/${h.shop}/inventories`, {
      method: 'POST',
      body: apps,
      headers: { cookie: h.owner().cookie() },
    });
    const list = async () =>
      (await h.owner().call('GET', `${V1}/shops/${h.shop}/inventories`)).json.inventories;
    await eventually(async () => (await list())[1].shots[0]?.state === 'kept');
    expect((await list())[1].entries[1]).toEqual({ name: 'Carl Temp', may: 'orders' });
    // Names of people are in no file that can be read without the keeper.
    expect(filesWith(h.t.folder, ['Carl Temp'])).toEqual([]);
    expect((await h.check('Q2', 'platform.apps'))[0]).toMatchObject({ outcome: 'holds', source: 'said' });
    h.t.clock.advance(91 * DAY_MS);
    await h.signInAgain();
    await h.read();
    await h.comesTo('Q2', 'platform.apps', 'falls-short');
    expect((await h.check('Q2', 'platform.apps'))[0]).toMatchObject({ source: 'said' });
  });

  it('leaves no check of a hosted shop empty: each is seen, said, the provider’s, or a gap that is named', async () => {
    await h.read();
    const looks = `${V1}/shops/${h.shop}/looks`;
    const { look } = (await h.owner().call('POST', looks)).json;
    await eventually(async () => (await h.owner().call('GET', `${looks}/${look}`)).json.state === 'done');
    // What is judged of the register and the platform is judged a moment after what it is judged by.
    const answers = await eventually(async () => {
      const all: Answer[] = (await h.owner().call('GET', `${V1}/shops/${h.shop}/answers`)).json.answers;
      const asked = all.filter(({ id }) => id.startsWith('Q')).flatMap((one) => one.checks);
      return asked.every((one) => one.observation !== null || one.outcome === 'not-applicable') ? all : null;
    });
    const own = answers.flatMap((one) => one.checks).filter((one) => /^(?:platform|watch)\./u.test(one.id));
    expect(own.length).toBeGreaterThan(20);
    for (const one of own) {
      expect(one.observation, one.id).not.toBeNull();
      expect(['seen', 'said', 'provider'], one.id).toContain(one.source);
      if (one.outcome === 'unknown')
        expect(one.sentence, one.id).toMatch(
          /does not open it|no paper of theirs|Not granted|nothing but its own/u,
        );
    }
    const duties = (await h.owner().call('GET', `${V1}/shops/${h.shop}/duties`)).json.duties;
    // Whatever else a question asks of a hosted shop was observed, or is by the rulebook the platform's or nobody's.
    const ruled = new Map(duties.map((duty: { check: string; who: string }) => [duty.check, duty.who]));
    for (const one of answers.filter(({ id }) => id.startsWith('Q')).flatMap((one) => one.checks)) {
      if (one.observation !== null) continue;
      expect(one.outcome, one.id).toBe('not-applicable');
      expect(['platform', 'nobody'], one.id).toContain(ruled.get(one.id));
    }
    const who = new Set(duties.map((duty: { who: string }) => duty.who));
    for (const one of ['platform', 'developer', 'owner', 'loupe', 'nobody']) expect(who).toContain(one);
  });

  it('counts a duty as the platform’s only with its paper on file', async () => {
    expect((await h.check('Q3', 'platform.at-rest'))[0]).toMatchObject({ outcome: 'unknown' });
    const vendor = await h.owner().call('POST', `${V1}/shops/${h.shop}/vendors`, {
      name: 'Shopify',
      kind: 'platform',
      hosts: ['myshopify.com'],
    });
    const form = new FormData();
    form.set('kind', 'soc2');
    form.set('file', new File(['SOC 2 Type II report'], 'soc2.txt'));
    const filed = await fetch(`${h.t.url}${V1}/shops/${h.shop}/vendors/${vendor.json.vendor}/papers`, {
      method: 'POST',
      body: form,
      headers: { cookie: h.owner().cookie() },
    });
    const { paper } = (await filed.json()) as { paper: string };
    await h.owner().call('PUT', `${V1}/shops/${h.shop}/papers/${paper}/dates`, {
      issuedAt: null,
      validUntil: h.t.clock.now() + 10 * HOUR_MS,
    });
    await eventually(async () => {
      await h.read();
      return (await h.check('Q3', 'platform.at-rest'))[0]!.outcome === 'providers';
    });
    expect((await h.check('Q3', 'platform.at-rest'))[0]).toMatchObject({ source: 'provider' });
    expect((await h.answer('Q3')).state).not.toBe('yes');
    h.t.clock.advance(11 * HOUR_MS);
    await h.signInAgain();
    expect((await h.check('Q3', 'platform.at-rest'))[0]!.outcome).toBe('unknown');
  });

  it('says so when the version it asks for is retired', async () => {
    h.platform.switches.add('retired-version');
    await h.read();
    await h.comesTo('Q1b', 'platform.version', 'falls-short');
    h.platform.switches.clear();
    await h.read();
    await h.comesTo('Q1b', 'platform.version', 'holds');
  });

  it('gets a new token where the old one was taken back, and says when none is given any more', async () => {
    h.platform.revokeTokens();
    await h.read();
    expect((await h.view()).platform.state).toBe('connected');
    h.platform.switches.add('revoked').add('leaky');
    h.t.clock.advance(DAY_MS);
    await h.signInAgain();
    await h.owner().call('POST', `${V1}/shops/${h.shop}/platform/readings`);
    await eventually(async () => {
      h.t.clock.advance(5 * SECOND_MS);
      return (await h.view()).platform.state === 'refused';
    });
    expect((await h.view()).platform.problem).toContain('uninstalled');
    await h.comesTo('Q1', 'platform.connected', 'falls-short');
    h.platform.switches.clear();
    // Installed anew, it is let in again without anybody's doing but asking.
    await h.owner().call('POST', `${V1}/shops/${h.shop}/platform/readings`);
    await eventually(async () => {
      h.t.clock.advance(5 * SECOND_MS);
      return (await h.view()).platform.state === 'connected';
    });
    await h.owner().call('PUT', `${V1}/shops/${h.shop}/platform/secret`, {
      clientSecret: h.platform.clientSecret(),
    });
    expect((await h.view()).platform.state).toBe('connected');
  });

  it('is another shop’s business to nobody', async () => {
    const other = await h.owner().call('POST', `${V1}/shops`, { address: 'https://other.example' });
    expect(
      (await h.owner().call('GET', `${V1}/shops/${other.json.shop.id}/platform`)).json.platform,
    ).toBeNull();
    const [any] = await h.changes();
    expect((await h.owner().call('GET', `${V1}/shops/${other.json.shop.id}/changes/${any!.id}`)).status).toBe(
      404,
    );
  });

  it('disconnects: takes back its webhooks, erases secrets and what it knew, keeps the history', async () => {
    // One that is still under way keeps itself subscribed.
    await h.read();
    expect(h.platform.store.subscriptions.length).toBeGreaterThan(0);
    // A reading under way is nobody's once it is disconnected, and subscribes to nothing any more.
    await h.owner().call('POST', `${V1}/shops/${h.shop}/platform/readings`);
    h.t.clock.advance(3 * SECOND_MS);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const many = (await h.changes()).length;
    expect((await h.owner().call('DELETE', `${V1}/shops/${h.shop}/platform`)).status).toBe(204);
    expect(h.platform.store.subscriptions).toEqual([]);
    expect((await h.view()).platform).toBeNull();
    expect((await h.changes()).length).toBe(many);
    expect((await h.check('Q1', 'platform.connected'))[0]).toMatchObject({ outcome: 'unknown' });
    const left = await eventually(async () =>
      (await h.t.leavesOf(h.shop)).find((leaf) => leaf.kind === 'platform-left'),
    );
    expect(left.body).toMatchObject({ hookup, tidied: true });
    // Connected anew it begins anew: what is read first is no change.
    h.t.clock.advance(30 * SECOND_MS);
    await h.connect();
    expect((await h.changes()).length).toBe(many);
  });
});
