import { scriptInjection } from '../detect/html/verdict.ts';
import { sqlInjection } from '../detect/sql/verdict.ts';
import { lowercase } from '../transform/shape.ts';
import type { Matcher, Operator } from './operator.ts';

/** What is looked at of one value; a longer one is looked at in pieces that overlap. */
const PIECE = 8192;
const OVERLAP = 256;

/** A detector over values of any length, at a cost linear in it. */
function detecting(detect: (text: string) => string | null): Matcher {
  const find = (value: string): string | null => {
    for (let at = 0; at === 0 || at < value.length - OVERLAP; at += PIECE - OVERLAP) {
      const found = detect(at === 0 && value.length <= PIECE ? value : value.slice(at, at + PIECE));
      if (found !== null) return found;
    }
    return null;
  };
  return {
    matches: (value) => find(value) !== null,
    captures: (value) => [find(value) ?? lowercase(value)],
    requirement: null,
    phrases: null,
  };
}

export const DETECTION_OPERATORS: readonly Operator[] = [
  { name: 'detectSQLi', make: () => detecting(sqlInjection) },
  { name: 'detectXSS', make: () => detecting(scriptInjection) },
];
