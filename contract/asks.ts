// Asking: questionnaires, asks, what was said beside what was seen, agreed actions.
import { z } from 'zod';

/** What an option says about its question, should it be true. */
export const claim = z.enum(['holds', 'falls-short', 'unknown', 'not-applicable']);

export const askOption = z.object({ value: z.string(), text: z.string(), claims: claim });

/** One thing asked. `seen` names the checks that are set beside the answer; `good` and `vague` help the owner to read it. */
export const askItem = z.object({
  id: z.string(),
  question: z.string(),
  asks: z.string(),
  kind: z.enum(['choice', 'text']),
  options: z.array(askOption),
  seen: z.array(z.string()),
  papers: z.array(z.string()),
  refs: z.array(z.string()),
  good: z.string().nullable(),
  vague: z.string().nullable(),
});
export type AskItem = z.infer<typeof askItem>;

export const questionnaire = z.object({
  id: z.string(),
  version: z.number(),
  for: z.enum(['developer', 'provider', 'vendor']),
  title: z.string(),
  intro: z.string(),
  minutes: z.number(),
  sections: z.array(z.object({ id: z.string(), title: z.string(), items: z.array(askItem) })),
});
export type Questionnaire = z.infer<typeof questionnaire>;

export const questionnaireOffer = z.object({
  id: z.string(),
  for: z.enum(['developer', 'provider', 'vendor']),
  title: z.string(),
  intro: z.string(),
  minutes: z.number(),
  items: z.number(),
  imported: z.boolean(),
});
export type QuestionnaireOffer = z.infer<typeof questionnaireOffer>;

/**
 * How an ask stands. `open`: sent, nothing given back; `begun`: something is saved; `answered`; `expired`: its link has ended
 * unanswered; `withdrawn`.
 */
export const askState = z.enum(['open', 'begun', 'answered', 'expired', 'withdrawn']);
export type AskState = z.infer<typeof askState>;

export const askSummary = z.object({
  id: z.string(),
  questionnaire: z.string(),
  title: z.string(),
  to: z.string(),
  email: z.string().nullable(),
  vendor: z.string().nullable(),
  state: askState,
  madeAt: z.number(),
  expiresAt: z.number(),
  answeredAt: z.number().nullable(),
  remindersSent: z.number(),
  /** When a reminder is due, or null; and when it is asked again. */
  remindAt: z.number().nullable(),
  againAt: z.number().nullable(),
  items: z.number(),
  answered: z.number(),
  /** Answers that what was seen contradicts. */
  differs: z.number(),
});
export type AskSummary = z.infer<typeof askSummary>;

/** One thing that Loupe saw, beside what was said about it. */
export const seenBeside = z.object({
  check: z.string(),
  title: z.string(),
  outcome: z.enum(['holds', 'falls-short', 'unknown', 'providers', 'not-applicable']),
  sentence: z.string(),
  subject: z.string().nullable(),
  observedAt: z.number().nullable(),
  observation: z.string().nullable(),
});
export type SeenBeside = z.infer<typeof seenBeside>;

export const askMessage = z.object({ from: z.enum(['us', 'them']), text: z.string(), at: z.number() });

export const action = z.object({
  id: z.string(),
  ask: z.string().nullable(),
  item: z.string().nullable(),
  vendor: z.string().nullable(),
  text: z.string(),
  person: z.string(),
  dueAt: z.number(),
  /** The check that will show whether it was done, or null: somebody's word. */
  check: z.string().nullable(),
  state: z.enum(['open', 'due', 'kept', 'missed', 'dropped', 'said-done']),
  endedAt: z.number().nullable(),
  observation: z.string().nullable(),
  why: z.string().nullable(),
});
export type Action = z.infer<typeof action>;

/** An item with everything said about it. `standing` compares what was said with what was seen. */
export const answeredItem = z.object({
  item: askItem,
  /** The option chosen, in words. */
  choice: z.string().nullable(),
  claims: claim.nullable(),
  text: z.string(),
  files: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      state: z.enum(['waiting', 'kept', 'refused']),
      why: z.string().nullable(),
    }),
  ),
  seen: z.array(seenBeside),
  standing: z.enum(['unanswered', 'said', 'agrees', 'differs', 'better']),
  messages: z.array(askMessage),
});
export type AnsweredItem = z.infer<typeof answeredItem>;

export const askView = z.object({
  ask: askSummary,
  intro: z.string(),
  sections: z.array(z.object({ id: z.string(), title: z.string(), items: z.array(answeredItem) })),
  actions: z.array(action),
  /** How the last answers came: by link, or in a reply file with the fingerprint of the key that signed it. */
  by: z.enum(['link', 'file']).nullable(),
  key: z.string().nullable(),
  evidence: z.string().nullable(),
});
export type AskView = z.infer<typeof askView>;

/** What comes back when a link is made: shown once, since only its hash is kept. */
export const askLink = z.object({
  ask: z.string(),
  link: z.string(),
  /** Whether the link opens elsewhere than on this machine. */
  reachable: z.boolean(),
  /** A message to go with it, ready to send. */
  message: z.string(),
  /** Whether Loupe has sent it by mail itself. */
  mailed: z.boolean(),
});
export type AskLink = z.infer<typeof askLink>;
