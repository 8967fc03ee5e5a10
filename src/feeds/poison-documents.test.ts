// Attacks on documents (JSON, XML), workbooks and pages, and those on stones and loads in that form; what each comes to is written down here.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AttackName, ATTACKS } from '../../sample/feeds/attacks.ts';
import { SAMPLE_LISTS } from '../../test/support/supplier-lists.ts';
import { idexLegacy } from './providers/idex-legacy.ts';
import { firstRows, supplierProvider } from './providers/supplier-list.ts';
import { nivoda } from './providers/nivoda.ts';
import type { Provider } from './providers/provider.ts';
import { type Hostile, startHostile } from './testing/hostile.ts';

const BY_LIST = new Map<string, Provider>(
  Object.entries(SAMPLE_LISTS).map(([name, list]) => [name, supplierProvider(list)]),
);

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile([idexLegacy, nivoda, ...BY_LIST.values()]);
});
afterAll(() => hostile.close());

const listed = (name: string): Provider => {
  const provider = BY_LIST.get(name);
  if (provider === undefined) throw new Error(`no list ${name}`);
  return provider;
};

type Outcomes = Readonly<Partial<Record<AttackName, string>>>;

/** Whatever form stones come in, they are judged the same. */
const STONES: Outcomes = {
  'a-hundredth': 'quarantined 1 price-range, quarantined 3 price-leap',
  'a-fifth': 'quarantined 3 price-leap',
  'heavier-than-measured':
    'quarantined 3 weight-measurements, quarantined 3 price-leap, quarantined 3 certificate-moved',
  'moved-certificate': 'quarantined 3 certificate-moved',
  'moved-to-new-offer': 'quarantined 3 certificate-moved',
  'copied-certificate': 'quarantined 3 certificate-conflict',
  hundredfold: 'held unit',
  'cents-as-dollars': 'held unit',
  'other-currency': 'held unit',
  'all-cheaper': 'held prices',
  'all-better': 'held changed-stones',
  'mass-removal': 'held fewer',
  flooded: 'held new-stones',
};
/** And so are texts; Nivoda's simulated service is typed, and can say none of these. `Lab` and `Total Price` stand for what the form calls them. */
const TEXTS: Outcomes = {
  'homoglyph-lab': 'row-error 3 {Lab} word',
  'huge-number': 'row-error 3 {Total Price} number',
  'zero-price': 'quarantined 3 no-price',
  'negative-price': 'row-error 3 {Total Price} number',
  'one-price': 'quarantined 2 price-range, quarantined 3 total-per-carat, quarantined 3 price-leap',
  'lab-grown-as-natural': 'quarantined 3 certificate-conflict, quarantined 3 growth',
};
const LINE: Outcomes = {
  'redirect-inside': 'failed feeds/not-fetched leads-elsewhere',
  'redirect-elsewhere': 'failed feeds/not-fetched leads-elsewhere',
  'error-page': 'failed feeds/not-fetched status',
};
const ROW: Outcomes = {
  'price-twice': 'row-error 1  ragged',
  'price-in-disguise': 'row-error 1  ragged',
  'json-infinity': 'row-error 1 stone.Total Price number',
  'json-many-digits': 'row-error 1 stone.Total Price number',
  'json-prototype': '',
  'json-deep': 'row-error 1  ragged',
};
const DOCUMENT_TYPE = 'failed feeds/unreadable document-type';

const named = (outcomes: Outcomes, lab: string, total: string): Outcomes =>
  Object.fromEntries(
    Object.entries(outcomes).map(([name, outcome]) => [
      name,
      outcome.replace('{Lab}', lab).replace('{Total Price}', total),
    ]),
  );

const OUTCOMES: Readonly<Record<string, Outcomes>> = {
  'IDEX, XML': {
    ...STONES,
    ...named(TEXTS, 'lab', 'tp'),
    'zip-bomb': 'failed feeds/unreadable record-too-long',
    'zip-in-zip': 'failed feeds/unreadable encoding',
    'zip-path': '',
    'zip-cut': 'failed feeds/unreadable damaged',
    'xml-file': DOCUMENT_TYPE,
    'xml-elsewhere': DOCUMENT_TYPE,
    'xml-laughs': DOCUMENT_TYPE,
    'xml-deep': 'failed feeds/unreadable too-deep',
    drip: 'failed feeds/not-fetched timeout',
    ...LINE,
  },
  Nivoda: {
    ...STONES,
    'price-twice': 'failed feeds/not-fetched unexpected-answer',
    'price-in-disguise': 'failed feeds/not-fetched unexpected-answer',
    // Of each page, one.
    'json-infinity': 'row-error 60 price number',
    'json-many-digits': 'row-error 60 price number',
    'json-prototype': '',
    'json-deep': 'failed feeds/not-fetched unexpected-answer',
    'json-cut': 'failed feeds/not-fetched unexpected-answer',
    'json-error': 'failed feeds/not-fetched credentials',
    'list-twice': 'failed feeds/not-fetched unexpected-answer',
    'count-lie': 'failed feeds/not-fetched pages-missing',
    'page-repeated': 'failed feeds/not-fetched page-repeated',
    'pages-missing': 'failed feeds/not-fetched pages-missing',
  },
  json: {
    ...STONES,
    ...named(TEXTS, 'stone.Lab', 'stone.Total Price'),
    ...ROW,
    'json-cut': 'failed feeds/unreadable cut-short',
    'json-error': 'failed feeds/unreadable no-records',
    'list-twice': 'failed feeds/unreadable two-lists',
    ...LINE,
  },
  lines: {
    'mass-removal': 'held fewer',
    ...ROW,
    'json-cut': 'failed feeds/unreadable cut-short',
    'json-error': 'held empty',
  },
  xml: {
    'mass-removal': 'held fewer',
    ...named(TEXTS, 'Lab', 'Total_Price'),
    'price-twice': 'row-error 1  ragged',
    'xml-file': DOCUMENT_TYPE,
    'xml-elsewhere': DOCUMENT_TYPE,
    'xml-laughs': DOCUMENT_TYPE,
    'xml-deep': 'failed feeds/unreadable too-deep',
    // What stands beside markup is the text.
    'xml-markup': '',
  },
  xlsx: { 'mass-removal': 'held fewer', ...named(TEXTS, 'Lab', 'Total Price') },
  csv: { 'mass-removal': 'held fewer', ...named(TEXTS, 'Lab', 'Total Price') },
};

