import type { Outbound } from '#outbound';
import { type ItemKind, ITEM_KINDS, type PlatformName, type ReadResult } from './item.ts';
import { MAGENTO_KINDS, readMagento } from './magento.ts';
import type { ReadOptions } from './reading.ts';
import { readShopify } from './shopify/read.ts';
import { SHOPIFY_SCOPES } from './shopify/scopes.ts';
import { type KeyAccess, readWooCommerce, WOOCOMMERCE_KINDS } from './woocommerce.ts';

/** Reads a shop through its platform's interface. What ends a reading is a word, never an error. */
export async function readPlatform(
  platform: PlatformName,
  outbound: Outbound,
  access: KeyAccess,
  options: ReadOptions,
): Promise<ReadResult> {
  switch (platform) {
    case 'shopify':
      return await readShopify(outbound, access, options);
    case 'woocommerce':
      return await readWooCommerce(outbound, access, options);
    case 'magento':
      return await readMagento(outbound, access, options);
  }
}

/** What a platform can show, whatever this access may. Theme files come with the themes. */
export function kindsOf(platform: PlatformName): readonly ItemKind[] {
  if (platform === 'woocommerce') return WOOCOMMERCE_KINDS;
  if (platform === 'magento') return MAGENTO_KINDS;
  const open = new Set(SHOPIFY_SCOPES.flatMap((offer) => offer.kinds));
  // The gaps that Shopify leaves to everybody are said at each reading.
  return [
    ...ITEM_KINDS.filter((kind) => open.has(kind) && kind !== 'theme-file'),
    'pixel',
    'checkout-extension',
  ];
}
