import { DAY_MS } from '#kernel';

/** A date found in a text, and the words around it. */
export interface FoundDate {
  /** Midnight UTC of that day. */
  readonly at: number;
  readonly words: string;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?';

const PATTERNS: readonly {
  readonly pattern: RegExp;
  readonly read: (m: RegExpExecArray) => number | null;
}[] = [
  {
    pattern: /\b(20\d\d)-(\d\d)-(\d\d)\b/gu,
    read: ([, y, m, d]) => day(Number(y), Number(m), Number(d)),
  },
  {
    pattern: new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?\\s+(?:of\\s+)?${MONTH},?\\s+(20\\d\\d)\\b`, 'giu'),
    read: ([, d, m, y]) => day(Number(y), monthOf(m), Number(d)),
  },
  {
    pattern: new RegExp(`\\b${MONTH}\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(20\\d\\d)\\b`, 'giu'),
    read: ([, m, d, y]) => day(Number(y), monthOf(m), Number(d)),
  },
  {
    pattern: /\b(\d{1,2})\.(\d{1,2})\.(20\d\d)\b/gu,
    read: ([, d, m, y]) => day(Number(y), Number(m), Number(d)),
  },
  {
    // 03/04/2026 is a day in March or in April: read only where one of the two cannot be a month.
    pattern: /\b(\d{1,2})\/(\d{1,2})\/(20\d\d)\b/gu,
    read: ([, a, b, y]) => {
      const [first, second] = [Number(a), Number(b)];
      if (first === second || first > 12) return day(Number(y), second, first);
      return second > 12 ? day(Number(y), first, second) : null;
    },
  },
];

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1;
}

function day(year: number, month: number, dayOfMonth: number): number | null {
  const at = Date.UTC(year, month - 1, dayOfMonth);
  const date = new Date(at);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth ? at : null;
}

const BEFORE = 80;
const MAX_DATES = 200;

/** Every date that a text writes out, in order; ambiguous ones are left out. */
function datesIn(text: string): readonly (FoundDate & { readonly index: number })[] {
  const flat = text.replaceAll(/\s+/gu, ' ');
  const found: (FoundDate & { index: number })[] = [];
  for (const { pattern, read } of PATTERNS) {
    for (const match of flat.matchAll(pattern)) {
      const at = read(match);
      if (at === null) continue;
      const words = flat.slice(Math.max(0, match.index - BEFORE), match.index + match[0].length).trim();
      found.push({ at, words, index: match.index });
    }
  }
  return found.toSorted((a, b) => a.index - b.index).slice(0, MAX_DATES);
}

/** The date whose words before it hold one of the phrases closest to it; the latest of several as good. */
function dateAfter(text: string, phrases: readonly string[]): FoundDate | null {
  let best: { readonly distance: number; readonly date: FoundDate } | null = null;
  for (const date of datesIn(text)) {
    const before = date.words.toLowerCase();
    for (const phrase of phrases) {
      const index = before.lastIndexOf(phrase);
      const isWord =
        index >= 0 &&
        !/[a-z]/u.test(before[index - 1] ?? ' ') &&
        !/[a-z]/u.test(before[index + phrase.length] ?? ' ');
      if (!isWord) continue;
      const distance = before.length - index;
      const better =
        best === null || distance < best.distance || (distance === best.distance && date.at > best.date.at);
      if (better) best = { distance, date: { at: date.at, words: date.words.slice(index) } };
    }
  }
  return best?.date ?? null;
}

/** How long a paper of some kind is good for, and the words by which its dates are found. */
export interface PaperWords {
  readonly goodForDays: number;
  readonly begins: readonly string[];
  readonly ends: readonly string[];
}

/**
 * When a paper begins and ends: by the words it uses for its end, else by those for its beginning and how long its kind is good for.
 * Null where it says neither: then a person has to.
 */
export function paperDates(
  text: string,
  words: PaperWords,
): {
  readonly issuedAt: number | null;
  readonly validUntil: number | null;
  readonly readFrom: string | null;
} {
  const begin = dateAfter(text, words.begins);
  const end = dateAfter(text, words.ends);
  if (end !== null && (begin === null || end.at > begin.at))
    return { issuedAt: begin?.at ?? null, validUntil: end.at, readFrom: end.words };
  if (begin === null) return { issuedAt: null, validUntil: null, readFrom: null };
  return { issuedAt: begin.at, validUntil: begin.at + words.goodForDays * DAY_MS, readFrom: begin.words };
}
