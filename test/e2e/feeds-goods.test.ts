// Settings, finished pieces and watches, by a supplier's list: handed in, judged as stones are, and shown in a room of their own.
import { join } from 'node:path';
import type { FeedsView, LoadReport } from '@loupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningWindow, startWindow } from '#window';
import { startTestControl, type TestControl } from '../support/control.ts';
import { eventually } from '../support/installation.ts';

const V1 = '/api/v1';
const PLACE = {
  url: 'by-hand:',
  signIn: 'none',
  signInName: '',
  hostKey: '',
  format: 'csv',
  separator: ';',
  path: [],
  currency: 'USD',
  money: 'units',
  everyMs: 86_400_000,
};
const WATCHES = {
  ...PLACE,
  name: 'Watch house',
  of: 'watches',
  columns: {
    id: 'SKU',
    total: 'Price',
    brand: 'Brand',
    model: 'Model',
    case: 'Case',
    condition: 'Condition',
    movement: 'Movement',
    reference: 'Ref',
    comment: 'Text',
    imageUrl: 'Picture',
  },
};
const PIECES = {
  ...PLACE,
  name: 'Ring house',
  of: 'pieces',
  columns: { id: 'SKU', total: 'Price', title: 'Name', type: 'Type', metal: 'Metal' },
};
const ENTITLEMENT = {
  store: true,
  keepDays: 30,
  replay: true,
  prices: 'own',
  show: ['media', 'comment'],
  paper: 'Agreement',
};
const SHOWING = { price: { currency: 'USD', rules: [{ markupBp: 5_000 }] }, choice: {} };

const HEAD = 'SKU;Brand;Model;Ref;Case;Condition;Movement;Price;Text;Picture\n';
const watch = (
  n: number,
  more: Partial<Record<'price' | 'case' | 'condition' | 'model' | 'text' | 'picture', string>> = {},
) =>
  `W-${n};Sample Watch Co;${more.model ?? `Diver ${n}`};REF${n};${more.case ?? 'Stainless Steel'};${more.condition ?? 'New'};Automatic;${
    more.price ?? `${1_000 + n * 10}`
  };${more.text ?? ''};${more.picture ?? `https://images.sample.example/${n}.jpg`}\n`;
const watches = (change: (n: number) => Parameters<typeof watch>[1] = () => ({})): string =>
  HEAD + Array.from({ length: 60 }, (_, n) => watch(n, change(n))).join('');

