import { maskOf } from '../byte-class.ts';
import { hexAt, type Transformation } from './transformation.ts';

/** `%XX` where it is one, `+` as a space; what is malformed stays (RFC 3986, section 2.1; the query of HTML forms). */
export function urlDecode(text: string): string {
  return decode(text, false);
}

/** As `urlDecode`, and `%uXXXX` as well: its low byte, with full-width forms (U+FF01 to U+FF5E) as the ASCII they look like. */
function urlDecodeUni(text: string): string {
  return decode(text, true);
}

/** Percent-encoding alone, as in a path. */
export function percentDecode(text: string): string {
  return text.includes('%') ? decode(text.replaceAll('+', '%2B'), false) : text;
}

function decode(text: string, unicode: boolean): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  let at = spaced.indexOf('%');
  if (at < 0) return spaced;
  let out = '';
  let from = 0;
  while (at >= 0) {
    let byte = hexAt(spaced, at + 1, 2);
    let length = 3;
    if (byte < 0 && unicode && (spaced[at + 1] === 'u' || spaced[at + 1] === 'U')) {
      byte = narrowed(hexAt(spaced, at + 2, 4));
      length = 6;
    }
    if (byte >= 0) {
      out += spaced.slice(from, at) + String.fromCharCode(byte);
      from = at + length;
    }
    at = spaced.indexOf('%', byte >= 0 ? from : at + 1);
  }
  return out + spaced.slice(from);
}

/** A code unit as one byte: full-width forms as the ASCII they look like, others by their low byte; -1 stays. */
export function narrowed(code: number): number {
  if (code < 0) return -1;
  const low = code & 0xff;
  return code >> 8 === 0xff && low > 0 && low < 0x5f ? low + 0x20 : low;
}

/** `%XX` for all but letters, digits, `*`, `-`, `.`, `_`; a space as `+`. */
function urlEncode(text: string): string {
  return text.replaceAll(/[^0-9A-Za-z*._-]/gu, (char) =>
    char === ' ' ? '+' : `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

const CODED = maskOf('%+');

export const URL_TRANSFORMATIONS: readonly Transformation[] = [
  { name: 'urlDecode', touches: CODED, apply: urlDecode },
  { name: 'urlDecodeUni', touches: CODED, apply: urlDecodeUni },
  { name: 'urlEncode', touches: ~maskOf('a0A'), apply: urlEncode },
];
