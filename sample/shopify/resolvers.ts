import { GraphQLError } from 'graphql';
import { type Discount, gid, md5, type Product, type Store, type Theme } from './store.ts';

interface Paging {
  readonly first?: number;
  readonly after?: string;
}

/** One page of a list, as a connection; the cursor is the place in it. */
function page<T>(list: readonly T[], { first = 50, after }: Paging) {
  const from = after === undefined || after === null ? 0 : Number(after);
  const nodes = list.slice(from, from + first);
  const end = from + nodes.length;
  return {
    nodes,
    edges: nodes.map((node, i) => ({ node, cursor: String(from + i + 1) })),
    pageInfo: { hasNextPage: end < list.length, endCursor: String(end) },
  };
}

export interface Bulk {
  readonly id: string;
  polls: number;
  readonly token: string;
}

export interface Caller {
  readonly scopes: readonly string[];
}

function need(caller: Caller, scope: string): void {
  if (caller.scopes.includes(scope) || caller.scopes.includes(scope.replace('read_', 'write_'))) return;
  throw new GraphQLError('Access denied', {
    extensions: { code: 'ACCESS_DENIED', requiredAccess: `\`${scope}\` access scope.` },
  });
}

const iso = (at: number): string => new Date(at).toISOString();

/** What `query: "updated_at:>='…'"` asks for. */
function sinceOf(query: string | undefined): number {
  return Date.parse(/(?:updated_at|created_at):>='([^']+)'/u.exec(query ?? '')?.[1] ?? '') || 0;
}

