import type { PageEvidence, PlatformEvidence, WebEvidence } from '../evidence.ts';
import type { ShopKind } from '#plane';

interface Sign {
  readonly platform: string;
  readonly kind: ShopKind;
  readonly header?: RegExp;
  readonly script?: RegExp;
  readonly generator?: RegExp;
  readonly cookie?: RegExp;
}

/** What gives a platform away. The first that matches names it. */
const SIGNS: readonly Sign[] = [
  {
    platform: 'Shopify',
    kind: 'hosted',
    header: /^(x-shopid|x-shopify-stage|x-sorting-hat-shopid|powered-by: shopify)/iu,
    script: /cdn\.shopify\.com|\/cdn\/shop\/|cdn\.shopifycloud\./iu,
    cookie: /^_shopify_/u,
  },
  {
    platform: 'BigCommerce',
    kind: 'hosted',
    script: /\.bigcommerce\.com/iu,
    cookie: /^SHOP_SESSION_TOKEN$/u,
  },
  { platform: 'Wix', kind: 'hosted', header: /^x-wix-/iu, generator: /^wix\.com/iu },
  {
    platform: 'Squarespace',
    kind: 'hosted',
    header: /^server: squarespace/iu,
    script: /static1?\.squarespace\.com/iu,
  },
  {
    platform: 'WooCommerce',
    kind: 'self-hosted',
    script: /\/wp-content\/plugins\/woocommerce\//iu,
    generator: /^woocommerce/iu,
    cookie: /^woocommerce_|^wp_woocommerce/u,
  },
  {
    platform: 'Magento',
    kind: 'self-hosted',
    header: /^x-magento-/iu,
    script: /\/static\/(version\d+\/)?frontend\/|\/mage\//iu,
    cookie: /^mage-/u,
  },
  { platform: 'PrestaShop', kind: 'self-hosted', generator: /^prestashop/iu, cookie: /^PrestaShop-/u },
  { platform: 'OpenCart', kind: 'self-hosted', cookie: /^OCSESSID$/u },
  {
    platform: 'WordPress',
    kind: 'self-hosted',
    script: /\/wp-(content|includes)\//iu,
    generator: /^wordpress/iu,
  },
];

/** Recognises the platform a shop runs on, from what its pages and headers show. */
export function recognisePlatform(web: WebEvidence, page: PageEvidence): PlatformEvidence {
  const last = web.secure.at(-1);
  const headers = (last?.headers ?? []).map(([name, value]) => `${name}: ${value}`);
  const cookies = (last?.headers ?? [])
    .filter(([name]) => name === 'set-cookie')
    .map(([, value]) => value.split('=')[0] ?? '');
  const scripts = page.pages.flatMap((seen) => seen.scripts.map((script) => script.url));
  const generators = page.pages.flatMap((seen) => seen.generator ?? []);
  for (const sign of SIGNS) {
    const signs = [
      ...headers
        .filter((header) => sign.header?.test(header))
        .map((header) => `header ${header.split(':')[0]}`),
      ...cookies.filter((cookie) => sign.cookie?.test(cookie)).map((cookie) => `cookie ${cookie}`),
      ...scripts.filter((script) => sign.script?.test(script)).map((script) => `script ${script}`),
      ...generators
        .filter((generator) => sign.generator?.test(generator))
        .map((generator) => `generator ${generator}`),
    ];
    if (signs.length > 0) return { platform: sign.platform, kind: sign.kind, signs: signs.slice(0, 5) };
  }
  return { platform: null, kind: null, signs: [] };
}
