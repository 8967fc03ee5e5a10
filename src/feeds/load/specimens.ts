// What people are shown of a load: a few stones of each finding, beside what they were in the last good load, and a few rows of each error. Figures come from the tables, texts from the kept bytes, cleaned.
import type { CsvAdapter, Texts } from '../providers/adapter.ts';
import type { Provider } from '../providers/provider.ts';
import { plainText } from '../read/text.ts';
import { FINDINGS, findingsOf, QUARANTINE, RELEASED } from '../rows/checks.ts';
import type { ShownStone } from '../stone/shown.ts';
import { RELEASE_COLUMNS } from './history.ts';
import { type KeptLoad, openKept } from './kept.ts';
import type { Run } from './run.ts';
import { rowTexts } from './row-texts.ts';
import type { LoadTable } from './table.ts';

export interface Specimen {
  readonly findings: readonly string[];
  readonly quarantined: boolean;
  readonly now: ShownStone;
  /** The same offer in the last good load, or the stone that had its certificate there; null where there was none. */
  readonly before: ComparedStone | null;
  readonly texts: Texts;
  /** Its price before it was in doubt, minor units; 0: there was none. */
  readonly basisMinor: number;
  /** What lets exactly this stone in, as `Release` has it. */
  readonly release: {
    readonly keyHigh: number;
    readonly keyLow: number;
    readonly figures: readonly number[];
  };
}

export interface ErrorSpecimen {
  readonly column: string;
  readonly what: string;
  /** The row, cleaned and cut. */
  readonly row: string;
}

/** As far as loads are compared. */
export type ComparedStone = Pick<
  ShownStone,
  'shape' | 'carat' | 'color' | 'clarity' | 'lab' | 'growth' | 'priceMinor'
>;

const EACH = 20;
const EACH_ERROR = 3;
const MAX_ERRORS = 40;
const MAX_ROW = 600;

interface Source {
  readonly provider: Provider;
  readonly load: KeptLoad;
}

/** A few stones of each finding, those that are kept out first; and how many have it. */
export function specimensOf(
  source: Source,
  { table, match }: Run,
  before: LoadTable | null,
): { readonly specimens: readonly Specimen[]; readonly findings: Readonly<Record<string, number>> } {
  const counts = new Uint32Array(FINDINGS.length);
  const rows = new Set<number>();
  for (let row = 0; row < table.rows; row++) {
    const found = table.of('findings', row);
    if (found === 0) continue;
    for (let place = 0; place < FINDINGS.length; place++) {
      if ((found & (1 << place)) === 0) continue;
      const count = (counts[place] ?? 0) + 1;
      counts[place] = count;
      if (count <= EACH) rows.add(row);
    }
  }
  const findings = Object.fromEntries(
    FINDINGS.flatMap(({ id }, place) => ((counts[place] ?? 0) === 0 ? [] : [[id, counts[place] ?? 0]])),
  );
  const raw = openKept(source.load, 'raw');
  try {
    const { adapter } = source.provider;
    const textsAt = rowTexts(raw, adapter);
    const specimens = [...rows].map((row): Specimen => {
      const found = table.of('findings', row);
      // Under its offer, or under its certificate.
      const offer = match.old(row);
      const old = offer >= 0 ? offer : match.holder(row);
      return {
        findings: findingsOf(found),
        quarantined: (found & QUARANTINE) !== 0 && (found & RELEASED) === 0,
        now: adapter.shown((figure) => table.of(figure, row)),
        before: old < 0 || before === null ? null : comparedStone(adapter, before, old),
        texts: textsAt(table.of('offset', row), table.of('rowBytes', row)),
        basisMinor: old < 0 ? 0 : (before?.of('basisMinor', old) ?? 0),
        release: {
          keyHigh: table.keys.high(row),
          keyLow: table.keys.low(row),
          figures: RELEASE_COLUMNS.map((column) => table.of(column, row)),
        },
      };
    });
    return {
      specimens: specimens.toSorted((a, b) => Number(b.quarantined) - Number(a.quarantined)),
      findings,
    };
  } finally {
    raw.close();
  }
}

function comparedStone(adapter: CsvAdapter, table: LoadTable, row: number): ComparedStone {
  const { shape, carat, color, clarity, lab, growth, priceMinor } = adapter.shown((figure) =>
    table.of(figure, row),
  );
  return { shape, carat, color, clarity, lab, growth, priceMinor };
}

/** A few rows of each error. */
export function errorSpecimens(source: Source, { errors }: Run): readonly ErrorSpecimen[] {
  if (errors.length === 0) return [];
  const raw = openKept(source.load, 'raw');
  try {
    return errors.slice(0, MAX_ERRORS).flatMap(({ column, what, places }) =>
      places.slice(0, EACH_ERROR).map(({ offset, length }) => ({
        column,
        what,
        row: plainText(
          Buffer.from(raw.read(offset, Math.min(length, MAX_ROW * 4))).toString('utf8'),
          MAX_ROW,
        ),
      })),
    );
  } finally {
    raw.close();
  }
}
