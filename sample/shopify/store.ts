import { createHash } from 'node:crypto';
import { NAMES } from '../names.ts';
import { PIECES } from '../shops/stock.ts';

export interface ThemeFile {
  content: string;
  updatedAt: number;
}

export interface Theme {
  readonly id: string;
  name: string;
  role: 'MAIN' | 'UNPUBLISHED';
  updatedAt: number;
  readonly files: Map<string, ThemeFile>;
}

export interface Variant {
  readonly id: string;
  price: string;
}

export interface Product {
  readonly id: string;
  title: string;
  handle: string;
  status: 'ACTIVE' | 'DRAFT';
  vendor: string;
  updatedAt: number;
  readonly variants: Variant[];
}

export interface Discount {
  readonly id: string;
  type: 'DiscountCodeBasic' | 'DiscountAutomaticBasic' | 'DiscountCodeFreeShipping';
  title: string;
  status: 'ACTIVE' | 'EXPIRED';
  codes: string[];
  /** A share of one; null: an amount or none. */
  percentage: number | null;
}

export interface Subscription {
  readonly id: string;
  readonly topic: string;
  readonly callbackUrl: string;
  readonly includeFields: readonly string[];
  failures: number;
}

/** The merchant's side of the sample shop: what a person with an admin account could change. */
export interface Store {
  readonly domain: string;
  name: string;
  currency: 'EUR';
  plan: string;
  primaryHost: string;
  readonly themes: Theme[];
  products: Product[];
  readonly discounts: Discount[];
  readonly redirects: { readonly id: string; path: string; target: string }[];
  readonly policies: { readonly id: string; type: string; body: string }[];
  readonly pages: {
    readonly id: string;
    title: string;
    handle: string;
    body: string;
    isPublished: boolean;
  }[];
  readonly apps: { readonly id: string; title: string; developerName: string; scopes: string[] }[];
  readonly staff: { readonly id: string; active: boolean; isShopOwner: boolean; accountType: string }[];
  readonly events: {
    readonly id: string;
    at: number;
    subjectId: string;
    subjectType: string;
    app: string | null;
  }[];
  subscriptions: Subscription[];
  /** The next number of an id. */
  next: number;
}

export function gid(type: string, number: number): string {
  return `gid://shopify/${type}/${number}`;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const LAYOUT = `<!doctype html>
<html lang="en">
<head>
  <title>{{ page_title }}</title>
  {{ content_for_header }}
  <script src="https://${NAMES.hostedCdn}/cdn/shop/t/1/assets/theme.js" defer></script>
  <script src="https://${NAMES.reviews}/stars.js" async></script>
  <script src="https://${NAMES.chat}/widget.js" async></script>
</head>
<body>
  {% section 'header' %}
  {{ content_for_layout }}
  {% section 'footer' %}
</body>
</html>
`;

function themeFiles(at: number): Map<string, ThemeFile> {
  const texts: Record<string, string> = {
    'layout/theme.liquid': LAYOUT,
    'sections/header.liquid': '<header><a href="/">Maison Aurora</a></header>\n',
    'sections/footer.liquid': '<footer>Maison Aurora, since 1921</footer>\n',
    'sections/product.liquid':
      '<h1>{{ product.title }}</h1>\n<p>{{ product.price | money }}</p>\n{% form "product", product %}\n<button>Add to cart</button>\n{% endform %}\n',
    'templates/index.json':
      '{ "sections": { "main": { "type": "featured-collection" } }, "order": ["main"] }\n',
    'templates/product.json': '{ "sections": { "main": { "type": "product" } }, "order": ["main"] }\n',
    'assets/theme.js':
      "document.querySelectorAll('[data-zoom]').forEach((stone) => stone.addEventListener('click', () => stone.classList.toggle('near')));\n",
    'assets/theme.css': 'body { font-family: serif; }\n',
    'config/settings_data.json': '{ "current": { "accent": "#7a5c2e" } }\n',
  };
  return new Map(Object.entries(texts).map(([name, content]) => [name, { content, updatedAt: at }]));
}

/** The sample store as it comes. */
export function newStore(domain: string, at: number): Store {
  return {
    domain,
    name: 'Maison Aurora',
    currency: 'EUR',
    plan: 'Basic',
    primaryHost: NAMES.hosted,
    themes: [
      { id: gid('OnlineStoreTheme', 1), name: 'Atelier', role: 'MAIN', updatedAt: at, files: themeFiles(at) },
      {
        id: gid('OnlineStoreTheme', 2),
        name: 'Atelier, autumn',
        role: 'UNPUBLISHED',
        updatedAt: at,
        files: themeFiles(at),
      },
    ],
    products: PIECES.map((piece) => ({
      id: gid('Product', piece.id),
      title: piece.name,
      handle: piece.name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-'),
      status: 'ACTIVE',
      vendor: 'Maison Aurora',
      updatedAt: at,
      variants: [0, 1, 2].map((size) => ({
        id: gid('ProductVariant', piece.id * 10 + size),
        price: ((piece.priceCents + size * 5_000) / 100).toFixed(2),
      })),
    })),
    discounts: [
      {
        id: gid('DiscountCodeNode', 1),
        type: 'DiscountCodeBasic',
        title: 'Welcome',
        status: 'ACTIVE',
        codes: ['WELCOME5'],
        percentage: 0.05,
      },
      {
        id: gid('DiscountAutomaticNode', 2),
        type: 'DiscountAutomaticBasic',
        title: 'Pair of bands',
        status: 'ACTIVE',
        codes: [],
        percentage: 0.1,
      },
    ],
    redirects: [{ id: gid('UrlRedirect', 1), path: '/rings', target: '/collections/rings' }],
    policies: [
      {
        id: gid('ShopPolicy', 1),
        type: 'REFUND_POLICY',
        body: '<p>Send it back within 30 days, insured.</p>',
      },
      { id: gid('ShopPolicy', 2), type: 'PRIVACY_POLICY', body: '<p>We keep what an order needs.</p>' },
    ],
    pages: [
      {
        id: gid('Page', 1),
        title: 'Paying by transfer',
        handle: 'transfer',
        isPublished: true,
        body: '<p>Bank transfer: IBAN DE89 3704 0044 0532 0130 00.</p>',
      },
      {
        id: gid('Page', 2),
        title: 'About us',
        handle: 'about',
        isPublished: true,
        body: '<p>Three generations of setters.</p>',
      },
    ],
    apps: [
      { id: gid('App', 1), title: 'Star Reviews', developerName: 'Reviews Ltd', scopes: ['read_products'] },
      {
        id: gid('App', 2),
        title: 'Chat Widget',
        developerName: 'Chat Ltd',
        scopes: ['read_customers', 'read_orders'],
      },
    ],
    staff: [
      { id: gid('StaffMember', 11_001), active: true, isShopOwner: true, accountType: 'REGULAR' },
      { id: gid('StaffMember', 11_002), active: true, isShopOwner: false, accountType: 'REGULAR' },
    ],
    events: [],
    subscriptions: [],
    next: 1_000,
  };
}

/** The scripts that the published theme puts on every page. */
export function themeScripts(store: Store): readonly string[] {
  const layout =
    store.themes.find((theme) => theme.role === 'MAIN')?.files.get('layout/theme.liquid')?.content ?? '';
  return [...layout.matchAll(/<script src="(https:[^"]+)"/gu)].map(([, src = '']) => src);
}
