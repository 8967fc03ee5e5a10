// What customers read and where they are led: settings, discounts, redirects, policies, pages.
import { fieldsOf, isObject, type JsonObject } from '#plane';
import type { Collector } from '../collector.ts';
import { type Item, type ItemKind, MAX_ITEMS, plainName } from '../item.ts';
import { paymentWords } from '../text.ts';
import { type Admin, nodesOf } from './admin.ts';
import { ReadFailed } from '../failed.ts';

const SETTING = `query Setting {
  shop { id name myshopifyDomain currencyCode primaryDomain { host } plan { publicDisplayName } setupRequired }
}`;

export async function readSetting(admin: Admin, into: Collector): Promise<void> {
  const shop = fieldsOf((await admin.ask(SETTING))['shop'] ?? null);
  into.items.push({
    kind: 'setting',
    key: 'shop',
    name: plainName(shop.text('name')),
    facts: {
      domain: fieldsOf(shop.object('primaryDomain')).text('host'),
      currency: shop.text('currencyCode'),
      plan: fieldsOf(shop.object('plan')).text('publicDisplayName'),
    },
    text: null,
    mark: null,
  });
  into.covered.add('setting');
}

const VALUE = `customerGets { value { __typename ... on DiscountPercentage { percentage } ... on DiscountAmount { amount { amount } } } }`;
const DISCOUNTS = `query Discounts($after: String) {
  discountNodes(first: 50, after: $after) {
    nodes { id discount { __typename
      ... on DiscountCodeBasic { title status codes(first: 5) { nodes { code } } ${VALUE} }
      ... on DiscountAutomaticBasic { title status ${VALUE} }
      ... on DiscountCodeBxgy { title status }
      ... on DiscountAutomaticBxgy { title status }
      ... on DiscountCodeFreeShipping { title status }
      ... on DiscountAutomaticFreeShipping { title status }
      ... on DiscountCodeApp { title status }
      ... on DiscountAutomaticApp { title status }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export async function readDiscounts(admin: Admin, into: Collector): Promise<void> {
  await each(admin, into, 'discount', DISCOUNTS, ['discountNodes'], (node) => {
    const discount = node.object('discount');
    const fields = fieldsOf(discount);
    const gets = discount['customerGets'];
    const value = isObject(gets) ? fieldsOf(gets).object('value') : {};
    const percentage = value['percentage'];
    const amount = value['amount'];
    const codes = isObject(discount['codes']) ? discount['codes']['nodes'] : [];
    return {
      key: node.text('id'),
      // Kinds of discount that came after this was written have no title here, and are watched all the same.
      name: 'title' in discount ? fields.text('title') : fields.text('__typename'),
      facts: {
        type: fields.text('__typename'),
        status: 'status' in discount ? fields.text('status') : '',
        // The interface tells a share of one.
        ...(typeof percentage === 'number' ? { percent: Math.round(percentage * 100) } : {}),
        ...(isObject(amount) ? { amount: fieldsOf(amount).text('amount') } : {}),
        codes: Array.isArray(codes)
          ? codes
              .map((code) => fieldsOf(code).text('code'))
              .toSorted()
              .join(' ')
              .slice(0, 300)
          : '',
      },
    };
  });
}

const REDIRECTS = `query Redirects($after: String) {
  urlRedirects(first: 100, after: $after) { nodes { id path target } pageInfo { hasNextPage endCursor } }
}`;

export async function readRedirects(
  admin: Admin,
  into: Collector,
  ownHosts: readonly string[],
): Promise<void> {
  await each(admin, into, 'redirect', REDIRECTS, ['urlRedirects'], (node) => {
    const target = node.text('target');
    // Read as a browser would at the shop: `//evil.example`, `/\evil.example` and tabs in between lead away too.
    const host = URL.parse(target, 'https://own.invalid/')?.hostname ?? '';
    const own = host === 'own.invalid' || ownHosts.includes(host);
    return {
      key: node.text('id'),
      name: node.text('path'),
      facts: { target: target.slice(0, 500), host: own ? '' : host },
    };
  });
}

const POLICIES = `query Policies { shop { shopPolicies { id type body } } }`;

export async function readPolicies(admin: Admin, into: Collector): Promise<void> {
  const policies = fieldsOf((await admin.ask(POLICIES))['shop'] ?? null).json('shopPolicies');
  if (!Array.isArray(policies)) throw new ReadFailed('bad-answer');
  for (const policy of policies) {
    const fields = fieldsOf(policy);
    const body = fields.text('body');
    into.items.push({
      kind: 'policy',
      key: fields.text('id'),
      name: fields.text('type').toLowerCase().replaceAll('_', ' '),
      facts: { money: paymentWords(body) },
      text: into.keep(body),
      mark: null,
    });
  }
  into.covered.add('policy');
}

const PAGES = `query Pages($after: String) {
  pages(first: 50, after: $after) { nodes { id title handle body isPublished } pageInfo { hasNextPage endCursor } }
}`;

export async function readPages(admin: Admin, into: Collector): Promise<void> {
  await each(admin, into, 'page', PAGES, ['pages'], (node) => {
    const body = node.text('body');
    return {
      key: node.text('id'),
      name: node.text('title'),
      facts: { handle: node.text('handle'), published: node.flag('isPublished'), money: paymentWords(body) },
      text: into.keep(body),
    };
  });
}

/** Reads one kind whole: all of its pages, or a gap. */
export async function each(
  admin: Admin,
  into: Collector,
  kind: ItemKind,
  operation: string,
  path: readonly string[],
  read: (
    node: ReturnType<typeof fieldsOf>,
    raw: JsonObject,
  ) => Pick<Item, 'key' | 'name' | 'facts'> & { readonly text?: string | null },
): Promise<void> {
  const nodes = await nodesOf(admin, operation, path, MAX_ITEMS);
  if (nodes === null) {
    into.gap(kind, 'too-many');
    return;
  }
  for (const node of nodes) {
    const item = read(fieldsOf(node), node);
    into.items.push({ text: null, ...item, kind, name: plainName(item.name), mark: null });
  }
  into.covered.add(kind);
}
