// One load, from bytes to what is decided about. It holds figures and places, and no text: what a stone said is read again from the kept bytes when somebody wants to see it.
import { feedError } from '../errors.ts';
import type { CsvAdapter, RowReader } from '../providers/adapter.ts';
import { cellText, CSV_BOUNDS, csvReader, type CsvRow, rowCells } from '../read/csv.ts';
import { bit, OWN_FINDINGS } from '../rows/checks.ts';
import { certificateNumber } from '../stone/certificate.ts';
import { type Figures, noFigures } from '../stone/figures.ts';
import { GROWTHS, LABS } from '../stone/words.ts';
import { cellPrices } from './cells.ts';
import { type Comparison, compareLoads } from './compare.ts';
import type { Loaded } from './decide.ts';
import { type GoneCertificates, goneAfter, NOBODY, type Remembering } from './gone.ts';
import { judgeHistory, type Release } from './history.ts';
import { keyIndex } from './key-index.ts';
import { type LoadMatch, matchLoads, type Taken } from './match.ts';
import { isSameStone } from './same-stone.ts';
import { type KeyedHash, keyedHash } from './siphash.ts';
import { type LoadTable, loadTable } from './table.ts';
import { type OldLoad, type TakeOver, unchangedRows } from './unchanged.ts';

export interface RunOptions {
  readonly adapter: CsvAdapter;
  /** The raw bytes, in whatever pieces; they are kept by whoever gives them. */
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** The installation's key for hashing ids, 16 bytes. */
  readonly hashKey: Uint8Array;
  /** The last good load. */
  readonly before: LoadTable | null;
  /** The same, where its rows were typed as they would be now, and can be taken over; null: every row is read. */
  readonly old: OldLoad | null;
  /** Certificates of stones that had gone by the load before; null: none are known. */
  readonly gone: GoneCertificates | null;
  /** Stones that a person let in as they were. */
  readonly releases: readonly Release[];
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
  readonly match: LoadMatch;
  /** Certificates of stones that have gone by this load. */
  gone(remembering: Remembering): GoneCertificates;
  /** Compares anew, where something was found beside other knowledge than the load before. */
  compare(): Comparison;
  /** What is decided about; the hash is known by whoever keeps the bytes. */
  readonly loaded: Omit<Loaded, 'sha256'>;
  readonly errors: readonly RowErrorCount[];
  /** Rows whose offer had been named before in the same file; the first counts. */
  readonly repeated: number;
}

const MAX_PLACES = 20;
const CONFLICT = bit('certificate-conflict');
const RUINED = bit('certificate-ruined');
const ODD = bit('certificate-odd');
const GROWTH = bit('growth');

/**
 * Runs a load. Throws `feeds/unreadable`, `feeds/missing-columns`: then nothing of it counts. Bounds: `maxBytes`, `maxRows`.
 */
