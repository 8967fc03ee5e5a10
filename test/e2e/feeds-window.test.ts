import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeedsView, ShowingPreview, Showing } from '@loupe/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, MINUTE_MS } from '#kernel';
import { type RunningWindow, startWindow } from '#window';
import { ATTACKS } from '../../sample/feeds/attacks.ts';
import { startTestControl, type TestControl } from '../support/control.ts';
import { type FeedProviders, manyStones, startFeedProviders } from '../support/feed-providers.ts';
import { eventually } from '../support/installation.ts';

const V1 = '/api/v1';
const STONES = manyStones(1_500);
const ANY = { shapes: [], colors: [], clarities: [], labs: [], growths: [] };
const SHOWING: Showing = {
  price: {
    currency: 'USD',
    ratePpm: 1_000_000,
    rules: [
      {
        when: { ...ANY, shapes: ['round'], caratMilli: [null, null], costMinor: [null, null] },
        markupBp: 5_000,
        addMinor: 0,
      },
      {
        when: { ...ANY, caratMilli: [null, null], costMinor: [null, null] },
        markupBp: 2_500,
        addMinor: 1_000,
      },
    ],
    stepMinor: 100,
    lessMinor: 0,
    floorMinor: 0,
    belowCostUntil: null,
  },
  choice: { shown: [], hidden: [], most: 10_000 },
};

