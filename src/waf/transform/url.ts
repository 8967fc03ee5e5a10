import { maskOf } from '../byte-class.ts';
import { bytesOfText, roomFor, textIn } from '../bytes.ts';
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
  if (!text.includes('%') && !text.includes('+')) return text;
  const bytes = bytesOfText(text);
  const room = roomFor(text.length);
  const end = text.length;
  let length = 0;
  for (let at = 0; at < end; at += 1) {
    let byte = bytes[at] ?? 0;
    if (byte === PLUS) byte = SPACE;
    else if (byte === PERCENT) {
      let found = hexAt(text, at + 1, 2);
      let more = 2;
      if (found < 0 && unicode && at + 1 < end && ((bytes[at + 1] ?? 0) | 0x20) === LETTER_U) {
        found = narrowed(hexAt(text, at + 2, 4));
        more = 5;
      }
      if (found >= 0) {
        byte = found;
        at += more;
      }
    }
    room[length] = byte;
    length += 1;
  }
  return textIn(room, length);
}

const PLUS = 0x2b;
const SPACE = 0x20;
const PERCENT = 0x25;
const LETTER_U = 0x75;

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
