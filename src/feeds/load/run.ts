// One load, from bytes to a decision. It holds figures and places, and no text: what a stone said is read again from the kept bytes when somebody wants to see it.
import { createHash } from 'node:crypto';
import { feedError } from '../errors.ts';
import type { CsvAdapter, RowReader } from '../providers/adapter.ts';
import { cellText, csvReader, type CsvRow } from '../read/csv.ts';
import { bit, checkStone, QUARANTINE } from '../rows/checks.ts';
import { certificateNumber } from '../stone/certificate.ts';
import { type Figures, noFigures } from '../stone/figures.ts';
import { LABS } from '../stone/words.ts';
import { type Comparison, compareLoads } from './compare.ts';
import { type Decision, decide, type GoodLoad, type Loaded } from './decide.ts';
import { keyIndex } from './key-index.ts';
import { type KeyedHash, keyedHash } from './siphash.ts';
import { type LoadTable, loadTable } from './table.ts';

export interface RunOptions {
  readonly adapter: CsvAdapter;
  /** The raw bytes, in whatever pieces; they are kept by whoever gives them. */
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** The installation's key for hashing ids, 16 bytes. */
  readonly key: Uint8Array;
  readonly before: LoadTable | null;
  /** Loads that were published, the oldest first. */
  readonly good: readonly GoodLoad[];
  readonly now: number;
  readonly maxBytes: number;
  readonly maxRows: number;
}

/** Where a row lies in the raw bytes. */
export interface RowPlace {
  readonly offset: number;
  readonly length: number;
}

export interface RowErrorCount {
  readonly column: string;
  readonly what: string;
  readonly count: number;
  /** The first of them. */
  readonly places: readonly RowPlace[];
}

export interface Run {
  readonly table: LoadTable;
  /** Where each stone's row lies, in the order of the table. */
  place(row: number): RowPlace;
  readonly comparison: Comparison;
  readonly loaded: Loaded;
  readonly decision: Decision;
  readonly errors: readonly RowErrorCount[];
  /** Rows whose offer had been named before in the same file; the first counts. */
  readonly repeated: number;
}

const MAX_PLACES = 20;
const CONFLICT = bit('certificate-conflict');
const RUINED = bit('certificate-ruined');
const ODD = bit('certificate-odd');

/**
 * Runs a load. Throws `feeds/unreadable`, `feeds/missing-columns`: then nothing of it counts. Bounds: `maxBytes`, `maxRows`.
 */
export async function runLoad(options: RunOptions): Promise<Run> {
  const { adapter, key, before, good, now } = options;
  const table = loadTable(before?.rows);
  const places = placeColumn(before?.rows);
  const errors = new Map<string, { column: string; what: string; count: number; places: RowPlace[] }>();
  const certificates = certificateIndex(table, key);
  const hash = keyedHash(key);
  const digest = createHash('sha256');
  const figures = noFigures();
  let reader: RowReader | null = null;
  let read = 0;
  let failed = 0;
  let repeated = 0;
  let size = 0;

  const csv = csvReader((row) => {
    if (reader === null) {
      reader = adapter.bind(Array.from({ length: row.cells }, (_, cell) => cellText(row, cell)));
      return;
    }
    read++;
    if (read > options.maxRows) tooMuch('rows', options.maxRows);
    const error = reader.figures(row, figures);
    if (error !== null) {
      failed++;
      const name = `${error.column} ${error.what}`;
      const counted = errors.get(name) ?? { ...error, count: 0, places: [] };
      errors.set(name, counted);
      counted.count++;
      if (counted.places.length < MAX_PLACES) counted.places.push({ offset: row.offset, length: row.length });
      return;
    }
    hash.of(row.bytes, row.starts[reader.offerId] ?? 0, row.ends[reader.offerId] ?? 0);
    const findings = checkStone(figures);
    if (!table.add(figures, findings, hash)) {
      repeated++;
      return;
    }
    places.add(row.offset, row.length);
    certificates.judge(row, reader.certificate, figures);
  });
  for await (const piece of options.bytes) {
    size += piece.byteLength;
    if (size > options.maxBytes) tooMuch('bytes', options.maxBytes);
    digest.update(piece);
    csv.push(piece);
  }
  csv.end();
  if (reader === null) throw feedError('feeds/missing-columns', { details: { columns: 'all' } });

  const comparison = compareLoads(table, before ?? loadTable());
  const loaded: Loaded = { comparison, errors: failed, read, sha256: digest.digest('hex') };
  return {
    table,
    place: places.of,
    comparison,
    loaded,
    decision: decide(loaded, good, now),
    errors: [...errors.values()].toSorted((a, b) => b.count - a.count),
    repeated,
  };
}

