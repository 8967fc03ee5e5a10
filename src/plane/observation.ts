import type { Json, Millis } from '#kernel';
import type { Leaf } from './leaf.ts';
import { fieldsOf, type JsonObject } from './shape.ts';

/** What a check came to. `providers`: somebody else's duty, backed by a paper of theirs. */
export const OUTCOMES = ['holds', 'falls-short', 'unknown', 'providers', 'not-applicable'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How Loupe knows. What was said, or a provider's word, never passes for what was seen. */
export const SOURCES = ['seen', 'said', 'provider'] as const;
export type Source = (typeof SOURCES)[number];

/** One number that says most, with its unit: `{ value: 61, unit: 'days' }`. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
}

/** One check, looked at once. */
export interface Observation {
  readonly id: string;
  readonly shop: string;
  readonly check: string;
  /** What was looked at: a host name, a mail domain. */
  readonly subject: string;
  readonly outcome: Outcome;
  readonly source: Source;
  readonly figure: Figure | null;
  /** Short facts that the sentence about this outcome is made from; never personal data. */
  readonly facts: { readonly [name: string]: string | number | boolean };
  readonly observedAt: Millis;
  readonly validUntil: Millis;
  /** SHA-256 of the raw evidence, or null where there is none. */
  readonly evidence: string | null;
}

/** The leaf that signs an observation into its shop's log. */
export function observationLeaf(observation: Observation, by: string): Leaf {
  const { id, shop, observedAt, ...body } = observation;
  return {
    v: 1,
    kind: 'observation',
    id,
    at: observedAt,
    shop,
    by,
    body: { ...body, figure: body.figure === null ? null : { ...body.figure } },
  };
}

/** The observation that a leaf signs. Throws `plane/malformed` where the leaf is about something else. */
export function observationOf(leaf: Leaf): Observation {
  return readObservation({ ...leaf.body, id: leaf.id, shop: leaf.shop, observedAt: leaf.at });
}

export function observationJson(observation: Observation): JsonObject {
  return { ...observation, figure: observation.figure === null ? null : { ...observation.figure } };
}

export function readObservation(value: Json): Observation {
  const fields = fieldsOf(value);
  fields.only(
    'id',
    'shop',
    'check',
    'subject',
    'outcome',
    'source',
    'figure',
    'facts',
    'observedAt',
    'validUntil',
    'evidence',
  );
  return {
    id: fields.text('id'),
    shop: fields.text('shop'),
    check: fields.text('check'),
    subject: fields.text('subject'),
    outcome: fields.oneOf('outcome', OUTCOMES),
    source: fields.oneOf('source', SOURCES),
    figure: readFigure(fields.json('figure')),
    facts: readFacts(fields.object('facts')),
    observedAt: fields.integer('observedAt'),
    validUntil: fields.integer('validUntil'),
    evidence: fields.textOrNull('evidence'),
  };
}

function readFigure(value: Json): Figure | null {
  if (value === null) return null;
  const fields = fieldsOf(value);
  fields.only('value', 'unit');
  const number = fields.json('value');
  return { value: typeof number === 'number' ? number : fields.integer('value'), unit: fields.text('unit') };
}

function readFacts(value: JsonObject): Observation['facts'] {
  const facts: Record<string, string | number | boolean> = {};
  for (const [name, fact] of Object.entries(value)) {
    if (typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean') facts[name] = fact;
    else fieldsOf(value).text(name);
  }
  return facts;
}
