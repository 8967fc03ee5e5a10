// The shop's platform: how it is connected, what changed, whose duty what is.
import { z } from 'zod';

export const scopeOffer = z.object({
  scope: z.string(),
  unlocks: z.string(),
  /** Only Shopify's support, or a higher plan, gives it. */
  closed: z.boolean(),
  granted: z.boolean(),
});

export const platformGap = z.object({ part: z.string(), says: z.string() });

/** A connected platform, as it stands. */
export const PLATFORM_NAMES = ['shopify', 'woocommerce', 'magento'] as const;

export const platform = z.object({
  id: z.string(),
  kind: z.enum(PLATFORM_NAMES),
  name: z.string(),
  domain: z.string(),
  state: z.enum(['connected', 'refused', 'left']),
  clientId: z.string(),
  secretAt: z.number(),
  secretOldAt: z.number(),
  tokenUntil: z.number().nullable(),
  readAt: z.number().nullable(),
  /** Why the last reading failed, in words. */
  problem: z.string().nullable(),
  deliveredAt: z.number().nullable(),
  callbackUrl: z.string().nullable(),
  /** What is watched, each with its count: `6 products`. */
  watched: z.array(z.string()),
  gaps: z.array(platformGap),
  topics: z.number(),
  refused: z.array(z.object({ why: z.string(), count: z.number() })),
});
export type Platform = z.infer<typeof platform>;

export const platformView = z.object({
  platform: platform.nullable(),
  /** The connections there are for what this shop runs on; empty: none. */
  offered: z.array(z.enum(PLATFORM_NAMES)),
  scopes: z.array(scopeOffer),
  asked: z.string(),
  /** Of a sample shop: the keys of its simulated app, and where its admin can be looked at. */
  sample: z
    .object({ domain: z.string(), clientId: z.string(), clientSecret: z.string(), visit: z.string() })
    .nullable(),
});
export type PlatformView = z.infer<typeof platformView>;

export const platformGiven = z.strictObject({
  platform: z.enum(PLATFORM_NAMES).default('shopify'),
  /** The name at Shopify; of others it is the shop's own. */
  domain: z.string().trim().max(200).default(''),
  /** Client id, consumer key, or the integration's name. */
  clientId: z.string().trim().min(1).max(100),
  clientSecret: z.string().trim().min(8).max(200),
});

export const changeVerdict = z.enum(['open', 'mine', 'not-mine', 'dealt-with']);

/** Something that is not as it was, in words. */
export const change = z.object({
  id: z.string(),
  at: z.number(),
  weight: z.enum(['notice', 'warn', 'alarm']),
  /** What happened, in one sentence. */
  sentence: z.string(),
  /** Why it weighs what it weighs; null where that goes without saying. */
  why: z.string().nullable(),
  doneBy: z.string().nullable(),
  count: z.number(),
  evidence: z.string().nullable(),
  verdict: changeVerdict,
  verdictBy: z.string().nullable(),
  verdictAt: z.number().nullable(),
  note: z.string(),
});
export type Change = z.infer<typeof change>;

export const changeItem = z.object({
  action: z.enum(['added', 'changed', 'removed']),
  name: z.string(),
  /** Each fact that differs, in words. */
  differs: z.array(z.object({ what: z.string(), before: z.string(), after: z.string() })),
  /** Whether there are texts to be compared. */
  comparable: z.boolean(),
});
export type ChangeItem = z.infer<typeof changeItem>;

export const hunk = z.object({ oldStart: z.number(), newStart: z.number(), lines: z.array(z.string()) });
export type HunkView = z.infer<typeof hunk>;

export const privacyRequest = z.object({
  id: z.string(),
  what: z.string(),
  receivedAt: z.number(),
  dueAt: z.number(),
  doneAt: z.number().nullable(),
  overdue: z.boolean(),
  note: z.string(),
});
export type PrivacyRequest = z.infer<typeof privacyRequest>;

export const inventoryEntry = z.strictObject({
  name: z.string().trim().min(1).max(100),
  may: z.string().trim().max(200).default(''),
});

/** A list kept by hand, newest of its kind. */
export const inventory = z.object({
  id: z.string(),
  what: z.enum(['apps', 'staff']),
  entries: z.array(z.object({ name: z.string(), may: z.string() })),
  shots: z.array(
    z.object({ id: z.string(), name: z.string(), state: z.enum(['waiting', 'kept', 'refused']) }),
  ),
  takenAt: z.number(),
  validUntil: z.number(),
  ended: z.boolean(),
});
export type Inventory = z.infer<typeof inventory>;

/** Whose one check is. */
export const duty = z.object({
  check: z.string(),
  title: z.string(),
  question: z.string(),
  who: z.enum(['platform', 'provider', 'developer', 'owner', 'loupe', 'nobody']),
  why: z.string().nullable(),
  /** The paper that backs it, or those that would. */
  paper: z.object({ title: z.string(), until: z.number().nullable() }).nullable(),
  wanted: z.array(z.string()),
});
export type Duty = z.infer<typeof duty>;
