// One JSON value (RFC 8259), made flat. Strict where JSON.parse is lenient: a name that is there twice could be read in two ways, and whoever checks would see the other one. Numbers stay text: 1e309 is no
// infinity, and twenty digits are not rounded to sixteen.
import type { RecordBounds } from './record.ts';

const BLANKS = /[ \t\n\r]*/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy;
// oxlint-disable-next-line no-control-regex -- controls are what a string may not hold
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const LITERALS = [
  ['true', 'true'],
  ['false', 'false'],
  ['null', ''],
] as const;

/** The scalars of a value by their paths; null where it is no JSON, has a name twice in one object, or passes a bound. A scalar by itself has the path ''. */
export function flatJson(
  text: string,
  bounds: Pick<RecordBounds, 'maxDepth' | 'maxScalars'>,
): Map<string, string> | null {
  const found = new Map<string, string>();
  let at = 0;

  const skipBlanks = (): void => void take(BLANKS);
  return value('', 0) && (skipBlanks(), at === text.length) ? found : null;

  function take(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0] ?? null;
    if (match !== null) at += match.length;
    return match;
  }

  function value(path: string, depth: number): boolean {
    skipBlanks();
    switch (text[at]) {
      case '{':
        return depth < bounds.maxDepth && members(path, depth + 1);
      case '[':
        return depth < bounds.maxDepth && elements(path, depth + 1);
      case '"': {
        const string = take(STRING);
        return string !== null && note(path, decoded(string));
      }
      default: {
        const literal = LITERALS.find(([word]) => text.startsWith(word, at));
        if (literal !== undefined) at += literal[0].length;
        const scalar = literal?.[1] ?? take(NUMBER);
        return scalar !== null && note(path, scalar);
      }
    }
  }

  function note(path: string, scalar: string): boolean {
    // Two paths can be one where names hold points: that is a name twice, too.
    if (found.has(path) || found.size >= bounds.maxScalars) return false;
    found.set(path, scalar);
    return true;
  }

  function members(path: string, depth: number): boolean {
    at++;
    const names = new Set<string>();
    for (let first = true; ; first = false) {
      skipBlanks();
      if (first && text[at] === '}') break;
      const written = take(STRING);
      if (written === null) return false;
      const name = decoded(written);
      if (names.has(name)) return false;
      names.add(name);
      skipBlanks();
      if (text[at++] !== ':' || !value(path === '' ? name : `${path}.${name}`, depth)) return false;
      skipBlanks();
      if (text[at] !== ',') break;
      at++;
    }
    return text[at++] === '}';
  }

  function elements(path: string, depth: number): boolean {
    at++;
    for (let place = 0; ; place++) {
      skipBlanks();
      if (place === 0 && text[at] === ']') break;
      if (!value(path === '' ? String(place) : `${path}.${place}`, depth)) return false;
      skipBlanks();
      if (text[at] !== ',') break;
      at++;
    }
    return text[at++] === ']';
  }
}

/** A string that the pattern let through. */
function decoded(written: string): string {
  if (!written.includes('\\')) return written.slice(1, -1);
  const text: unknown = JSON.parse(written);
  return typeof text === 'string' ? text : '';
}
