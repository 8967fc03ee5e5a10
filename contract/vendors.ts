// Third parties: the register, what is plugged in, decisions, papers, whose duty what is, news about them.
import { z } from 'zod';
import { action } from './asks.ts';

export const VENDOR_KINDS = [
  'feed',
  'platform',
  'payments',
  'hosting',
  'mail',
  'records',
  'marketing',
  'analytics',
  'reviews',
  'chat',
  'scripts',
  'content',
  'developer',
  'other',
] as const;

/** What of the shop's a third party touches. */
export const DATA_CLASSES = [
  'contact',
  'orders',
  'cards',
  'payments',
  'accounts',
  'messages',
  'visits',
  'stock',
  'prices',
  'certificates',
] as const;

export const criticality = z.enum(['low', 'medium', 'high', 'critical']);
export const vendorKind = z.enum(VENDOR_KINDS);
export const dataClass = z.enum(DATA_CLASSES);

/** A ready-made entry: a beginning, to be corrected by whoever knows. */
export const directoryEntry = z.object({
  name: z.string(),
  does: z.string(),
  kind: vendorKind,
  hosts: z.array(z.string()),
  apiHosts: z.array(z.string()),
  touches: z.array(dataClass),
  money: z.boolean(),
  criticality,
  papers: z.array(z.string()),
  ask: z.array(z.string()),
  note: z.string().nullable(),
});
export type DirectoryEntry = z.infer<typeof directoryEntry>;

