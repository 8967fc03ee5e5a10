// What a value says once every wrapping is taken off: percent, `%u`, HTML and JavaScript escapes in each other, UTF-8 that is longer than it need be, letters that only look like
// ASCII. Applications decode once, frameworks and databases again; an attacker wraps as often as it takes. Loupe's own.
import { maskOf } from '../byte-class.ts';
import type { Transformation } from './transformation.ts';
import { narrowed } from './url.ts';

const ROUNDS = 4;
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  colon: ':',
  semi: ';',
  tab: '\t',
  newline: '\n',
  lpar: '(',
  rpar: ')',
  lbrace: '{',
  rbrace: '}',
  lcub: '{',
  rcub: '}',
  lsqb: '[',
  rsqb: ']',
  sol: '/',
  bsol: '\\',
  period: '.',
  comma: ',',
  equals: '=',
  num: '#',
  excl: '!',
  quest: '?',
  commat: '@',
  dollar: '$',
  percnt: '%',
  ast: '*',
  plus: '+',
  grave: '`',
  vert: '|',
  verbar: '|',
  hyphen: '-',
  lowbar: '_',
};
const WRAPPED =
  /%u([0-9a-f]{4})|%([0-9a-f]{2})|\\u\{?0*([0-9a-f]{2,4})\}?|\\x([0-9a-f]{2})|&#x0*([0-9a-f]{1,6});?|&#0*([0-9]{1,7});?|&([a-z]{2,8});/giu;

/** A wrapped character as the byte it stands for, or as UTF-8 where it stands for more. */
function unwrapOne(
  whole: string,
  unicode?: string,
  percent?: string,
  js?: string,
  jsByte?: string,
  hex?: string,
  decimal?: string,
  name?: string,
): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
  if (percent !== undefined || jsByte !== undefined)
    return String.fromCharCode(Number.parseInt(percent ?? jsByte ?? '', 16));
  const digits = unicode ?? js ?? hex;
  const code = digits === undefined ? Number(decimal) : Number.parseInt(digits, 16);
  if (code < 0x80) return String.fromCharCode(code);
  if (code >> 8 === 0xff) return String.fromCharCode(narrowed(code));
  return code > 0x10ffff ? whole : Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1');
}

/** ASCII that was written as two or three bytes of UTF-8, which no writer of text does, and full-width forms, as the ASCII they mean. */
function shortest(text: string): string {
  return text
    .replaceAll(/[\xc0\xc1]([\x80-\xbf])/gu, (pair, low: string) =>
      String.fromCharCode(((pair.charCodeAt(0) & 1) << 6) | (low.charCodeAt(0) & 0x3f)),
    )
    .replaceAll(/\xe0([\x80\x81])([\x80-\xbf])/gu, (_, high: string, low: string) =>
      String.fromCharCode(((high.charCodeAt(0) & 1) << 6) | (low.charCodeAt(0) & 0x3f)),
    )
    .replaceAll(/\xef([\xbc\xbd])([\x80-\xbf])/gu, (whole, high: string, low: string) => {
      const code = 0xf000 | ((high.charCodeAt(0) & 0x3f) << 6) | (low.charCodeAt(0) & 0x3f);
      return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : whole;
    });
}

function unwrap(text: string): string {
  let now = text;
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = shortest(now.replaceAll(WRAPPED, unwrapOne));
    if (next === now) break;
    now = next;
  }
  return now;
}

export const DEEP_TRANSFORMATIONS: readonly Transformation[] = [
  { name: 'unwrap', touches: maskOf('%\\&\xff'), apply: unwrap },
];
