// Feeds of stones: which providers, under which contracts, what came, what was held and why.
import { z } from 'zod';
import { hasNoCredentials, LIST_WARES, listPlace, supplierList } from './supplier-lists.ts';

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

/** A private key is the longest of them. */
const credentials = z.record(z.string().max(40), z.string().min(1).max(5_000));

const range = z.tuple([z.number().int().min(0).nullable(), z.number().int().min(0).nullable()]);
const words = z.array(z.string().max(30)).max(40).default([]);

/** Which stones a rule is about: all of it has to fit, an empty list fits everything. Weights in thousandths of a carat, costs in minor units; ends are not included. */
export const stoneMatch = z.strictObject({
  shapes: words,
  colors: words,
  clarities: words,
  labs: words,
  growths: words,
  caratMilli: range.default([null, null]),
  costMinor: range.default([null, null]),
});

export const priceRules = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/u),
  ratePpm: z.number().int().min(1).max(1_000_000_000).default(1_000_000),
  rules: z
    .array(
      z.strictObject({
        when: stoneMatch.prefault({}),
        markupBp: z.number().int().min(-10_000).max(1_000_000),
        addMinor: z.number().int().min(-100_000_000).max(100_000_000).default(0),
      }),
    )
    .max(100),
  stepMinor: z.number().int().min(1).max(10_000_000).default(100),
  lessMinor: z.number().int().min(0).max(10_000_000).default(0),
  floorMinor: z.number().int().min(0).max(1_000_000_000).default(0),
  /** Until when stones may be sold at or below cost; whoever saves this says so by name. */
  belowCostUntil: z.number().int().nullable().default(null),
});
export type PriceRulesGiven = z.infer<typeof priceRules>;

export const stoneChoice = z.strictObject({
  shown: z.array(stoneMatch).max(50).default([]),
  hidden: z.array(stoneMatch).max(50).default([]),
  most: z.number().int().min(1).max(5_000_000).default(20_000),
});
export type StoneChoice = z.infer<typeof stoneChoice>;

/** What shoppers get to see of a feed: at what price, and which stones at all. */
export const showing = z.strictObject({ price: priceRules.nullable(), choice: stoneChoice });
export type Showing = z.infer<typeof showing>;

export const showingPreview = z.object({
  rows: z.number(),
  leftOut: z.array(z.object({ says: z.string(), count: z.number() })),
  prices: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  currency: z.string(),
  examples: z.array(
    z.object({
      shape: z.string(),
      carat: z.number(),
      color: z.string(),
      clarity: z.string(),
      lab: z.string(),
      costMinor: z.number(),
      priceMinor: z.number(),
    }),
  ),
});
export type ShowingPreview = z.infer<typeof showingPreview>;

export const feedGiven = z.strictObject({
  provider: z.string().max(40),
  /** For a supplier that Loupe has no adapter for. */
  list: supplierList.nullable().default(null),
  entitlement: entitlementGiven,
  credentials,
});
export type FeedGiven = z.input<typeof feedGiven>;

/** A list to be looked at before it is plugged in, with what signs in; that is used once and kept nowhere. */
export const firstRowsAsked = z.strictObject({
  list: listPlace,
  credentials,
  /** The list itself, where people hand it in. */
  drop: z.string().max(64).optional(),
});
export type FirstRowsAsked = z.infer<typeof firstRowsAsked>;

/** A word on asking a provider without TLS; null takes it back. */
export const plainGiven = z.strictObject({
  exception: z
    .strictObject({ reason: z.string().trim().min(1).max(500), until: z.number().int() })
    .nullable(),
});
export type PlainGiven = z.infer<typeof plainGiven>;

/** A key that GIA is asked with; null: it is asked no longer. */
export const reportKeyGiven = z.strictObject({ key: z.string().trim().min(1).max(500).nullable() });

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
  /** Its files are there, and the contract lets them be read again. */
  isKept: z.boolean(),
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
    z.object({ host: z.string(), protocol: z.string(), certificateUntil: z.number().nullable() }),
  ),
  /** What signs in, by what the provider asks for. */
  credentials: z.array(z.object({ name: z.string(), label: z.string() })),
  /** Whether somebody may take it upon them that it is asked without TLS, and who has, until when. */
  mayBePlain: z.boolean(),
  plain: z.object({ by: z.string(), until: z.number(), reason: z.string() }).nullable(),
  /** Whether GIA is asked what its reports say; null where that makes no sense. */
  asksReports: z.boolean().nullable(),
  /** What people said of a supplier's list; null for a provider that Loupe knows. */
  list: supplierList.nullable(),
  /** The provider's: what costs are in. */
  currency: z.string(),
  showing,
  /** Of a feed whose stones are passed through: the name it answers under, and what was seen of it; null for one that is loaded. */
  live: z
    .object({
      name: z.string(),
      answers: z.number(),
      stones: z.number(),
      keptOut: z.number(),
      /** Why it does not answer; null: it does, or nobody has asked yet. */
      says: z.string().nullable(),
    })
    .nullable(),
  /** What is in the window of it. */
  window: z
    .object({
      rows: z.number(),
      madeAt: z.number(),
      leftOut: z.array(z.object({ says: z.string(), count: z.number() })),
    })
    .nullable(),
  /** What is happening now, in words; null: nothing. */
  progress: z.string().nullable(),
  /** Newest first. */
  loads: z.array(feedLoad),
});
export type Feed = z.infer<typeof feed>;

export const feedsView = z.object({
  /** The public name of the shop's window; null before anything was published. */
  windowName: z.string().nullable(),
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
  /** Of goods: what it is called, by what its kind has texts for. */
  facts: z.record(z.string(), z.string()),
  /** Names the stone for a release; good for this load alone. */
  place: z.number(),
});
export type Specimen = z.infer<typeof specimen>;

export const loadReport = z.object({
  load: feedLoad,
  /** What its rows are. For goods shape, color and clarity are the three classes of the kind, in their order. */
  of: z.enum(LIST_WARES),
  currency: z.string(),
  /** What came of looking reports up at GIA; null where they are not. */
  reports: z.object({ known: z.number(), asked: z.number(), says: z.string().nullable() }).nullable(),
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

/** `repeat`: judge the kept bytes again. `quarantine`: list every stone that is kept out. */
export const inspectionGiven = z.strictObject({ what: z.enum(['repeat', 'quarantine']) });
export type InspectionGiven = z.infer<typeof inspectionGiven>;

/** How an inspection stands; `listed`: there is a list to be fetched. */
export const inspected = z.object({
  state: z.enum(['waiting', 'failed', 'done', 'listed']),
  says: z.string(),
});
export type Inspected = z.infer<typeof inspected>;

/** An address that is told when the window shows something else (Standard Webhooks). */
export const windowHookGiven = z.strictObject({
  url: z
    .url({ protocol: /^https$/u })
    .max(1_000)
    .refine(hasNoCredentials, 'no credentials in an address'),
});
export const windowHook = z.object({
  id: z.string(),
  url: z.string(),
  deliveredAt: z.number().nullable(),
  failures: z.number(),
  says: z.string(),
});
export type WindowHook = z.infer<typeof windowHook>;

export const releaseGiven = z.strictObject({
  place: z.number().int().min(0).max(10_000),
  reason: z.string().trim().min(1).max(500),
});
