// Tokens, made less: what a database would reduce to one value becomes one, so that few shapes are left to tell apart.
import type { Token } from './tokens.ts';

/** Kinds of the first tokens after folding, one letter each, and what they stood for. */
export interface Fingerprint {
  readonly shape: string;
  readonly tokens: readonly Token[];
}

const UNARY: ReadonlySet<string> = new Set(['+', '-', '!', '~', '!!', 'not', '@']);
const COMPARING: ReadonlySet<string> = new Set([
  '=',
  '<',
  '>',
  '<=',
  '>=',
  '<>',
  '!=',
  '<=>',
  '!<',
  '!>',
  'like',
  'rlike',
  'regexp',
  'is',
  'is not',
  'not like',
  'ilike',
  'sounds like',
]);
/** What a comparison gives; a number has no text. */
const TRUTH: Token = { kind: '1', text: 'true' };
const MAX_SHAPE = 8;

/** Folds tokens; a comment stays only where it is last. */
export function fold(all: readonly Token[]): Fingerprint {
  const tokens = all.filter((token, i) => token.kind !== 'c' || i === all.length - 1);
  const folded: Token[] = [];
  for (const token of leadless(tokens)) {
    folded.push(token);
    while (reduce(folded)) {
      // Each reduction may make another possible.
    }
    if (folded.length > MAX_SHAPE + 3) break;
  }
  const kept = folded.slice(0, MAX_SHAPE);
  return { shape: kept.map(({ kind }) => kind).join(''), tokens: kept };
}

/** Without parentheses and signs that only begin an expression. */
function leadless(tokens: readonly Token[]): readonly Token[] {
  const first = tokens.findIndex(
    (token) => token.kind !== '(' && token.kind !== 'c' && token.kind !== 't' && !isUnary(token),
  );
  return first < 0 ? tokens : tokens.slice(first);
}

function isUnary({ kind, text }: Token): boolean {
  return kind === 'o' && UNARY.has(text);
}

function isValue(kind: string): boolean {
  return kind === '1' || kind === 's' || kind === 'v' || kind === 'n';
}

/** Folds the end of the list once, if it can be. */
function reduce(list: Token[]): boolean {
  const c = list.at(-1);
  const b = list.at(-2);
  const a = list.at(-3);
  if (c === undefined || b === undefined) return false;
  const replace = (count: number, by: Token) => {
    list.splice(list.length - count, count, by);
    return true;
  };
  if (b.kind === 's' && c.kind === 's') return replace(2, { ...c, kind: 's' });
  if (b.kind === ';' && c.kind === ';') return replace(2, c);
  if (
    isUnary(c) &&
    (b.kind === 'o' ||
      b.kind === '&' ||
      b.kind === '(' ||
      b.kind === ',' ||
      b.kind === 'E' ||
      b.kind === 'k' ||
      b.kind === 'B' ||
      b.kind === 'U')
  ) {
    return replace(2, b);
  }
  if (b.kind === 'U' && c.kind === 'k' && /^(?:all|distinct(?:row)?)$/u.test(c.text)) return replace(2, b);
  if (b.kind === '(' && c.kind === '(') return replace(2, c);
  if (b.kind === ')' && c.kind === ')') return replace(2, c);
  if (b.kind === 't' && (isValue(c.kind) || c.kind === '(')) return replace(2, c);
  if (b.kind === 'A' && c.kind === 'n') return replace(2, { kind: 'o', text: 'collate' });
  if (b.kind === '{' && c.kind === 'n') {
    list.splice(-2, 2);
    return false;
  }
  if (c.kind === '}') {
    list.pop();
    return false;
  }
  if (a === undefined) return false;
  if (isValue(a.kind) && b.kind === 'o' && isValue(c.kind))
    return list.length > 3 && replace(3, COMPARING.has(b.text) ? TRUTH : a);
  if (isValue(a.kind) && b.kind === ',' && isValue(c.kind)) return replace(3, a);
  if (a.kind === 'n' && b.kind === '.' && (c.kind === 'n' || c.kind === 'o')) return replace(3, a);
  return false;
}
