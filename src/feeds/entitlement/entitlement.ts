// What the contract with a provider allows. Terms are the provider's, as its own documents have them; an entitlement is a person's answer about one contract. Nothing is fetched without one, and no
// answer can allow what the terms forbid. Pure.

/** What of a stone a contract may let shoppers see, besides what it is (shape, weight, colour, clarity, grades). Sellers, costs, stock numbers and places are never shown, whatever a contract says. */
export const SHOWABLE = ['certificate', 'report', 'media', 'measurements', 'comment'] as const;
export type Showable = (typeof SHOWABLE)[number];

/** Which price shoppers may see. `own`: the shop's own, made by its rules. `none`: on request. */
export const SHOWN_PRICES = ['own', 'none'] as const;
export type ShownPrice = (typeof SHOWN_PRICES)[number];

/** What a provider's own documents say of a service. */
export interface Terms {
  /** `never`: it may only be passed through as it comes. `by-contract`: the contract says whether, and for how long. */
  readonly store: 'never' | 'by-contract';
  /** The longest that anything may be kept, in days; null: the contract says. */
  readonly maxKeepDays: number | null;
  readonly says: string;
  /** Where it says so. */
  readonly source: string;
}

/** What the contract allows, as a person answered. */
export interface Entitlement {
  readonly store: boolean;
  /** How long stones may be shown after the provider last named them, and its files be kept; days. */
  readonly keepDays: number;
  /** Whether kept files may be read again, to show or repeat a decision. */
  readonly replay: boolean;
  readonly prices: ShownPrice;
  readonly show: readonly Showable[];
  /** The contract: its name, number or date. */
  readonly paper: string;
}

/** Why a feed may not be loaded. */
export type Bar = 'terms-forbid-storing' | 'contract-forbids-storing' | 'kept-too-long' | 'no-paper';

/** Every reason why these terms and this entitlement allow no feed; empty where they do. What may not be stored may be passed through, where nobody says that it may be stored. */
export function barsOf(terms: Terms, entitlement: Entitlement): readonly Bar[] {
  const bars: Bar[] = [];
  if (terms.store === 'never' && entitlement.store) bars.push('terms-forbid-storing');
  if (terms.store !== 'never' && !entitlement.store) bars.push('contract-forbids-storing');
  if (terms.maxKeepDays !== null && entitlement.keepDays > terms.maxKeepDays) bars.push('kept-too-long');
  if (entitlement.paper.trim() === '') bars.push('no-paper');
  return bars;
}
