// From checks and observations to answers. Pure: nothing here reads a clock, a disk or a network, so the properties that
// make an answer honest can be tested for every input.
import type { CheckDefinition, Observation, QuestionId, Responsible, ShopKind } from '#plane';

/** Strongest first: No, Unknown, Needs you, Yes. */
export type AnswerState = 'yes' | 'needs-you' | 'no' | 'unknown';

/** A part of a question that nothing observes yet. It keeps the answer from being Yes, and says whom to ask. */
export interface Gap {
  readonly question: QuestionId;
  readonly responsible: Responsible;
}

/** One check as it stands at a moment. */
export interface CheckStanding {
  readonly check: CheckDefinition;
  /** The newest observation that is still fresh, or null. */
  readonly observation: Observation | null;
  /** `unknown` also where the last observation has gone stale, or there never was one. */
  readonly outcome: Observation['outcome'];
}

export interface Composed {
  readonly question: QuestionId;
  readonly state: AnswerState;
  readonly standings: readonly CheckStanding[];
  readonly gap: Gap | null;
  /** When the oldest fresh observation behind the answer was made; null where there is none. */
  readonly checkedAt: number | null;
  /** The failing check that weighs most. */
  readonly worst: CheckStanding | null;
}

const WEIGHT = { critical: 3, high: 2, medium: 1, low: 0 } as const;

/**
 * How one check stands, for each subject that was observed: the newest observation counts, and only while it is fresh. What is only shown where somebody
 * said it is not missed where nobody did.
 */
function standingsOf(
  check: CheckDefinition,
  observations: readonly Observation[],
  kind: ShopKind | null,
  now: number,
): CheckStanding[] {
  if (kind !== null && !check.kinds.includes(kind))
    return [{ check, observation: null, outcome: 'not-applicable' }];
  const own = observations.filter((o) => o.check === check.id && o.observedAt <= now);
  const standings = [...Map.groupBy(own, (o) => o.subject).values()].map((same): CheckStanding => {
    const newest = same.toSorted((a, b) => b.observedAt - a.observedAt)[0];
    return newest === undefined || newest.validUntil <= now
      ? { check, observation: null, outcome: 'unknown' }
      : { check, observation: newest, outcome: newest.outcome };
  });
  if (check.said === 'shown') return standings.filter((standing) => standing.observation !== null);
  return standings.length > 0 ? standings : [{ check, observation: null, outcome: 'unknown' }];
}

/**
 * Composes one answer.
 *
 * No: a critical check fails. Unknown: something required has no fresh observation, or a part of the question is observed by
 * nothing yet. Needs you: a check falls short. Yes: at least one check was *seen* to hold, and every other holds, is
 * the provider's with its paper, or does not apply. What was only said never makes a Yes.
 */
export function compose(
  question: QuestionId,
  checks: readonly CheckDefinition[],
  observations: readonly Observation[],
  gap: Gap | null,
  kind: ShopKind | null,
  now: number,
): Composed {
  const standings = checks
    .filter((check) => check.question === question)
    .flatMap((check) => standingsOf(check, observations, kind, now));
  const failing = standings
    .filter((standing) => standing.outcome === 'falls-short')
    // What was seen speaks before what was only said of as much weight.
    .toSorted(
      (a, b) =>
        WEIGHT[b.check.severity] - WEIGHT[a.check.severity] ||
        Number(a.check.said !== undefined) - Number(b.check.said !== undefined),
    );
  const times = standings.flatMap((standing) => standing.observation?.observedAt ?? []);
  return {
    question,
    state: stateOf(standings, gap),
    standings,
    gap,
    checkedAt: times.length === 0 ? null : Math.min(...times),
    worst: failing[0] ?? null,
  };
}

function stateOf(standings: readonly CheckStanding[], gap: Gap | null): AnswerState {
  if (standings.some((s) => s.outcome === 'falls-short' && s.check.severity === 'critical')) return 'no';
  // Where a low check cannot be decided from outside (a DKIM selector can have any name), the answer does not hang on it; nor on what somebody
  // does not know about a thing that is seen.
  const undecided = standings.some(
    (s) =>
      s.outcome === 'unknown' &&
      s.check.said !== 'shown' &&
      (s.observation === null || s.check.severity !== 'low' || s.check.said === 'needed'),
  );
  if (gap !== null || undecided) return 'unknown';
  if (standings.some((s) => s.outcome === 'falls-short')) return 'needs-you';
  const seen = standings.some(
    (s) => s.outcome === 'holds' && s.observation?.source === 'seen' && s.check.said === undefined,
  );
  // A check of something to be seen that was only said is not seen.
  const onlySaid = standings.some(
    (s) => s.outcome === 'holds' && s.observation?.source === 'said' && s.check.said === undefined,
  );
  return seen && !onlySaid ? 'yes' : 'unknown';
}