export async function runLoad(options: RunOptions): Promise<Run> {
  const { adapter, hashKey, before } = options;
  const table = loadTable(before?.rows);
  const errors = new Map<string, { column: string; what: string; count: number; places: RowPlace[] }>();
  const certificates = certificateIndex(table, hashKey);
  const hash = keyedHash(hashKey);
  const figures = noFigures();
  /** Offers whose rows were read: those that were taken over were different ones then, and are now. */
  const named = keyIndex();
  let readAnew = 0;
  const taken: Taken[] = [];
  let reader: RowReader | null = null;
  let read = 0;
  let failed = 0;
  let repeated = 0;
  let size = 0;

  const unchanged = options.old === null ? null : unchangedRows(options.old, takeOver(options.old));

  function onRow(row: CsvRow): void {
    if (reader === null) {
      reader = adapter.bind(rowCells(row));
      unchanged?.begin(row.bytes.subarray(row.start, row.start + row.length), row.offset);
      return;
    }
    countRows(1);
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
    const findings = adapter.check(figures);
    if (!table.add(figures, findings, hash)) {
      repeated++;
      return;
    }
    if (unchanged !== null) named.claim(hash.high, hash.low, readAnew++);
    table.put('offset', table.rows - 1, row.offset);
    table.put('rowBytes', table.rows - 1, row.length);
    certificates.judge(row, reader.certificate, figures);
  }

  function countRows(rows: number): void {
    read += rows;
    if (read > options.maxRows) tooMuch('rows', options.maxRows);
  }

  /** Takes over stones of the load before, but for offers that this file has named already. */
  function takeOver(old: OldLoad): TakeOver {
    return (first, rows, offset) => {
      const shift = offset - old.windows.of('offset', first);
      let begin = first;
      for (let row = first; row <= first + rows; row++) {
        const isNamed =
          row < first + rows && named.find(old.table.keys.high(row), old.table.keys.low(row)) >= 0;
        if (row < first + rows && !isNamed) continue;
        if (isNamed) repeated++;
        copy(begin, row - begin);
        begin = row + 1;
      }
      countRows(rows);

      function copy(from: number, count: number): void {
        if (count === 0) return;
        const to = table.rows;
        taken.push({ from, to, rows: count });
        table.copy(old.table, old.windows, from, count);
        for (let i = 0; i < count; i++) {
          table.put('offset', to + i, table.of('offset', to + i) + shift);
          // What was found beside others is found anew.
          table.put('findings', to + i, table.of('findings', to + i) & OWN_FINDINGS);
          certificates.again(
            to + i,
            old.table.certificates.high(from + i),
            old.table.certificates.low(from + i),
          );
        }
      }
    };
  }

  const csv = csvReader(adapter.separator, onRow, CSV_BOUNDS, unchanged?.skip);
  for await (const piece of options.bytes) {
    size += piece.byteLength;
    if (size > options.maxBytes) tooMuch('bytes', options.maxBytes);
    csv.push(piece);
  }
  csv.end();
  if (reader === null) throw feedError('feeds/missing-columns', { details: { columns: 'all' } });

  const cells = cellPrices(before ?? table);
  const gone = options.gone ?? NOBODY;
  const match = matchLoads(table, before, taken, gone);
  judgeHistory(table, before, match, cells, options.releases, gone);
  const compare = () => compareLoads(table, before ?? loadTable(), match, cells);
  return {
    table,
    match,
    loaded: { comparison: compare(), errors: failed, read },
    compare,
    gone: (remembering) => goneAfter(table, before, match, gone, remembering),
    errors: [...errors.values()].toSorted((a, b) => b.count - a.count),
    repeated,
  };
}

function tooMuch(what: string, most: number): never {
  throw feedError('feeds/unreadable', { details: { why: `more than ${most} ${what}` } });
}

const GIA = LABS.indexOf('GIA');
const NATURAL = GROWTHS.indexOf('natural');
/** Numbers that IGI and GCAL give to reports on lab-grown stones alone. */
const LAB_GROWN_REPORT = /^(?:IGI|GCAL) LG/u;

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
  const hash: KeyedHash = keyedHash(key);
  const scratch = Buffer.alloc(64);

  function certify(own: number, match: Pick<KeyedHash, 'high' | 'low'>): void {
    const first = table.certify(own, match);
    if (first === own || isSameStone(table, first, table, own)) return;
    table.note(first, CONFLICT);
    table.note(own, CONFLICT);
  }

  return {
    /** Judges the certificate of the stone that was added last. */
    judge(row: CsvRow, cell: number, { lab, growth }: Figures): void {
      if (cell < 0) return;
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
        if (growth === NATURAL && LAB_GROWN_REPORT.test(number.matchKey)) table.note(own, GROWTH);
        const length = scratch.write(number.matchKey, 0, 'latin1');
        hash.of(scratch, 0, length);
      }
      certify(own, hash);
    },
    /** The same of a stone whose certificate was judged in the load before, by its hashed match key. */
    again(row: number, high: number, low: number): void {
      if (high !== 0 || low !== 0) certify(row, { high, low });
    },
  };
}
