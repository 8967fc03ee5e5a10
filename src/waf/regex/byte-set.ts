/** A set of bytes: 256 flags. Never changed once it stands in a pattern. */
export type ByteSet = Uint8Array;

export function emptySet(): ByteSet {
  return new Uint8Array(256);
}

/** The bytes of ranges given by their ends: `range(0x30, 0x39, 0x41, 0x46)` is `[0-9A-F]`. */
export function range(...ends: readonly number[]): ByteSet {
  const set = emptySet();
  for (let i = 0; i + 1 < ends.length; i += 2) set.fill(1, ends[i], (ends[i + 1] ?? 0) + 1);
  return set;
}

export function negated(set: ByteSet): ByteSet {
  return set.map((has) => 1 - has);
}

export function addAll(to: ByteSet, from: ByteSet): void {
  for (let byte = 0; byte < 256; byte += 1) if (from[byte] === 1) to[byte] = 1;
}

/** The set with the other case of its ASCII letters; bytes from 0x80 have none, as in PCRE's C locale. */
export function caseless(set: ByteSet): ByteSet {
  const folded = set.slice();
  for (let upper = 0x41; upper <= 0x5a; upper += 1) {
    const either = (set[upper] ?? 0) | (set[upper + 32] ?? 0);
    folded[upper] = either;
    folded[upper + 32] = either;
  }
  return folded;
}

export function bytesOf(set: ByteSet): number[] {
  const bytes: number[] = [];
  for (let byte = 0; byte < 256; byte += 1) if (set[byte] === 1) bytes.push(byte);
  return bytes;
}

export const ANY = range(0, 255);
export const DIGIT = range(0x30, 0x39);
export const WORD = range(0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a);
/** PCRE's `\s` since 8.34: with the vertical tab; never 0xA0. */
export const SPACE = range(0x09, 0x0d, 0x20, 0x20);
export const HORIZONTAL = range(0x09, 0x09, 0x20, 0x20, 0xa0, 0xa0);
export const VERTICAL = range(0x0a, 0x0d, 0x85, 0x85);
export const NEWLINE = range(0x0a, 0x0a);

/** POSIX classes as PCRE has them in the C locale. */
export const POSIX: ReadonlyMap<string, ByteSet> = new Map([
  ['alnum', range(0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a)],
  ['alpha', range(0x41, 0x5a, 0x61, 0x7a)],
  ['ascii', range(0, 0x7f)],
  ['blank', range(0x09, 0x09, 0x20, 0x20)],
  ['cntrl', range(0, 0x1f, 0x7f, 0x7f)],
  ['digit', DIGIT],
  ['graph', range(0x21, 0x7e)],
  ['lower', range(0x61, 0x7a)],
  ['print', range(0x20, 0x7e)],
  ['punct', range(0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e)],
  ['space', SPACE],
  ['upper', range(0x41, 0x5a)],
  ['word', WORD],
  ['xdigit', range(0x30, 0x39, 0x41, 0x46, 0x61, 0x66)],
]);
