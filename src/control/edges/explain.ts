// Why the firewall did what it did with a request, and the least that would have let it pass. What is known is what the event tells: rules, names, forms; never a value.
import type { FirewallExclusion } from '#plane';
import { type RuleSummary, scoreOf } from '#waf';

/** What an edge told of an inspection; see the edge's `note`. */
export interface InspectionTold {
  readonly mode: 'watch' | 'block';
  /** The rules it went by, as `loupe 1`. */
  readonly pack: string;
  /** It was not decided: too long, or too much waiting. */
  readonly undecided?: string;
  readonly score?: number;
  /** What the score had to reach. */
  readonly threshold?: number;
  /** The rule that refused. */
  readonly by?: number;
  readonly would?: string;
  readonly matches?: readonly {
    readonly rule: number;
    readonly points: number;
    /** The values of the request that it adds them to, by number; none told: they count with any. */
    readonly values?: readonly number[];
    readonly fields: readonly string[];
    readonly part: string;
    /** It found more than is told. */
    readonly more?: boolean;
  }[];
}

export interface ExplainedRule {
  readonly rule: number;
  readonly says: string;
  readonly points: number;
  readonly fields: readonly string[];
  /** The form of what it found. */
  readonly part: string;
  /** What was done to the value before it was looked at. */
  readonly transformations: readonly string[];
}

export interface Explanation {
  readonly rules: readonly ExplainedRule[];
  /** The fewest exclusions after which the score stays below its threshold; empty where none would help. */
  readonly exclusions: readonly FirewallExclusion[];
}

/** More rules are not weighed against each other. */
const MAX_WEIGHED = 12;

/** Explains an inspection; `summaries`: the rules of the pack, by id, as far as they are still known. */
export function explain(told: InspectionTold, summaries: ReadonlyMap<number, RuleSummary>): Explanation {
  const matches = told.matches ?? [];
  return {
    rules: matches.map(({ rule, points, fields, part }) => ({
      rule,
      says: summaries.get(rule)?.message ?? '',
      points,
      fields,
      part,
      transformations: summaries.get(rule)?.transformations ?? [],
    })),
    exclusions: smallest(told),
  };
}

function smallest({ by, score = 0, threshold, matches = [] }: InspectionTold): readonly FirewallExclusion[] {
  if (by === undefined) return [];
  const pairs = (of: typeof matches): FirewallExclusion[] =>
    of.flatMap(({ rule, fields }) => fields.map((field) => ({ rule, field })));
  const own = matches.filter(({ rule }) => rule === by);
  if (threshold === undefined || own.length > 0)
    return own.some(({ more }) => more === true) ? [] : pairs(own);
  const scoring = matches.filter(({ points, more }) => points > 0 && more !== true).slice(0, MAX_WEIGHED);
  const total = (of: typeof matches) => scoreOf(of.map(({ points, values = [] }) => ({ points, values })));
  // What no rule that is told of has added stays.
  const untold = Math.max(0, score - total(matches));
  let best: readonly FirewallExclusion[] = [];
  for (let chosen = 1; chosen < 1 << scoring.length; chosen++) {
    const taken = scoring.filter((_, i) => (chosen & (1 << i)) !== 0);
    const left = untold + total(matches.filter((each) => !taken.includes(each)));
    const found = pairs(taken);
    if (left < threshold && (best.length === 0 || found.length < best.length)) best = found;
  }
  return best;
}