describe.each(Object.entries(OUTCOMES))('a poisoned feed of %s', (of, outcomes) => {
  test.each(Object.entries(outcomes))('%s', async (attack, expected) => {
    const provider = of === 'Nivoda' ? nivoda : of === 'IDEX, XML' ? idexLegacy : listed(of);
    expect(await hostile.outcome(provider, attack)).toBe(expected);
  });
});

test('every attack on documents and pages is tried on something that sends them', () => {
  const tried = new Set(Object.values(OUTCOMES).flatMap((outcomes) => Object.keys(outcomes)));
  const some = Object.entries(ATTACKS).flatMap(([name, attack]) =>
    'json' in attack || 'xml' in attack || 'pages' in attack ? [name] : [],
  );
  expect(some.filter((name) => !tried.has(name))).toEqual([]);
});

describe('a list that people describe', () => {
  test.each(Object.keys(SAMPLE_LISTS))('is the same stones as %s', async (name) => {
    const { report } = await hostile.load(listed(name), null);
    expect(report.errors).toEqual([]);
    expect(report.loaded.comparison).toMatchObject({ rows: 3_000, added: 0, repriced: 0, changed: 0 });
    expect(report.loaded.comparison.value).toBe(
      (await hostile.load(listed('csv'), null)).report.loaded.comparison.value,
    );
  });

  test.each(['basic', 'bearer', 'header', 'query'] as const)(
    'is asked for as the supplier wants: %s',
    async (signIn) => {
      const signInName = signIn === 'query' ? 'key' : 'X-Api-Key';
      const provider = supplierProvider({ ...SAMPLE_LISTS.json, signIn, signInName });
      const { report } = await hostile.load(provider, null);
      expect(report.loaded.comparison.rows).toBe(3_000);
      const wrong = { username: 'x', password: 'hunter2', secret: 'hunter2' };
      const read = (async () => {
        for await (const piece of provider.fetch(hostile.session(provider, { credentials: wrong })))
          void piece;
      })();
      await expect(read).rejects.toMatchObject({
        code: 'feeds/not-fetched',
        details: { why: 'credentials' },
      });
      await expect(read).rejects.not.toThrow('hunter2');
    },
  );

  test.each([
    ['csv', 'Diamond ID', '1'],
    ['json', 'stone.Diamond ID', '1'],
    ['lines', 'stone.Diamond ID', '1'],
    ['xml', 'Diamond_ID', '1'],
    ['xlsx', 'Diamond ID', '1'],
  ] as const)('shows its first rows: %s', async (name, column, first) => {
    const { columns, rows } = await firstRows(SAMPLE_LISTS[name], hostile.session(listed(name)));
    expect(columns).toContain(column);
    expect(rows).toHaveLength(20);
    expect(rows[0]?.[columns.indexOf(column)]).toBe(first);
  });

  test.each(['bearer', 'header'] as const)(
    'a key that no header can hold is not sent: %s',
    async (signIn) => {
      const provider = supplierProvider({ ...SAMPLE_LISTS.json, signIn, signInName: 'X-Api-Key' });
      const read = (async () => {
        const session = hostile.session(provider, { credentials: { secret: 'key\r\nX-Other: 1' } });
        for await (const piece of provider.fetch(session)) void piece;
      })();
      await expect(read).rejects.toMatchObject({
        code: 'feeds/not-fetched',
        details: { why: 'credentials' },
      });
    },
  );

  test('a name that two columns have is no name', async () => {
    const provider = supplierProvider({
      ...SAMPLE_LISTS.csv,
      columns: { ...SAMPLE_LISTS.csv.columns, stock: 'diamond-id' },
    });
    hostile.feeds.attack = {
      does: 'names a column twice',
      answer: (bytes) =>
        new Response(Buffer.from(bytes).toString('utf8').replace('Seller Name', 'Diamond ID')),
    };
    const read = hostile.load(provider, hostile.feeds.attack);
    await expect(read).rejects.toMatchObject({ code: 'feeds/unreadable', details: { why: 'column-twice' } });
    hostile.feeds.attack = null;
  });
});
