// A load, done: fetched under guard, its bytes kept sealed as they come, read and judged beside the last good one. Nothing here decides and nothing publishes; what it tells is figures, and for people a few
// stones of each kind that something is wrong with.
import type { Provider } from '../providers/provider.ts';
import type { FetchSession, Reached } from '../fetch/session.ts';
import type { Loaded } from './decide.ts';
import { acceptPrices, type Release } from './history.ts';
import {
  forgetLoad,
  type KeptLoad,
  keepPart,
  openKept,
  readKeptGone,
  readKeptTable,
  writeKept,
} from './kept.ts';
import { DAY_MS, LoupeError } from '#kernel';
import type { GoneCertificates } from './gone.ts';
import type { SealedReader } from '#storage';
import { judgeReports, type LookUp, lookUpReports, type ReportsAsked } from '../reports/judge-reports.ts';
import { keepReports, readKeptReports, type ReportBook } from '../reports/report-book.ts';
import { type Run, runLoad, type RowErrorCount } from './run.ts';
import { type Specimen, specimensOf, type ErrorSpecimen, errorSpecimens } from './specimens.ts';
import { COMPARED, type LoadTable } from './table.ts';
import { type OldLoad, openOldLoad } from './unchanged.ts';

/** A load whose bytes are there to be judged. */
export interface JudgedLoad {
  readonly provider: Provider;
  readonly load: KeptLoad;
  /** The last good load; `pricesAccepted`: a person had said that its prices are right. */
  readonly before: (KeptLoad & { readonly pricesAccepted: boolean }) | null;
  /** The installation's key for hashing ids, 16 bytes. */
  readonly hashKey: Uint8Array;
  readonly releases: readonly Release[];
  readonly maxBytes: number;
  readonly maxRows: number;
}

export interface LoadPlan extends JudgedLoad {
  /** When the load began, and how many days the contract lets anything of it be kept. */
  readonly at: number;
  readonly keepDays: number;
  /** Whether the load before was typed by this very code: then rows that are as they were need not be read again. */
  readonly typedAlike: boolean;
  /** Asks a laboratory what its report says; null: nobody is asked. */
  readonly lookUp: LookUp | null;
  onProgress(done: Progress): void;
}

export interface Progress {
  readonly stage: 'fetching' | 'keeping';
  readonly bytes: number;
}

export interface LoadReport {
  readonly loaded: Loaded;
  readonly bytes: number;
  readonly errors: readonly Pick<RowErrorCount, 'column' | 'what' | 'count'>[];
  readonly repeated: number;
  /** How many stones have each finding. */
  readonly findings: Readonly<Record<string, number>>;
  readonly reached: readonly Reached[];
  /** What came of looking reports up; null where none are. */
  readonly reports: ReportsAsked | null;
  readonly specimens: readonly Specimen[];
  readonly errorSpecimens: readonly ErrorSpecimen[];
}

const PROGRESS_BYTES = 16 * 1024 * 1024;

/** Fetches and judges. Throws `feeds/not-fetched`, `feeds/unreadable`, `feeds/missing-columns`: then nothing is kept. */
export async function performLoad(plan: LoadPlan, session: FetchSession): Promise<LoadReport> {
  // A worker that died may have left a part.
  forgetLoad(plan.load);
  const raw = await writeKept(plan.load, 'raw');
  let finishing: ReturnType<typeof raw.finish> | null = null;
  try {
    const before = loadBefore(plan);
    const run = await withOld(plan, before, (old) =>
      runLoad({
        ...plan,
        adapter: plan.provider.adapter,
        before,
        gone: goneBefore(plan),
        old,
        bytes: keeping(),
      }),
    );
    finishing ??= raw.finish();
    const kept = await finishing;
    plan.onProgress({ stage: 'keeping', bytes: kept.bytes });
    const reports = plan.lookUp === null ? null : await withReports(plan, plan.lookUp, run.table);
    await keepPart(plan.load, 'table', run.table.save());
    const gone = run.gone({ today: Math.floor(plan.at / DAY_MS), keepDays: plan.keepDays });
    await keepPart(plan.load, 'gone', gone.save());
    return {
      ...report(plan, reports === null ? run : anew(run), before, kept),
      reached: session.reached,
      reports,
    };
  } catch (error) {
    await finishing?.catch(() => undefined); // what is told is what went wrong first
    await raw.abandon();
    forgetLoad(plan.load);
    throw error;
  }

  /** The bytes as they come, each piece kept while it is read. */
  async function* keeping(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    let told = 0;
    for await (const piece of plan.provider.fetch(session)) {
      const written = raw.write(piece);
      // Its failure is told below; if nobody reads on, it is of no matter.
      written.catch(() => undefined);
      yield piece;
      await written;
      bytes += piece.byteLength;
      if (bytes - told < PROGRESS_BYTES) continue;
      told = bytes;
      plan.onProgress({ stage: 'fetching', bytes });
    }
    // It comes to the disk while the stones are judged.
    finishing = raw.finish();
    finishing.catch(() => undefined);
  }
}

