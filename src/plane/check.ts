/** The ten questions, their follow-ups, and the three for providers. The ids are for ever. */
export const QUESTION_IDS = [
  'Q1',
  'Q1a',
  'Q1b',
  'Q2',
  'Q2a',
  'Q2b',
  'Q3',
  'Q3a',
  'Q3b',
  'Q4',
  'Q4a',
  'Q4b',
  'Q5',
  'Q5a',
  'Q5b',
  'Q6',
  'Q6a',
  'Q6b',
  'Q7',
  'Q7a',
  'Q7b',
  'Q8',
  'Q8a',
  'Q8b',
  'Q9',
  'Q9a',
  'Q9b',
  'Q10',
  'Q10a',
  'Q10b',
  'P1',
  'P2',
  'P3',
] as const;
export type QuestionId = (typeof QUESTION_IDS)[number];

/**
 * How a shop is run. `hosted`: on a platform such as Shopify, where no proxy can stand in front; `headless`: a platform or
 * back end behind the shop's own front; `self-hosted`: WooCommerce, Magento, custom.
 */
export const SHOP_KINDS = ['hosted', 'headless', 'self-hosted'] as const;
export type ShopKind = (typeof SHOP_KINDS)[number];

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Whose it is to mend: the jeweler, whoever builds and runs the shop, a platform or supplier, or Loupe itself. */
export type Responsible = 'owner' | 'developer' | 'provider' | 'loupe';

/**
 * One thing that is observed, as data. What it says in plain words, and how to mend it, stands in the message catalogue
 * under its id.
 */
export interface CheckDefinition {
  /** `room.what`, for ever. */
  readonly id: string;
  readonly question: QuestionId;
  readonly responsible: Responsible;
  /** The kinds of shop it applies to; for others it is not applicable by rule. */
  readonly kinds: readonly ShopKind[];
  /** How long an observation stays fresh. */
  readonly freshForMs: number;
  /** A failing critical check makes its answer a No; any other, Needs you. */
  readonly severity: Severity;
  /**
   * Set where the check is about what somebody says, and not about anything seen. `needed`: unasked, it leaves its answer Unknown. `shown`:
   * it stands beside what was seen where there is an answer, and is not missed where there is none. Neither makes a Yes.
   */
  readonly said?: 'needed' | 'shown';
}
