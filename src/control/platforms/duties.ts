// Whose each check is, and with which paper: on a hosted shop most of it is the platform's.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type PlatformName, PLATFORMS } from '#platform';
import type { CheckDefinition, ShopKind } from '#plane';

const DUTY_OWNERS = ['platform', 'provider', 'developer', 'owner', 'loupe', 'nobody'] as const;
type DutyOwner = (typeof DUTY_OWNERS)[number];

const schema = z.strictObject({
  about: z.string(),
  platform: z.string(),
  reviewed: z.iso.date(),
  published: z.array(
    z.strictObject({
      paper: z.string(),
      title: z.string(),
      ask: z.string(),
      issued: z.iso.date().nullable(),
      validUntil: z.iso.date().nullable(),
    }),
  ),
  provides: z.array(z.strictObject({ check: z.string(), papers: z.array(z.string()).min(1) })),
  duties: z.array(z.strictObject({ check: z.string(), who: z.enum(DUTY_OWNERS), why: z.string() })),
});

/** What is known of Shopify's part: the only platform with a rulebook so far. */
export const SHOPIFY_DUTIES: z.infer<typeof schema> = schema.parse(
  JSON.parse(readFileSync(new URL('../../../rules/platforms/shopify.json', import.meta.url), 'utf8')),
);

/** The papers that back a check which is the platform's own duty; null for one that is not. */
export function backingOf(check: string): readonly string[] | null {
  return SHOPIFY_DUTIES.provides.find((one) => one.check === check)?.papers ?? null;
}

export interface Duty {
  readonly who: DutyOwner;
  readonly why: string | null;
}

/** Whose a check is. */
export function dutyOf(check: CheckDefinition, kind: ShopKind | null, platform: string | null): Duty {
  if (backingOf(check.id) !== null) return { who: 'platform', why: null };
  const shopify = kind === 'hosted' && (platform === null || platform === SHOPIFY_DUTIES.platform);
  const own = shopify ? SHOPIFY_DUTIES.duties.find((duty) => duty.check === check.id) : undefined;
  return own === undefined ? { who: check.responsible, why: null } : { who: own.who, why: own.why };
}

/** The connections there are for what a shop runs on, as a look recognised it. */
export function offeredFor(shop: {
  readonly kind: ShopKind | null;
  readonly platform: string | null;
}): readonly PlatformName[] {
  switch (shop.platform) {
    case 'Shopify':
      return ['shopify'];
    case 'WooCommerce':
    case 'WordPress':
      return ['woocommerce'];
    case 'Magento':
      return ['magento'];
    case null:
      return shop.kind === 'self-hosted' ? ['woocommerce', 'magento'] : PLATFORMS;
    default:
      // Wix, Squarespace and others: no connection, and looks alone.
      return [];
  }
}
