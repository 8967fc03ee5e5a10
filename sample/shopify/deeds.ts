// What happens in a shop's admin, honest and otherwise: each deed changes the store, leaves its trace in the journal and tells whoever is subscribed.
import type { Sender } from './sender.ts';
import { gid, type Store } from './store.ts';

type Deed = (
  store: Store,
  at: number,
) => readonly (readonly [topic: string, payload: Record<string, unknown>])[];

const hint = (id: string, at: number): Record<string, unknown> => ({
  id: Number(id.split('/').at(-1)),
  admin_graphql_api_id: id,
  updated_at: new Date(at).toISOString(),
  title: 'left out by whoever asks for fewer fields',
});

function journal(
  store: Store,
  at: number,
  subjectId: string,
  subjectType: string,
  app: string | null = null,
): void {
  store.next += 1;
  store.events.push({ id: gid('BasicEvent', store.next), at, subjectId, subjectType, app });
}

function liveTheme(store: Store) {
  const theme = store.themes.find((one) => one.role === 'MAIN');
  if (theme === undefined) throw new Error('a shop has a published theme');
  return theme;
}

function editFile(
  store: Store,
  at: number,
  name: string,
  edit: (content: string) => string,
): ReturnType<Deed> {
  const theme = liveTheme(store);
  theme.files.set(name, { content: edit(theme.files.get(name)?.content ?? ''), updatedAt: at });
  theme.updatedAt = at;
  return [['THEMES_UPDATE', hint(theme.id, at)]];
}

export const DEEDS = {
  'fix-a-typo': (store, at) =>
    editFile(store, at, 'sections/footer.liquid', (text) => text.replace('1921', '1922')),
  'add-a-skimmer': (store, at) =>
    editFile(store, at, 'layout/theme.liquid', (text) =>
      text.replace('</head>', '  <script src="https://jewels-metrics.test/a.js" async></script>\n</head>'),
    ),
  'raise-a-price': (store, at) => {
    const [product] = store.products;
    if (product === undefined) return [];
    for (const variant of product.variants) variant.price = (Number(variant.price) * 1.1).toFixed(2);
    product.updatedAt = at;
    journal(store, at, product.id, 'PRODUCT');
    return [['PRODUCTS_UPDATE', hint(product.id, at)]];
  },
  'all-prices-to-one': (store, at) =>
    store.products.map((product): readonly [string, Record<string, unknown>] => {
      for (const variant of product.variants) variant.price = '1.00';
      product.updatedAt = at;
      journal(store, at, product.id, 'PRODUCT', 'Bulk Price Editor');
      return ['PRODUCTS_UPDATE', hint(product.id, at)];
    }),
  'give-everything-away': (store, at) => {
    store.next += 1;
    const id = gid('DiscountCodeNode', store.next);
    store.discounts.push({
      id,
      type: 'DiscountCodeBasic',
      title: 'Staff test',
      status: 'ACTIVE',
      codes: ['FREE4ME'],
      percentage: 1,
    });
    journal(store, at, id, 'DISCOUNT_NODE');
    return [['DISCOUNTS_CREATE', hint(id, at)]];
  },
  'lead-customers-away': (store, at) => {
    store.next += 1;
    const id = gid('UrlRedirect', store.next);
    store.redirects.push({ id, path: '/checkout-help', target: 'https://maison-aurora-pay.test/' });
    journal(store, at, id, 'URL_REDIRECT');
    return [];
  },
  'change-the-iban': (store, at) => {
    const page = store.pages.find((one) => one.handle === 'transfer');
    if (page === undefined) return [];
    page.body = page.body.replace(/[A-Z]{2}\d\d[\d ]+/u, 'LT60 1010 0123 4567 8901');
    journal(store, at, page.id, 'PAGE');
    return [];
  },
  'install-an-app': (store) => {
    store.next += 1;
    store.apps.push({
      id: gid('App', store.next),
      title: 'Free Ring Sizer',
      developerName: 'Unknown',
      scopes: ['write_products', 'read_customers'],
    });
    return [];
  },
  'remove-a-product': (store, at) => {
    const product = store.products.pop();
    if (product === undefined) return [];
    journal(store, at, product.id, 'PRODUCT');
    return [['PRODUCTS_DELETE', { id: hint(product.id, at)['id'] }]];
  },
} as const satisfies Readonly<Record<string, Deed>>;

export type DeedName = keyof typeof DEEDS;

/** Does a deed, and tells of it. */
export async function doDeed(name: DeedName, store: Store, sender: Sender, at: number): Promise<void> {
  const deed: Deed = DEEDS[name];
  for (const [topic, payload] of deed(store, at)) await sender.emit(topic, payload);
}
