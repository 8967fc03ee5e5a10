// What a rule matched, while its transaction lasts; and what of it is kept for explaining.
import type { Matcher } from '../operator/operator.ts';
import { StepLimit } from '../regex/backtracker.ts';
import type { VariableName } from '../seclang/variable.ts';
import type { Value } from './value.ts';
import type { MatchedValue } from './verdict.ts';

/** So many bytes of a value are told. */
export const MAX_EXCERPT = 200;
const BEFORE_FOUND = 40;
/** So many values of a rule are told. */
export const MAX_VALUES = 8;

export interface MatchedField {
  readonly name: string;
  readonly variable: VariableName;
  /** Null for a count, and for what rules set. */
  readonly value: Value | null;
  /** What was made of it. */
  readonly text: string;
  /** What found it; null where a rule matched because something was not there. */
  readonly matcher: Matcher | null;
}

/** So much of a long value, with what was found in it and a little of what stands before that. */
function excerptOf(text: string, matcher: Matcher | null): string {
  if (text.length <= MAX_EXCERPT) return text;
  const found = foundIn(text, matcher);
  const at = found === null ? -1 : text.indexOf(found);
  const from = Math.max(0, Math.min(at - BEFORE_FOUND, text.length - MAX_EXCERPT));
  return text.slice(from, from + MAX_EXCERPT);
}

function foundIn(text: string, matcher: Matcher | null): string | null {
  try {
    return matcher?.captures?.(text, false)[0] ?? null;
  } catch (error) {
    if (error instanceof StepLimit) return null;
    throw error;
  }
}

/** As rules write it: `ARGS:size`. */
export function fullName(variable: VariableName, name: string): string {
  return name === '' ? variable : `${variable}:${name}`;
}

/** Whether what matched came in a message; not what rules set themselves, nor what they matched before. */
export function isOfRequest([first]: readonly MatchedField[]): boolean {
  return (
    first !== undefined && !/^(?:TX|MATCHED_|IP$|GLOBAL$|SESSION$|USER$|RESOURCE$)/u.test(first.variable)
  );
}

/** The first values that a rule matched, as they are told. */
export function valuesOf(matched: readonly MatchedField[]): readonly MatchedValue[] {
  return matched.slice(0, MAX_VALUES).map(({ name, variable, text, matcher }) => ({
    name: fullName(variable, name).slice(0, MAX_EXCERPT),
    value: excerptOf(text, matcher),
  }));
}
