// WooCommerce by its REST interface (wc/v3) and WordPress' own (wp/v2), with a key that may only read.
import { base64Of, type Json, utf8 } from '#kernel';
import type { Outbound } from '#outbound';
import { fieldsOf, isObject, type JsonObject } from '#plane';
import type { Collector } from './collector.ts';
import { type Item, type ItemKind, plainName, type ReadResult } from './item.ts';
import type { ReadOptions } from './reading.ts';
import { openRest, pagesOf, readParts, type Rest } from './rest.ts';
import { hostsIn, paymentWords } from './text.ts';

export const WOOCOMMERCE_KINDS: readonly ItemKind[] = [
  'product',
  'discount',
  'payment',
  'page',
  'app',
  'theme',
];

export interface KeyAccess {
  /** The shop's own host. */
  readonly domain: string;
  /** `ck_…:cs_…` at WooCommerce, an integration's token at Magento. */
  readonly token: string;
}

/** Reads a WooCommerce shop. Its files are not open to the interface: what pages load is seen by looks. */
export async function readWooCommerce(
  outbound: Outbound,
  access: KeyAccess,
  options: ReadOptions,
): Promise<ReadResult> {
  const open = (signal: AbortSignal): Rest =>
    openRest(outbound, access.domain, `Basic ${base64Of(utf8(access.token))}`, signal);
  const list = (path: string) => async (signal: AbortSignal) =>
    await pagesOf(
      open(signal),
      (page) => `${path}?per_page=100&page=${page}`,
      (answer) => answer,
    );
  return await readParts(options, {
    product: (into, signal) => whole(into, 'product', list('/wp-json/wc/v3/products')(signal), productOf),
    discount: (into, signal) => whole(into, 'discount', list('/wp-json/wc/v3/coupons')(signal), couponOf),
    page: (into, signal) =>
      whole(into, 'page', list('/wp-json/wp/v2/pages')(signal), (page) => pageOf(page, into)),
    async payment(into, signal) {
      const gateways = await open(signal).get('/wp-json/wc/v3/payment_gateways');
      await whole(into, 'payment', Promise.resolve(objectsIn(gateways)), (gateway) =>
        gatewayOf(gateway, into),
      );
    },
    async app(into, signal) {
      const status = fieldsOf(await open(signal).get('/wp-json/wc/v3/system_status'));
      await whole(into, 'app', Promise.resolve(objectsIn(status.json('active_plugins'))), pluginOf);
    },
    async theme(into, signal) {
      const status = fieldsOf(await open(signal).get('/wp-json/wc/v3/system_status'));
      await whole(into, 'theme', Promise.resolve([status.object('theme')]), themeOf);
    },
  });
}

/** An item as a reader of one kind makes it. */
export type Given = Pick<Item, 'key' | 'name' | 'facts'> & { readonly text?: string | null };

/** Puts a whole list into the reading; a list that is too long is a gap. */
export async function whole(
  into: Collector,
  kind: ItemKind,
  found: Promise<readonly JsonObject[] | null>,
  read: (one: JsonObject) => Given,
): Promise<void> {
  const list = await found;
  if (list === null) {
    into.gap(kind, 'too-many');
    return;
  }
  for (const one of list) {
    const item = read(one);
    into.items.push({ text: null, ...item, kind, name: plainName(item.name), mark: null });
  }
  into.covered.add(kind);
}

function objectsIn(value: Json): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A number or text of JSON as text; empty for anything else. */
export function plainText(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function productOf(product: JsonObject): Given {
  const price = plainText(product['price']);
  return {
    key: plainText(product['id']),
    name: plainText(product['name']),
    facts: {
      handle: plainText(product['slug']),
      status: plainText(product['status']),
      priceFrom: price,
      priceTo: plainText(product['regular_price']) === '' ? price : plainText(product['regular_price']),
      variants: Array.isArray(product['variations']) ? product['variations'].length : 0,
    },
  };
}

function couponOf(coupon: JsonObject): Given {
  const type = plainText(coupon['discount_type']);
  const amount = plainText(coupon['amount']);
  return {
    key: plainText(coupon['id']),
    name: plainText(coupon['code']),
    facts: {
      type,
      status: plainText(coupon['status']),
      codes: plainText(coupon['code']),
      ...(type === 'percent' ? { percent: Math.round(Number(amount)) || 0 } : { amount }),
    },
  };
}

function rendered(value: Json | undefined): string {
  return isObject(value) ? plainText(value['rendered']) : '';
}

function pageOf(page: JsonObject, into: Collector): Given {
  const body = rendered(page['content']);
  return {
    key: plainText(page['id']),
    name: rendered(page['title']),
    facts: { handle: plainText(page['slug']), money: paymentWords(body), hosts: hostsIn(body).join(' ') },
    text: into.keep(body),
  };
}

function gatewayOf(gateway: JsonObject, into: Collector): Given {
  const settings = gateway['settings'];
  const instructions =
    isObject(settings) && isObject(settings['instructions']) ? settings['instructions']['value'] : '';
  const text = `${plainText(gateway['description'])}\n${plainText(instructions)}`;
  return {
    key: plainText(gateway['id']),
    name: plainText(gateway['title']) || plainText(gateway['id']),
    facts: { active: gateway['enabled'] === true, money: paymentWords(text) },
    text: into.keep(text),
  };
}

function pluginOf(plugin: JsonObject): Given {
  return {
    key: plainText(plugin['plugin']),
    name: plainText(plugin['name']),
    facts: { maker: plainText(plugin['author_name']), version: plainText(plugin['version']) },
  };
}

function themeOf(theme: JsonObject): Given {
  return {
    // A shop has one theme at a time: that it is another is a change of it.
    key: 'theme',
    name: plainText(theme['name']),
    facts: { role: 'MAIN', version: plainText(theme['version']) },
  };
}
