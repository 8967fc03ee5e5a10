// A condition on one value, and what can be told of it beforehand: words, and classes of bytes, without which no text meets it.
import { CLASS_BIT, maskOf } from '../byte-class.ts';
import { bytesOf, type ByteSet } from '../regex/byte-set.ts';
import type { Requirement } from '../regex/requirement.ts';
import type { Selector } from '../seclang/rule.ts';
import type { VariableName } from '../seclang/variable.ts';
import type { TransformChain } from './value.ts';

/** A variable, or members of it, that a rule looks at. */
export interface Looker {
  readonly variable: VariableName;
  /** Null: all members. */
  readonly selector: Selector | null;
}

export interface Check {
  readonly rule: number;
  readonly lookers: readonly Looker[];
  readonly chain: TransformChain;
  /** What a text must contain; null where that is not known. */
  readonly requirement: Requirement | null;
  /** Phrases one of which contained is a match: then nothing more is asked. */
  readonly phrases: readonly string[] | null;
  readonly matches: (text: string) => boolean;
}

/** The words one of which a text must contain: those long enough to look for, and the classes of the others, which are single bytes. Null where the check needs none. */
export function wordsOf({
  phrases,
  requirement,
}: Check): { readonly long: readonly string[]; readonly short: number } | null {
  const words = phrases ?? requirement?.words ?? null;
  if (words === null || words.includes('')) return null;
  return {
    long: words.filter(({ length }) => length > 1),
    short: words.reduce((mask, word) => (word.length > 1 ? mask : mask | classesOfLetter(word)), 0),
  };
}

/** Of a byte whose case does not matter. */
function classesOfLetter(letter: string): number {
  return maskOf(letter) | maskOf(letter.toUpperCase());
}

/** The three masks that tell most; one that has most classes tells nothing. */
export function masksOf({ requirement }: Check): readonly number[] {
  const masks = (requirement?.sets ?? []).map(classesOf);
  const telling = [...new Set(masks)].filter((mask) => bitCount(mask) < 30);
  return telling.sort((a, b) => bitCount(a) - bitCount(b)).slice(0, 3);
}

function classesOf(set: ByteSet): number {
  return bytesOf(set).reduce((mask, byte) => mask | (CLASS_BIT[byte] ?? 0), 0);
}

function bitCount(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}
