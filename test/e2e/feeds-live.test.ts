import type { FeedsView } from '@loupe/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, startLive } from '#window';
import { type Attack, ATTACKS, POISONED } from '../../sample/feeds/attacks.ts';
import { sampleStone } from '../../sample/feeds/stones.ts';
import { startTestControl, type TestControl } from '../support/control.ts';
import { type FeedProviders, manyStones, startFeedProviders } from '../support/feed-providers.ts';
import { eventually, filesWith } from '../support/installation.ts';

const V1 = '/api/v1';
const ANY = { shapes: [], colors: [], clarities: [], labs: [], growths: [] };
const SHOWING = {
  price: {
    currency: 'USD',
    ratePpm: 1_000_000,
    rules: [
      { when: { ...ANY, caratMilli: [null, null], costMinor: [null, null] }, markupBp: 3_000, addMinor: 0 },
    ],
    stepMinor: 100,
    lessMinor: 0,
    floorMinor: 0,
    belowCostUntil: null,
  },
  choice: { shown: [], hidden: [], most: 10_000 },
};
const PASSED = {
  store: false,
  keepDays: 1,
  replay: false,
  prices: 'own',
  show: ['certificate', 'media', 'measurements'],
  paper: 'Instant Inventory agreement',
};

interface Page {
  readonly total: number;
  readonly keptOut: number;
  readonly perPage: number;
  readonly stones: readonly {
    readonly ref: string;
    readonly shape: string;
    readonly carat: number;
    readonly color: string;
    readonly price: { readonly amountMinor: number } | null;
    readonly texts: Readonly<Record<string, string>>;
  }[];
}

