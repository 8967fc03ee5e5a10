// Whether a value has anything by which it could leave the place it was put into, or go on behind it. Nearly no honest value has, so it is asked of every one, and must cost little.

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
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const kind = KIND[code & 0xff] ?? 0;
    if (kind === Kind.nothing || kind === Kind.underscore) continue;
    if (kind === Kind.wayOut) return true;
    if (kind === Kind.doubled) {
      if (text.charCodeAt(at + 1) === code) return true;
    } else if (kind === Kind.slash) {
      if (text.charCodeAt(at + 1) === 0x2a) return true;
    } else if (kind === Kind.letter) {
      const end = endOfWord(text, at);
      if (!isBehindWord(text, at) && isWord(text, at, end)) return true;
      // A digit may stand at the end of it, or within.
      if (hasDigitBefore(text, at, end)) return true;
      at = end - 1;
    } else if (goesOn(text, at + 1)) return true;
  }
  return false;
}

function isOfWord(text: string, at: number): boolean {
  return (KIND[text.charCodeAt(at) & 0xff] ?? 0) >= Kind.digit;
}

function isBehindWord(text: string, at: number): boolean {
  return at > 0 && isOfWord(text, at - 1);
}

function endOfWord(text: string, from: number): number {
  let end = from + 1;
  while (end < text.length && isOfWord(text, end)) end += 1;
  return end;
}

function isWord(text: string, from: number, end: number): boolean {
  const length = end - from;
  if (length < 2 || length > LONGEST) return false;
  if (!BEGINNINGS.has(beginningOf(text.charCodeAt(from), text.charCodeAt(from + 1), length))) return false;
  return WORDS.has(text.slice(from, end).toLowerCase());
}

/** Whether within a run of letters, digits and underscores a digit stands before one of the three. */
function hasDigitBefore(text: string, from: number, end: number): boolean {
  for (let at = from; at + 2 < end; at += 1)
    if (KIND[text.charCodeAt(at) & 0xff] === Kind.digit && goesOn(text, at + 1)) return true;
  return false;
}

/** Whether `and`, `or` or `union` stands here, whatever follows. */
function goesOn(text: string, at: number): boolean {
  const first = text.charCodeAt(at) | 0x20;
  return (
    (first === 0x6f && (text.charCodeAt(at + 1) | 0x20) === 0x72) ||
    (first === 0x61 && text.slice(at, at + 3).toLowerCase() === 'and') ||
    (first === 0x75 && text.slice(at, at + 5).toLowerCase() === 'union')
  );
}