const hostName = z
  .string()
  .max(253)
  .regex(
    /^(?=.{1,253}$)([a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}(:\d{1,5})?$/iu,
    'a host name such as api.example.com',
  );

/** What a person says of a third party. */
export const vendorGiven = z.strictObject({
  name: z.string().trim().min(1).max(100),
  kind: vendorKind,
  does: z.string().max(200).default(''),
  hosts: z.array(hostName).max(20).default([]),
  apiHosts: z.array(hostName).max(5).default([]),
  touches: z.array(dataClass).default([]),
  scopes: z.string().max(500).default(''),
  pages: z.string().max(200).default(''),
  money: z.boolean().default(false),
  criticality: criticality.default('medium'),
  responsible: z.string().max(100).default(''),
  contact: z.string().max(254).default(''),
  contract: z.string().max(500).default(''),
  contractUntil: z.number().int().nullable().default(null),
});
export type VendorGiven = z.infer<typeof vendorGiven>;

export const verdict = z.enum(['approved', 'conditions', 'rejected']);

export const decision = z.object({
  id: z.string(),
  verdict,
  conditions: z.string(),
  by: z.string(),
  at: z.number(),
  until: z.number(),
  points: z.number(),
  of: z.number(),
  unknown: z.number(),
});
export type Decision = z.infer<typeof decision>;

/** One criterion, and what it came to: each lost point names its reason. */
export const scoreLine = z.object({
  id: z.string(),
  text: z.string(),
  weight: z.number(),
  outcome: z.enum(['earned', 'lost', 'unknown', 'not-applicable']),
  reason: z.string(),
  observation: z.string().nullable(),
  subject: z.string().nullable(),
});
export const score = z.object({
  earned: z.number(),
  lost: z.number(),
  unknown: z.number(),
  lines: z.array(scoreLine),
});
export type Score = z.infer<typeof score>;

export const paper = z.object({
  id: z.string(),
  vendor: z.string(),
  kind: z.string(),
  title: z.string(),
  file: z.string(),
  name: z.string(),
  bytes: z.number(),
  state: z.enum(['waiting', 'kept', 'refused']),
  why: z.string().nullable(),
  issuedAt: z.number().nullable(),
  validUntil: z.number().nullable(),
  /** How the dates are known: read from the file, or typed by a person. */
  dates: z.enum(['none', 'read', 'typed']),
  /** The words in the file from which the end was read. */
  readFrom: z.string().nullable(),
  standing: z.enum(['waiting', 'refused', 'undated', 'in-date', 'ending', 'ended']),
  madeAt: z.number(),
});
export type Paper = z.infer<typeof paper>;

export const vendorStanding = z.enum([
  'unassessed',
  'approved',
  'conditions',
  'rejected',
  'overdue',
  'excepted',
  'retired',
]);

export const vendor = vendorGiven.extend({
  id: z.string(),
  standing: vendorStanding,
  decision: decision.nullable(),
  reviewAt: z.number().nullable(),
  lookedAt: z.number().nullable(),
  madeAt: z.number(),
});
export type Vendor = z.infer<typeof vendor>;

export const vendorView = z.object({
  vendor,
  score,
  papers: z.array(paper),
  wanted: z.array(z.object({ kind: z.string(), title: z.string() })),
  note: z.string().nullable(),
  asks: z.array(z.string()),
  suggested: z.array(z.string()),
  actions: z.array(action),
  decisions: z.array(decision),
  changes: z.array(z.object({ at: z.number(), text: z.string(), better: z.boolean() })),
});
export type VendorView = z.infer<typeof vendorView>;

export const CONNECTION_KINDS = [
  'script',
  'frame',
  'form',
  'mail-sender',
  'mail-server',
  'name-server',
  'network',
  'platform',
  'feed',
  'app',
  'api-key',
  'outbound-host',
] as const;
export const connectionKind = z.enum(CONNECTION_KINDS);

/** One thing that is plugged into the shop. `gate` says why it may, or may not, be enabled. */
export const connection = z.object({
  id: z.string(),
  kind: connectionKind,
  name: z.string(),
  vendor: z.string().nullable(),
  vendorName: z.string().nullable(),
  suggestion: z.string().nullable(),
  origin: z.enum(['seen', 'said', 'declared']),
  state: z.enum(['new', 'enabled', 'off']),
  firstSeenAt: z.number(),
  lastSeenAt: z.number(),
  gone: z.boolean(),
  evidence: z.string().nullable(),
  gate: z.object({ open: z.boolean(), why: z.string() }),
});
export type Connection = z.infer<typeof connection>;

export const exception = z.object({
  id: z.string(),
  about: z.enum(['vendor', 'connection']),
  aboutId: z.string(),
  name: z.string(),
  reason: z.string(),
  owner: z.string(),
  until: z.number(),
  at: z.number(),
});
export type Exception = z.infer<typeof exception>;

/** Something with an end that is near, or past. */
export const ending = z.object({
  what: z.enum(['paper', 'decision', 'contract', 'exception']),
  /** What it is, in words: `Data-processing terms of StoneFeed`. */
  name: z.string(),
  vendor: z.string().nullable(),
  until: z.number(),
  ended: z.boolean(),
});
export type Ending = z.infer<typeof ending>;

export const DUTY_HOLDERS = ['platform', 'provider', 'developer', 'us', 'nobody'] as const;
export const responsibility = z.object({
  requirement: z.string(),
  text: z.string(),
  note: z.string().nullable(),
  usually: z.enum(DUTY_HOLDERS),
  who: z.enum(DUTY_HOLDERS).nullable(),
  vendor: z.string().nullable(),
  at: z.number().nullable(),
});
export type Responsibility = z.infer<typeof responsibility>;

export const newsItem = z.object({
  id: z.string(),
  source: z.string(),
  title: z.string(),
  link: z.string().nullable(),
  summary: z.string(),
  publishedAt: z.number().nullable(),
  foundAt: z.number(),
  vendor: z.string().nullable(),
  vendorName: z.string().nullable(),
  matched: z.string().nullable(),
  state: z.enum(['new', 'concerns-us', 'does-not', 'dealt-with']),
  note: z.string().nullable(),
});
export type NewsItem = z.infer<typeof newsItem>;

export const newsSource = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string().nullable(),
  lastReadAt: z.number().nullable(),
  lastItems: z.number(),
  problem: z.string().nullable(),
});
export type NewsSource = z.infer<typeof newsSource>;
