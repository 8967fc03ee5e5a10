import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '#kernel';
import { openOutbound, type Outbound } from '#outbound';
import {
  compareItems,
  kindsOf,
  type PlatformName,
  type ReadResult,
  readPlatform,
  weighChange,
} from '#platform';
import { makeAuthority } from '../../sample/certificates.ts';
import { openSampleMagento } from '../../sample/rest/magento.ts';
import { openSampleWooCommerce } from '../../sample/rest/woocommerce.ts';
import { httpsServer, type Running } from '../../test/support/servers.ts';

const clock = fixedClock(Date.now());
const HOST = 'shop.test';

describe('a shop with software of its own', () => {
  const woo = openSampleWooCommerce();
  const magento = openSampleMagento();
  const servers: Running[] = [];
  let wooOut: Outbound;
  let magentoOut: Outbound;

  beforeAll(async () => {
    const authority = await makeAuthority();
    const pem = await authority.issue([HOST]);
    const [a, b] = await Promise.all(
      [woo, magento].map(async ({ app }) => {
        const listen = getRequestListener(app.fetch);
        const server = await httpsServer({ ...pem }, (request, response) => void listen(request, response));
        servers.push(server);
        return openOutbound({
          allowNetworks: ['127.0.0.1'],
          extraCa: [authority.ca],
          resolver: null,
          connectTo: { [`${HOST}:443`]: `127.0.0.1:${server.port}` },
          userAgent: 'LoupeTest/1',
        });
      }),
    );
    wooOut = a!;
    magentoOut = b!;
  });
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  const read = (platform: PlatformName, token: string) =>
    readPlatform(
      platform,
      platform === 'magento' ? magentoOut : wooOut,
      { domain: HOST, token },
      {
        kinds: kindsOf(platform),
        known: new Map(),
        deep: false,
        productsSince: null,
        since: 0,
        ownHosts: [],
        callbackUrl: null,
        clock,
        signal: new AbortController().signal,
      },
    );
  const readingOf = (result: ReadResult) => {
    if (!result.ok) throw new Error(result.why);
    return result.reading;
  };
  const wooToken = () => `${woo.key}:${woo.secret}`;

  it('on WooCommerce is read whole, and what changed is found and weighed', async () => {
    const before = readingOf(await read('woocommerce', wooToken()));
    expect([...before.covered].toSorted()).toEqual([...kindsOf('woocommerce')].toSorted());
    woo.store.products[0]!.price = '0.00';
    woo.store.coupons.push({
      id: 2,
      code: 'all',
      amount: '100',
      discount_type: 'percent',
      status: 'publish',
    });
    woo.store.gateways[0]!.settings['instructions']!.value = 'IBAN LT60 1010 0123 4567 8901';
    woo.store.plugins[0]!.version = '4.2';
    woo.store.plugins.push({ plugin: 'x/x.php', name: 'Sizer', version: '1', author_name: '?' });
    const after = readingOf(await read('woocommerce', wooToken()));
    const weighed = compareItems(before.items, after.items, after.covered).map(
      (change) => `${change.kind} ${change.name}: ${weighChange(change).why}`,
    );
    expect(weighed.toSorted()).toEqual([
      'app SEO: edited',
      'app Sizer: new',
      'discount all: gives-away',
      'payment Bank transfer: money-text',
      'product Solitaire ring, 18 ct white gold: free',
    ]);
  });

  it('on WooCommerce whose key may not see everything has a gap there, and no more', async () => {
    woo.mayStatus = false;
    const reading = readingOf(await read('woocommerce', wooToken()));
    woo.mayStatus = true;
    expect(reading.gaps).toEqual([
      { kind: 'app', why: 'closed', scope: null },
      { kind: 'theme', why: 'closed', scope: null },
    ]);
    expect(reading.covered).toContain('product');
  });

  it('on Magento is read page by page', async () => {
    const before = readingOf(await read('magento', magento.token));
    expect(before.items.filter((item) => item.kind === 'product')).toHaveLength(230);
    expect(before.items.filter((item) => item.kind === 'app').map((item) => item.key)).toContain(
      'Vendor_Reviews',
    );
    magento.store.rules[0]!.discount_amount = 100;
    magento.store.products.pop();
    const after = readingOf(await read('magento', magento.token));
    expect(
      compareItems(before.items, after.items, after.covered).map(
        (change) => `${change.kind} ${change.action}`,
      ),
    ).toEqual(['discount changed', 'product removed']);
  });

  it('refuses by a word: a wrong key, another’s token, nobody there', async () => {
    expect(await read('woocommerce', 'ck_wrong:cs_wrong')).toEqual({ ok: false, why: 'refused' });
    expect(await read('magento', 'another')).toEqual({ ok: false, why: 'refused' });
    // The interface of the other is not there at all.
    const result = await readPlatform(
      'magento',
      wooOut,
      { domain: HOST, token: 'x' },
      {
        kinds: ['product'],
        known: new Map(),
        deep: false,
        productsSince: null,
        since: 0,
        ownHosts: [],
        callbackUrl: null,
        clock,
        signal: new AbortController().signal,
      },
    );
    expect(result).toEqual({ ok: false, why: 'not-allowed' });
  });
});