function tooMuch(what: string, most: number): never {
  throw feedError('feeds/unreadable', { details: { why: `more than ${most} ${what}` } });
}

/** Where rows lie: files of many gigabytes, so an offset is a float and a length an integer. */
function placeColumn(rows = 4_096) {
  let offsets = new Float64Array(Math.max(4_096, rows));
  let lengths = new Uint32Array(offsets.length);
  let count = 0;
  return {
    add(offset: number, length: number): void {
      if (count === offsets.length) {
        const [more, longer] = [new Float64Array(count * 2), new Uint32Array(count * 2)];
        more.set(offsets);
        longer.set(lengths);
        [offsets, lengths] = [more, longer];
      }
      offsets[count] = offset;
      lengths[count] = length;
      count++;
    },
    of: (row: number): RowPlace => ({ offset: offsets[row] ?? 0, length: lengths[row] ?? 0 }),
  };
}

/** What makes two stones of one certificate the same stone. Weight to a hundredth: some say two decimals and some three. */
const SAME = ['shape', 'color', 'clarity', 'growth'] as const;
const GIA = LABS.indexOf('GIA');

/** The usual case without a string: ten digits of GIA's. */
function isPlainGia(row: CsvRow, cell: number, lab: number): boolean {
  const [start, end] = [row.starts[cell] ?? 0, row.ends[cell] ?? 0];
  if (lab !== GIA || end - start !== 10) return false;
  let zeros = true;
  for (let i = start; i < end; i++) {
    const byte = row.bytes[i] ?? 0;
    if (byte < 0x30 || byte > 0x39) return false;
    zeros &&= byte === 0x30;
  }
  return !zeros;
}

/** Stones by certificate: several offers of one stone are honest, two different stones under one number are not, and then neither goes into the window. */
function certificateIndex(table: LoadTable, key: Uint8Array) {
  const index = keyIndex(table.rows);
  const hash: KeyedHash = keyedHash(key);
  const scratch = Buffer.alloc(64);

  return {
    /** Judges the certificate of the stone that was added last. */
    judge(row: CsvRow, cell: number, { lab }: Figures): void {
      const own = table.rows - 1;
      if (isPlainGia(row, cell, lab)) {
        const start = row.starts[cell] ?? 0;
        scratch.write('GIA ', 0, 'latin1');
        row.bytes.copy(scratch, 4, start, start + 10);
        hash.of(scratch, 0, 14);
      } else {
        const number = certificateNumber(LABS[lab] ?? 'none', cellText(row, cell));
        if (number.kind !== 'good') {
          if (number.kind === 'ruined') table.note(own, RUINED);
          if (number.kind === 'odd') table.note(own, ODD);
          return;
        }
        const length = scratch.write(number.matchKey, 0, 'latin1');
        hash.of(scratch, 0, length);
      }
      const first = index.claim(hash.high, hash.low, own);
      if (first === own) return;
      const isSame =
        Math.abs(table.caratMilli(first) - table.caratMilli(own)) <= 10 &&
        SAME.every((column) => table.byte(column, first) === table.byte(column, own));
      if (isSame) return;
      table.note(first, CONFLICT);
      table.note(own, CONFLICT);
    },
  };
}

/** Whether a stone of a run stays out of the window. */
export function isQuarantined(table: LoadTable, row: number): boolean {
  return (table.findings(row) & QUARANTINE) !== 0;
}
