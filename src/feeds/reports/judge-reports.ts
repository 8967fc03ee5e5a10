// Stones beside what their laboratory says of them. Reports that are known are compared at every load; of those that are not, the dearest stones' are looked up, a few a load.
import type { SealedReader } from '#storage';
import { DAY_MS, LoupeError } from '#kernel';
import { rowTexts } from '../load/row-texts.ts';
import { type KeyedHash, keyedHash } from '../load/siphash.ts';
import type { LoadTable } from '../load/table.ts';
import type { CsvAdapter } from '../providers/adapter.ts';
import { bit, isQuarantined } from '../rows/checks.ts';
import { certificateNumber } from '../stone/certificate.ts';
import { LABS } from '../stone/words.ts';
import type { GiaReport, LookedUp, ReportBook } from './report-book.ts';

/** Looks a report up. Throws `feeds/not-fetched`. */
export type LookUp = (number: string) => Promise<LookedUp>;

export interface ReportsAsked {
  /** How many reports are known by now. */
  readonly known: number;
  /** How many were looked up for this load. */
  readonly asked: number;
  /** Why no more were; null: no more had to be, or might. */
  readonly why: string | null;
}

/** Look-ups of one load: quotas are small. */
const MOST_A_LOAD = 25;
/** Stones that cost less are not looked up: 500 units of the currency. */
const LEAST_MINOR = 500_00;
/** A number that there was no report of is asked for again after this long: a new report takes days until it can be looked up. Until then the stone stays out. */
const AGAIN_MS = 7 * DAY_MS;
const DIFFERS = bit('report-differs');
const UNKNOWN = bit('report-unknown');
const GIA = LABS.indexOf('GIA');

/** Notes what known reports contradict; returns how many stones have such a finding. */
export function judgeReports(table: LoadTable, book: ReportBook, hashKey: Uint8Array): number {
  if (book.size === 0) return 0;
  const hash = keyedHash(hashKey);
  const known = new Map([...book].map(([number, { report }]) => [keyOf(hash, number), report]));
  let found = 0;
  for (let row = 0; row < table.rows; row++) {
    const report = table.of('lab', row) === GIA ? known.get(certificateKey(table, row)) : undefined;
    if (report === undefined || (report !== null && isOf(report, table, row))) continue;
    table.note(row, report === null ? UNKNOWN : DIFFERS);
    found++;
  }
  return found;
}

const differs = (said: number, is: number): boolean => said >= 0 && said !== is;

/** Whether a report can be of this stone. Weights to a hundredth: some say two decimals and some three. */
function isOf(report: GiaReport, table: LoadTable, row: number): boolean {
  if (differs(report.growth, table.of('growth', row)) && table.of('growth', row) !== 0) return false;
  if (report.caratMilli >= 0 && Math.abs(report.caratMilli - table.of('caratMilli', row)) > 10) return false;
  return !(['shape', 'color', 'clarity'] as const).some((one) => differs(report[one], table.of(one, row)));
}

/** Looks up the dearest stones whose reports are not known, and adds them to the book. A laboratory that cannot be reached holds up no load. */
export async function lookUpReports(
  table: LoadTable,
  book: ReportBook,
  hashKey: Uint8Array,
  {
    raw,
    adapter,
    lookUp,
    now,
  }: {
    readonly raw: SealedReader;
    readonly adapter: CsvAdapter;
    readonly lookUp: LookUp;
    readonly now: number;
  },
): Promise<ReportsAsked> {
  const textsAt = rowTexts(raw, adapter);
  const isSettled = ({ at, report }: LookedUp): boolean => report !== null || now - at < AGAIN_MS;
  const settled = new Set([...book].flatMap(([number, one]) => (isSettled(one) ? [number] : [])));
  let asked = 0;
  for (const row of dearest(table, settled, hashKey)) {
    const { certificate } = textsAt(table.of('offset', row), table.of('rowBytes', row));
    const number = certificateNumber('GIA', certificate);
    if (number.kind !== 'good') continue;
    const plain = number.matchKey.slice('GIA '.length);
    if (settled.has(plain)) continue;
    try {
      book.set(plain, await lookUp(plain));
      settled.add(plain);
      asked++;
    } catch (error) {
      if (!(error instanceof LoupeError) || !error.code.startsWith('feeds/')) throw error;
      return { known: book.size, asked, why: String(error.details['why'] ?? error.code) };
    }
  }
  return { known: book.size, asked, why: null };
}

/** The rows of the dearest stones with a certificate of GIA's that has to be looked up. */
function dearest(table: LoadTable, settled: ReadonlySet<string>, hashKey: Uint8Array): readonly number[] {
  const hash = keyedHash(hashKey);
  const known = new Set([...settled].map((number) => keyOf(hash, number)));
  const rows: number[] = [];
  let least = LEAST_MINOR;
  const price = (row: number): number => table.of('priceMinor', row);
  for (let row = 0; row < table.rows; row++) {
    if (table.of('lab', row) !== GIA || price(row) < least || isQuarantined(table.of('findings', row)))
      continue;
    if (table.certificates.high(row) === 0 && table.certificates.low(row) === 0) continue;
    if (known.has(certificateKey(table, row))) continue;
    rows.push(row);
    // Sorted now and again, so that millions need no memory.
    if (rows.length < 50 * MOST_A_LOAD) continue;
    rows.sort((a, b) => price(b) - price(a));
    rows.length = MOST_A_LOAD;
    least = price(rows.at(-1) ?? row);
  }
  return rows.toSorted((a, b) => price(b) - price(a) || a - b).slice(0, MOST_A_LOAD);
}

/** A certificate by its hashed match key, as one number's worth of text. */
function certificateKey({ certificates }: LoadTable, row: number): string {
  return `${certificates.high(row) >>> 0} ${certificates.low(row) >>> 0}`;
}

function keyOf(hash: KeyedHash, number: string): string {
  const bytes = Buffer.from(`GIA ${number}`, 'latin1');
  hash.of(bytes, 0, bytes.length);
  return `${hash.high >>> 0} ${hash.low >>> 0}`;
}
