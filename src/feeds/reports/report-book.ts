// What laboratories' reports were seen to say, carried from load to load, so that a report is looked up once; kept with each load, so that its decision comes to the same when it is judged again.
import { canonicalBytes, type Json, textOf } from '#kernel';
import { fieldsOf } from '#plane';
import { keepPart, type KeptLoad, openIfKept } from '../load/kept.ts';

/** A report, in the codes of a stone; −1 where it says nothing that can be compared. */
export interface GiaReport {
  readonly number: string;
  readonly growth: number;
  readonly shape: number;
  readonly caratMilli: number;
  readonly color: number;
  readonly clarity: number;
}

/** What looking a number up came to. */
export interface LookedUp {
  /** When. */
  readonly at: number;
  /** Null: there is no such report. */
  readonly report: GiaReport | null;
}

/** By number. */
export type ReportBook = Map<string, LookedUp>;

/** More are not remembered; the oldest go first. */
const MAX_REPORTS = 20_000;

/** Keeps a book with a load. */
export async function keepReports(load: KeptLoad, book: ReportBook): Promise<void> {
  while (book.size > MAX_REPORTS) {
    const [oldest] = book.keys();
    if (oldest !== undefined) book.delete(oldest);
  }
  const all = [...book].map(
    ([number, { at, report }]): Json => [number, at, report === null ? null : { ...report }],
  );
  await keepPart(load, 'reports', [canonicalBytes(all)]);
}

/** The book that was kept with a load; null where none was. Throws `storage/damaged`. */
export function readKeptReports(load: KeptLoad): ReportBook | null {
  const reader = openIfKept(load, 'reports');
  if (reader === null) return null;
  try {
    const value: Json = JSON.parse(textOf(Buffer.concat([...reader.pieces()])) ?? '[]');
    return new Map(
      (Array.isArray(value) ? value : []).flatMap((pair) => {
        const [number, at, report] = Array.isArray(pair) ? pair : [];
        if (typeof number !== 'string' || typeof at !== 'number' || report === undefined) return [];
        return [[number, { at, report: report === null ? null : reportIn(report) }] as const];
      }),
    );
  } finally {
    reader.close();
  }
}

function reportIn(value: Json): GiaReport {
  const fields = fieldsOf(value);
  // Written by this file; −1 is no integer of the plane's.
  const code = (name: string): number => Number(fields.json(name));
  return {
    number: fields.text('number'),
    growth: code('growth'),
    shape: code('shape'),
    caratMilli: code('caratMilli'),
    color: code('color'),
    clarity: code('clarity'),
  };
}
