// What the API and its readers both know. No Node, no DOM.
import { z } from 'zod';

export const answerState = z.enum(['yes', 'needs-you', 'no', 'unknown']);
export type AnswerState = z.infer<typeof answerState>;

export const outcome = z.enum(['holds', 'falls-short', 'unknown', 'providers', 'not-applicable']);
export const source = z.enum(['seen', 'said', 'provider']);
export const responsible = z.enum(['owner', 'developer', 'provider', 'loupe']);

export const figure = z.object({ value: z.number(), unit: z.string(), text: z.string() });

/** One check as it stands now. `observation` is null where nothing fresh was observed. */
export const checkNow = z.object({
  id: z.string(),
  title: z.string(),
  outcome,
  sentence: z.string(),
  mend: z.string().nullable(),
  responsible,
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  source: source.nullable(),
  subject: z.string().nullable(),
  observation: z.string().nullable(),
  observedAt: z.number().nullable(),
  validUntil: z.number().nullable(),
  evidence: z.string().nullable(),
});
export type CheckNow = z.infer<typeof checkNow>;

/** Something that nothing observes yet, and what would make it known. */
export const gap = z.object({ responsible, ask: z.string() });

export const answer = z.object({
  id: z.string(),
  /** The provider it is about, where the question is put to each of them. */
  about: z.object({ id: z.string(), name: z.string() }).nullable(),
  question: z.string(),
  state: answerState,
  sentence: z.string(),
  figure: figure.nullable(),
  checkedAt: z.number().nullable(),
  nextStep: z.object({ text: z.string(), who: responsible }).nullable(),
  checks: z.array(checkNow),
  gap: gap.nullable(),
  followUps: z.array(z.string()),
});
export type Answer = z.infer<typeof answer>;

export const answers = z.object({ shop: z.string(), at: z.number(), answers: z.array(answer) });
export type Answers = z.infer<typeof answers>;

/** One check, looked at once, as it was signed into the ledger. */
export const observation = z.object({
  id: z.string(),
  shop: z.string(),
  check: z.string(),
  subject: z.string(),
  outcome,
  source,
  figure: z.object({ value: z.number(), unit: z.string() }).nullable(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  observedAt: z.number(),
  validUntil: z.number(),
  evidence: z.string().nullable(),
});
export type ObservationView = z.infer<typeof observation>;

/** An observation with its place in the ledger (`leaf` is null for the moment before it gets there). */
export const observationProof = z.object({
  observation,
  log: z.string(),
  key: z.string(),
  leaf: z.number().nullable(),
  anchors: z.array(z.object({ name: z.string(), size: z.number(), at: z.number() })),
});
export type ObservationProof = z.infer<typeof observationProof>;

export const grant = z.object({
  id: z.string(),
  personId: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(['owner', 'developer', 'auditor']),
  from: z.number(),
  until: z.number().nullable(),
});
export type GrantView = z.infer<typeof grant>;

export const shop = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  kind: z.enum(['hosted', 'headless', 'self-hosted']).nullable(),
  platform: z.string().nullable(),
  sample: z.boolean(),
  lookedAt: z.number().nullable(),
});
export type Shop = z.infer<typeof shop>;

export const look = z.object({
  id: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  parts: z.array(z.string()),
});
export type Look = z.infer<typeof look>;

export const sampleShop = z.object({ name: z.string(), address: z.string(), visit: z.string() });
export type SampleOffer = z.infer<typeof sampleShop>;

/** Who is signed in, and how far: `password` and `secondFactor` say what is set up. */
export const me = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  admin: z.boolean(),
  complete: z.boolean(),
  password: z.boolean(),
  secondFactor: z.boolean(),
});
export type Me = z.infer<typeof me>;

/** RFC 9457. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  hint: z.string(),
});
export type Problem = z.infer<typeof problem>;

export * from './asks.ts';
export * from './vendors.ts';
export * from './platforms.ts';
export * from './edges.ts';
export * from './firewall.ts';
export * from './feeds.ts';
export * from './supplier-lists.ts';
