// Case, white space, comments, and what a shell or a database reads over.
import { ANY_BYTE, maskOf } from '../byte-class.ts';
import { isSpace, type Transformation } from './transformation.ts';

const UPPER = maskOf('A');
const SPACES = maskOf(' \t\xa0');

/** ASCII letters only; bytes from 0x80 have no case. */
export function lowercase(text: string): string {
  return ASCII.test(text)
    ? text.toLowerCase()
    : text.replaceAll(/[A-Z]+/gu, (letters) => letters.toLowerCase());
}

const ASCII = /^[^\x80-\uffff]*$/u;

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
  if (!/[A-Z\\"'^,;\t\n\r]| {2}| [/(]/u.test(text)) return text;
  return lowercase(
    text
      .replaceAll(/[\\"'^]/gu, '')
      .replaceAll(/[\t\n\r ,;]+/gu, ' ')
      .replaceAll(/ (?=[/(])/gu, ''),
  );
}

function compressWhitespace(text: string): string {
  return /[\t-\r\xa0]| {2}/u.test(text) ? text.replaceAll(/[\t-\r \xa0]+/gu, ' ') : text;
}

export const SHAPE_TRANSFORMATIONS: readonly Transformation[] = [
  { name: 'lowercase', touches: UPPER, apply: lowercase },
  { name: 'uppercase', touches: maskOf('a'), apply: uppercase },
  { name: 'compressWhitespace', touches: SPACES, apply: compressWhitespace },
  { name: 'removeWhitespace', touches: SPACES, apply: (text) => text.replaceAll(/[\t-\r \xa0]+/gu, '') },
  { name: 'trim', touches: SPACES, apply: (text) => trimmed(text, true, true) },
  { name: 'trimLeft', touches: SPACES, apply: (text) => trimmed(text, true, false) },
  { name: 'trimRight', touches: SPACES, apply: (text) => trimmed(text, false, true) },
  { name: 'removeNulls', touches: maskOf('\0'), apply: (text) => text.replaceAll('\0', '') },
  { name: 'replaceNulls', touches: maskOf('\0'), apply: (text) => text.replaceAll('\0', ' ') },
  { name: 'removeComments', touches: maskOf('/'), apply: (text) => removeComments(text, '') },
  { name: 'replaceComments', touches: maskOf('/'), apply: (text) => removeComments(text, ' ') },
  {
    name: 'removeCommentsChar',
    touches: maskOf('/*-#<>'),
    apply: (text) => text.replaceAll(/\/\*|\*\/|<!--|-->|--|#/gu, ''),
  },
  { name: 'cmdLine', touches: maskOf('A\\"\'^,; \t'), apply: cmdLine },
  { name: 'length', touches: ANY_BYTE, apply: (text) => String(text.length) },
];
