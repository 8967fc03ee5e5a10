// What a laboratory says of a stone beside what a feed says: a report is looked up once, a stone that is another than its report stays out, and the laboratory's silence holds up nothing.
import type { FeedsView, LoadReport } from '@loupe/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Attack } from '../../sample/feeds/attacks.ts';
import { startTestControl, type TestControl } from '../support/control.ts';
import { type FeedProviders, manyStones, startFeedProviders } from '../support/feed-providers.ts';
import { eventually, filesWith } from '../support/installation.ts';

const V1 = '/api/v1';

describe('reports of GIA', () => {
  let t: TestControl;
  let providers: FeedProviders;
  let owner: Awaited<ReturnType<TestControl['owner']>>;
  let path = '';
  let feed = '';
  const stones = manyStones(300);
  /** The dearest of them that GIA has reported on. */
  const dear = stones
    .filter((one) => one.lab === 'GIA')
    .toSorted((a, b) => b.perCarat * b.caratMilli - a.perCarat * a.caratMilli);

  beforeAll(async () => {
    providers = await startFeedProviders(stones);
    t = await startTestControl({ reach: providers.reach });
    owner = await t.owner();
    const shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://shop.example' })).json.shop.id;
    path = `${V1}/shops/${shop}`;
    const { username, password } = providers.feeds.account;
    feed = (
      await owner.call('POST', `${path}/feeds`, {
        provider: 'rapnet',
        credentials: { username, password },
        entitlement: { store: true, keepDays: 20, replay: true, prices: 'own', show: [], paper: 'contract' },
      })
    ).json.feed;
    await eventually(async () => (await loads())[0]?.state === 'held');
    await owner.call('POST', `${path}/loads/${(await loads())[0]?.id}/verdict`, { verdict: 'accept' });
  });
  afterAll(async () => {
    await t.close();
    await providers.close();
  });
  afterEach(() => {
    providers.feeds.attack = null;
    expect(t.errors).toEqual([]);
  });

  const view = async (): Promise<FeedsView> => (await owner.call('GET', `${path}/feeds`)).json;
  const loads = async () => (await view()).feeds[0]?.loads ?? [];
  const setKey = async (key: string | null) =>
    await owner.call('PUT', `${path}/feeds/${feed}/report-key`, { key });
  async function load(): Promise<LoadReport> {
    const before = (await loads()).length;
    t.clock.advance(1_000);
    await owner.call('POST', `${path}/feeds/${feed}/loads`);
    await eventually(async () => {
      const all = await loads();
      return all.length > before && all[0]?.state !== 'running';
    });
    return (await owner.call('GET', `${path}/loads/${(await loads())[0]?.id}`)).json;
  }
  /** The feed says something else of one stone than GIA does. */
  const lies = (certificate: string, more: Readonly<Record<string, string>>): Attack => ({
    does: 'lies',
    row: (stone) => (stone.certificate === certificate ? { more } : undefined),
  });

  it('are not asked for unless somebody wants that', async () => {
    const { reports } = await load();
    expect(reports).toBeNull();
    expect(providers.feeds.gia.quota).toBe(10_000);
    expect((await view()).feeds[0]?.asksReports).toBe(false);
    expect((await setKey('')).status).toBe(400);
  });

  it('are looked up for the dearest stones, a few a load, each once', async () => {
    expect((await setKey(providers.feeds.account.giaKey)).status).toBe(204);
    const first = await load();
    expect(first.reports).toEqual({ known: 25, asked: 25, says: null });
    expect(first.load.counts).toMatchObject({ quarantined: 0 });
    expect((await load()).reports).toEqual({ known: 50, asked: 25, says: null });
    expect(providers.feeds.gia.quota).toBe(10_000 - 50);
    expect(filesWith(t.folder, [providers.feeds.account.giaKey])).toEqual([]);
    await eventually(async () =>
      (await t.leavesOf(path.split('/').at(-1) ?? '')).some((leaf) => leaf.body['what'] === 'reports-asked'),
    );
  });

  it.each([
    ['a heavier stone', { Weight: '9.99' }],
    ['a better color', { Color: 'D', 'Fancy Color': '', 'Fancy Intensity': '' }],
  ] as const)('keep a stone out that is said to be %s', async (_, more) => {
    const one = dear.find((stone) => stone.color !== 'D' && stone.color !== '')?.certificate ?? '';
    providers.feeds.attack = lies(one, more);
    const found = await load();
    const specimen = found.specimens.find((stone) => stone.certificate === one);
    expect(specimen?.findings.map(({ id }) => id)).toContain('report-differs');
    expect(found.load.counts?.quarantined).toBeGreaterThanOrEqual(1);
    const asked = await owner.call('POST', `${path}/loads/${found.load.id}/inspections`, { what: 'repeat' });
    await eventually(async () => {
      const { json } = await owner.call('GET', `${path}/inspections/${asked.json.inspection}`);
      return json.state === 'done' && /same figures/u.test(json.says);
    });
  });

  it('keep a lab-grown stone out of natural ones, and one of a report that there is not', async () => {
    // Not looked up before: the next in price.
    const fresh = dear[110];
    expect((fresh?.perCarat ?? 0) * (fresh?.caratMilli ?? 0)).toBeGreaterThan(500_000);
    providers.feeds.gia.grown.add(fresh?.certificate ?? '');
    providers.feeds.attack = lies(dear[0]?.certificate ?? '', {
      'Certificate Number': '2299999991',
      'Diamond ID': '900001',
      'Total Price': '250000.00',
      'Price Per Carat': '',
    });
    const ids = new Set<string>();
    for (let n = 0; n < 3; n++)
      for (const stone of (await load()).specimens) for (const { id } of stone.findings) ids.add(id);
    expect([...ids]).toEqual(expect.arrayContaining(['report-unknown', 'report-differs']));
  });

  it('that cannot be had hold up nothing', async () => {
    providers.feeds.gia.quota = 0;
    providers.feeds.stones = manyStones(300, 31);
    const found = await load();
    expect(found.reports?.says).toBe('The provider answered with an error.');
    expect(['good', 'held']).toContain(found.load.state);
    await setKey(null);
    expect((await load()).reports).toBeNull();
  });
});
