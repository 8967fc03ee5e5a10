import { type Json, MINUTE_MS, SECOND_MS, sha256Hex } from '#kernel';
import type { Outbound } from '#outbound';
import { fieldsOf, isObject, type JsonObject } from '#plane';
import type { Collector } from '../collector.ts';
import { boundFetch } from '../fetch.ts';
import { type Item, MAX_ITEMS, plainName } from '../item.ts';
import { type Admin, nodesOf, pause } from './admin.ts';
import { ReadFailed } from '../failed.ts';

const FIELDS = 'id title handle status vendor';

const BULK = `mutation AllProducts {
  bulkOperationRunQuery(query: """
    { products { edges { node { ${FIELDS} variants { edges { node { id price } } } } } } }
  """) { bulkOperation { id status } userErrors { field message } }
}`;

const BULK_STATE = `query BulkState($id: ID!) {
  node(id: $id) { ... on BulkOperation { id status errorCode objectCount url } }
}`;

const SINCE = `query ProductsSince($query: String!, $after: String) {
  products(first: 10, query: $query, sortKey: UPDATED_AT, after: $after) {
    nodes { ${FIELDS} variantsCount { count } variants(first: 50) { nodes { id price } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** Where bulk results lie: Shopify's documents name Google's storage, by a signed address that ends after a week. */
const BULK_HOST = 'storage.googleapis.com';
const BULK_BYTES = 64 * 1024 * 1024;
const BULK_WAIT_MS = 4 * MINUTE_MS;
const POLL_MS = SECOND_MS / 2;
const SLOWEST_POLL_MS = 5 * SECOND_MS;
/** More than this changed at once, and the whole is read instead. */
const MAX_SINCE = 200;

interface Variant {
  readonly id: string;
  readonly price: string;
}

/** All products with all prices, by one bulk operation: its cost does not grow with the shop. */
export async function readAllProducts(
  admin: Admin,
  outbound: Outbound,
  into: Collector,
  signal: AbortSignal,
): Promise<void> {
  const begun = fieldsOf((await admin.ask(BULK))['bulkOperationRunQuery'] ?? null);
  const operation = begun.json('bulkOperation');
  if (!isObject(operation)) throw new ReadFailed('bad-answer');
  const address = await bulkAddress(admin, fieldsOf(operation).text('id'), signal);
  // An operation that found nothing has no file.
  const lines = address === null ? [] : await linesOf(outbound, address, signal);
  const products = new Map<string, { readonly product: JsonObject; readonly variants: Variant[] }>();
  for (const line of lines) {
    const row = fieldsOf(line);
    const parent = line['__parentId'];
    if (typeof parent === 'string')
      products.get(parent)?.variants.push({ id: row.text('id'), price: row.text('price') });
    else products.set(row.text('id'), { product: line, variants: [] });
    if (products.size > MAX_ITEMS) {
      into.gap('product', 'too-many');
      return;
    }
  }
  for (const { product, variants } of products.values()) into.items.push(itemOf(product, variants));
  into.covered.add('product');
}

/** The products changed since a moment. False where there are too many for that, or one has too many variants: then all are to be read. */
export async function readProductsSince(admin: Admin, into: Collector, since: number): Promise<boolean> {
  const query = `updated_at:>='${new Date(since).toISOString()}'`;
  const nodes = await nodesOf(admin, SINCE, ['products'], MAX_SINCE, { query });
  if (nodes === null) return false;
  const items: Item[] = [];
  for (const node of nodes) {
    const found = fieldsOf(node).object('variants')['nodes'];
    if (!Array.isArray(found)) throw new ReadFailed('bad-answer');
    const variants = found.filter(isObject).map((variant) => {
      const fields = fieldsOf(variant);
      return { id: fields.text('id'), price: fields.text('price') };
    });
    if (fieldsOf(fieldsOf(node).object('variantsCount')).integer('count') > variants.length) return false;
    items.push(itemOf(node, variants));
  }
  into.items.push(...items);
  return true;
}

function itemOf(product: JsonObject, variants: readonly Variant[]): Item {
  const fields = fieldsOf(product);
  const prices = variants.map((variant) => variant.price).toSorted((a, b) => Number(a) - Number(b));
  const byVariant = variants.map(({ id, price }) => `${id}=${price}`).toSorted();
  return {
    kind: 'product',
    key: fields.text('id'),
    name: plainName(fields.text('title')),
    facts: {
      handle: fields.text('handle'),
      status: fields.text('status'),
      vendor: fields.textOrNull('vendor') ?? '',
      variants: variants.length,
      priceFrom: prices[0] ?? '',
      priceTo: prices.at(-1) ?? '',
      // Every price of it, so that one between the lowest and the highest does not change unseen.
      prices: sha256Hex(byVariant.join('\n')).slice(0, 16),
    },
    text: null,
    mark: null,
  };
}

async function bulkAddress(admin: Admin, id: string, signal: AbortSignal): Promise<URL | null> {
  const began = performance.now();
  let waitMs = POLL_MS;
  for (;;) {
    const node = (await admin.ask(BULK_STATE, { id }))['node'];
    if (!isObject(node)) throw new ReadFailed('bad-answer');
    const state = fieldsOf(node);
    const status = state.text('status');
    if (status === 'COMPLETED') {
      const url = state.textOrNull('url');
      return url === null ? null : URL.parse(url);
    }
    if (!['CREATED', 'RUNNING'].includes(status)) throw new ReadFailed('bad-answer');
    if (performance.now() - began > BULK_WAIT_MS) throw new ReadFailed('throttled');
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 1.5, SLOWEST_POLL_MS);
  }
}

async function linesOf(
  outbound: Outbound,
  address: URL,
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  const get = boundFetch(outbound, {
    hosts: [BULK_HOST],
    maxBodyBytes: BULK_BYTES,
    timeoutMs: MINUTE_MS,
    signal,
  });
  const answer = await get(address);
  if (!answer.ok) throw new ReadFailed('bad-answer');
  const text = await answer.text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const value = parse(line);
      if (!isObject(value)) throw new ReadFailed('bad-answer');
      return value;
    });
}

function parse(line: string): Json {
  try {
    return JSON.parse(line);
  } catch {
    throw new ReadFailed('bad-answer');
  }
}