interface Stone {
  readonly ref: string;
  readonly shape: string;
  readonly carat: number;
  readonly color: string;
  readonly price: { readonly amountMinor: number; readonly currency: string } | null;
  readonly measurements: readonly number[];
  readonly texts: Readonly<Record<string, string>>;
}
interface Page {
  readonly version: number;
  readonly total: number;
  readonly stones: readonly Stone[];
  readonly facets: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

// From the provider's file to what a shopper's browser gets: control and a worker on one side, the window on the other, the disk between them.
describe('a shop window', () => {
  let t: TestControl;
  let providers: FeedProviders;
  let window: RunningWindow;
  let owner: Awaited<ReturnType<TestControl['owner']>>;
  let shop = '';
  let feed = '';
  let name = '';
  const complaints: unknown[] = [];

  beforeAll(async () => {
    providers = await startFeedProviders(STONES);
    t = await startTestControl({ reach: providers.reach });
    owner = await t.owner();
    shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://shop.example' })).json.shop.id;
    window = await startWindow({
      host: '127.0.0.1',
      port: 0,
      folder: join(t.folder, 'windows'),
      publicationKey: t.forEdges.publicationKey,
      onError: (error) => complaints.push(error),
    });
  });
  afterAll(async () => {
    await window.close();
    await t.close();
    await providers.close();
  });
  afterEach(() => expect(t.errors).toEqual([]));

  const view = async (): Promise<FeedsView> => (await owner.call('GET', `${V1}/shops/${shop}/feeds`)).json;
  const ask = async (path: string, init: RequestInit = {}) =>
    await fetch(`http://127.0.0.1:${window.port}${path}`, init);
  const search = async (query = ''): Promise<Page> =>
    (await (await ask(`/stones/${name}${query}`)).json()) as Page;
  const judge = (load: string, verdict: object) =>
    owner.call('POST', `${V1}/shops/${shop}/loads/${load}/verdict`, verdict);
  const load = async () => {
    const before = (await view()).feeds[0]?.loads.length ?? 0;
    await owner.call('POST', `${V1}/shops/${shop}/feeds/${feed}/loads`);
    await eventually(async () => {
      const loads = (await view()).feeds[0]?.loads ?? [];
      return loads.length > before && loads[0]?.state !== 'running';
    });
    t.clock.advance(1_000);
    return (await view()).feeds[0]?.loads[0];
  };
  /** Waits until the window shows a newer version than this. */
  const newer = async (than: number): Promise<Page> => {
    await eventually(async () => (await search()).version > than);
    return await search();
  };

  it('shows nothing before a load was taken, and no stone without a price', async () => {
    const { username, password } = providers.feeds.account;
    const made = await owner.call('POST', `${V1}/shops/${shop}/feeds`, {
      provider: 'rapnet',
      credentials: { username, password },
      entitlement: {
        store: true,
        keepDays: 20,
        replay: true,
        prices: 'own',
        show: ['certificate', 'media'],
        paper: 'contract',
      },
    });
    feed = made.json.feed;
    await eventually(async () => (await view()).feeds[0]?.loads[0]?.state === 'held');
    expect((await view()).windowName).toBeNull();
    await judge((await view()).feeds[0]?.loads[0]?.id ?? '', { verdict: 'accept' });
    t.clock.advance(1_000);
    await eventually(async () => (await view()).windowName !== null);
    name = (await view()).windowName ?? '';
    await eventually(async () => (await ask(`/stones/${name}`)).status === 200);
    expect(await search()).toMatchObject({ total: 0, stones: [] });
    expect((await view()).feeds[0]?.window?.leftOut).toEqual([
      { says: 'without a price: no rule fits', count: 1_500 },
    ]);
  });

  it('can be tried before it acts', async () => {
    const asked = await owner.call('POST', `${V1}/shops/${shop}/feeds/${feed}/previews`, {
      ...SHOWING,
      choice: { ...SHOWING.choice, most: 300 },
    });
    expect(asked.status).toBe(202);
    let preview: ShowingPreview | null = null;
    await eventually(async () => {
      ({ preview } = (await owner.call('GET', `${V1}/shops/${shop}/previews/${asked.json.preview}`)).json);
      return preview !== null;
    });
    expect(preview).toMatchObject({
      rows: 300,
      currency: 'USD',
      leftOut: [{ says: 'beyond the most that are shown', count: 1_200 }],
    });
    expect((await search()).total).toBe(0);
    const wrong = { ...SHOWING, choice: { ...SHOWING.choice, hidden: [{ ...ANY, shapes: ['square'] }] } };
    expect((await owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed}/showing`, wrong)).status).toBe(400);
  });

  it('shows what was chosen, priced above cost, and nothing that is nobody’s business', async () => {
    const { version } = await search();
    const { handedOut } = providers.feeds;
    const said = await owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed}/showing`, SHOWING);
    expect(said.status).toBe(204);
    const page = await newer(version);
    // What is shown is made of what is there: the provider is not asked for it.
    expect(providers.feeds.handedOut).toBe(handedOut);
    expect(page.total).toBe(1_500);
    expect(page.stones.length).toBe(24);
    const costs = new Map(
      STONES.map((stone) => [stone.certificate, Math.round((stone.perCarat * stone.caratMilli) / 10)]),
    );
    const all: Stone[] = [];
    for (let n = 1; n <= 15; n++) all.push(...(await search(`?per=100&page=${n}`)).stones);
    expect(new Set(all.map((stone) => stone.ref)).size).toBe(1_500);
    const prices = all.map((stone) => stone.price?.amountMinor ?? 0);
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    for (const { texts, price, shape, measurements } of all) {
      const cost = costs.get(texts['certificate'] ?? '') ?? Infinity;
      const markup = shape === 'round' ? cost * 1.5 : cost * 1.25 + 1_000;
      expect((price?.amountMinor ?? 0) - markup).toBeGreaterThanOrEqual(-1);
      expect((price?.amountMinor ?? 0) - markup).toBeLessThan(102);
      // The contract lets neither measurements nor comments nor reports be seen.
      expect(measurements).toEqual([0, 0, 0]);
      expect(Object.keys(texts).toSorted()).toEqual(['certificate', 'image']);
    }
    const everything = JSON.stringify([page, all]);
    for (const secret of ['Sample Diamonds', 'S-12', 'Ramat Gan', 'Israel', 'RapNet'])
      expect(everything).not.toContain(secret);
    const files = join(t.folder, 'windows', name, 'files');
    for (const file of readdirSync(files))
      for (const secret of ['Sample Diamonds', 'Ramat Gan'])
        expect(readFileSync(join(files, file)).includes(secret)).toBe(false);
  });

  it('finds by facets, spans and order, and each stone by its name', async () => {
    const page = await search('?shape=round&color=D-F&carat=0.5-1.5&sort=-carat&per=50');
    expect(page.total).toBeGreaterThan(20);
    for (const { shape, color, carat } of page.stones) {
      expect(shape).toBe('round');
      expect('DEF').toContain(color);
      expect(carat >= 0.5 && carat <= 1.5).toBe(true);
    }
    const carats = page.stones.map((stone) => stone.carat);
    expect(carats).toEqual(carats.toSorted((a, b) => b - a));
    expect(page.facets['color']?.['G']).toBeGreaterThan(0);
    const [first] = page.stones;
    const one = await ask(`/stones/${name}/${first?.ref}`);
    expect(await one.json()).toEqual(first);
    const again = await ask(`/stones/${name}/${first?.ref}`, {
      headers: { 'if-none-match': one.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it.each([
    ['/', 404],
    ['/stones', 404],
    ['/stones/', 404],
    ['/stones/..%2f..%2fetc', 404],
    ['/stones/NAME/0000000000000000', 404],
    ['/stones/NAME/0000000000000000/x', 404],
    ['/stones/NAME/constructor', 404],
    ['/stones/NAME/all.xml', 404],
    ['/stones/NAME?shape=square', 400],
    ['/stones/NAME?shape=round&shape=oval', 400],
    ['/stones/NAME?cost=1-2', 400],
    ['/stones/NAME?price=NaN-Infinity', 400],
    ['/stones/NAME?price=1e9-2', 400],
    ['/stones/NAME?price=1.005-2', 400],
    ['/stones/NAME?carat=1-2-3', 400],
    ['/stones/NAME?page=101&per=100', 400],
    ['/stones/NAME?per=101', 400],
    ['/stones/NAME?sort=cost', 400],
    ['/stones/NAME?%3Cscript%3E=1', 400],
    [`/stones/NAME?shape=${'round,'.repeat(50)}round`, 400],
    [`/stones/NAME?${'a'.repeat(5_000)}`, 404],
  ])('refuses %s', async (path, status) => {
    const answer = await ask(path.replace('NAME', name));
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(text.length).toBeLessThan(200);
    expect(text).not.toContain('<script>');
  });

  it('gives all stones as one file', async () => {
    const { stones } = await search();
    const file = await ask(`/stones/${name}/all.jsonl`);
    const tag = file.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]{22}-stones-all\.jsonl"$/u);
    const text = await file.text();
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(1_500);
    expect(lines.slice(0, stones.length).map((line): unknown => JSON.parse(line))).toEqual(stones);
    for (const secret of ['Sample Diamonds', 'S-12', 'Israel', 'RapNet']) expect(text).not.toContain(secret);
    const headers = { 'if-none-match': tag };
    expect((await ask(`/stones/${name}/all.jsonl`, { headers })).status).toBe(304);
    const csv = await (await ask(`/stones/${name}/all.csv`)).text();
    expect(csv.trimEnd().split('\r\n')).toHaveLength(1_501);
  });

  it('only reads', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await ask(`/stones/${name}`, { method })).status).toBe(405);
  });

  it('keeps out what is in quarantine, and a stone that was let in comes back', async () => {
    const { version } = await search();
    providers.feeds.attack = ATTACKS['a-fifth'];
    expect((await load())?.counts?.quarantined).toBe(3);
    expect((await newer(version)).total).toBe(1_497);
  });

  it('stays as it was while a load waits, and when it is declined', async () => {
    const { version } = await search();
    providers.feeds.attack = ATTACKS['hundredfold'];
    const held = await load();
    expect(held?.state).toBe('held');
    await judge(held?.id ?? '', { verdict: 'decline' });
    expect((await search()).version).toBe(version);
    providers.feeds.attack = null;
  });

  it('is empty once the switch is thrown, and whole again after', async () => {
    expect((await search()).total).toBe(1_497);
    await owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed}/state`, { on: false });
    await eventually(async () => (await search()).total === 0);
    const { version } = await search();
    await owner.call('PUT', `${V1}/shops/${shop}/feeds/${feed}/state`, { on: true });
    expect((await newer(version)).total).toBeGreaterThan(1_400);
  });

  it('serves no file that was changed on disk, and goes on with what it had', async () => {
    const before = await search();
    const pointer = join(t.folder, 'windows', name, 'pointer');
    const note = readFileSync(pointer, 'utf8');
    writeFileSync(pointer, note.replace(/"version":\d+/u, '"version":999'));
    await eventually(() => Promise.resolve(complaints.length > 0));
    expect((await search()).version).toBe(before.version);
    writeFileSync(pointer, note);
  });

  it('shows nothing whose files are gone, says so, and has them made again', async () => {
    const { version } = await search();
    const files = join(t.folder, 'windows', name, 'files');
    // What is being written just now is not there yet, and not gone either.
    for (const file of readdirSync(files)) if (!file.endsWith('.tmp')) rmSync(join(files, file));
    await t.control.keepPromises();
    expect(t.errors.splice(0)).toMatchObject([{ code: 'storage/damaged' }]);
    await eventually(async () => {
      const page = await search();
      return page.version > version && page.total > 1_400;
    });
  });

  it('is empty when the contract’s days have run out since the provider last named its stones', async () => {
    // The switch is off for the schedule: nothing new comes.
    providers.feeds.attack = ATTACKS['prose'];
    t.clock.advance(21 * DAY_MS);
    const { version } = await search();
    await t.control.keepPromises();
    expect((await newer(version)).total).toBe(0);
    t.clock.advance(MINUTE_MS);
    providers.feeds.attack = null;
  });

  it('leaves each pointer in the ledger', async () => {
    await eventually(async () => {
      const leaves = await t.leavesOf(shop);
      return leaves.filter((leaf) => leaf.kind === 'window-published').length >= 4;
    });
  });
});
