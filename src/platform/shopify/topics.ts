// Webhook topics: what each says is to be read again, and what has to be granted for it.
import type { ItemKind } from '../item.ts';
import { hasScope } from './scopes.ts';

interface TopicOffer {
  readonly topic: string;
  readonly rereads: readonly ItemKind[];
  readonly scope: string | null;
}

const PRODUCTS: readonly ItemKind[] = ['product'];
const THEMES: readonly ItemKind[] = ['theme', 'theme-file'];
const DISCOUNTS: readonly ItemKind[] = ['discount'];

/** The topics that are subscribed to. */
const SUBSCRIBED: readonly TopicOffer[] = [
  { topic: 'APP_UNINSTALLED', rereads: ['setting'], scope: null },
  { topic: 'APP_SCOPES_UPDATE', rereads: ['setting'], scope: null },
  { topic: 'SHOP_UPDATE', rereads: ['setting', 'policy'], scope: null },
  { topic: 'THEMES_CREATE', rereads: THEMES, scope: 'read_themes' },
  { topic: 'THEMES_UPDATE', rereads: THEMES, scope: 'read_themes' },
  { topic: 'THEMES_PUBLISH', rereads: THEMES, scope: 'read_themes' },
  { topic: 'THEMES_DELETE', rereads: THEMES, scope: 'read_themes' },
  { topic: 'PRODUCTS_CREATE', rereads: PRODUCTS, scope: 'read_products' },
  { topic: 'PRODUCTS_UPDATE', rereads: PRODUCTS, scope: 'read_products' },
  { topic: 'PRODUCTS_DELETE', rereads: PRODUCTS, scope: 'read_products' },
  { topic: 'DISCOUNTS_CREATE', rereads: DISCOUNTS, scope: 'read_discounts' },
  { topic: 'DISCOUNTS_UPDATE', rereads: DISCOUNTS, scope: 'read_discounts' },
  { topic: 'DISCOUNTS_DELETE', rereads: DISCOUNTS, scope: 'read_discounts' },
  { topic: 'ORDERS_CREATE', rereads: [], scope: 'read_orders' },
  { topic: 'ORDERS_UPDATED', rereads: [], scope: 'read_orders' },
  { topic: 'CUSTOMERS_CREATE', rereads: [], scope: 'read_customers' },
  { topic: 'CUSTOMERS_UPDATE', rereads: [], scope: 'read_customers' },
  { topic: 'CUSTOMERS_DELETE', rereads: [], scope: 'read_customers' },
];

/** The three that every app gets by its own settings and cannot subscribe to: duties with a deadline. */
export const COMPLIANCE_TOPICS = ['CUSTOMERS_DATA_REQUEST', 'CUSTOMERS_REDACT', 'SHOP_REDACT'] as const;
export type ComplianceTopic = (typeof COMPLIANCE_TOPICS)[number];

/** The topics that a token with these scopes can have. */
export function topicsFor(scopes: readonly string[]): readonly string[] {
  return SUBSCRIBED.filter(({ scope }) => scope === null || hasScope(scopes, scope)).map(
    ({ topic }) => topic,
  );
}

/** What a topic says is to be read again; null for one that was not asked for. */
export function rereadsOf(topic: string): readonly ItemKind[] | null {
  if (COMPLIANCE_TOPICS.some((known) => known === topic)) return [];
  return SUBSCRIBED.find((offer) => offer.topic === topic)?.rereads ?? null;
}
