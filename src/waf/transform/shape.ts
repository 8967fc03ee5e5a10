// Case, white space, comments, and what a shell or a database reads over.
import { ANY_BYTE, maskLowered, maskOf } from '../byte-class.ts';
import { bytesOfText, LOWERED, roomFor, textIn } from '../bytes.ts';
import { isSpace, type Transformation } from './transformation.ts';

const UPPER = maskOf('A');
const SPACES = maskOf(' \t\xa0');
const SHELL = maskOf('\\"\'^,; \t');
const BLANK = maskOf(' ');
const NUL = maskOf('\0');

/** Of what only takes bytes away. */
const fewer = (classes: number): number => classes;
/** Of what puts spaces in place of others. */
const spaced = (classes: number): number => classes | BLANK;

/** ASCII letters only; bytes from 0x80 have no case. */
export function lowercase(text: string): string {
  let first = 0;
  while (first < text.length && !isCapital(text.charCodeAt(first))) first += 1;
  if (first === text.length) return text;
  const bytes = bytesOfText(text);
  const room = roomFor(text.length);
  for (let at = 0; at < text.length; at += 1) room[at] = LOWERED[bytes[at] ?? 0] ?? 0;
  return textIn(room, text.length);
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function uppercase(text: string): string {
  return text.replaceAll(/[a-z]+/gu, (letters) => letters.toUpperCase());
}

function trimmed(text: string, left: boolean, right: boolean): string {
  let start = 0;
  let end = text.length;
  if (left) while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  if (right) while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Without C comments; one that does not end takes the rest. */
function removeComments(text: string, by: string): string {
  let at = text.indexOf('/*');
  if (at < 0) return text;
  let out = '';
  let from = 0;
  while (at >= 0) {
    out += text.slice(from, at) + by;
    const end = text.indexOf('*/', at + 2);
    if (end < 0) return out;
    from = end + 2;
    at = text.indexOf('/*', from);
  }
  return out + text.slice(from);
}

/** What a command line means: without `\ " ' ^`, `,` and `;` as spaces, runs of spaces as one, none before `/` and `(`, lower case. */
function cmdLine(text: string): string {
  const bytes = bytesOfText(text);
  const room = roomFor(text.length);
  let length = 0;
  let isSame = true;
  for (let at = 0; at < text.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const role = IN_SHELL[byte];
    if (role === Role.nothing) continue;
    const isBehindSpace = length > 0 && room[length - 1] === SPACE;
    if (role === Role.space) {
      if (isBehindSpace) continue;
      room[length] = SPACE;
      isSame &&= byte === SPACE;
    } else {
      if (role === Role.opening && isBehindSpace) length -= 1;
      room[length] = LOWERED[byte] ?? 0;
      isSame &&= room[length] === byte;
    }
    length += 1;
  }
  return isSame && length === text.length ? text : textIn(room, length);
}

const SPACE = 0x20;
/** What bytes are on a command line. `opening`: no space is needed before it. */
const Role = { other: 0, nothing: 1, space: 2, opening: 3 } as const;
const IN_SHELL: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if ('\\"\'^'.includes(char)) return Role.nothing;
  if ('\t\n\r ,;'.includes(char)) return Role.space;
  return '/('.includes(char) ? Role.opening : Role.other;
});

function compressWhitespace(text: string): string {
  return /[\t-\r\xa0]| {2}/u.test(text) ? text.replaceAll(/[\t-\r \xa0]+/gu, ' ') : text;
}

export const LOWERCASE: Transformation = {
  name: 'lowercase',
  touches: UPPER,
  beyondCase: 0,
  yields: maskLowered,
  apply: lowercase,
};

export const SHAPE_TRANSFORMATIONS: readonly Transformation[] = [
  LOWERCASE,
  { name: 'uppercase', touches: maskOf('a'), apply: uppercase },
  { name: 'compressWhitespace', touches: SPACES, yields: spaced, apply: compressWhitespace },
  {
    name: 'removeWhitespace',
    touches: SPACES,
    yields: fewer,
    apply: (text) => text.replaceAll(/[\t-\r \xa0]+/gu, ''),
  },
  { name: 'trim', touches: SPACES, yields: fewer, apply: (text) => trimmed(text, true, true) },
  { name: 'trimLeft', touches: SPACES, yields: fewer, apply: (text) => trimmed(text, true, false) },
  { name: 'trimRight', touches: SPACES, yields: fewer, apply: (text) => trimmed(text, false, true) },
  { name: 'removeNulls', touches: NUL, yields: fewer, apply: (text) => text.replaceAll('\0', '') },
  { name: 'replaceNulls', touches: NUL, yields: spaced, apply: (text) => text.replaceAll('\0', ' ') },
  { name: 'removeComments', touches: maskOf('*'), yields: fewer, apply: (text) => removeComments(text, '') },
  {
    name: 'replaceComments',
    touches: maskOf('*'),
    yields: spaced,
    apply: (text) => removeComments(text, ' '),
  },
  {
    name: 'removeCommentsChar',
    touches: maskOf('*-#'),
    yields: fewer,
    apply: (text) => text.replaceAll(/\/\*|\*\/|<!--|-->|--|#/gu, ''),
  },
  {
    name: 'cmdLine',
    touches: UPPER | SHELL,
    beyondCase: SHELL,
    yields: (classes) => maskLowered(classes) | BLANK,
    apply: cmdLine,
  },
  { name: 'length', touches: ANY_BYTE, apply: (text) => String(text.length) },
];
