// Escapes of languages that attackers write in: HTML, JavaScript, CSS, C.
import { maskOf } from '../byte-class.ts';
import { narrowed } from './url.ts';
import { hexAt, isSpace, type Transformation } from './transformation.ts';

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>', nbsp: '\xa0' };
const ENTITY = /&(?:#[xX]([0-9A-Fa-f]+)|#([0-9]+)|(quot|amp|lt|gt|nbsp));?/giu;

/** Numeric entities (their low byte) and the five named ones that rules are written for, with or without the semicolon (HTML, section 13.2.5.72 and on). */
function htmlEntityDecode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(ENTITY, (whole: string, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return String.fromCharCode(narrowed(code > 0x7fffffff ? 0xff : code));
  });
}

const C_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** `\uHHHH`, `\xHH`, octal up to `\377`, the letters for control characters; before anything else the backslash goes (ECMA-262, string literals). */
function jsDecode(text: string): string {
  return unescaped(text, (at) => {
    const next = text.charAt(at + 1);
    if (next === 'u') {
      const code = narrowed(hexAt(text, at + 2, 4));
      if (code >= 0) return [String.fromCharCode(code), 6];
    }
    if (next === 'x') {
      const code = hexAt(text, at + 2, 2);
      if (code >= 0) return [String.fromCharCode(code), 4];
    }
    const octal = /^(?:[0-3][0-7]{2}|[0-7]{1,2})/u.exec(text.slice(at + 1, at + 4));
    if (octal !== null) return [String.fromCharCode(Number.parseInt(octal[0], 8)), octal[0].length + 1];
    return next === '' ? ['\\', 1] : [C_ESCAPES[next] ?? next, 2];
  });
}

/** Up to six hexadecimal digits and one space after them, of which the low byte counts; a newline goes with its backslash (CSS 2.2, section 4.1.3). */
function cssDecode(text: string): string {
  return unescaped(text, (at) => {
    const hex = /^[0-9A-Fa-f]{1,6}/u.exec(text.slice(at + 1, at + 7));
    if (hex !== null) {
      const end = at + 1 + hex[0].length;
      // Only the last four digits can make a full-width form.
      const code = Number.parseInt(hex[0].slice(-4), 16);
      return [
        String.fromCharCode(hex[0].length >= 4 ? narrowed(code) : code & 0xff),
        hex[0].length + 1 + (isSpace(text.charCodeAt(end)) ? 1 : 0),
      ];
    }
    const next = text.charAt(at + 1);
    if (next === '\n' || next === '') return ['', next === '' ? 1 : 2];
    return [next, 2];
  });
}

/** Escapes of ANSI C; one that is none stays as it is (ISO/IEC 9899, section 5.2.2 and 6.4.4.4). */
function escapeSeqDecode(text: string): string {
  return unescaped(text, (at) => {
    const next = text.charAt(at + 1);
    const control = C_ESCAPES[next];
    if (control !== undefined) return [control, 2];
    if (next !== '' && '\\?\'"'.includes(next)) return [next, 2];
    if (next === 'x' || next === 'X') {
      const code = hexAt(text, at + 2, 2);
      return code < 0 ? [text.slice(at, at + 2), 2] : [String.fromCharCode(code), 4];
    }
    const octal = /^[0-7]{1,3}/u.exec(text.slice(at + 1, at + 4));
    if (octal !== null)
      return [String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff), octal[0].length + 1];
    return [text.slice(at, at + 2), 2];
  });
}

/** Replaces what begins at each backslash: `read` says by what, and how much of the text it took. */
function unescaped(text: string, read: (at: number) => readonly [string, number]): string {
  let at = text.indexOf('\\');
  if (at < 0) return text;
  let out = '';
  let from = 0;
  while (at >= 0) {
    const [replacement, taken] = read(at);
    out += text.slice(from, at) + replacement;
    from = at + taken;
    at = text.indexOf('\\', from);
  }
  return out + text.slice(from);
}

const BACKSLASH = maskOf('\\');

export const ESCAPE_TRANSFORMATIONS: readonly Transformation[] = [
  { name: 'htmlEntityDecode', touches: maskOf('&'), apply: htmlEntityDecode },
  { name: 'jsDecode', touches: BACKSLASH, apply: jsDecode },
  { name: 'cssDecode', touches: BACKSLASH, apply: cssDecode },
  { name: 'escapeSeqDecode', touches: BACKSLASH, apply: escapeSeqDecode },
];
