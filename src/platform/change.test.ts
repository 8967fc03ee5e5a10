import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareItems,
  type Item,
  ITEM_KINDS,
  type ItemChange,
  plainName,
  weighChange,
  weighGroup,
} from '#platform';
import { hostsIn, paymentWords } from './text.ts';

const anItem: fc.Arbitrary<Item> = fc.record({
  kind: fc.constantFrom(...ITEM_KINDS),
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  name: fc.constantFrom('x', 'y'),
  facts: fc.dictionary(fc.constantFrom('p', 'q'), fc.oneof(fc.constantFrom('1', '2'), fc.boolean()), {
    maxKeys: 2,
  }),
  text: fc.constantFrom(null, 'h1', 'h2'),
  mark: fc.constantFrom(null, 'm1', 'm2'),
});
const someItems = fc
  .array(anItem, { maxLength: 12 })
  .map((items) => [...new Map(items.map((item) => [`${item.kind} ${item.key}`, item])).values()]);
const someKinds = fc.subarray([...ITEM_KINDS]);

/** Applies changes to what was known: what comparing found must lead from the one reading to the other. */
function applied(known: readonly Item[], changes: readonly ItemChange[]): Map<string, string> {
  const state = new Map(known.map((item) => [`${item.kind} ${item.key}`, `${item.name} ${item.text}`]));
  for (const change of changes) {
    const id = `${change.kind} ${change.key}`;
    if (change.action === 'removed') state.delete(id);
    else state.set(id, `${change.name} ${change.textAfter}`);
  }
  return state;
}

describe('comparing two readings', () => {
  it('finds nothing between a reading and itself, whatever the platform’s marks say', () => {
    fc.assert(
      fc.property(someItems, someKinds, (items, covered) => {
        const other = items.map((item) => ({ ...item, mark: 'another' }));
        expect(compareItems(items, other, [...covered])).toEqual([]);
      }),
    );
  });

  it('leads from the one to the other, where both were read whole', () => {
    fc.assert(
      fc.property(someItems, someItems, (known, read) => {
        const changes = compareItems(known, read, ITEM_KINDS);
        const after = new Map(read.map((item) => [`${item.kind} ${item.key}`, `${item.name} ${item.text}`]));
        expect(applied(known, changes)).toEqual(after);
      }),
    );
  });

  it('never says that something is gone of a kind that was not read whole', () => {
    fc.assert(
      fc.property(someItems, someItems, someKinds, (known, read, covered) => {
        for (const change of compareItems(known, read, covered))
          if (change.action === 'removed') expect(covered).toContain(change.kind);
      }),
    );
  });

  it('weighs every change there can be', () => {
    fc.assert(
      fc.property(someItems, someItems, (known, read) => {
        const changes = compareItems(known, read, ITEM_KINDS);
        for (const change of changes)
          expect(['notice', 'warn', 'alarm']).toContain(weighChange(change).weight);
        for (const [, same] of Map.groupBy(changes, (change) => change.kind))
          expect(['notice', 'warn', 'alarm']).toContain(weighGroup(same).weight);
      }),
    );
  });
});

const change = (given: Partial<ItemChange>): ItemChange => ({
  kind: 'product',
  action: 'changed',
  key: 'k',
  name: 'n',
  before: {},
  after: {},
  textBefore: null,
  textAfter: null,
  ...given,
});
const price = (from: string, to: string) =>
  change({ before: { priceFrom: from, prices: 'a' }, after: { priceFrom: to, prices: 'b' } });

