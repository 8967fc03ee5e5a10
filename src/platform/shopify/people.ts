// Who may act in the shop, and who did: apps, staff, the platform's own journal.
import { fieldsOf } from '#plane';
import type { Collector } from '../collector.ts';
import type { ItemKind, Trace } from '../item.ts';
import { type Admin, nodesOf } from './admin.ts';
import { ReadFailed } from '../failed.ts';
import { each } from './storefront.ts';

const SCOPES = `query OwnScopes { currentAppInstallation { accessScopes { handle } } }`;

/** What the token may do, as the platform says now. */
export async function ownScopes(admin: Admin): Promise<readonly string[]> {
  const own = fieldsOf((await admin.ask(SCOPES))['currentAppInstallation'] ?? null).json('accessScopes');
  if (!Array.isArray(own)) throw new ReadFailed('bad-answer');
  return own.map((scope) => fieldsOf(scope).text('handle')).toSorted();
}

const APPS = `query Apps($after: String) {
  appInstallations(first: 50, after: $after) {
    nodes { app { id title developerName } accessScopes { handle } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export async function readApps(admin: Admin, into: Collector): Promise<void> {
  await each(admin, into, 'app', APPS, ['appInstallations'], (node, raw) => {
    const app = fieldsOf(node.object('app'));
    const scopes = raw['accessScopes'];
    return {
      key: app.text('id'),
      name: app.text('title'),
      facts: {
        maker: app.textOrNull('developerName') ?? '',
        scopes: Array.isArray(scopes)
          ? scopes
              .map((scope) => fieldsOf(scope).text('handle'))
              .toSorted()
              .join(' ')
          : '',
      },
    };
  });
}

const STAFF = `query Staff($after: String) {
  staffMembers(first: 50, after: $after) {
    nodes { id active isShopOwner accountType }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** Staff accounts by number alone: names and addresses stay at the platform. */
export async function readStaff(admin: Admin, into: Collector): Promise<void> {
  await each(admin, into, 'staff', STAFF, ['staffMembers'], (node) => {
    const key = node.text('id');
    return {
      key,
      name: `${node.flag('isShopOwner') ? 'Owner' : 'Staff'} account …${key.slice(-4)}`,
      facts: {
        active: node.flag('active'),
        owner: node.flag('isShopOwner'),
        type: node.textOrNull('accountType') ?? '',
      },
    };
  });
}

const EVENTS = `query Journal($query: String!, $after: String) {
  events(first: 50, query: $query, after: $after) {
    nodes { createdAt appTitle attributeToApp ... on BasicEvent { subjectId subjectType } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const SUBJECTS: Readonly<Record<string, ItemKind>> = {
  PRODUCT: 'product',
  DISCOUNT_NODE: 'discount',
  DISCOUNT_CODE_NODE: 'discount',
  DISCOUNT_AUTOMATIC_NODE: 'discount',
  PAGE: 'page',
  URL_REDIRECT: 'redirect',
};
const MAX_TRACES = 1_000;

/** Who changed what since a moment; of people only that it was one. */
export async function readTraces(admin: Admin, since: number): Promise<readonly Trace[]> {
  const query = `created_at:>='${new Date(since).toISOString()}'`;
  const nodes = await nodesOf(admin, EVENTS, ['events'], MAX_TRACES, { query });
  return (nodes ?? []).flatMap((node) => {
    const { subjectType, subjectId: key, createdAt } = node;
    if (typeof subjectType !== 'string' || typeof key !== 'string' || typeof createdAt !== 'string')
      return [];
    const kind = SUBJECTS[subjectType];
    const at = Date.parse(createdAt);
    if (kind === undefined || Number.isNaN(at)) return [];
    const app = node['attributeToApp'] === true ? node['appTitle'] : null;
    return [{ kind, key, at, by: typeof app === 'string' ? app.slice(0, 100) : 'staff' }];
  });
}
