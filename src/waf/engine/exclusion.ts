// Exclusions of one place, made by people: a rule is not applied to a value. They stand outside the rule set, so that one engine serves routes that differ.
import { readTarget } from '../seclang/targets.ts';
import type { RuleFilter, Target } from '../seclang/rule.ts';

/** A rule that leaves a value alone. */
export interface Exclusion {
  readonly rule: number;
  /** A variable, or a member of one, as a match names it: `ARGS:engraving`, `REQUEST_FILENAME`. */
  readonly field: string;
}

/** What a transaction does with an exclusion. */
export interface RemovedTarget {
  readonly which: RuleFilter;
  readonly target: Target;
}

/** Throws `waf/rule-refused` where a field names no variable. */
export function removedTargets(exclusions: readonly Exclusion[]): readonly RemovedTarget[] {
  return exclusions.map(({ rule, field }, i) => ({
    which: { by: 'id', ranges: [[rule, rule]] },
    target: readTarget(field, { file: 'exclusions', line: i + 1 }),
  }));
}