describe('a change weighs', () => {
  it.each([
    ['an edited file', change({ kind: 'theme-file', textBefore: 'a', textAfter: 'b' }), 'warn edited'],
    [
      'a file that loads from somewhere new',
      change({ kind: 'theme-file', before: { hosts: 'a.test' }, after: { hosts: 'a.test b.test' } }),
      'alarm new-host',
    ],
    [
      'a file that loads from fewer',
      change({ kind: 'theme-file', before: { hosts: 'a.test b.test' }, after: { hosts: 'a.test' } }),
      'warn edited',
    ],
    [
      'a new file that loads from anywhere',
      change({ kind: 'theme-file', action: 'added', after: { hosts: 'b.test' } }),
      'alarm new-host',
    ],
    [
      'a theme put live',
      change({ kind: 'theme', before: { role: 'UNPUBLISHED' }, after: { role: 'MAIN' } }),
      'warn published',
    ],
    ['a price raised', price('100.00', '110.00'), 'warn price'],
    ['a price at half', price('100.00', '50.00'), 'warn price'],
    ['a price below half', price('100.00', '49.99'), 'alarm steep'],
    ['a price at nothing', price('100.00', '0.00'), 'alarm free'],
    ['one price in the middle', change({ before: { prices: 'a' }, after: { prices: 'b' } }), 'warn price'],
    ['a renamed product', change({ before: { name: 'a' }, after: { name: 'b' } }), 'notice edited'],
    [
      'a small new discount',
      change({ kind: 'discount', action: 'added', after: { percent: 10 } }),
      'warn new',
    ],
    ['half off', change({ kind: 'discount', action: 'added', after: { percent: 50 } }), 'alarm steep'],
    [
      'everything off',
      change({ kind: 'discount', action: 'added', after: { percent: 100 } }),
      'alarm gives-away',
    ],
    [
      'a discount made to give all',
      change({ kind: 'discount', before: { percent: 5 }, after: { percent: 100 } }),
      'alarm gives-away',
    ],
    [
      'a discount that ended by its date',
      change({ kind: 'discount', before: { status: 'ACTIVE' }, after: { status: 'EXPIRED' } }),
      'notice ended',
    ],
    [
      'a redirect within the shop',
      change({ kind: 'redirect', action: 'added', after: { target: '/a', host: '' } }),
      'notice edited',
    ],
    [
      'a redirect away',
      change({ kind: 'redirect', action: 'added', after: { target: 'https://x.test', host: 'x.test' } }),
      'alarm leads-away',
    ],
    [
      'another account number',
      change({ kind: 'page', before: { money: 'DE1' }, after: { money: 'LT2' } }),
      'alarm money-text',
    ],
    [
      'a page about something else',
      change({ kind: 'page', textBefore: 'a', textAfter: 'b' }),
      'notice edited',
    ],
    ['a policy gone', change({ kind: 'policy', action: 'removed', before: { money: '' } }), 'warn edited'],
    [
      'an app that may more',
      change({
        kind: 'app',
        before: { scopes: 'read_products' },
        after: { scopes: 'read_products write_orders' },
      }),
      'alarm wider',
    ],
    ['a new app', change({ kind: 'app', action: 'added', after: { scopes: 'read_products' } }), 'warn new'],
    ['a new staff account', change({ kind: 'staff', action: 'added' }), 'warn new'],
  ] as const)('%s', (_says, given, expected) => {
    const { weight, why } = weighChange(given);
    expect(`${weight} ${why}`).toBe(expected);
  });

  it('more where there are many', () => {
    expect(weighGroup(Array.from({ length: 10 }, () => price('100.00', '90.00'))).why).toBe('bulk-price');
    expect(weighGroup(Array.from({ length: 9 }, () => price('100.00', '90.00'))).why).toBe('price');
    expect(weighGroup(Array.from({ length: 10 }, () => change({ action: 'removed' }))).why).toBe(
      'bulk-removed',
    );
    expect(
      weighGroup([...Array.from({ length: 10 }, () => price('100.00', '90.00')), price('1.00', '0.00')]).why,
    ).toBe('free');
  });
});

describe('a text shows', () => {
  it.each([
    ['<script src="https://evil.test/a.js">', ['evil.test']],
    ["<script src='//evil.test/a.js'>", ['evil.test']],
    ['url(https://cdn.test)', ['cdn.test']],
    ['fetch(`https://a.test:8443/x`)', ['a.test']],
    ['"https:\\/\\/json.test\\/x"', ['json.test']],
    ['//# sourceMappingURL=app.js.map', []],
    ['a // b', []],
    ['https://EVIL.test/', ['evil.test']],
    ['http://a.test/ https://b.test/ //a.test/', ['a.test', 'b.test']],
  ] as const)('the hosts in %s', (text, hosts) => {
    expect(hostsIn(text)).toEqual(hosts);
  });

  it.each([
    ['IBAN DE89 3704 0044 0532 0130 00.', 'DE89370400440532013000 iban'],
    ['<b>DE89 3704</b> 0044 0532 0130 00', 'DE89370400440532013000'],
    ['DE89&nbsp;3704 0044\u200B0532-0130 00', 'DE89370400440532013000'],
    ['Pay by bank transfer', 'bank transfer'],
    ['Order XX12', ''],
    ['We ship within two days.', ''],
  ])('where money goes in %s', (text, words) => {
    expect(paymentWords(text)).toBe(words);
  });

  it('to an end, whatever it is', () => {
    for (const text of [
      '//'.repeat(100_000),
      'a.'.repeat(100_000),
      `https://${'a'.repeat(200_000)}`,
      '<'.repeat(200_000),
      'AA11 '.repeat(50_000),
      'DE89'.repeat(60_000),
    ]) {
      expect(hostsIn(text).length).toBeLessThanOrEqual(50);
      expect(paymentWords(text).length).toBeLessThanOrEqual(500);
    }
  });

  it('a name on one line, without what misleads the eye', () => {
    expect(plainName('a\u202Egpj.exe\u0000\n b')).toBe('a gpj.exe b');
    expect(plainName('x'.repeat(500))).toHaveLength(200);
  });
});
