import type { Matcher } from '../operator/operator.ts';
import type { Actions } from '../seclang/rule.ts';
import type { MatchedField } from './matched.ts';
import type { CompiledRule, Condition } from './program.ts';
import type { Added } from './verdict.ts';

/** A condition while it is asked. */
export interface Asked {
  readonly compiled: CompiledRule;
  readonly condition: Condition;
  readonly matcher: Matcher;
  readonly actions: Actions;
  readonly added: Added[];
  matched: MatchedField[];
}
