// What a text must contain for a pattern to match it, read off the pattern (the idea of RE2's FilteredRE2): one of some words, and at least one byte out of some sets.
// It errs on one side only: what lacks them cannot match.
import { bytesOf, type ByteSet, emptySet } from './byte-set.ts';
import type { Node } from './syntax.ts';

export interface Requirement {
  /** One of these must be contained, ASCII letters lower, in a text whose letters are lowered; null where no words can be told. */
  readonly words: readonly string[] | null;
  /** Of each of these sets at least one byte must be contained. */
  readonly sets: readonly ByteSet[];
}

/** What a node can match, or what a match of it contains. */
interface Known {
  /** All that it can match, lowered; null where that is too much. */
  readonly exact: readonly string[] | null;
  /** Of these words one is contained in any match. */
  readonly words: readonly string[] | null;
  readonly sets: readonly ByteSet[];
}

/** Bounds on what is worked out; above them less is known, never something wrong. */
const MAX_EXACT = 96;
const MAX_WORDS = 400;
const MAX_WORD_LENGTH = 24;
const MAX_SET_AS_WORDS = 12;
const NOTHING: Known = { exact: null, words: null, sets: [] };
const EMPTY: Known = { exact: [''], words: null, sets: [] };

export function requirementOf(node: Node): Requirement {
  const known = settled(know(node));
  return { words: known.words, sets: known.sets };
}

function lower(byte: number): string {
  return String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte);
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

/** How much a list of words tells: a short word tells little, many words tell less. */
function worth(words: readonly string[]): number {
  const shortest = Math.min(...words.map((word) => word.length));
  return shortest * 1000 - words.length;
}

function better(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null) return b;
  if (b === null) return a;
  return worth(a) >= worth(b) ? a : b;
}

/** Turns all that can be matched into words that must be contained. */
function settled(known: Known): Known {
  if (known.exact === null) return known;
  if (known.exact.some((word) => word === '') || known.exact.length > MAX_WORDS)
    return { ...known, exact: null };
  return { exact: null, words: better(known.words, known.exact), sets: known.sets };
}

function know(node: Node): Known {
  switch (node.kind) {
    case 'empty':
    case 'assertion':
    case 'look':
      return EMPTY;
    case 'backreference':
      return NOTHING;
    case 'byte':
      return ofSet(node.set);
    case 'group':
    case 'atomic':
      return know(node.item);
    case 'repeat':
      return ofRepeat(node.item, node.min, node.max);
    case 'choice':
      return ofChoice(node.options);
    case 'sequence':
      return ofSequence(node.items);
  }
}

function ofSet(set: ByteSet): Known {
  const lowered = unique(bytesOf(set).map(lower));
  if (lowered.length === 0) return NOTHING;
  return { exact: lowered.length <= MAX_SET_AS_WORDS ? lowered : null, words: null, sets: [set] };
}

function ofRepeat(item: Node, min: number, max: number): Known {
  const known = know(item);
  if (min === 0) {
    if (max === 1 && known.exact !== null)
      return { exact: unique([...known.exact, '']), words: null, sets: [] };
    return NOTHING;
  }
  if (min === 1 && max === 1) return known;
  const once = settled(known);
  if (min === max && min <= 8 && known.exact !== null) {
    let exact: readonly string[] | null = [''];
    for (let i = 0; i < min && exact !== null; i += 1) exact = joined(exact, known.exact);
    return { exact, words: once.words, sets: once.sets };
  }
  return once;
}

function ofChoice(options: readonly Node[]): Known {
  const known = options.map(know);
  const exact = known.every((each) => each.exact !== null)
    ? unique(known.flatMap((each) => each.exact ?? []))
    : null;
  const words = known.map((each) => settled(each).words);
  const all = words.every((each) => each !== null) ? unique(words.flatMap((each) => each ?? [])) : null;
  return {
    exact: exact !== null && exact.length <= MAX_WORDS ? exact : null,
    words: all !== null && all.length <= MAX_WORDS ? all : null,
    sets: commonSets(known),
  };
}

/** A set of each option, as one: a match contains a byte of it whichever option it takes. */
function commonSets(known: readonly Known[]): readonly ByteSet[] {
  const sets = known.map((each) => each.sets.toSorted((a, b) => bytesOf(a).length - bytesOf(b).length)[0]);
  if (!sets.every((set) => set !== undefined)) return [];
  const union = emptySet();
  for (const set of sets) for (const byte of bytesOf(set)) union[byte] = 1;
  return [union];
}

function joined(left: readonly string[], right: readonly string[]): readonly string[] | null {
  if (left.length * right.length > MAX_EXACT) return null;
  const all = left.flatMap((a) => right.map((b) => a + b));
  return all.some((word) => word.length > MAX_WORD_LENGTH) ? null : unique(all);
}

function ofSequence(items: readonly Node[]): Known {
  let whole = true;
  let words: readonly string[] | null = null;
  let exact: readonly string[] | null = [''];
  const sets: ByteSet[] = [];
  const settle = () => {
    if (exact !== null && !exact.includes('')) words = better(words, exact);
    whole = false;
  };
  for (const item of items) {
    const known = know(item);
    sets.push(...known.sets);
    words = better(words, known.words);
    if (known.exact === null) {
      settle();
      exact = [''];
      continue;
    }
    const longer: readonly string[] | null = joined(exact, known.exact);
    if (longer === null) {
      settle();
      exact = known.exact.length <= MAX_EXACT ? known.exact : [''];
    } else exact = longer;
  }
  if (whole) return { exact, words, sets };
  settle();
  return { exact: null, words, sets };
}
