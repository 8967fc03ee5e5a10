// Certificate numbers. They are strings: leading zeros count, and what a spreadsheet made of one ("1.04E+11") is gone for good.
import { type Lab, LABS } from './words.ts';

/** What each laboratory's numbers have looked like, old and new; without blanks and hyphens, in capitals. */
const FORMATS: Readonly<Record<Lab, RegExp | null>> = {
  none: null,
  GIA: /^\d{7,10}$/u,
  IGI: /^(?:LG|[A-Z]\d[A-Z]|[A-Z]{1,3})?\d{5,10}$/u,
  HRD: /^\d{7,14}$/u,
  AGS: /^\d{7,13}$/u,
  GCAL: /^(?:LG)?\d{5,10}$/u,
  other: /^[A-Z0-9]{5,20}$/u,
};

/** Some write the laboratory's name before the number. */
const PREFIXES: ReadonlyMap<Lab, RegExp> = new Map(
  LABS.map((lab) => [lab, new RegExp(`^${lab}(?=[A-Z0-9]{5})`, 'u')]),
);

/** A number that went through a spreadsheet: an exponent, or decimals. */
const RUINED = /^\d+(?:[.,]\d+)?E\+?\d+$|^\d+[.,]0+$/iu;

export type CertificateNumber =
  | { readonly kind: 'good'; readonly matchKey: string }
  /** `ruined`: by a spreadsheet. `odd`: not a number that this laboratory gives. `none`: there is none. */
  | { readonly kind: 'ruined' | 'odd' | 'none' };

/** Judges a number; a good one has the key under which the same stone is known from other providers. */
export function certificateNumber(lab: Lab, given: string): CertificateNumber {
  const format = FORMATS[lab];
  const text = given.trim();
  if (text === '' || format === null) return { kind: 'none' };
  if (RUINED.test(text)) return { kind: 'ruined' };
  const plain = text
    .toUpperCase()
    .replace(/[\s-]/gu, '')
    .replace(PREFIXES.get(lab) ?? '', '');
  if (!format.test(plain) || /^0+$/u.test(plain)) return { kind: 'odd' };
  return { kind: 'good', matchKey: `${lab} ${plain}` };
}
