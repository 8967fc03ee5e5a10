// Whether a value has anything by which it could leave the place it was put into, or go on behind it. Nearly no honest value has, so it is asked of every one, and must cost little.

import { bytesOfText } from '../../bytes.ts';

const WORDS: ReadonlySet<string> = new Set(
  'xor or and union except intersect minus having limit order group procedure into waitfor case rlike div in like between exec execute declare select update delete insert drop alter'.split(
    ' ',
  ),
);

/** What a byte can be the beginning of. */
const Kind = { nothing: 0, wayOut: 1, doubled: 2, slash: 3, digit: 4, letter: 5, underscore: 6 } as const;

const KIND: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if ('\'"`();#'.includes(char)) return Kind.wayOut;
  if ('-|&'.includes(char)) return Kind.doubled;
  if (char === '/') return Kind.slash;
  if (/[0-9]/u.test(char)) return Kind.digit;
  if (/[A-Za-z]/u.test(char)) return Kind.letter;
  return char === '_' ? Kind.underscore : Kind.nothing;
});

/** Beginnings of the words, by their first two letters and their length. */
const BEGINNINGS: ReadonlySet<number> = new Set(
  [...WORDS].map((word) => beginningOf(word.charCodeAt(0), word.charCodeAt(1), word.length)),
);
const LONGEST = 9;

function beginningOf(first: number, second: number, length: number): number {
  return ((first | 0x20) << 12) | ((second | 0x20) << 4) | length;
}

/** A quote, a bracket, `;`, a comment, `||`, `&&`, one of the words by which statements go on, or one of three of them right behind a digit. */
export function hasWayOut(text: string): boolean {
  const { length } = text;
  const bytes = bytesOfText(text);
  for (let at = 0; at < length; at += 1) {
    const byte = bytes[at] ?? 0;
    const kind = KIND[byte] ?? 0;
    if (kind === Kind.nothing || kind === Kind.underscore) continue;
    if (kind === Kind.wayOut) return true;
    if (kind === Kind.doubled) {
      if (at + 1 < length && bytes[at + 1] === byte) return true;
    } else if (kind === Kind.slash) {
      if (at + 1 < length && bytes[at + 1] === STAR) return true;
    } else if (kind === Kind.letter) {
      const end = endOfWord(bytes, at, length);
      const isBehindWord = at > 0 && isOfWord(bytes[at - 1]);
      if (!isBehindWord && isWord(bytes, at, end)) return true;
      // A digit may stand at the end of it, or within.
      if (hasDigitBefore(bytes, at, end)) return true;
      at = end - 1;
    } else if (goesOn(bytes, at + 1, length)) return true;
  }
  return false;
}

const STAR = 0x2a;

function isOfWord(byte: number | undefined): boolean {
  return (KIND[byte ?? 0] ?? 0) >= Kind.digit;
}

function endOfWord(bytes: Uint8Array, from: number, length: number): number {
  let end = from + 1;
  while (end < length && isOfWord(bytes[end])) end += 1;
  return end;
}

function isWord(bytes: Uint8Array, from: number, end: number): boolean {
  const length = end - from;
  if (length < 2 || length > LONGEST) return false;
  if (!BEGINNINGS.has(beginningOf(bytes[from] ?? 0, bytes[from + 1] ?? 0, length))) return false;
  return WORDS.has(String.fromCharCode(...bytes.subarray(from, end)).toLowerCase());
}

/** Whether within a run of letters, digits and underscores a digit stands before one of the three. */
function hasDigitBefore(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at + 2 < end; at += 1)
    if (KIND[bytes[at] ?? 0] === Kind.digit && goesOn(bytes, at + 1, end)) return true;
  return false;
}

/** Whether `and`, `or` or `union` stands here, whatever follows. */
function goesOn(bytes: Uint8Array, at: number, length: number): boolean {
  const word = at < length ? GOING_ON[bytes[at] ?? 0] : null;
  if (word === null || word === undefined || at + word.length > length) return false;
  return word.every((byte, i) => ((bytes[at + i] ?? 0) | 0x20) === byte);
}

/** The one of them that begins with a byte. */
const GOING_ON: readonly (readonly number[] | null)[] = Array.from({ length: 256 }, (_, byte) => {
  const found = ['and', 'or', 'union'].find((word) => word.charCodeAt(0) === (byte | 0x20));
  return found === undefined ? null : Array.from(found, (char) => char.charCodeAt(0));
});
