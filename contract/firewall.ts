// The firewall of a route, and what it did with a request.
import { z } from 'zod';

/** A firewall rule that leaves a value alone: a variable of the rules' language, or a member of one. */
export const firewallExclusion = z.strictObject({
  rule: z.number().int().min(1).max(99_999_999),
  field: z.string().regex(/^[A-Z_]{3,40}(?::[\x21-\x7e]{1,100})?$/u),
});

const inspectBytes = 1024 * 1024;
export const firewallRules = z.strictObject({
  mode: z.enum(['off', 'watch', 'block']).default('block'),
  /** So much of a body is inspected. */
  inspectBytes: z.number().int().min(1_024).max(inspectBytes).default(inspectBytes),
  /** What becomes of a body that is longer. */
  beyond: z.enum(['block', 'pass']).default('block'),
  /** What becomes of what could not be inspected. */
  onFailure: z.enum(['block', 'pass']).default('block'),
  exclusions: z.array(firewallExclusion).max(200).default([]),
});

export type FirewallRulesGiven = z.infer<typeof firewallRules>;

/** Why the firewall did what it did with a request. */
export const explainedRequest = z.object({
  reference: z.string(),
  at: z.number(),
  route: z.object({ id: z.string(), name: z.string() }).nullable(),
  method: z.string(),
  path: z.string(),
  status: z.number(),
  refused: z.boolean(),
  mode: z.enum(['watch', 'block']),
  /** The rules it went by. */
  pack: z.string(),
  /** Why it was not decided, or null. */
  undecided: z.string().nullable(),
  score: z.number(),
  /** What the score had to reach to be refused; null where a rule refused by itself, or nothing was refused. */
  threshold: z.number().nullable(),
  rules: z.array(
    z.object({
      rule: z.number(),
      says: z.string(),
      points: z.number(),
      /** Where it found something, as `ARGS:q`. */
      fields: z.array(z.string()),
      /** The form of what it found: letters that are no word of an attack's language are crossed out, digits are 9. */
      part: z.string(),
      transformations: z.array(z.string()),
    }),
  ),
  /** The fewest exclusions that would let it pass. */
  exclusions: z.array(firewallExclusion),
  /** Whether they stand at the route. */
  excluded: z.boolean(),
});
export type ExplainedRequest = z.infer<typeof explainedRequest>;
/** Exclusions that were made at a route, or taken away. */
export const exclusionsMade = z.object({ route: z.string(), exclusions: z.array(firewallExclusion) });
export type ExclusionsMade = z.infer<typeof exclusionsMade>;
export const excludedRequest = z.strictObject({ excluded: z.boolean() });

/** A rule pack of the firewall. */
export const rulePack = z.object({
  /** SHA-256 of its bytes, or `own`. */
  id: z.string(),
  name: z.string(),
  version: z.string(),
  /** The day its rules were made. */
  madeOn: z.string(),
  rules: z.number(),
  /** With Loupe, from a folder, or as a release whose signature was checked. */
  source: z.enum(['own', 'folder', 'release']),
  addedAt: z.number().nullable(),
});
export type RulePackView = z.infer<typeof rulePack>;

/** Which rules inspect a shop's requests, and which are tried beside them. */
export const firewallPacks = z.object({
  packs: z.array(rulePack),
  enforced: z.string(),
  candidate: z.string().nullable(),
  /** What was in force before, or null. */
  before: z.string().nullable(),
  changedAt: z.number().nullable(),
  /** What both said of the same requests since the candidate is tried. */
  comparison: z
    .object({
      since: z.number(),
      requests: z.number(),
      both: z.number(),
      onlyEnforced: z.number(),
      onlyCandidate: z.number(),
      rules: z.array(z.object({ rule: z.number(), says: z.string(), count: z.number() })),
    })
    .nullable(),
});
export type FirewallPacksView = z.infer<typeof firewallPacks>;
export const candidateGiven = z.strictObject({ pack: z.string().max(64).nullable() });
