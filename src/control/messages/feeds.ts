// Feeds, loads and findings, in plain words.
import { type Hold, LEFT_OUT, type LeftOut } from '#feeds';
import type { LoadState } from '../feeds/tables.ts';

export const LOAD_TEXT: Readonly<Record<LoadState, string>> = {
  running: 'Running.',
  failed: 'It never came to a load; what was there stays.',
  held: 'Held: somebody has to look. What was there stays in the window.',
  declined: 'Declined; what was there stayed.',
  overtaken: 'A newer load came before anybody had looked.',
  good: 'Accepted.',
};

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
/** A ratio, whichever way it goes. */
const times = (ratio: number): string =>
  Number.isFinite(ratio) ? `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(2)} times` : 'infinitely far';

const HOLD_TEXT: Readonly<Record<Hold['reason'], (hold: Hold) => string>> = {
  empty: () => 'There is not one stone in it.',
  replayed: ({ figure }) => `It is an old file again, from ${figure} loads ago.`,
  'unreadable-rows': ({ figure, bound }) =>
    `${percent(figure)} more rows than usual are no stones; up to ${percent(bound)} pass.`,
  unit: ({ figure }) =>
    `Prices of the same stones lie ${times(figure)} apart: as if cents were told as dollars, or another currency.`,
  'changed-stones': ({ figure, bound }) =>
    `${percent(figure)} of the known stones are no longer the same stones; up to ${percent(bound)} pass.`,
  prices: ({ figure, bound }) =>
    `Prices of the same stones moved: the middle one lies ${times(figure)} from before; up to ${times(bound)} pass.`,
  drift: ({ figure, bound }) =>
    `Prices have drifted for weeks: ${times(figure)} from where somebody last looked; up to ${times(bound)} pass.`,
  'new-stones': ({ figure, bound }) =>
    `New stones cost ${times(figure)} more or less than such stones do; up to ${times(bound)} pass.`,
  fewer: ({ figure, bound }) => `${percent(figure)} of the stones are gone; up to ${percent(bound)} pass.`,
  leaps: ({ figure, bound }) =>
    `${percent(figure)} of the stones have doubled in price or lost half of it; up to ${percent(bound)} pass.`,
  quarantined: ({ figure, bound }) =>
    `${percent(figure)} more stones than usual contradict themselves or what was known; up to ${percent(bound)} pass.`,
  value: ({ figure, bound }) =>
    `All stones together are worth ${times(figure)} more or less; up to ${times(bound)} pass.`,
  more: ({ figure, bound }) => `${percent(figure)} of the stones are new; up to ${percent(bound)} pass.`,
  first: () =>
    'It is the first load, or the one before can no longer be read: nothing is known that it could be compared with.',
};

export function holdText(hold: Hold): string {
  // JSON has no infinity.
  return HOLD_TEXT[hold.reason]({ ...hold, figure: hold.figure ?? Infinity });
}

const FINDING_TEXT: Readonly<Record<string, string>> = {
  weight: 'No cut diamond has this weight.',
  'no-price': 'It has no price.',
  'price-range': 'No diamond costs this little, or this much, a carat.',
  'total-per-carat': 'The total is not weight times price per carat.',
  measurements: 'Its measurements cannot be a stone’s.',
  'weight-measurements': 'A stone of these measurements does not have this weight.',
  proportions: 'Its proportions do not fit its measurements, or are out of the ordinary.',
  discount: 'Its discount is out of the ordinary.',
  color: 'A fancy colour without a hue, or a hue without a fancy colour.',
  'no-report': 'It has no laboratory report.',
  'no-measurements': 'Its measurements are not told.',
  'certificate-conflict': 'Two different stones are offered under one certificate.',
  'certificate-ruined': 'A spreadsheet has ruined its certificate number.',
  'certificate-odd': 'This laboratory gives no such certificate numbers.',
  growth: 'It is offered as natural, with a report on a lab-grown stone.',
  'price-leap': 'Its price has leapt since it was last in no doubt.',
  'price-outlier': 'It costs far more or less than such stones do.',
  'certificate-moved': 'Its certificate was another stone’s before.',
  'report-differs': 'It is another than GIA’s report says.',
  'report-unknown': 'GIA has no report of this number.',
};

export function findingText(id: string): string {
  return FINDING_TEXT[id] ?? id;
}

const ERROR_TEXT: Readonly<Record<string, string>> = {
  ragged: 'The row has more or fewer cells than the head.',
  word: 'A word that is not in the list.',
  number: 'Not a number.',
  missing: 'Nothing stands there.',
  row: 'The row cannot be read.',
};

export function rowErrorText(what: string): string {
  return ERROR_TEXT[what] ?? what;
}

