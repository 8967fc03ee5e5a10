import { HOUR_MS, type Millis } from '#kernel';
import type { CheckDefinition, Figure, Observation, Outcome } from '#plane';
import type { EvidenceName, LookEvidence } from './evidence.ts';

/** What a check makes of the evidence: pure, so that the same evidence always gives the same judgement. */
export interface Judgement {
  readonly outcome: Outcome;
  readonly figure?: Figure;
  readonly facts?: Observation['facts'];
}

export interface LookCheck extends CheckDefinition {
  /** The piece of evidence it judges. */
  readonly evidence: EvidenceName;
  /** What it is about: the host that was looked at, or the domain it belongs to. */
  readonly about: 'host' | 'domain';
  judge(look: LookEvidence, now: Millis): Judgement;
}

/** A look is taken daily; two hours of grace keep a late one from turning answers Unknown. */
export const LOOK_FRESH_MS: number = 26 * HOUR_MS;

export const EVERY_KIND = ['hosted', 'headless', 'self-hosted'] as const;

/** Response headers are the platform's on hosted shops: merchants cannot set them. */
export const OWN_HEADERS = ['headless', 'self-hosted'] as const;

export const HOLDS: Judgement = { outcome: 'holds' };

export function unknown(why: string): Judgement {
  return { outcome: 'unknown', facts: { why } };
}

export function fallsShort(facts: Observation['facts'] = {}, figure?: Figure): Judgement {
  return figure === undefined ? { outcome: 'falls-short', facts } : { outcome: 'falls-short', facts, figure };
}
