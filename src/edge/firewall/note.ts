// What an event tells of an inspection: rules, names and forms, never a value.
import type { Json } from '#kernel';
import type { JsonObject } from '#plane';
import { type Match, MAX_VALUES, type Points, scoreOf } from '#waf';
import type { Refusal } from '../refusal.ts';
import { partOf } from './part.ts';
import type { Inspection } from './inspector.ts';

const MAX_MATCHES = 12;
const MAX_FIELDS = 6;
/** What rules add up to a verdict, in Loupe's own rules and in those of the Core Rule Set (`inbound_anomaly_score_pl1`). */
const SCORE = /^score$|(?:^|_)anomaly_score(?:_pl\d)?$/u;
/** What a member may be called, so that its name is none of anybody: no four digits in a row, nothing that looks like a value. */
const MEMBER = /^(?:(?!.*\d{4})[\w.[\]-]{1,60}|\/\*|\/\/@\*)$/u;

/** Null where nothing is to be told: the request passes, and no rule had anything to say. */
export function noteOf(
  inspection: Inspection,
  verdict: Refusal | null,
  mode: 'watch' | 'block',
  pack: string,
): JsonObject | null {
  if (typeof inspection === 'string') return { mode, pack, undecided: inspection };
  // Rules that compare scores tell nothing of their own.
  const matches = inspection.matches.filter(({ values }) => values.length > 0);
  if (verdict === null && matches.length === 0) return null;
  const { outcome } = inspection;
  const note: { [name: string]: Json } = {
    mode,
    pack,
    score: scoreOf(matches.map(pointsOf)),
    matches: matches.slice(0, MAX_MATCHES).map(matchNote),
  };
  if (outcome.kind !== 'pass') note['by'] = outcome.ruleId;
  if (outcome.kind === 'refuse' && outcome.threshold !== null) note['threshold'] = outcome.threshold;
  if (verdict !== null && mode === 'watch') note['would'] = verdict.why;
  return note;
}

/** What a rule adds to the score, and for which values of the request; none: it counts with any. */
function pointsOf({ added }: Match): Points {
  const scores = added.filter(({ variable }) => SCORE.test(variable));
  return {
    points: scores.reduce((sum, { amount }) => sum + amount, 0),
    values: scores.flatMap(({ values }) => values ?? []),
  };
}

function matchNote(match: Match): Json {
  const { ruleId, values } = match;
  const fields = [...new Set(values.map(({ name }) => fieldName(name)))];
  const scored = pointsOf(match);
  const note: { [name: string]: Json } = {
    rule: ruleId,
    points: scored.points,
    ...(scored.values.length > 0 ? { values: scored.values.slice(0, MAX_VALUES) } : {}),
    fields: fields.slice(0, MAX_FIELDS),
    part: partOf(values[0]?.value ?? ''),
  };
  // It may have found more than is told: what is told of it is then not all that an exclusion would have to name.
  if (fields.length > MAX_FIELDS || values.length >= MAX_VALUES) note['more'] = true;
  return note;
}

/** `ARGS:size`; a member whose name could be somebody's is left out. */
function fieldName(name: string): string {
  const colon = name.indexOf(':');
  if (colon === -1) return name;
  return MEMBER.test(name.slice(colon + 1)) ? name : name.slice(0, colon);
}

/** What rules that are tried would have done; null where they would have done nothing. */
export function candidateNote(
  inspection: Inspection,
  verdict: Refusal | null,
  pack: string,
): JsonObject | null {
  if (typeof inspection === 'string' || verdict === null) return null;
  const rules = inspection.matches.filter(({ values }) => values.length > 0).map(({ ruleId }) => ruleId);
  return { pack, would: verdict.why, rules: rules.slice(0, MAX_MATCHES) };
}