const FAILURE_TEXT: Readonly<Record<string, string>> = {
  credentials: 'The provider does not accept the credentials.',
  'tls-failed': 'The provider’s certificate could not be verified.',
  'not-handed-in': 'The file that was handed in is no longer there.',
  'private-key': 'The private key cannot be used: it has to be PEM, RSA or ECDSA.',
  'no-file': 'The server has no such file, or does not let this account read it.',
  'malformed-answer': 'The server spoke otherwise than its protocol says.',
  'no-tls': 'The provider led away from TLS.',
  'leads-elsewhere': 'The provider led to a host that is not its own.',
  redirects: 'The provider led in circles.',
  'address-refused': 'The provider’s name leads to an address inside.',
  'no-address': 'The provider’s name has no address.',
  timeout: 'The provider was too slow, or silent.',
  'too-large': 'The provider sent more than a file can have.',
  status: 'The provider answered with an error.',
  'not-packed': 'What came is no archive.',
  'no longer kept': 'It is no longer kept.',
  worker: 'The worker ended each time it was at it; its log says why.',
  'no-records': 'What came has no list where one was said to be.',
  'two-lists': 'What came has two lists of one name: nobody can say which is meant.',
  'cut-short': 'What came ends in the middle.',
  damaged: 'What came is damaged, or another form than was said.',
  'document-type': 'What came brings definitions of its own, as attacks on readers of XML do.',
  encoding: 'What came is not written in UTF-8.',
  'utf-16': 'What came is not written in UTF-8.',
  'too-deep': 'What came is nested deeper than any list of stones.',
  'record-too-long': 'A record in it is longer than any stone needs.',
  'column-twice': 'A column is there twice: nobody can say which is meant.',
  'provider-error': 'The provider answered with an error.',
  'unexpected-answer': 'The provider answered otherwise than it documents.',
  'page-repeated': 'The provider gave the same page again and again.',
  'pages-missing': 'The provider gave far fewer stones than it says there are.',
  bomb: 'What came packed would unpack to far more than a list of stones.',
};

/** A server that is not known by its host key: nobody but the supplier can say whether it is the one. */
function hostKeyText(seen: string): string {
  return /^SHA256:[A-Za-z0-9+/]{43}$/u.test(seen)
    ? `The server shows the host key ${seen}. Ask the supplier, and not by this line, whether it is theirs.`
    : 'The server shows no host key that can be checked (RSA or ECDSA).';
}

/** Why a load never came to be. */
export function failureText(failure: Readonly<Record<string, unknown>>): string {
  const { why, code, seen } = failure;
  if (why === 'host-key') return hostKeyText(typeof seen === 'string' ? seen : '');
  if (typeof why === 'string' && FAILURE_TEXT[why] !== undefined) return FAILURE_TEXT[why];
  if (code === 'storage/damaged') return 'What was kept of it is damaged.';
  if (code === 'feeds/missing-columns')
    return 'What came is not the file that was expected: columns are missing.';
  if (code === 'feeds/unreadable') return 'What came cannot be read as what it should be.';
  return 'The provider could not be reached.';
}

/** How it stands with an address that is told of the window. */
export function hookText(failures: number, failure: Readonly<Record<string, unknown>> | null): string {
  if (failures === 0 || failure === null) return 'It has what is newest, or gets it soon.';
  const { why, status } = failure;
  const reason = why === 'status' ? `it answered ${String(status)}` : 'it could not be reached over TLS';
  return `Told in vain ${failures} ${failures === 1 ? 'time' : 'times'}: ${reason}.`;
}

const LEFT_OUT_TEXT: Readonly<Record<LeftOut, string>> = {
  quarantined: 'in quarantine',
  unavailable: 'not available',
  'not-chosen': 'not chosen',
  'no-cost': 'without a price of the provider',
  'no-rule': 'without a price: no rule fits',
  'below-cost': 'kept back: their price would be at or below cost',
  'beyond-most': 'beyond the most that are shown',
};

/** What became of the stones that are not shown; those that did not happen are left out. */
export function leftOutText(counts: Readonly<Record<string, number>>): { says: string; count: number }[] {
  return LEFT_OUT.flatMap((why) => {
    const count = counts[why] ?? 0;
    return count === 0 ? [] : [{ says: LEFT_OUT_TEXT[why], count }];
  });
}

/** What a running load is doing. */
export function progressText(words: readonly string[]): string {
  const [stage, bytes] = words;
  const megabytes = Math.round(Number(bytes ?? 0) / 1_000_000);
  if (stage === 'fetching') return `Fetching: ${megabytes} MB so far.`;
  if (stage === 'keeping') return `Keeping ${megabytes} MB.`;
  return 'Starting.';
}
