import type { Judgement } from '../check.ts';
import { fallsShort, HOLDS, unknown } from '../check.ts';
import type { ApiEvidence } from '../evidence.ts';

/** Statuses that turn a client away without asking for its key. */
const TURNED_AWAY = new Set([400, 403, 404, 405, 410, 421, 426]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Does the API answer where anybody in between can read the key? */
export function judgePlainHttp({ plain }: ApiEvidence): Judgement {
  if (plain === null) return { outcome: 'not-applicable', facts: { why: 'own-port' } };
  if (plain.failure === 'connection-refused') return HOLDS;
  if (plain.failure !== null || plain.status === null) return unknown(plain.failure ?? 'no-answer');
  const location = plain.headers.find(([name]) => name === 'location')?.[1] ?? '';
  if (REDIRECTS.has(plain.status) && location.startsWith('https:')) return HOLDS;
  if (TURNED_AWAY.has(plain.status)) return HOLDS;
  if (plain.status >= 500) return unknown('no-answer');
  return fallsShort({ status: plain.status });
}

/**
 * Does the API take keys out of addresses? It does where an answer changes with a key's name in the query. Where it asks for
 * credentials and answers the same whatever stands there, it does not; where it asks for none, nothing is known.
 */
export function judgeUrlToken({ neutral, withKey }: ApiEvidence): Judgement {
  const [first, second] = neutral;
  if (first === undefined || second === undefined || first.status === null || second.status === null)
    return unknown(first?.failure ?? 'no-answer');
  const steady = first.said !== null && first.said === second.said;
  const reads = withKey.find(
    (t) =>
      t.status !== null &&
      (t.status !== first.status || (steady && t.said !== null && t.said !== first.said)),
  );
  if (first.status !== second.status) return unknown('unsteady');
  if (reads !== undefined) return fallsShort({ name: reads.query.slice(1).split('=')[0] ?? '' });
  return first.status === 401 || first.status === 403 ? HOLDS : unknown('no-demand');
}
