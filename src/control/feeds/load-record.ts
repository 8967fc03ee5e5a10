// What is written down of a load: its decision for the ledger, and why one never came to be.
import type { Decision, Loaded } from '#feeds';
import type { Json } from '#kernel';
import { isObject, type JsonObject, planeError } from '#plane';
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
    before: feed.good_load,
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
