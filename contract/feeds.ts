// Feeds of stones: which providers, under which contracts, what came, what was held and why.
import { z } from 'zod';

export const SHOWABLE_PARTS = ['certificate', 'report', 'media', 'measurements', 'comment'] as const;

/** What a contract with a provider allows. */
export const entitlementGiven = z.strictObject({
  store: z.boolean(),
  keepDays: z.number().int().min(1).max(400),
  replay: z.boolean(),
  prices: z.enum(['own', 'none']),
  show: z.array(z.enum(SHOWABLE_PARTS)).max(SHOWABLE_PARTS.length),
  paper: z.string().trim().min(1).max(200),
});
export type EntitlementGiven = z.infer<typeof entitlementGiven>;

const credentials = z.record(z.string().max(40), z.string().min(1).max(500));

export const feedGiven = z.strictObject({
  provider: z.string().max(40),
  entitlement: entitlementGiven,
  credentials,
});
export type FeedGiven = z.infer<typeof feedGiven>;

export const feedCredentials = z.strictObject({ credentials });

/** A provider that Loupe knows, and what it asks for. */
export const feedProvider = z.object({
  id: z.string(),
  name: z.string(),
  /** What its own documents say about storing, and where. */
  terms: z.object({ storable: z.boolean(), says: z.string(), source: z.string() }),
  credentials: z.array(z.object({ name: z.string(), label: z.string() })),
  hosts: z.array(z.string()),
});
export type FeedProvider = z.infer<typeof feedProvider>;

export const LOAD_WORDS = ['running', 'failed', 'held', 'declined', 'overtaken', 'good'] as const;

/** One reason why a load waits, in words, with the figure and the bound it passed. */
export const holdReason = z.object({ reason: z.string(), says: z.string() });

/** A load, as a line of the list. */
export const feedLoad = z.object({
  id: z.string(),
  state: z.enum(LOAD_WORDS),
  says: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  bytes: z.number(),
  /** Null for one that never was a load. */
  counts: z
    .object({
      rows: z.number(),
      before: z.number(),
      added: z.number(),
      removed: z.number(),
      repriced: z.number(),
      changed: z.number(),
      quarantined: z.number(),
      errors: z.number(),
      /** Median of new price to old, of stones in both. */
      moved: z.number(),
    })
    .nullable(),
  holds: z.array(holdReason),
  verdict: z.object({ by: z.string(), at: z.number(), note: z.string() }).nullable(),
});
export type FeedLoad = z.infer<typeof feedLoad>;

export const feed = z.object({
  id: z.string(),
  provider: z.string(),
  name: z.string(),
  state: z.enum(['on', 'off']),
  credentialsAt: z.number(),
  entitlement: entitlementGiven,
  everyMs: z.number(),
  /** How the provider was last reached. */
  reached: z.array(
    z.object({ host: z.string(), protocol: z.string().nullable(), certificateUntil: z.number() }),
  ),
  /** What is happening now, in words; null: nothing. */
  progress: z.string().nullable(),
  /** Newest first. */
  loads: z.array(feedLoad),
});
export type Feed = z.infer<typeof feed>;

export const feedsView = z.object({
  feeds: z.array(feed),
  providers: z.array(feedProvider),
  /** Of a sample shop: what signs in at its simulated providers, by provider, and where these can be looked at. */
  sample: z.record(z.string(), z.record(z.string(), z.string())).nullable(),
});
export type FeedsView = z.infer<typeof feedsView>;

const comparedStone = z.object({
  shape: z.string(),
  carat: z.number(),
  color: z.string(),
  clarity: z.string(),
  lab: z.string(),
  growth: z.string(),
  priceMinor: z.number(),
});

/** A stone that something was found about, beside what was known of it. */
export const specimen = z.object({
  findings: z.array(z.object({ id: z.string(), says: z.string() })),
  quarantined: z.boolean(),
  now: comparedStone.extend({
    fancy: z.string(),
    measurements: z.tuple([z.number(), z.number(), z.number()]),
  }),
  before: comparedStone.nullable(),
  basisMinor: z.number(),
  offerId: z.string(),
  stock: z.string(),
  certificate: z.string(),
  comment: z.string(),
  /** Names the stone for a release; good for this load alone. */
  place: z.number(),
});
export type Specimen = z.infer<typeof specimen>;

export const loadReport = z.object({
  load: feedLoad,
  currency: z.string(),
  /** How many stones have each finding. */
  findings: z.array(
    z.object({ id: z.string(), says: z.string(), count: z.number(), quarantines: z.boolean() }),
  ),
  specimens: z.array(specimen),
  /** Rows that were no stones, by column. */
  errors: z.array(
    z.object({ column: z.string(), says: z.string(), count: z.number(), rows: z.array(z.string()) }),
  ),
});
export type LoadReport = z.infer<typeof loadReport>;

export const loadVerdict = z.strictObject({
  verdict: z.enum(['accept', 'decline']),
  /** Prices that were in doubt are right. */
  prices: z.boolean().default(false),
  note: z.string().trim().max(500).default(''),
});
export type LoadVerdict = z.infer<typeof loadVerdict>;

export const releaseGiven = z.strictObject({
  place: z.number().int().min(0).max(10_000),
  reason: z.string().trim().min(1).max(500),
});
