import type { FeedGiven, FeedsView, FirstRowsAsked } from '@loupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '#kernel';
import type { DatabasePlace } from '#storage';
import { ATTACKS } from '../../../sample/feeds/attacks.ts';
import { type SampleSftp, startSampleSftp } from '../../../sample/feeds/sftp.ts';
import { SUPPLIER_HOST } from '../../../sample/feeds/services.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { databasePlaces } from '../../../test/support/databases.ts';
import { type FeedProviders, manyStones, startFeedProviders } from '../../../test/support/feed-providers.ts';
import { eventually, filesWith } from '../../../test/support/installation.ts';
import { openState } from '../state.ts';

const V1 = '/api/v1';
const PLACE: FirstRowsAsked['list'] = {
  name: 'Ostrander & Sons',
  url: `https://${SUPPLIER_HOST}/stock/list.json`,
  signIn: 'bearer',
  signInName: '',
  hostKey: '',
  format: 'json',
  separator: ',',
  path: ['response', 'stones'],
};
const GIVEN = {
  provider: 'supplier-list',
  entitlement: {
    store: true,
    keepDays: 30,
    replay: true,
    prices: 'own',
    show: [],
    paper: 'Agreement of May',
  },
  list: {
    ...PLACE,
    of: 'stones',
    columns: {
      id: 'stone.Diamond ID',
      shape: 'stone.Shape',
      weight: 'stone.Weight',
      color: 'stone.Color',
      hue: 'stone.Fancy Color',
      intensity: 'stone.Fancy Intensity',
      clarity: 'stone.Clarity',
      lab: 'stone.Lab',
      certificate: 'stone.Certificate Number',
      total: 'stone.Total Price',
    },
    currency: 'USD',
    money: 'units',
    growth: 'natural',
    discount: 'percent',
    everyMs: 86_400_000,
  },
} satisfies Omit<FeedGiven, 'credentials'>;

const SFTP_HOST = 'files.supplier.example';
const LOGIN = { username: 'jeweler', password: 'a longer horse' };
/** A small list, as suppliers write them by hand. */
const LIST = [
  'Stock,Shape,Ct,Col,Clar,Lab,Report,Price',
  ...manyStones(50, 5_000).map(
    (_, i) => `S-${i},Round,1.${10 + i},F,VS1,GIA,62${10_000_000 + i},${5_000 + i}`,
  ),
  '',
].join('\n');
const BY_COLUMNS = {
  ...GIVEN.list,
  format: 'csv',
  path: [],
  columns: {
    id: 'Stock',
    shape: 'Shape',
    weight: 'Ct',
    color: 'Col',
    clarity: 'Clar',
    lab: 'Lab',
    certificate: 'Report',
    total: 'Price',
  },
} as const;

/** Where a list lies, of all that is said of it. */
const placeOf = (list: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.keys(PLACE).map((name) => [name, list[name]]));

