import { canonicalBytes, type Json, type Millis, textOf } from '#kernel';
import { planeError } from './errors.ts';
import { fieldsOf, type JsonObject } from './shape.ts';

/** What a leaf of the ledger can be about. A kind's body never changes its shape; a new shape is a new version. */
export const LEAF_KINDS = [
  'observation',
  'shop-added',
  'shop-changed',
  'person-added',
  'person-changed',
  'grant-added',
  'grant-ended',
  'ask-sent',
  'ask-answered',
  'ask-withdrawn',
  'action-agreed',
  'action-ended',
  'vendor-added',
  'vendor-changed',
  'vendor-retired',
  'vendor-decided',
  'exception-added',
  'exception-ended',
  'connection-changed',
  'paper-added',
  'paper-changed',
  'responsibility-set',
  'news-triaged',
  'platform-connected',
  'platform-changed',
  'platform-left',
  'change-noticed',
  'change-judged',
  'inventory-taken',
  'privacy-asked',
  'privacy-revealed',
  'privacy-done',
  'policy-changed',
  'policy-published',
  'lock-lifted',
  'customer-data-disclosed',
  'feed-changed',
  'load-decided',
  'load-judged',
  'load-repeated',
  'stone-released',
  'window-published',
  'window-hook-changed',
  'firewall-excluded',
  'firewall-rules-added',
  'firewall-rules-chosen',
] as const;

export type LeafKind = (typeof LEAF_KINDS)[number];

/**
 * One entry of the ledger: canonical JSON of at most 65,535 bytes. Holds ids and hashes, never personal data,
 * since nothing can be taken out of a ledger again.
 */
export interface Leaf {
  readonly v: 1;
  readonly kind: LeafKind;
  readonly id: string;
  readonly at: Millis;
  /** The shop it is about, or null: the installation. */
  readonly shop: string | null;
  /** The person or process that caused it. */
  readonly by: string;
  readonly body: JsonObject;
}

export function leafJson(leaf: Leaf): JsonObject {
  return {
    v: leaf.v,
    kind: leaf.kind,
    id: leaf.id,
    at: leaf.at,
    shop: leaf.shop,
    by: leaf.by,
    body: leaf.body,
  };
}

export function encodeLeaf(leaf: Leaf): Uint8Array {
  return canonicalBytes(leafJson(leaf));
}

/** Reads a leaf from its bytes; throws `plane/malformed` for any other shape, version or form. */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  const text = textOf(bytes);
  if (text === null) throw planeError('plane/malformed');
  const leaf = readLeaf(parse(text));
  if (!Buffer.from(encodeLeaf(leaf)).equals(bytes))
    throw planeError('plane/malformed', { details: { field: '(canonical)' } });
  return leaf;
}

export function readLeaf(value: Json): Leaf {
  const fields = fieldsOf(value);
  fields.only('v', 'kind', 'id', 'at', 'shop', 'by', 'body');
  if (fields.integer('v') !== 1) throw planeError('plane/malformed', { details: { field: 'v' } });
  return {
    v: 1,
    kind: fields.oneOf('kind', LEAF_KINDS),
    id: fields.text('id'),
    at: fields.integer('at'),
    shop: fields.textOrNull('shop'),
    by: fields.text('by'),
    body: fields.object('body'),
  };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw planeError('plane/malformed', { cause: error });
  }
}