// A service whose terms forbid storing: each shopper's search goes to the provider, and what comes is read, checked, priced and forgotten.
describe('stones that are passed through', () => {
  let t: TestControl;
  let providers: FeedProviders;
  let live: Serving;
  let owner: Awaited<ReturnType<TestControl['owner']>>;
  let shop = '';
  let feed = '';
  let name = '';
  const complaints: unknown[] = [];
  const stones = manyStones(200);

  beforeAll(async () => {
    providers = await startFeedProviders(stones);
    t = await startTestControl({ reach: providers.reach });
    owner = await t.owner();
    shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://shop.example' })).json.shop.id;
    live = await startLive({
      host: '127.0.0.1',
      port: 0,
      controlSocket: t.liveSocket,
      userAgent: 'test',
      now: () => t.clock.now(),
      onError: (error) => complaints.push(error),
    });
  });
  afterAll(async () => {
    await live.close();
    await t.close();
    await providers.close();
  });
  afterEach(() => {
    providers.feeds.attack = null;
    expect([...t.errors, ...complaints]).toEqual([]);
  });

  const view = async (): Promise<FeedsView['feeds'][number] | undefined> =>
    (await owner.call('GET', `${V1}/shops/${shop}/feeds`)).json.feeds[0];
  const ask = async (path: string) => await fetch(`http://127.0.0.1:${live.port}/live/${name}${path}`);
  const search = async (query = ''): Promise<Page> => {
    const answer = await ask(query);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return (await answer.json()) as Page;
  };
  const credentials = () => ({
    clientId: providers.feeds.account.apiKey,
    clientSecret: providers.feeds.account.apiSecret,
  });
  const add = (entitlement: object) =>
    owner.call('POST', `${V1}/shops/${shop}/feeds`, {
      provider: 'rapnet-instant',
      credentials: credentials(),
      entitlement,
    });

  it('are of a feed that nobody may load, whatever anybody says', async () => {
    expect((await add({ ...PASSED, store: true })).json.code).toBe('control/not-entitled');
    const made = await add(PASSED);
    expect(made.status).toBe(201);
    feed = made.json.feed;
    expect((await owner.call('POST', `${V1}/shops/${shop}/feeds/${feed}/loads`, {})).status).toBe(400);
    const said = { ...PASSED, store: true };
    expect((await owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed}/entitlement`, said)).json.code).toBe(
      'control/not-entitled',
    );
    name = (await view())?.live?.name ?? '';
    expect(name).toMatch(/^[\w-]{20,}$/u);
    await eventually(async () => (await ask('')).status === 200);
    // Without a rule nothing has a price, and is not shown.
    expect(await search()).toMatchObject({ stones: [], keptOut: 24 });
    await owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed}/showing`, SHOWING);
    await eventually(async () => (await search()).stones.length > 0);
  });

  it('are found by what is asked for, at the shop’s prices', async () => {
    const page = await search('?shape=round&carat=0.5-1.2&color=D-G&sort=-price&per=10');
    expect(page.stones.length).toBeGreaterThan(2);
    expect(page.stones.every((one) => one.shape === 'round' && one.carat >= 0.5 && one.carat <= 1.2)).toBe(
      true,
    );
    expect(page.stones.every((one) => 'DEFG'.includes(one.color))).toBe(true);
    const prices = page.stones.map((one) => one.price?.amountMinor ?? 0);
    expect(prices).toEqual(prices.toSorted((a, b) => b - a));
    const [first] = page.stones;
    const stone = stones.find((one) => one.certificate === first?.texts['certificate']);
    const cost = ((stone?.perCarat ?? 0) * (stone?.caratMilli ?? 0)) / 10;
    expect(prices[0]).toBe(Math.ceil((cost * 1.3) / 100) * 100);
    expect(await search('?per=100')).toMatchObject({ perPage: 50 });
    const second = await search('?page=2&per=10');
    expect(second.stones.map((one) => one.ref)).not.toContain((await search('?per=10')).stones[0]?.ref);
  });

  it('tell nothing of whose they are, what they cost, and what the provider calls them', async () => {
    const text = await (await ask('?per=50')).text();
    for (const secret of ['Sample Diamonds', 'Ramat Gan', '+972', 'S-1', 'diamondID', 'totalSalesPrice'])
      expect(text).not.toContain(secret);
    const refs = (JSON.parse(text) as Page).stones.map((one) => one.ref);
    expect(new Set(refs).size).toBe(refs.length);
    expect(refs.every((ref) => /^[0-9a-f]{32}$/u.test(ref))).toBe(true);
  });

  it('are shown one by one under a name that only this installation can read', async () => {
    const [first] = (await search('?sort=carat')).stones;
    expect(await (await ask(`/${first?.ref}`)).json()).toEqual(first);
    for (const ref of ['1', 'f'.repeat(32), `${first?.ref}0`, '..%2F..'])
      expect((await ask(`/${ref}`)).status).toBe(404);
    // The provider answers about another stone than was asked for.
    providers.feeds.attack = {
      does: 'another',
      json: (text) => text.replace(/"diamondID":\d+/u, '"diamondID":77'),
    };
    expect((await ask(`/${first?.ref}`)).status).toBe(404);
  });

  it.each([
    ['white and fancy together', '?color=D,fancy', 'color'],
    ['a word that is none', '?shape=circle', 'shape'],
    ['a name that is none', '?seller=1', 'seller'],
    ['deeper than ten thousand', '?page=500&per=50', 'page'],
  ])('are not asked for by %s', async (_, query, parameter) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ parameter });
  });

  it('are left out where they are no stones, or contradict themselves', async () => {
    const poisoned = [...POISONED].map((place) => stones[place]?.certificate);
    const all = async (): Promise<string> => {
      const pages = await Promise.all(
        Array.from({ length: 4 }, async (_, i) => await search(`?page=${i + 1}&per=50`)),
      );
      return JSON.stringify(pages.flatMap((page) => page.stones));
    };
    const names = [
      'sql-in-id',
      'homoglyph-lab',
      'huge-number',
      'zero-price',
      'negative-price',
      'heavier-than-measured',
      'lab-grown-as-natural',
    ] as const;
    for (const one of names) {
      providers.feeds.attack = ATTACKS[one];
      const text = await all();
      expect(
        poisoned.filter((certificate) => text.includes(certificate ?? '')),
        one,
      ).toEqual([]);
    }
    for (const one of ['script-link', 'data-link', 'private-link', 'private-link-v6'] as const) {
      providers.feeds.attack = ATTACKS[one];
      expect(/javascript:|data:|169\.254|::ffff|0x7f/u.exec(await all())?.[0], one).toBeUndefined();
    }
  });

  it('that do not fit what was asked for are not shown, whatever the provider sends', async () => {
    const emerald = { ...sampleStone(9_001), shape: 'Emerald' };
    providers.feeds.attack = {
      does: 'gives other stones',
      json: (text) => text.replaceAll('"shape":"Round"', `"shape":"${emerald.shape}"`),
    };
    const page = await search('?shape=round&per=20');
    expect(page).toMatchObject({ stones: [], keptOut: 20 });
  });

  const HOSTILE: Readonly<Record<string, Attack>> = {
    'no JSON': { does: '', json: () => 'You are not authorized' },
    'a name twice': { does: '', json: (text) => text.replace('"size":', '"size":0.5,"size":') },
    'nested without end': { does: '', json: () => '['.repeat(100_000) },
    'more stones than a page': {
      does: '',
      json: (text) => text.replace('"diamonds":[', `"diamonds":[${'{"diamondID":1},'.repeat(200)}`),
    },
    'a count that is none': {
      does: '',
      json: (text) => text.replace(/"totalDiamondsFound":\d+/u, '"totalDiamondsFound":1e309'),
    },
    'an error with the status of success': {
      does: '',
      json: (text) => text.replace('"error_code":0', '"error_code":4001'),
    },
    'an answer without end': {
      does: '',
      answer: () => new Response(`{"a":"${'x'.repeat(6_000_000)}"}`),
    },
    'a way elsewhere': {
      does: '',
      answer: () => new Response(null, { status: 302, headers: { location: 'https://127.0.0.1/' } }),
    },
  };
  it.each(Object.keys(HOSTILE))('do not come where the provider sends %s', async (what) => {
    providers.feeds.attack = HOSTILE[what] ?? null;
    const answer = await ask('');
    expect(answer.status).toBe(502);
    expect(await answer.json()).toEqual({ error: 'The provider does not answer; try again later.' });
    providers.feeds.attack = null;
    await search();
  });

  it('go on being answered while another shop’s feed changes', async () => {
    const other = (await owner.call('POST', `${V1}/shops`, { address: 'https://other.example' })).json.shop
      .id;
    const path = `${V1}/shops/${other}/feeds`;
    const made = (
      await owner.call('POST', path, {
        provider: 'rapnet-instant',
        credentials: credentials(),
        entitlement: PASSED,
      })
    ).json.feed;
    // An answer that takes its time.
    providers.feeds.attack = {
      does: '',
      answer: (bytes) =>
        new Response(
          new ReadableStream({
            start: (to) =>
              void setTimeout(() => {
                to.enqueue(new Uint8Array(bytes));
                to.close();
              }, 2_500),
          }),
        ),
    };
    const slow = search();
    await owner.call('PUT', `${path}/${made}/showing`, SHOWING);
    expect((await slow).stones.length).toBeGreaterThan(0);
    await owner.call('DELETE', `${path}/${made}`);
  });

  it('are said to be missing where the provider does not answer', async () => {
    providers.feeds.attack = HOSTILE['no JSON'] ?? null;
    await ask('');
    await eventually(
      async () => (await view())?.live?.says === 'The provider answered otherwise than it documents.',
    );
    providers.feeds.attack = null;
    await search();
    await eventually(async () => (await view())?.live?.says === null);
  });

  it('are counted, and answered for', async () => {
    await eventually(async () => ((await view())?.live?.answers ?? 0) > 20);
    expect(await view()).toMatchObject({
      loads: [],
      window: null,
      reached: [
        { host: 'authztoken.api.rapaport.com', protocol: 'TLSv1.3' },
        { host: 'technet.rapnetapis.com', protocol: 'TLSv1.3' },
      ],
    });
    const { answers } = (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json;
    const checks = answers.flatMap((one: { checks: { id: string; outcome: string }[] }) => one.checks);
    for (const id of ['feed.fresh', 'feed.transport', 'feed.hosts', 'feed.sign-in'])
      expect(checks.find((one: { id: string }) => one.id === id)).toMatchObject({ outcome: 'holds' });
  });

  it('are gone at once when their switch is thrown, and kept nowhere', async () => {
    const certificate = stones[0]?.certificate ?? '';
    await owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed}/state`, { on: false });
    const begin = performance.now();
    await eventually(async () => (await ask('')).status === 404);
    expect(performance.now() - begin).toBeLessThan(2_000);
    await owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed}/state`, { on: true });
    await eventually(async () => (await ask('')).status === 200);
    expect(filesWith(t.folder, [certificate, credentials().clientSecret])).toEqual([]);
    await owner.call('DELETE', `${V1}/shops/${shop}/feeds/${feed}`);
    await eventually(async () => (await ask('')).status === 404);
  });
});
