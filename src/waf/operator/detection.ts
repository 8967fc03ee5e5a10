import { runningScript, scriptInjection } from '../detect/html/verdict.ts';
import { sqlInjection } from '../detect/sql/verdict.ts';
import { type ByteSet, negated, range } from '../regex/byte-set.ts';
import { lowercase } from '../transform/shape.ts';
import type { Matcher, Operator } from './operator.ts';

/** What is looked at of one value; a longer one is looked at in pieces that overlap. */
const PIECE = 8192;
const OVERLAP = 256;

/** A detector over values of any length, at a cost linear in it. */
function detecting(detect: (text: string) => string | null, needs: ByteSet): Matcher {
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
    requirement: { words: null, sets: [needs] },
    phrases: null,
  };
}

/** Letters, dashes and dots alone are a name in SQL, whatever they spell. */
const SQL_NEEDS = negated(range(0x2d, 0x2e, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a));
/** A tag, or an attribute with its value. */
const HTML_NEEDS = range(0x3c, 0x3d);

export const DETECTION_OPERATORS: readonly Operator[] = [
  { name: 'detectSQLi', make: () => detecting(sqlInjection, SQL_NEEDS) },
  { name: 'detectXSS', make: () => detecting(scriptInjection, HTML_NEEDS) },
  // Loupe's own.
  { name: 'runsScript', make: () => detecting(runningScript, HTML_NEEDS) },
];
