import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '#kernel';
import { openOutbound, type Outbound } from '#outbound';
import { type RunningPlatform, startShopify } from '../../../test/support/shopify.ts';
import { SHOPIFY_DOMAIN } from '../../../sample/shopify/platform.ts';
import {
  ASKED_SCOPES,
  compareItems,
  grantToken,
  type Item,
  type KnownText,
  type ReadOptions,
  readPlatform,
  type ReadResult,
} from '#platform';

const signal = new AbortController().signal;
const clock = fixedClock(Date.now());

function optionsOf(given: Partial<ReadOptions> = {}): ReadOptions {
  return {
    kinds: ['theme', 'product', 'discount', 'redirect', 'policy', 'page', 'app', 'staff'],
    known: new Map(),
    deep: false,
    productsSince: null,
    since: Date.now() - 60_000,
    ownHosts: ['maison-aurora.test'],
    callbackUrl: 'https://loupe.test/hooks/shopify/plt_1',
    clock,
    signal,
    ...given,
  };
}

function readingOf(result: ReadResult) {
  if (!result.ok) throw new Error(`not read: ${result.why}`);
  return result.reading;
}

const knownOf = (items: readonly Item[]): ReadonlyMap<string, KnownText> =>
  new Map(
    items.flatMap((item) =>
      item.mark === null ? [] : [[item.key, { mark: item.mark, text: item.text, facts: item.facts }]],
    ),
  );

