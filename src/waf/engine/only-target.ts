// Rules that look up one thing and compare it with a number, or that are about what is rarely there: most of those that no index knows. Whether they can match is told
// without running them.
import type { CountedTarget, Link } from '../seclang/rule.ts';
import { VARIABLES, type VariableName } from '../seclang/variable.ts';
import type { Field, Fields } from './fields.ts';
import type { Condition } from './program.ts';
import type { RuleVariables } from './rule-variables.ts';

/** What rules set, by name. */
const COLLECTIONS: ReadonlySet<VariableName> = new Set(['TX', 'IP', 'GLOBAL', 'SESSION', 'USER', 'RESOURCE']);
const NUMBERS: ReadonlySet<string> = new Set(['eq', 'ge', 'gt', 'le', 'lt']);

/**
 * What a link compares with a number, if that is one variable that rules set, as it is, or how often a message has a name; or variables that rules set, picked by a pattern,
 * of which there may be none. Else null.
 */
export function onlyTarget({ condition, actions }: Link): CountedTarget | null {
  if (condition === null) return null;
  const { included, excluded } = condition.targets;
  const [target] = included;
  if (target === undefined || included.length > 1 || excluded.length > 0) return null;
  const { variable, selector, count } = target;
  if (variable === 'TX' && selector?.kind === 'pattern') return target;
  if (!NUMBERS.has(condition.operator.name.toLowerCase())) return null;
  if (COLLECTIONS.has(variable))
    return selector?.kind === 'name' && (count || actions.transformations.length === 0) ? target : null;
  const kind = VARIABLES[variable];
  return count && (kind === 'one' || kind === 'many') && selector?.kind !== 'pattern' ? target : null;
}

/** Whether a condition is known not to hold. False: it may, or that is not known. */
export function cannotHold(
  { only, matcher, negated }: Condition,
  fields: Fields,
  variables: RuleVariables,
): boolean {
  if (only === null) return false;
  const { variable, selector, count } = only;
  let text: string | undefined;
  if (selector?.kind === 'pattern') {
    if (variables.mayPick(selector)) return false;
    text = count ? '0' : undefined;
  } else if (selector === null || !COLLECTIONS.has(variable)) {
    text = String(amountOf(fields.get(variable), selector?.name ?? null));
  } else {
    text = variables.get(variable, selector.name);
    if (count) text = text === undefined ? '0' : '1';
  }
  // What there is nothing of holds of nothing.
  if (text === undefined) return true;
  return matcher !== null && matcher.matches(text) === negated;
}

/** How many fields there are of a name; null: of any. */
function amountOf(fields: readonly Field[], name: string | null): number {
  if (name === null) return fields.length;
  let amount = 0;
  for (const { lower } of fields) if (lower === name) amount += 1;
  return amount;
}
