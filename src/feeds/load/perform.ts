// A load, done: fetched under guard, its bytes kept sealed as they come, read and judged beside the last good one. Nothing here decides and nothing publishes; what it tells is figures, and for people a few
// stones of each kind that something is wrong with.
import type { Provider } from '../providers/provider.ts';
import type { FetchSession, Reached } from '../fetch/session.ts';
import type { Loaded } from './decide.ts';
import { acceptPrices, type Release } from './history.ts';
import { forgetLoad, type KeptLoad, keepTable, openKept, readKeptTable, writeKept } from './kept.ts';
import { type Run, runLoad, type RowErrorCount } from './run.ts';
import { type Specimen, specimensOf, type ErrorSpecimen, errorSpecimens } from './specimens.ts';
import { COMPARED, type LoadTable } from './table.ts';

export interface LoadPlan {
  readonly provider: Provider;
  readonly load: KeptLoad;
  /** The last good load; `pricesAccepted`: a person had said that its prices are right. */
  readonly before: (KeptLoad & { readonly pricesAccepted: boolean }) | null;
  /** The installation's key for hashing ids, 16 bytes. */
  readonly hashKey: Uint8Array;
  readonly releases: readonly Release[];
  readonly maxBytes: number;
  readonly maxRows: number;
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
  readonly specimens: readonly Specimen[];
  readonly errorSpecimens: readonly ErrorSpecimen[];
}

const PROGRESS_BYTES = 16 * 1024 * 1024;

/** Fetches and judges. Throws `feeds/not-fetched`, `feeds/unreadable`, `feeds/missing-columns`: then nothing is kept. */
export async function performLoad(plan: LoadPlan, session: FetchSession): Promise<LoadReport> {
  // A worker that died may have left a part.
  forgetLoad(plan.load);
  const raw = await writeKept(plan.load, 'raw');
  let run: Run;
  let before: LoadTable | null = null;
  let kept: { readonly bytes: number; readonly sha256: string };
  try {
    before = loadBefore(plan);
    run = await runLoad({ ...plan, adapter: plan.provider.adapter, before, bytes: keeping() });
    kept = await raw.finish();
  } catch (error) {
    await raw.abandon();
    throw error;
  }
  plan.onProgress({ stage: 'keeping', bytes: kept.bytes });
  await keepTable(plan.load, run.table);
  return { ...report(plan, run, before, kept), reached: session.reached };

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
  }
}

/** Judges the kept bytes of a load again: the same bytes beside the same load before come to the same. */
export async function repeatLoad(plan: LoadPlan): Promise<LoadReport> {
  const raw = openKept(plan.load, 'raw');
  try {
    const before = loadBefore(plan);
    const run = await runLoad({ ...plan, adapter: plan.provider.adapter, before, bytes: raw.pieces() });
    return { ...report(plan, run, before, raw), reached: [] };
  } finally {
    raw.close();
  }
}

function loadBefore({ before }: LoadPlan): LoadTable | null {
  if (before === null) return null;
  const table = readKeptTable(before, COMPARED);
  if (before.pricesAccepted) acceptPrices(table);
  return table;
}

function report(
  plan: LoadPlan,
  run: Run,
  before: LoadTable | null,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
): Omit<LoadReport, 'reached'> {
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
