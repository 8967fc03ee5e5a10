// Text that a person will see. It came from somebody who may want a page to run it, a spreadsheet to compute it, or an eye to misread it.

/**
 * Controls, formats (bidirectional marks, zero-width characters, tags), whatever Unicode lets a page leave out (variation selectors, fillers, the soft hyphen), and
 * its own line and paragraph ends. UAX #44: Cc, Cf, Default_Ignorable_Code_Point.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;

/** One line of plain text of at most `maxChars` characters, in NFC; blanks joined. A lone surrogate becomes U+FFFD. */
export function plainText(given: string, maxChars: number): string {
  const clean = given
    .slice(0, maxChars * 8)
    .toWellFormed()
    .replace(/[\t\r\n\v\f]+/gu, ' ')
    .replace(UNSEEN, '')
    .normalize('NFC')
    .replace(/ {2,}/gu, ' ')
    .trim();
  return Array.from(clean.slice(0, maxChars * 2))
    .slice(0, maxChars)
    .join('');
}

/** A cell that a spreadsheet would compute: what begins so is written with an apostrophe before it (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/u;

/** A cell for a spreadsheet that people will open. */
export function spreadsheetCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