describe.each(databasePlaces())('suppliers by their lists, with state on $engine', ({ place }) => {
  let t: TestControl;
  let providers: FeedProviders;
  let sftp: SampleSftp;
  let owner: Awaited<ReturnType<TestControl['owner']>>;
  let shop = '';
  let statePlace: DatabasePlace;

  beforeAll(async () => {
    providers = await startFeedProviders(manyStones(600));
    sftp = await startSampleSftp(LOGIN, '/out/list.csv');
    sftp.file = Buffer.from(LIST);
    const [reach] = Object.values(providers.reach ?? {});
    statePlace = await place('control');
    t = await startTestControl({
      state: statePlace,
      reach: {
        ...providers.reach,
        ...(reach && {
          [SFTP_HOST]: { ...reach, connectTo: { [`${SFTP_HOST}:22`]: `127.0.0.1:${sftp.port}` } },
        }),
      },
    });
    owner = await t.owner();
    shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://shop.example' })).json.shop.id;
  });
  afterAll(async () => {
    await t.close();
    await sftp.close();
    await providers.close();
  });

  const credentials = () => ({ secret: providers.feeds.account.secret });
  const add = (more: object = {}) =>
    owner.call('POST', `${V1}/shops/${shop}/feeds`, { ...GIVEN, credentials: credentials(), ...more });
  const feeds = async (): Promise<FeedsView['feeds']> =>
    (await owner.call('GET', `${V1}/shops/${shop}/feeds`)).json.feeds;
  const one = async (id: string) => (await feeds()).find((feed) => feed.id === id);
  async function look(
    more: object,
    secret = credentials().secret,
    signsIn: object = { secret },
    drop?: string,
  ) {
    const asked = { list: { ...PLACE, ...more }, credentials: signsIn, ...(drop && { drop }) };
    const { json } = await owner.call('POST', `${V1}/shops/${shop}/list-samples`, asked);
    let told = {
      first: null as { columns: string[]; rows: string[][] } | null,
      failure: null as string | null,
    };
    await eventually(async () => {
      told = (await owner.call('GET', `${V1}/shops/${shop}/list-samples/${json.sample}`)).json;
      return told.first !== null || told.failure !== null;
    });
    return told;
  }

  it('are looked at before anybody says what their columns mean', async () => {
    const { first } = await look({});
    expect(first?.columns).toContain('stone.Total Price');
    expect(first?.rows).toHaveLength(20);
    expect((await look({}, 'wrong')).failure).toBe('The provider does not accept the credentials.');
    expect((await look({ path: ['stones'] })).failure).toBe(
      'What came has no list where one was said to be.',
    );
    providers.feeds.attack = ATTACKS['redirect-inside'];
    expect((await look({})).failure).toBe('The provider led to a host that is not its own.');
    providers.feeds.attack = ATTACKS['xml-file'];
    expect(
      (await look({ url: PLACE.url.replace('json', 'xml'), format: 'xml', path: ['list', 'stone'] })).failure,
    ).toMatch(/^What came brings definitions of its own/u);
    providers.feeds.attack = null;
    // Nobody else's to see.
    const { json } = await owner.call('POST', `${V1}/shops/${shop}/list-samples`, {
      list: PLACE,
      credentials: credentials(),
    });
    const other = (await owner.call('POST', `${V1}/shops`, { address: 'https://other.example' })).json.shop
      .id;
    expect((await owner.call('GET', `${V1}/shops/${other}/list-samples/${json.sample}`)).status).toBe(404);
  });

  it.each([
    ['plain http', { url: 'http://lists.supplier.example/stock/list.json' }],
    ['a file', { url: 'file:///etc/passwd' }],
    ['credentials in the address', { url: 'https://user:secret@lists.supplier.example/' }],
    ['a key in the address', { url: 'https://lists.supplier.example/stock/list.json?api_key=s3cret' }],
    ['a header that frames the request', { signIn: 'header', signInName: 'Transfer-Encoding' }],
    ['a header with a line end', { signIn: 'header', signInName: 'X-Key\r\nX' }],
    ['no name for a header', { signIn: 'header', signInName: '' }],
    ['no way to a record of XML', { format: 'xml', path: [] }],
    ['a member nobody knows', { verify: false }],
  ])('are not looked at by %s', async (_, more) => {
    const asked = { list: { ...PLACE, ...more }, credentials: credentials() };
    expect((await owner.call('POST', `${V1}/shops/${shop}/list-samples`, asked)).status).toBe(400);
  });

  it('are plugged in with a meaning for each column that is needed, and once by a name', async () => {
    const { id: _, ...columns } = GIVEN.list.columns;
    expect((await add({ list: { ...GIVEN.list, columns } })).status).toBe(400);
    expect((await add({ list: { ...GIVEN.list, growth: 'told' } })).status).toBe(400);
    expect((await add({ list: null })).status).toBe(400);
    expect((await add({ provider: 'rapnet' })).status).toBe(400);
    expect((await add({ credentials: {} })).status).toBe(400);
    expect((await add()).status).toBe(201);
    expect((await add()).json.code).toBe('control/conflict');
    expect((await add({ list: { ...GIVEN.list, name: 'Another' } })).json.code).toBe('control/conflict');
    const url = PLACE.url.replace('json', 'jsonl');
    const inCents = { ...GIVEN.list, name: 'Another', url, path: [], money: 'minor' };
    expect((await add({ list: inCents })).status).toBe(201);
    await eventually(async () => (await feeds()).every((feed) => feed.loads[0]?.state === 'held'));
    const [first, cents] = await feeds();
    expect(first).toMatchObject({
      name: 'Ostrander & Sons',
      loads: [{ counts: { rows: 600, errors: 0, quarantined: 0 } }],
    });
    // Whole dollars, read as cents: hardly a stone can cost so little.
    expect(cents?.loads[0]?.counts?.quarantined).toBeGreaterThan(100);
  });

  it('are loaded, judged and switched as any other', async () => {
    const [feed] = await feeds();
    const load = feed?.loads[0]?.id ?? '';
    expect(
      (await owner.call('POST', `${V1}/shops/${shop}/loads/${load}/verdict`, { verdict: 'accept' })).status,
    ).toBe(204);
    providers.feeds.attack = ATTACKS['price-twice'];
    t.clock.advance(1_000);
    await owner.call('POST', `${V1}/shops/${shop}/feeds/${feed?.id}/loads`);
    await eventually(async () => (await feeds())[0]?.loads.length === 2);
    await eventually(async () => (await feeds())[0]?.loads[0]?.state === 'good');
    const newest = (await feeds())[0]?.loads[0];
    expect(newest?.counts).toMatchObject({ rows: 599, errors: 1 });
    const report = (await owner.call('GET', `${V1}/shops/${shop}/loads/${newest?.id}`)).json;
    expect(report.errors[0].rows[0]).toMatch(/Total Price"+:90000/u);
    providers.feeds.attack = null;
  });

  it('are asked without TLS only by somebody’s word, until a day', async () => {
    const [feed] = await feeds();
    const set = (exception: object | null) =>
      owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed?.id}/plain`, { exception });
    const transport = async (): Promise<string> => {
      const { answers } = (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json;
      return answers
        .find((one: { id: string }) => one.id === 'Q8a')
        .checks.filter((one: { id: string }) => one.id === 'feed.transport')
        .map((one: { sentence: string }) => one.sentence)
        .join(' ');
    };
    const day = 86_400_000;
    const reason = 'Their server has no certificate; a new one comes in spring.';
    for (const until of [t.clock.now() - 1, t.clock.now() + 91 * day])
      expect((await set({ reason, until })).json.code).toBe('control/bad-date');
    expect((await set({ reason: ' ', until: t.clock.now() + day })).status).toBe(400);
    expect((await set({ reason, until: t.clock.now() + 2 * day })).status).toBe(204);
    expect((await feeds())[0]?.plain).toMatchObject({ reason, until: t.clock.now() + 2 * day });
    expect(await transport()).toMatch(/comes without TLS; somebody takes that upon them for 2 more days/u);
    expect((await set(null)).status).toBe(204);
    expect((await feeds())[0]?.plain).toBeNull();
    expect(await transport()).not.toMatch(/without TLS/u);
    const words = async () =>
      (await t.leavesOf(shop)).filter((leaf) => leaf.body['what'] === 'without-tls').map((leaf) => leaf.body);
    await eventually(async () => (await words()).length === 2);
    expect((await words()).map((body) => body['until'])).toEqual([t.clock.now() + 2 * day, null]);
    expect(JSON.stringify(await words())).not.toContain('certificate');
    // A provider that has TLS is never asked without.
    const { username, password } = providers.feeds.account;
    const rapnet = await owner.call('POST', `${V1}/shops/${shop}/feeds`, {
      provider: 'rapnet',
      entitlement: GIVEN.entitlement,
      credentials: { username, password },
    });
    const path = `${V1}/shops/${shop}/feeds/${rapnet.json.feed}`;
    expect(
      (await owner.call('PUT', `${path}/plain`, { exception: { reason, until: t.clock.now() + day } }))
        .status,
    ).toBe(400);
    await owner.call('DELETE', path);
  });

  it('are fetched from an SFTP server that is known by its host key', async () => {
    const list = {
      ...BY_COLUMNS,
      name: 'By SFTP',
      url: `sftp://${SFTP_HOST}/out/list.csv`,
      signIn: 'ssh-password',
      hostKey: sftp.hostKey,
    };
    const at = placeOf(list);
    const first = async (hostKey: string) => await look({ ...at, hostKey }, undefined, LOGIN);
    expect((await first('')).failure).toContain(sftp.hostKey);
    expect((await first(`SHA256:${'A'.repeat(43)}`)).failure).toContain(sftp.hostKey);
    expect(sftp.tried).toEqual([]);
    expect((await first(sftp.hostKey)).first?.columns[0]).toBe('Stock');
    for (const more of [
      { hostKey: '' },
      { signIn: 'basic' },
      { url: `sftp://${SFTP_HOST}/out/` },
      { url: `sftp://${SFTP_HOST}/out/%ff.csv` },
      { url: `sftp://${SFTP_HOST}/out/%zz.csv` },
    ])
      expect((await add({ list: { ...list, ...more }, credentials: LOGIN })).status).toBe(400);
    const { json } = await add({ list, credentials: LOGIN });
    await eventually(async () => (await one(json.feed))?.loads[0]?.state === 'held');
    expect(await one(json.feed)).toMatchObject({
      reached: [{ host: SFTP_HOST, protocol: 'SSH-2.0', certificateUntil: null }],
      loads: [{ counts: { rows: 50, errors: 0 } }],
    });
  });

  it('are handed in, looked at, and loaded once', async () => {
    const drop = async (bytes: string): Promise<string> => {
      const answer = await owner.call('POST', `${V1}/shops/${shop}/drops`, new Blob([bytes]));
      expect(answer.status).toBe(201);
      return answer.json.drop;
    };
    const list = { ...BY_COLUMNS, name: 'By hand', url: 'by-hand:', signIn: 'none' };
    const at = placeOf(list);
    const file = await drop(LIST);
    expect((await look(at, undefined, {}, file)).first?.rows).toHaveLength(20);
    const { json } = await add({ list, credentials: {} });
    const load = (body?: object) => owner.call('POST', `${V1}/shops/${shop}/feeds/${json.feed}/loads`, body);
    // Nothing is fetched, and what another shop was given is not there.
    expect((await load({})).status).toBe(400);
    const other = (await owner.call('POST', `${V1}/shops`, { address: 'https://third.example' })).json.shop
      .id;
    const foreign = (await owner.call('POST', `${V1}/shops/${other}/drops`, new Blob([LIST]))).json.drop;
    expect((await load({ drop: foreign })).status).toBe(404);
    expect((await load({ drop: file })).status).toBe(202);
    await eventually(async () => (await one(json.feed))?.loads[0]?.state === 'held');
    expect(await one(json.feed)).toMatchObject({ reached: [], loads: [{ counts: { rows: 50 } }] });
    expect((await load({ drop: file })).status).toBe(404);
    // A file that is no list fails once, is not tried again, and what was there stays.
    t.clock.advance(1_000);
    expect((await load({ drop: await drop('<html>Not authorized</html>') })).status).toBe(202);
    await eventually(async () => (await one(json.feed))?.loads[0]?.state === 'failed');
    expect((await one(json.feed))?.loads).toHaveLength(2);
    expect(filesWith(t.folder, ['S-49,Round'])).toEqual([]);
    const answers = (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json.answers;
    expect(JSON.stringify(answers)).not.toContain('By hand');
  });

  it('are not handed in without end, nor empty', async () => {
    const send = async (bytes: string) =>
      await owner.call('POST', `${V1}/shops/${shop}/drops`, new Blob([bytes]));
    expect((await send('')).status).toBe(400);
    const sent = [];
    for (let n = 0; n < 6; n++) sent.push((await send('a,b\n')).status);
    expect(sent.filter((status) => status === 201).length).toBeLessThanOrEqual(5);
    expect(sent.at(-1)).toBe(409);
  });

  it('leave what signs in nowhere readable, and no name in the ledger', async () => {
    const { secret } = providers.feeds.account;
    // Nor what was only looked at: nobody had said yet that it may be kept.
    expect(filesWith(t.folder, [secret, 'Sample Diamonds'])).toEqual([]);
    await eventually(async () => (await t.leavesOf(shop)).some((leaf) => leaf.kind === 'load-judged'));
    expect(JSON.stringify(await t.leavesOf(shop))).not.toMatch(/Ostrander/u);
    expect(JSON.stringify(await feeds())).not.toContain(secret);
    expect(t.errors).toEqual([]);
  });

  it('make room the same day where whoever received them died', async () => {
    const send = async () =>
      (await owner.call('POST', `${V1}/shops/${shop}/drops`, new Blob(['a,b\n']))).status;
    while ((await send()) === 201);
    const died = async (hours: number): Promise<void> => {
      const state = await openState(statePlace);
      const set = { bytes: 0, made_at: t.clock.now() - hours * HOUR_MS };
      await state.kysely.updateTable('feed_drop').set(set).where('shop_id', '=', shop).execute();
      await state.close();
      // Whatever has to be forgotten is, when a feed is taken away.
      const path = `${V1}/shops/${shop}/feeds/${(await feeds())[0]?.id}`;
      expect((await owner.call('DELETE', path)).status).toBe(204);
    };
    await died(5);
    expect(await send()).toBe(409);
    await died(7);
    expect(await send()).toBe(201);
  });
});
