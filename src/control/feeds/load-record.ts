// What is written down of a load: its decision for the ledger, and why one never came to be.
import { type Decision, FINDINGS, type Loaded, readLoaded, type Reached } from '#feeds';
import type { Json } from '#kernel';
import { fieldsOf, isObject, type JsonObject, planeError } from '#plane';
import type { FeedRow } from './feed-book.ts';

/** What the ledger keeps of a decision: whoever has the kept bytes and the load before comes to the same. */
export function decidedBody(
  feed: FeedRow,
  load: string,
  { sha256, read, errors, comparison }: Loaded,
  decision: Decision,
  report: string,
): JsonObject {
  return {
    feed: feed.id,
    provider: feed.provider,
    load,
    // Where the load before can no longer be read, it was compared with none.
    before: comparison.before === 0 ? null : feed.good_load,
    sha256,
    read,
    errors,
    rows: comparison.rows,
    quarantined: comparison.quarantined,
    outcome: decision.outcome,
    // Figures are parts of a thousand: the ledger's numbers are integers.
    holds: decision.holds.map(({ reason, figure, bound }) => ({
      reason,
      figure: Number.isFinite(figure) ? Math.round(figure * 1_000) : null,
      bound: Math.round(bound * 1_000),
    })),
    report,
  };
}

/** What of a worker's report becomes rows of control's own; the rest is kept sealed as it was said. */
export interface ReadReport {
  readonly loaded: Loaded;
  readonly bytes: number;
  readonly findings: Readonly<Record<string, number>>;
  readonly errors: readonly { readonly column: string; readonly what: string; readonly count: number }[];
  readonly reached: readonly Reached[];
}

const MAX_ERRORS = 2_000;
const MAX_HOSTS = 20;
const MAX_NAME = 200;

/** Reads what a worker says of a load: shapes, lengths and counts. Throws `plane/malformed`. */
export function readReport(value: Json): ReadReport {
  const fields = fieldsOf(value);
  const findings = fieldsOf(fields.object('findings'));
  const told = Object.keys(fields.object('findings'));
  return {
    loaded: readLoaded(fields.json('loaded')),
    bytes: fields.integer('bytes'),
    findings: Object.fromEntries(
      FINDINGS.flatMap(({ id }) => (told.includes(id) ? [[id, findings.integer(id)] as const] : [])),
    ),
    errors: listOf(fields.json('errors'), MAX_ERRORS, 'errors').map((one) => {
      const own = fieldsOf(one);
      return {
        column: own.text('column').slice(0, MAX_NAME),
        what: own.text('what').slice(0, MAX_NAME),
        count: own.integer('count'),
      };
    }),
    reached: readReached(fields.json('reached')),
  };
}

/** Reads how hosts were reached. */
export function readReached(value: Json): readonly Reached[] {
  return listOf(value, MAX_HOSTS, 'reached').map((one) => {
    const own = fieldsOf(one);
    return {
      host: own.text('host').slice(0, MAX_NAME),
      protocol: own.text('protocol').slice(0, MAX_NAME),
      certificateUntil: own.integerOrNull('certificateUntil'),
    };
  });
}

function listOf(value: Json, most: number, field: string): readonly Json[] {
  if (!Array.isArray(value) || value.length > most)
    throw planeError('plane/malformed', { details: { field } });
  return value;
}

const MAX_DETAIL = 100;

/** Why a load failed, as a worker says: a code and short details. */
export function readFailure(value: Json): Readonly<Record<string, string | number>> {
  if (!isObject(value)) throw planeError('plane/malformed', { details: { field: 'failure' } });
  const details = Object.entries(value).slice(0, 10);
  return Object.fromEntries(
    details.flatMap(([name, detail]) =>
      typeof detail === 'string' || typeof detail === 'number'
        ? [[name, typeof detail === 'string' ? detail.slice(0, MAX_DETAIL) : detail]]
        : [],
    ),
  );
}
