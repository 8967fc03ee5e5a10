// Magento (Adobe Commerce) by its REST interface (V1), with the token of an integration that may only read.
import type { Outbound } from '#outbound';
import { fieldsOf, isObject, type JsonObject } from '#plane';
import type { ItemKind, ReadResult } from './item.ts';
import type { ReadOptions } from './reading.ts';
import { openRest, pagesOf, readParts } from './rest.ts';
import { hostsIn, paymentWords } from './text.ts';
import { type Given, type KeyAccess, plainText, whole } from './woocommerce.ts';

export const MAGENTO_KINDS: readonly ItemKind[] = ['product', 'discount', 'page', 'app'];

export async function readMagento(
  outbound: Outbound,
  access: KeyAccess,
  options: ReadOptions,
): Promise<ReadResult> {
  const items = (path: string) => async (signal: AbortSignal) => {
    const rest = openRest(outbound, access.domain, `Bearer ${access.token}`, signal);
    return await pagesOf(
      rest,
      (page) => `${path}?searchCriteria%5BpageSize%5D=100&searchCriteria%5BcurrentPage%5D=${page}`,
      // A module is its bare name.
      (answer) =>
        listOf(fieldsOf(answer).json('items')).map((item) =>
          isObject(item) ? item : { name: plainText(item) },
        ),
    );
  };
  return await readParts(options, {
    product: (into, signal) => whole(into, 'product', items('/rest/V1/products')(signal), productOf),
    discount: (into, signal) => whole(into, 'discount', items('/rest/V1/salesRules/search')(signal), ruleOf),
    page: (into, signal) =>
      whole(into, 'page', items('/rest/V1/cmsPage/search')(signal), (page) => {
        const body = plainText(page['content']);
        return {
          key: plainText(page['id']),
          name: plainText(page['title']),
          facts: {
            handle: plainText(page['identifier']),
            published: page['active'] === true,
            money: paymentWords(body),
            hosts: hostsIn(body).join(' '),
          },
          text: into.keep(body),
        };
      }),
    app: (into, signal) =>
      whole(into, 'app', items('/rest/V1/modules')(signal), (module) => {
        const name = plainText(module['name']);
        return { key: name, name, facts: { maker: name.split('_')[0] ?? '' } };
      }),
  });
}

function listOf(value: JsonObject[string]): readonly JsonObject[string][] {
  return Array.isArray(value) ? value : [];
}

function productOf(product: JsonObject): Given {
  const price = plainText(product['price']);
  return {
    key: plainText(product['sku']),
    name: plainText(product['name']),
    facts: { status: plainText(product['status']), priceFrom: price, priceTo: price },
  };
}

function ruleOf(rule: JsonObject): Given {
  const action = plainText(rule['simple_action']);
  const amount = plainText(rule['discount_amount']);
  return {
    key: plainText(rule['rule_id']),
    name: plainText(rule['name']),
    facts: {
      type: action,
      status: rule['is_active'] === true ? 'ACTIVE' : 'OFF',
      ...(action === 'by_percent' ? { percent: Math.round(Number(amount)) || 0 } : { amount }),
    },
  };
}