/** Judges the kept bytes of a load again: the same bytes beside the same load before come to the same. */
export async function repeatLoad(plan: JudgedLoad): Promise<LoadReport> {
  const raw = openKept(plan.load, 'raw');
  try {
    const before = loadBefore(plan);
    const run = await runLoad({
      ...plan,
      adapter: plan.provider.adapter,
      before,
      gone: goneBefore(plan),
      old: null,
      bytes: raw.pieces(),
    });
    const book = readKeptReports(plan.load);
    const found = book === null ? 0 : judgeReports(run.table, book, plan.hashKey);
    return { ...report(plan, found === 0 ? run : anew(run), before, raw), reached: [], reports: null };
  } finally {
    raw.close();
  }
}

/** Judges a load beside what reports say: those that are known, and a few that are looked up; what is known by then is kept with it. */
async function withReports(plan: LoadPlan, lookUp: LookUp, table: LoadTable): Promise<ReportsAsked> {
  const { before } = plan;
  const book: ReportBook = (before === null ? null : readable(() => readKeptReports(before))) ?? new Map();
  const raw = openKept(plan.load, 'raw');
  try {
    const { adapter } = plan.provider;
    const asked = await lookUpReports(table, book, plan.hashKey, { raw, adapter, lookUp, now: plan.at });
    judgeReports(table, book, plan.hashKey);
    await keepReports(plan.load, book);
    return asked;
  } finally {
    raw.close();
  }
}

/** What is kept of the load before; null where it can no longer be read: damaged, gone, of another release. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof LoupeError) return null;
    throw error;
  }
}

function anew(run: Run): Run {
  return { ...run, loaded: { ...run.loaded, comparison: run.compare() } };
}

/** Opens the load before for rows that are as they were, while something is done. Where it cannot be, every row is read. */
async function withOld<T>(
  { before: kept, typedAlike }: LoadPlan,
  table: LoadTable | null,
  act: (old: OldLoad | null) => Promise<T>,
): Promise<T> {
  if (kept === null || table === null || !typedAlike) return await act(null);
  const open: SealedReader[] = [];
  try {
    let old: OldLoad | null = null;
    try {
      const [raw, columns] = [openKept(kept, 'raw', 2), openKept(kept, 'table')];
      open.push(raw, columns);
      old = openOldLoad(raw, columns, table);
    } catch (error) {
      if (!(error instanceof LoupeError)) throw error;
    }
    return await act(old);
  } finally {
    for (const reader of open) reader.close();
  }
}

/** What is compared with. Where it can no longer be read there is nothing to compare with, and a person is asked as with a first load. */
function loadBefore({ before }: JudgedLoad): LoadTable | null {
  const table = before === null ? null : readable(() => readKeptTable(before, COMPARED));
  if (table !== null && before?.pricesAccepted === true) acceptPrices(table);
  return table;
}

/** Certificates that had gone by the load before; a list that can no longer be read is begun anew. */
function goneBefore({ before }: JudgedLoad): GoneCertificates | null {
  return before === null ? null : readable(() => readKeptGone(before));
}

function report(
  plan: JudgedLoad,
  run: Run,
  before: LoadTable | null,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
): Omit<LoadReport, 'reached' | 'reports'> {
  const { specimens, findings } = specimensOf(plan, run, before);
  return {
    loaded: { ...run.loaded, sha256 },
    bytes,
    errors: run.errors.map(({ column, what, count }) => ({ column, what, count })),
    repeated: run.repeated,
    findings,
    specimens,
    errorSpecimens: errorSpecimens(plan, run),
  };
}