describe('Shopify, read through its own client', () => {
  let running: RunningPlatform;
  let outbound: Outbound;
  let token = '';
  const app = () => ({ clientId: running.platform.clientId, clientSecret: running.platform.clientSecret() });
  const grant = () => grantToken(outbound, SHOPIFY_DOMAIN, app(), Date.now(), signal);
  const read = (given: Partial<ReadOptions> = {}) =>
    readPlatform('shopify', outbound, { domain: SHOPIFY_DOMAIN, token }, optionsOf(given));

  beforeAll(async () => {
    running = await startShopify({ scopes: [...ASKED_SCOPES], bucket: { size: 20_000, rate: 1_000 } });
    outbound = openOutbound({ ...running.reach, userAgent: 'LoupeTest/1' });
    const granted = await grant();
    if (!granted.ok) throw new Error(granted.why);
    token = granted.token;
  });
  afterAll(() => running.close());

  it('gets a token that ends within a day, by client credentials', async () => {
    const granted = await grant();
    if (!granted.ok) throw new Error(granted.why);
    expect(granted.scopes).toEqual(ASKED_SCOPES);
    expect(granted.until - Date.now()).toBeLessThanOrEqual(86_400_000);
    expect(granted.until - Date.now()).toBeGreaterThan(86_000_000);
  });

  it('reads everything the token may, and names what it may not', async () => {
    const reading = readingOf(await read());
    const kinds = new Set(reading.items.map((item) => item.kind));
    expect([...kinds].toSorted()).toEqual([
      'discount',
      'page',
      'policy',
      'product',
      'redirect',
      'setting',
      'theme',
      'theme-file',
    ]);
    expect(reading.gaps).toEqual([
      { kind: 'app', why: 'closed', scope: 'read_apps' },
      { kind: 'staff', why: 'closed', scope: 'read_users' },
    ]);
    const layout = reading.items.find((item) => item.key === 'layout/theme.liquid');
    expect(layout?.facts['hosts']).toContain('chat');
    expect(reading.texts[layout?.text ?? '']).toContain('content_for_layout');
    const ring = reading.items.find((item) => item.kind === 'product' && item.name.startsWith('Solitaire'));
    expect(ring?.facts).toMatchObject({ priceFrom: '4890.00', priceTo: '4990.00', variants: 3 });
    expect(reading.access).toMatchObject({ askedVersion: '2026-10', servedVersion: '2026-10' });
  });

  it('subscribes once, and makes again what was lost', async () => {
    const first = readingOf(await read({ kinds: [] })).access;
    expect(first.subscribed).toContain('THEMES_UPDATE');
    expect(readingOf(await read({ kinds: [] })).access.resubscribed).toEqual([]);
    const { store } = running.platform;
    store.subscriptions = store.subscriptions.filter((one) => one.topic !== 'THEMES_UPDATE');
    expect(readingOf(await read({ kinds: [] })).access.resubscribed).toEqual(['THEMES_UPDATE']);
    // Whoever it pointed elsewhere is taken back.
    const moved = readingOf(await read({ kinds: [], callbackUrl: 'https://loupe.test/hooks/shopify/plt_2' }));
    expect(moved.access.resubscribed).toEqual(moved.access.subscribed);
    expect(new Set(store.subscriptions.map((one) => one.callbackUrl)).size).toBe(1);
    // No delivery is to hold anything about a person.
    for (const one of store.subscriptions)
      expect(one.includeFields).toEqual(['id', 'admin_graphql_api_id', 'updated_at']);
  });

  it('refuses one scope without failing the rest', async () => {
    running.platform.scopes = ASKED_SCOPES.filter((scope) => scope !== 'read_themes');
    const granted = await grant();
    if (!granted.ok) throw new Error(granted.why);
    const reading = readingOf(
      await readPlatform('shopify', outbound, { domain: SHOPIFY_DOMAIN, token: granted.token }, optionsOf()),
    );
    running.platform.scopes = [...ASKED_SCOPES];
    expect(reading.gaps).toEqual(
      expect.arrayContaining([
        { kind: 'theme', why: 'scope', scope: 'read_themes' },
        { kind: 'theme-file', why: 'scope', scope: 'read_themes' },
      ]),
    );
    expect(reading.covered).toContain('product');
    expect(reading.access.subscribed).not.toContain('THEMES_UPDATE');
  });

  it('reads apps and staff where the platform lets it, and no person’s name', async () => {
    running.platform.scopes = [...ASKED_SCOPES, 'read_apps', 'read_users'];
    const granted = await grant();
    if (!granted.ok) throw new Error(granted.why);
    const open = { domain: SHOPIFY_DOMAIN, token: granted.token };
    const before = readingOf(
      await readPlatform('shopify', outbound, open, optionsOf({ kinds: ['app', 'staff'] })),
    );
    expect(before.gaps).toEqual([]);
    expect(before.items.filter((item) => item.kind === 'staff').map((item) => item.name)).toEqual([
      'Owner account …1001',
      'Staff account …1002',
    ]);
    await running.platform.deed('install-an-app');
    const after = readingOf(
      await readPlatform('shopify', outbound, open, optionsOf({ kinds: ['app', 'staff'] })),
    );
    running.platform.scopes = [...ASKED_SCOPES];
    expect(compareItems(before.items, after.items, after.covered)).toMatchObject([
      {
        kind: 'app',
        action: 'added',
        name: 'Free Ring Sizer',
        after: { scopes: 'read_customers write_products' },
      },
    ]);
  });

  it('fetches a file’s text only where its mark changed, and all of them when reading deep', async () => {
    const before = readingOf(await read({ kinds: ['theme'] }));
    const known = knownOf(before.items);
    const bodies = () => running.platform.calls.filter((call) => call === 'ThemeFileBodies').length;
    const at = bodies();
    const same = readingOf(await read({ kinds: ['theme'], known }));
    expect(bodies()).toBe(at);
    expect(compareItems(before.items, same.items, same.covered)).toEqual([]);
    const deep = readingOf(await read({ kinds: ['theme'], known, deep: true }));
    expect(bodies()).toBeGreaterThan(at);
    expect(compareItems(before.items, deep.items, deep.covered)).toEqual([]);
    await running.platform.deed('add-a-skimmer');
    const after = readingOf(await read({ kinds: ['theme'], known }));
    const [change, ...others] = compareItems(before.items, after.items, after.covered);
    expect(others).toEqual([]);
    expect(change).toMatchObject({ kind: 'theme-file', action: 'changed', key: 'layout/theme.liquid' });
    expect(String(change?.after['hosts'])).toContain('jewels-metrics.test');
  });

  it('reads only the products changed since, and the whole where that is not enough', async () => {
    const before = readingOf(await read({ kinds: ['product'] }));
    const since = Date.now();
    await running.platform.deed('raise-a-price');
    const after = readingOf(await read({ kinds: ['product'], productsSince: since }));
    const products = after.items.filter((item) => item.kind === 'product');
    expect(products).toHaveLength(1);
    expect(after.covered).not.toContain('product');
    const changes = compareItems(before.items, after.items, after.covered);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ action: 'changed', before: { priceFrom: '4890.00' } });
    expect(after.traces).toContainEqual(
      expect.objectContaining({ kind: 'product', key: changes[0]?.key, by: 'staff' }),
    );
    const many = running.platform.store.products[1]!;
    for (let i = 0; i < 60; i++)
      many.variants.push({ id: `gid://shopify/ProductVariant/9${i}`, price: '5.00' });
    many.updatedAt = Date.now();
    const whole = readingOf(await read({ kinds: ['product'], productsSince: since }));
    expect(whole.covered).toContain('product');
  });

  it('waits its turn within the cost limits', async () => {
    const before = running.platform.calls.filter((call) => call === 'throttled').length;
    running.platform.switches.add('throttled');
    const reading = readingOf(await read({ kinds: ['theme', 'discount', 'redirect', 'page'] }));
    running.platform.switches.delete('throttled');
    expect(reading.covered).toContain('page');
    expect(running.platform.calls.filter((call) => call === 'throttled').length).toBeGreaterThan(before);
  });

  it('says that another version answered than was asked for', async () => {
    running.platform.switches.add('retired-version');
    const { access } = readingOf(await read({ kinds: [] }));
    running.platform.switches.delete('retired-version');
    expect(access).toMatchObject({ askedVersion: '2026-10', servedVersion: '2026-01' });
  });

  it('tells a refusal by a word, never by the platform’s own words or the token', async () => {
    running.platform.switches.add('revoked').add('leaky');
    expect(await read()).toEqual({ ok: false, why: 'refused' });
    expect(await grant()).toEqual({ ok: false, why: 'refused' });
    running.platform.switches.delete('revoked');
    const wrong = await grantToken(
      outbound,
      SHOPIFY_DOMAIN,
      { ...app(), clientSecret: 'guess' },
      Date.now(),
      signal,
    );
    expect(wrong).toEqual({ ok: false, why: 'refused' });
    running.platform.switches.delete('leaky');
    const foreign = await readPlatform(
      'shopify',
      outbound,
      { domain: SHOPIFY_DOMAIN, token: 'shpat_of_another_shop' },
      optionsOf(),
    );
    expect(foreign).toEqual({ ok: false, why: 'refused' });
  });

  it('is unreachable, and not broken, where nobody answers', async () => {
    const nowhere = openOutbound({
      ...running.reach,
      connectTo: { [`${SHOPIFY_DOMAIN}:443`]: '127.0.0.1:9' },
      userAgent: 'LoupeTest/1',
    });
    expect(await readPlatform('shopify', nowhere, { domain: SHOPIFY_DOMAIN, token }, optionsOf())).toEqual({
      ok: false,
      why: 'unreachable',
    });
    expect(await grantToken(nowhere, SHOPIFY_DOMAIN, app(), Date.now(), signal)).toEqual({
      ok: false,
      why: 'unreachable',
    });
  });

  it('goes to no address but the shop’s own, whatever a bulk result points at', async () => {
    const { store } = running.platform;
    const evil = openOutbound({
      ...running.reach,
      connectTo: { [`${SHOPIFY_DOMAIN}:443`]: running.reach.connectTo[`${SHOPIFY_DOMAIN}:443`]! },
      allowNetworks: ['127.0.0.1'],
      userAgent: 'LoupeTest/1',
    });
    // Without a pinned address for the storage host the name is looked up, and nothing answers it here: the part is lost, not the reading.
    const result = await readPlatform(
      'shopify',
      evil,
      { domain: SHOPIFY_DOMAIN, token },
      optionsOf({ kinds: ['product'] }),
    );
    expect(result.ok).toBe(false);
    expect(store.products.length).toBeGreaterThan(0);
  });
});
