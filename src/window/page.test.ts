import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WindowStone } from '#feeds';
import { proxied } from './app-proxy.ts';
import { liquid } from './liquid.ts';
import { formQuery, searchPage, stonePage } from './page.ts';

const STONE: WindowStone = {
  ref: '0123456789abcdef',
  shape: 'round',
  carat: 1.2,
  color: 'F',
  fancy: '',
  clarity: 'VS1',
  cut: 'EX',
  polish: 'VG',
  symmetry: 'none',
  fluorescence: 'none',
  lab: 'GIA',
  growth: 'natural',
  treatments: [],
  measurements: [6.8, 6.83, 4.2],
  depth: 61.5,
  table: 57,
  price: { amountMinor: 123_456, currency: 'USD' },
  texts: {},
};
const ASKED = {
  query: { facets: {}, caratMilli: [null, null], priceMinor: [null, null], sort: 'price', most: 24 },
  page: 1,
  perPage: 24,
} as const;

test('a text in a page is a text, to Liquid and to a browser', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}%<>&"\'=ax '.split('')), maxLength: 60 }), (text) => {
      const page = liquid`<p title="${text}">${text}</p>`.text;
      const inside = page.slice('<p title="'.length, -'</p>'.length);
      expect(inside.split('">')).toHaveLength(2);
      expect(inside.replace('">', '')).not.toMatch(/[<>"'{}]/u);
      const read = inside
        .split('">')[1]
        ?.replaceAll(/&#(\d+);/gu, (_, code: string) => String.fromCharCode(Number(code)))
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&');
      expect(read).toBe(text);
    }),
  );
});

test('what a feed or a shopper writes is no Liquid, no markup, and no script’s address', () => {
  const hostile = '{{ shop.metafields }}{% include "x" %}<script>alert(1)</script>"\'';
  const page = stonePage('/apps/stones', {
    ...STONE,
    texts: { comment: hostile, certificate: hostile, image: 'http://plain.example/a.jpg' },
  }).text;
  expect(page.replaceAll(/<style>.*?<\/style>/gsu, '')).not.toMatch(/\{|\}|<script|<img/u);
  const form = new URLSearchParams({ 'carat-from': hostile, shape: hostile });
  const found = { total: 1, page: 1, perPage: 24, shown: [STONE], facets: { shape: { round: 1 } } };
  const search = searchPage('/apps/stones', form, ASKED, found).text;
  expect(search.replaceAll(/<style>.*?<\/style>/gsu, '')).not.toMatch(/\{|\}|<script/u);
  expect(search).toContain('href="/apps/stones/page/0123456789abcdef"');
  expect(search).toContain('$1,234.56');
});

test('pages say what a stone is, and turn with what was asked for', () => {
  const page = stonePage('/apps/stones', { ...STONE, growth: 'lab', treatments: ['hpht'], price: null }).text;
  for (const text of [
    '1.20 ct Round, F, VS1',
    'lab-grown',
    'hpht',
    'Price on request',
    '6.8 × 6.83 × 4.2 mm',
  ])
    expect(page).toContain(text);
  expect(page).not.toContain('Symmetry');
  const form = new URLSearchParams('shape=round&carat-from=0.5&carat-to=&price-from=');
  const found = { total: 100, page: 2, perPage: 24, shown: [], facets: {} };
  const turned = searchPage('/apps/stones', form, ASKED, found).text;
  expect(turned).toContain('href="/apps/stones/page?shape=round&amp;carat-from=0.5&amp;page=3"');
  expect(turned).toContain('Page 2 of 5');
});

test.each([
  ['shape=&carat-from=&carat-to=', ''],
  ['shape=round&carat-from=0.5', 'shape=round&carat=0.5-'],
  ['price-from=100&price-to=2000&sort=-price', 'sort=-price&price=100-2000'],
])('a form asks for what was filled in: %s', (form, query) => {
  expect(decodeURIComponent(formQuery(new URLSearchParams(form)).toString())).toBe(query);
});

test.each([
  ['/apps/stones', '/apps/stones'],
  ['/a/loupe-1', '/a/loupe-1'],
  ['https://evil.example/', null],
  ['//evil.example', null],
  ['/apps/{{x}}', null],
  ['/apps/a/b', null],
  ['', null],
])('a page is where the shop has it: %s', (prefix, expected) => {
  const query = new URLSearchParams({ shape: 'round', shop: 'x', signature: 'y', path_prefix: prefix });
  const { asked, prefix: found } = proxied(query);
  expect(found).toBe(expected);
  expect(asked.toString()).toBe('shape=round');
});