interface Article {
  readonly kind: string;
  readonly ref: string;
  readonly classes: Readonly<Record<string, string>>;
  readonly price: { readonly amountMinor: number };
  readonly texts: Readonly<Record<string, string>>;
}
interface Found {
  readonly total: number;
  readonly articles: readonly Article[];
  readonly facets: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

describe('goods by a supplier’s list', () => {
  let t: TestControl;
  let window: RunningWindow;
  let owner: Awaited<ReturnType<TestControl['owner']>>;
  let path = '';
  const feeds = new Map<string, string>();
  let name = '';
  const complaints: unknown[] = [];

  beforeAll(async () => {
    t = await startTestControl({});
    owner = await t.owner();
    const shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://shop.example' })).json.shop.id;
    path = `${V1}/shops/${shop}`;
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
    expect([...complaints, ...t.errors]).toEqual([]);
  });

  const view = async (): Promise<FeedsView> => (await owner.call('GET', `${path}/feeds`)).json;
  const loadsOf = async (feed: string) => (await view()).feeds.find((one) => one.id === feed)?.loads ?? [];
  const add = async (list: object) =>
    await owner.call('POST', `${path}/feeds`, {
      provider: 'supplier-list',
      list,
      entitlement: ENTITLEMENT,
      credentials: {},
    });
  /** Hands a list in, and waits for what its load comes to. */
  async function handIn(feed: string, list: string) {
    const before = (await loadsOf(feed)).length;
    const { drop } = (await owner.call('POST', `${path}/drops`, new Blob([list]))).json;
    t.clock.advance(1_000);
    await owner.call('POST', `${path}/feeds/${feed}/loads`, { drop });
    await eventually(async () => {
      const loads = await loadsOf(feed);
      return loads.length > before && loads[0]?.state !== 'running';
    });
    return (await loadsOf(feed))[0];
  }
  const report = async (load = ''): Promise<LoadReport> =>
    (await owner.call('GET', `${path}/loads/${load}`)).json;
  const accept = async (load = '') =>
    await owner.call('POST', `${path}/loads/${load}/verdict`, { verdict: 'accept' });
  const ask = async (rest: string) => await fetch(`http://127.0.0.1:${window.port}/${rest}`);
  const find = async (kind: string, query = ''): Promise<Found> =>
    (await (await ask(`${kind}/${name}${query}`)).json()) as Found;

  it('have a short schema of their own, and words that are known', async () => {
    const { brand: _, ...columns } = WATCHES.columns;
    expect((await add({ ...WATCHES, columns })).status).toBe(400);
    expect((await add({ ...WATCHES, of: 'pieces' })).status).toBe(400);
    expect((await add({ ...WATCHES, growth: 'natural' })).status).toBe(400);
    const made = await add(WATCHES);
    expect(made.status, made.text).toBe(201);
    feeds.set('watches', made.json.feed);
    const first = await handIn(
      made.json.feed,
      watches() +
        watch(90, { case: 'Unobtainium' }) +
        watch(91, { price: '12,50' }) +
        watch(92, { model: '' }) +
        watch(93, { condition: '' }),
    );
    expect(first).toMatchObject({ state: 'held', counts: { rows: 60, errors: 4 } });
    const { errors, of } = await report(first?.id);
    expect(of).toBe('watches');
    expect(errors.map((one) => one.column).toSorted()).toEqual(['Case', 'Condition', 'Model', 'Price']);
    await accept(first?.id);
  });

  it('are priced by rules that can be about them', async () => {
    const set = async (showing: object) =>
      await owner.call('PUT', `${path}/feeds/${feeds.get('watches')}/showing`, showing);
    const about = (when: object) => ({
      ...SHOWING,
      price: { currency: 'USD', rules: [{ when, markupBp: 5_000 }] },
    });
    expect((await set(about({ shapes: ['round'] }))).status).toBe(400);
    expect((await set(about({ caratMilli: [500, null] }))).status).toBe(400);
    expect((await set(SHOWING)).status).toBe(204);
    await eventually(async () => (await view()).windowName !== null);
    name = (await view()).windowName ?? '';
    await eventually(async () => (await find('watches')).total === 60);
  });

  it('are found by what their kind has', async () => {
    const found = await find('watches', '?case=steel&condition=new&price=1500-1800&sort=-price');
    expect(found.articles[0]).toMatchObject({
      kind: 'watches',
      classes: { movement: 'automatic', case: 'steel', condition: 'new' },
      texts: { brand: 'Sample Watch Co', image: expect.stringMatching(/^https:/u) },
    });
    expect(found.articles.every((one) => one.price.amountMinor <= 180_000)).toBe(true);
    expect(found.facets).toMatchObject({ case: { steel: 21 }, movement: { automatic: 21 } });
    const [one] = found.articles;
    expect(await (await ask(`watches/${name}/${one?.ref}`)).json()).toEqual(one);
    for (const query of ['?shape=round', '?carat=1-2', '?sort=carat', '?case=wood'])
      expect((await ask(`watches/${name}${query}`)).status, query).toBe(400);
    expect(await (await ask(`stones/${name}`)).json()).toMatchObject({ total: 0, stones: [] });
    expect((await find('pieces')).total).toBe(0);
    expect((await ask(`stones/${name}/${one?.ref}`)).status).toBe(404);
    const csv = await (await ask(`watches/${name}/all.csv`)).text();
    expect(csv.split('\r\n')[0]).toBe(
      'ref,brand,model,reference,year,diameter,movement,case,condition,price,currency,image,video,comment',
    );
    expect(csv).not.toMatch(/W-\d|1,?000\.00/u);
  });

  it('are kept out where they contradict what was known, and let in by a person', async () => {
    const feed = feeds.get('watches') ?? '';
    const poisoned = await handIn(
      feed,
      watches((n) => {
        if (n === 3) return { price: '13' };
        if (n === 4) return { price: '0' };
        if (n === 5)
          return { text: '=HYPERLINK("http://evil.example")<script>', picture: 'javascript:alert(1)' };
        return {};
      }),
    );
    expect(poisoned).toMatchObject({ counts: { quarantined: 2 } });
    const { specimens, findings } = await report(poisoned?.id);
    expect(findings.map((one) => one.id).toSorted()).toEqual(['no-price', 'price-leap']);
    const leapt = specimens.find((one) => one.findings.some(({ id }) => id === 'price-leap'));
    expect(leapt).toMatchObject({
      now: { shape: 'automatic', color: 'steel', clarity: 'new', priceMinor: 1_300 },
      before: { priceMinor: 103_000 },
      facts: { brand: 'Sample Watch Co', model: 'Diver 3' },
    });
    await accept(poisoned?.id);
    await eventually(async () => (await find('watches')).total === 58);
    const shown = JSON.stringify((await find('watches', '?per=100')).articles);
    expect(shown).not.toMatch(/javascript:|"Diver 3"/u);
    expect(await (await ask(`watches/${name}/all.csv`)).text()).toContain(
      `"'=HYPERLINK(""http://evil.example"")<script>"`,
    );
    await owner.call('POST', `${path}/loads/${poisoned?.id}/releases`, {
      place: leapt?.place,
      reason: 'A box without a watch.',
    });
    const next = await handIn(
      feed,
      watches((n) => (n === 3 ? { price: '13' } : n === 4 ? { price: '0' } : {})),
    );
    expect(next?.counts).toMatchObject({ quarantined: 1 });
  });

  it.each([
    [
      'cents for dollars',
      (n: number) => ({ price: String((1_000 + n * 10) * 100) }),
      /dollars|cents|hundred/iu,
    ],
    ['other articles under known numbers', () => ({ case: 'Titanium' }), /no longer/iu],
  ])('are held as a whole: %s', async (_, change, says) => {
    const held = await handIn(feeds.get('watches') ?? '', watches(change));
    expect(held?.state).toBe('held');
    expect(held?.holds.map((one) => one.says).join(' ')).toMatch(says);
    await owner.call('POST', `${path}/loads/${held?.id}/verdict`, { verdict: 'decline' });
  });

  it('come to the same when they are judged again', async () => {
    const [load] = (await loadsOf(feeds.get('watches') ?? '')).filter((one) => one.state === 'good');
    const asked = await owner.call('POST', `${path}/loads/${load?.id}/inspections`, { what: 'repeat' });
    await eventually(async () => {
      const { json } = await owner.call('GET', `${path}/inspections/${asked.json.inspection}`);
      return json.state === 'done' && /same figures/u.test(json.says);
    });
  });

  it('say their metal in the words of the trade', async () => {
    const made = await add(PIECES);
    const rows = [
      ['R-1', 'Ring one', 'Rings', '18K White Gold'],
      ['R-2', 'Ring two', 'ring', 'yellow gold 14kt'],
      ['R-3', 'Studs', 'studs', 'PT950'],
      ['R-4', 'Chain', 'Chain', 'Sterling Silver'],
    ].map((row) => `${row.join(';')};900\n`);
    const load = await handIn(made.json.feed, `SKU;Name;Type;Metal;Price\n${rows.join('')}`);
    expect(load?.counts).toMatchObject({ rows: 4, errors: 0, quarantined: 0 });
    await accept(load?.id);
    await owner.call('PUT', `${path}/feeds/${made.json.feed}/showing`, SHOWING);
    await eventually(async () => (await find('pieces')).total === 4);
    const { articles } = await find('pieces');
    expect(
      articles
        .map((one) => one.classes)
        .toSorted((a, b) => (a['metal'] ?? '').localeCompare(b['metal'] ?? '')),
    ).toEqual([
      { type: 'earrings', metal: 'platinum', fineness: '950' },
      { type: 'chain', metal: 'silver', fineness: '925' },
      { type: 'ring', metal: 'white-gold', fineness: '18k' },
      { type: 'ring', metal: 'yellow-gold', fineness: '14k' },
    ]);
  });
});
