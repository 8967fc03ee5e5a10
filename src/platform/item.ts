// The shape that all platforms are read into. One shape, so that comparing, weighing and showing are written once.

export const PLATFORMS = ['shopify', 'woocommerce', 'magento'] as const;
export type PlatformName = (typeof PLATFORMS)[number];

/** What is watched. Of each kind a platform is read whole, or not at all. */
export const ITEM_KINDS = [
  'setting',
  'theme',
  'theme-file',
  'product',
  'discount',
  'redirect',
  'policy',
  'page',
  'payment',
  'app',
  'staff',
  // What a platform shows to nobody but whoever made it: never an item, always a gap that is named.
  'pixel',
  'checkout-extension',
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

export type ItemFacts = Readonly<Record<string, string | number | boolean>>;

/** One thing that is watched, as it stands. */
export interface Item {
  readonly kind: ItemKind;
  /** The platform's own name for it; with the kind unique in a shop. */
  readonly key: string;
  /** What a person calls it. At most 200 characters. */
  readonly name: string;
  /** What is compared, flat and short: prices as decimal text, states, hosts. */
  readonly facts: ItemFacts;
  /** SHA-256 of its text in hexadecimal; null where it has none or is too large to keep. */
  readonly text: string | null;
  /** The platform's own word about its state (checksum, size, time); not compared: it decides whether a text is fetched anew. */
  readonly mark: string | null;
}

/** What a reader is told of an item it has read before, so that an unchanged text is not fetched again. */
export interface KnownText {
  readonly mark: string;
  readonly text: string | null;
  readonly facts: ItemFacts;
}

/** Why a part could not be read. */
export const GAP_CAUSES = [
  /** The token was not given the scope. */
  'scope',
  /** Given only on a higher plan, or by the platform's support. */
  'closed',
  /** The platform shows an app nothing but its own. */
  'own-only',
  /** More than a reading may hold. */
  'too-many',
  /** The platform did not answer, or not as it should. */
  'failed',
] as const;
export type GapCause = (typeof GAP_CAUSES)[number];

export interface Gap {
  readonly kind: ItemKind;
  readonly why: GapCause;
  /** The scope that would open it, or null. */
  readonly scope: string | null;
}

/** Who did something, by the platform's own journal. */
export interface Trace {
  readonly kind: ItemKind;
  readonly key: string;
  readonly at: number;
  /** An app's name, or `staff`: names of people stay at the platform. */
  readonly by: string;
}

/** What one reading of a platform gave. */
export interface Reading {
  readonly at: number;
  readonly ms: number;
  /** The kinds that were read whole. */
  readonly covered: readonly ItemKind[];
  readonly items: readonly Item[];
  readonly gaps: readonly Gap[];
  readonly traces: readonly Trace[];
  /** Texts that the caller did not have yet, by their hash. */
  readonly texts: Readonly<Record<string, string>>;
  readonly access: AccessSeen;
}

/** What was seen of the access itself. */
export interface AccessSeen {
  readonly scopes: readonly string[];
  /** The version asked for and the one that answered; null where the platform has none. */
  readonly askedVersion: string | null;
  readonly servedVersion: string | null;
  /** Webhook topics that were missing and have been subscribed to again. */
  readonly resubscribed: readonly string[];
  readonly subscribed: readonly string[];
}

/** Why a platform could not be read at all. */
export const READ_FAILURES = [
  'refused',
  'unreachable',
  'retired-version',
  'throttled',
  'bad-answer',
  'not-allowed',
] as const;
export type ReadFailure = (typeof READ_FAILURES)[number];

export type ReadResult =
  | { readonly ok: true; readonly reading: Reading }
  | { readonly ok: false; readonly why: ReadFailure };

const MAX_NAME = 200;
export const MAX_ITEMS = 25_000;
export const MAX_TEXT_BYTES: number = 256 * 1024;
export const MAX_TEXTS_BYTES: number = 32 * 1024 * 1024;

/** A name for people: one line, without what could mislead the eye, at most 200 characters. */
export function plainName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  return plain.length <= MAX_NAME ? plain : `${plain.slice(0, MAX_NAME - 1)}…`;
}