/** The root of one request's execution. */
export function rootFor(
  store: Store,
  caller: Caller,
  bulks: Map<string, Bulk>,
  bulkUrl: (bulk: Bulk) => string,
) {
  const theme = (one: Theme) => ({
    __typename: 'Theme',
    id: one.id,
    name: one.name,
    role: one.role,
    updatedAt: iso(one.updatedAt),
    files: ({ filenames, ...paging }: Paging & { filenames?: string[] }) =>
      page(
        [...one.files]
          .filter(([name]) => filenames === undefined || filenames === null || filenames.includes(name))
          .map(([filename, file]) => ({
            filename,
            size: String(Buffer.byteLength(file.content)),
            checksumMd5: md5(file.content),
            updatedAt: iso(file.updatedAt),
            contentType: 'text/plain',
            body: { __typename: 'OnlineStoreThemeFileBodyText', content: file.content },
          })),
        paging,
      ),
  });
  const product = (one: Product) => ({
    __typename: 'Product',
    ...one,
    updatedAt: iso(one.updatedAt),
    variantsCount: { count: one.variants.length },
    variants: (paging: Paging) => page(one.variants, paging),
  });
  const discount = (one: Discount) => ({
    id: one.id,
    discount: {
      __typename: one.type,
      title: one.title,
      status: one.status,
      codes: (paging: Paging) =>
        page(
          one.codes.map((code) => ({ code })),
          paging,
        ),
      customerGets: {
        value:
          one.percentage === null
            ? { __typename: 'DiscountAmount', amount: { amount: '10.00', currencyCode: store.currency } }
            : { __typename: 'DiscountPercentage', percentage: one.percentage },
      },
    },
  });
  return {
    node: ({ id }: { id: string }) => {
      const bulk = bulks.get(id);
      if (bulk === undefined) return null;
      bulk.polls += 1;
      const done = bulk.polls > 1;
      return {
        __typename: 'BulkOperation',
        id,
        status: done ? 'COMPLETED' : 'RUNNING',
        errorCode: null,
        objectCount: String(store.products.length),
        url: done ? bulkUrl(bulk) : null,
      };
    },
    shop: {
      id: gid('Shop', 1),
      name: store.name,
      myshopifyDomain: store.domain,
      currencyCode: store.currency,
      primaryDomain: { host: store.primaryHost },
      plan: { publicDisplayName: store.plan },
      setupRequired: false,
      shopPolicies: () => {
        need(caller, 'read_legal_policies');
        return store.policies;
      },
    },
    themes: (paging: Paging) => {
      need(caller, 'read_themes');
      return page(store.themes.map(theme), paging);
    },
    theme: ({ id }: { id: string }) => {
      need(caller, 'read_themes');
      const found = store.themes.find((one) => one.id === id);
      return found === undefined ? null : theme(found);
    },
    products: ({ query, ...paging }: Paging & { query?: string }) => {
      need(caller, 'read_products');
      const since = sinceOf(query);
      const found = store.products
        .filter((one) => one.updatedAt >= since)
        .toSorted((a, b) => a.updatedAt - b.updatedAt);
      return page(found.map(product), paging);
    },
    discountNodes: (paging: Paging) => {
      need(caller, 'read_discounts');
      return page(store.discounts.map(discount), paging);
    },
    urlRedirects: (paging: Paging) => {
      need(caller, 'read_online_store_navigation');
      return page(store.redirects, paging);
    },
    pages: (paging: Paging) => {
      need(caller, 'read_content');
      return page(store.pages, paging);
    },
    appInstallations: (paging: Paging) => {
      need(caller, 'read_apps');
      return page(
        store.apps.map((app) => ({
          id: app.id,
          app,
          accessScopes: app.scopes.map((handle) => ({ handle })),
        })),
        paging,
      );
    },
    currentAppInstallation: {
      id: gid('AppInstallation', 1),
      app: { id: gid('App', 99), title: 'Loupe', developerName: store.name },
      accessScopes: caller.scopes.map((handle) => ({ handle })),
    },
    staffMembers: (paging: Paging) => {
      need(caller, 'read_users');
      return page(store.staff, paging);
    },
    events: ({ query, ...paging }: Paging & { query?: string }) => {
      const since = sinceOf(query);
      return page(
        store.events
          .filter((event) => event.at >= since)
          .map((event) => ({
            __typename: 'BasicEvent',
            id: event.id,
            createdAt: iso(event.at),
            appTitle: event.app,
            attributeToApp: event.app !== null,
            attributeToUser: event.app === null,
            subjectId: event.subjectId,
            subjectType: event.subjectType,
          })),
        paging,
      );
    },
    webhookSubscriptions: (paging: Paging) =>
      page(
        store.subscriptions.map((one) => ({
          ...one,
          endpoint: { __typename: 'WebhookHttpEndpoint', callbackUrl: one.callbackUrl },
        })),
        paging,
      ),
    bulkOperationRunQuery: ({ query }: { query: string }) => {
      need(caller, 'read_products');
      if (!/^\s*\{\s*products/u.test(query))
        return {
          bulkOperation: null,
          userErrors: [{ field: ['query'], message: 'Bulk queries must contain at least one connection.' }],
        };
      store.next += 1;
      const id = gid('BulkOperation', store.next);
      bulks.set(id, { id, polls: 0, token: md5(`${id}${performance.now()}`) });
      return {
        bulkOperation: {
          __typename: 'BulkOperation',
          id,
          status: 'CREATED',
          errorCode: null,
          objectCount: '0',
          url: null,
        },
        userErrors: [],
      };
    },
    webhookSubscriptionCreate: ({
      topic,
      webhookSubscription: given,
    }: {
      topic: string;
      webhookSubscription: { callbackUrl: string; includeFields?: string[] };
    }) => {
      if (!given.callbackUrl.startsWith('https://'))
        return {
          webhookSubscription: null,
          userErrors: [{ field: ['webhookSubscription'], message: 'Address must be https' }],
        };
      const taken = store.subscriptions.some(
        (one) => one.topic === topic && one.callbackUrl === given.callbackUrl,
      );
      if (taken)
        return {
          webhookSubscription: null,
          userErrors: [
            { field: ['webhookSubscription'], message: 'Address for this topic has already been taken' },
          ],
        };
      store.next += 1;
      const made = {
        id: gid('WebhookSubscription', store.next),
        topic,
        callbackUrl: given.callbackUrl,
        includeFields: given.includeFields ?? [],
        failures: 0,
      };
      store.subscriptions.push(made);
      return {
        webhookSubscription: {
          ...made,
          endpoint: { __typename: 'WebhookHttpEndpoint', callbackUrl: made.callbackUrl },
        },
        userErrors: [],
      };
    },
    webhookSubscriptionDelete: ({ id }: { id: string }) => {
      const there = store.subscriptions.some((one) => one.id === id);
      store.subscriptions = store.subscriptions.filter((one) => one.id !== id);
      return {
        deletedWebhookSubscriptionId: there ? id : null,
        userErrors: there ? [] : [{ field: ['id'], message: 'Webhook subscription does not exist' }],
      };
    },
  };
}

/** A bulk operation's result: one JSON object a line, children after their parent. */
export function bulkLines(store: Store): string {
  const lines: string[] = [];
  for (const { variants, updatedAt: _at, ...product } of store.products) {
    lines.push(JSON.stringify(product));
    for (const variant of variants) lines.push(JSON.stringify({ ...variant, __parentId: product.id }));
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
