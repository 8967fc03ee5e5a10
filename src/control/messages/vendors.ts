import type { Ending } from '@loupe/contract';
import type { ShopRow } from '../shops/shops.ts';
import type { GateWhy } from '../vendors/gate.ts';

/** Why the gate is open or shut, in words. */
export const GATE_TEXT: Readonly<Record<GateWhy, string>> = {
  approved: 'Approved, in date.',
  conditions: 'Approved with conditions, in date.',
  excepted: 'Let in by an exception.',
  'no-vendor': 'Nobody has said whose it is.',
  retired: 'Its third party was retired from the register.',
  unassessed: 'Its third party has not been assessed.',
  rejected: 'Its third party was rejected.',
  overdue: 'The decision about its third party is out of date.',
};

/** Why a file was refused, in words. */
export const REFUSAL_TEXT: Readonly<Record<string, string>> = {
  empty: 'The file is empty.',
  'too-large': 'The file is larger than 10 MiB.',
  'unknown-kind': 'It is none of the kinds that are accepted: PDF, PNG, JPEG, plain text, CSV, XLSX.',
  'name-lies': 'Its name promises another kind of file than it is.',
  macros: 'It may carry macros. Save it as PDF, or as XLSX without macros.',
  scripts: 'It carries scripts or starts programs. Print it to a new PDF.',
  'embedded-file': 'Other files are embedded in it. Send them by themselves.',
  encrypted: 'It is encrypted, so nobody could check it. Send it without a password.',
  'two-files': 'Something else hides before or behind the file.',
  bomb: 'It unpacks to more than any document should.',
  broken: 'It is damaged, or not whole.',
  'too-many-pages': 'It has more than 300 pages.',
  'too-slow': 'It could not be read in the time that a document may take.',
};

/** Why a feed could not be read, in words. */
export function newsProblemText(problem: string): string {
  const own: Readonly<Record<string, string>> = {
    'gate-shut': 'Its host is not let in any more.',
    'leads-elsewhere': 'It leads to another host, which was not let in.',
    unreachable: 'It could not be reached.',
    'unknown-kind': 'It is neither RSS, Atom nor a JSON feed.',
    bomb: 'It carries a document type, which no feed needs.',
    'too-large': 'It is larger than 2 MiB.',
  };
  return own[problem] ?? REFUSAL_TEXT[problem] ?? 'It could not be read.';
}

/** A mail to a shop's owners about what has come near its end. */
export function endingText(
  shop: Pick<ShopRow, 'name' | 'locale' | 'time_zone'>,
  endings: readonly Ending[],
): { readonly subject: string; readonly text: string } {
  const format = new Intl.DateTimeFormat(shop.locale, { dateStyle: 'long', timeZone: shop.time_zone });
  const lines = endings.map(
    (one) => `- ${one.name}: ${one.ended ? 'ended' : 'ends'} ${format.format(one.until)}`,
  );
  return {
    subject: `${shop.name}: ${endings.length === 1 ? 'something ends' : `${endings.length} things end`}`,
    text: `About the third parties of ${shop.name}:\n\n${lines.join('\n')}\n\nOpen Loupe, “Third parties”, to ask for a new paper or to decide anew.\n`,
  };
}
