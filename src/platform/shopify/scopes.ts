// What Loupe asks of Shopify, each scope with what it unlocks. None is needed for the connection itself: one that is refused leaves a gap.
import type { ItemKind } from '../item.ts';

export interface ScopeOffer {
  readonly scope: string;
  readonly kinds: readonly ItemKind[];
  /** What is seen with it, for a person. */
  readonly unlocks: string;
  /** A scope that only Shopify's support, or a higher plan, gives: not asked for by default. */
  readonly closed: boolean;
}

export const SHOPIFY_SCOPES: readonly ScopeOffer[] = [
  {
    scope: 'read_themes',
    kinds: ['theme', 'theme-file'],
    unlocks:
      'The files of your theme: what was changed in them, line by line, and which hosts they load scripts from.',
    closed: false,
  },
  {
    scope: 'read_products',
    kinds: ['product'],
    unlocks: 'Products and prices: prices changed in bulk or to zero, products gone.',
    closed: false,
  },
  {
    scope: 'read_discounts',
    kinds: ['discount'],
    unlocks: 'Discounts and codes: new ones, and those that give everything away.',
    closed: false,
  },
  {
    scope: 'read_online_store_navigation',
    kinds: ['redirect'],
    unlocks: 'Redirects: whether a page of yours leads to somebody else’s.',
    closed: false,
  },
  {
    scope: 'read_legal_policies',
    kinds: ['policy'],
    unlocks: 'Policies: terms, refunds and privacy, changed by whom it may.',
    closed: false,
  },
  {
    scope: 'read_content',
    kinds: ['page'],
    unlocks: 'Pages: texts that say where money goes.',
    closed: false,
  },
  {
    scope: 'read_orders',
    kinds: [],
    unlocks: 'Order messages, as a sign of life only: no order is stored.',
    closed: false,
  },
  {
    scope: 'read_customers',
    kinds: [],
    unlocks: 'Messages that a customer was changed or erased: no customer is stored.',
    closed: false,
  },
  {
    scope: 'read_apps',
    kinds: ['app'],
    unlocks:
      'Which other apps are installed. Shopify’s support has to give it; else there is a list to keep by hand.',
    closed: true,
  },
  {
    scope: 'read_users',
    kinds: ['staff'],
    unlocks:
      'How many staff accounts there are and what they may do. On higher plans only; else there is a list to keep by hand.',
    closed: true,
  },
];

/** The scopes that a new app is set up with. */
export const ASKED_SCOPES: readonly string[] = SHOPIFY_SCOPES.filter((offer) => !offer.closed).map(
  (offer) => offer.scope,
);

/** Whether a token's scopes hold one; writing includes reading. */
export function hasScope(granted: readonly string[], scope: string): boolean {
  return granted.includes(scope) || granted.includes(scope.replace(/^read_/u, 'write_'));
}

/** Scopes that were granted and that Loupe has no use for: least privilege says to take them back. */
export function needlessScopes(granted: readonly string[]): readonly string[] {
  const known = new Set(SHOPIFY_SCOPES.map((offer) => offer.scope));
  return granted.filter((scope) => !known.has(scope));
}
