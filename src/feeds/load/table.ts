// A load in columns: figures of two million stones in some hundred megabytes, a way to find one by its offer key, and the same again from a file.
import { feedError } from '../errors.ts';
import type { Figures } from '../stone/figures.ts';
import { type KeyIndex, keyIndex, knownKeys } from './key-index.ts';
import type { KeyedHash } from './siphash.ts';

const KINDS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array } as const;
type Kind = keyof typeof KINDS;

/** What is kept of each stone's figures, in the order of the file format. */
const FIGURES = {
  shape: 'u8',
  color: 'u8',
  hue: 'u8',
  intensity: 'u8',
  clarity: 'u8',
  cut: 'u8',
  polish: 'u8',
  symmetry: 'u8',
  fluorescence: 'u8',
  lab: 'u8',
  growth: 'u8',
  treatments: 'u8',
  availability: 'u8',
  length: 'u16',
  width: 'u16',
  height: 'u16',
  depth: 'u16',
  table: 'u16',
  caratMilli: 'u32',
  priceMinor: 'f64',
} as const satisfies Partial<Record<keyof Figures, Kind>>;

/** And what the load knows of it besides. */
const MORE = {
  findings: 'u32',
  /** What it last cost while its price was in no doubt, minor units; 0: it never did. */
  basisMinor: 'f64',
  /** Where its row lies in the raw bytes, of which there are 4 GiB at most. */
  offset: 'u32',
  rowBytes: 'u32',
} as const satisfies Record<string, Kind>;

const COLUMNS = { ...FIGURES, ...MORE };
export type Column = keyof typeof COLUMNS;
// oxlint-disable typescript/no-unsafe-type-assertion -- the names of objects that are written out above
const FIGURE_NAMES = Object.keys(FIGURES) as readonly (keyof typeof FIGURES)[];
export const COLUMN_NAMES = Object.keys(COLUMNS) as readonly Column[];
// oxlint-enable typescript/no-unsafe-type-assertion
/** The columns that a load is compared by. */
export const COMPARED: readonly Column[] = [
  'shape',
  'color',
  'hue',
  'clarity',
  'lab',
  'growth',
  'caratMilli',
  'priceMinor',
  'findings',
  'basisMinor',
];

type Values<Name extends Column> = InstanceType<(typeof KINDS)[(typeof COLUMNS)[Name]]>;
type Columns = Record<Column, InstanceType<(typeof KINDS)[Kind]>>;

export interface LoadTable {
  readonly rows: number;
  /** Adds a stone; false where its offer key is there already, and then nothing is added: see `find` for the one that was first. */
  add(stone: Figures, findings: number, key: KeyedHash): boolean;
  /** Notes the certificate of a row by its hashed match key; returns the first row that has it, which may be itself. */
  certify(row: number, match: Pick<KeyedHash, 'high' | 'low'>): number;
  /** Adds stones as they stand in another table; their offer keys must not be there yet. Their certificates are not noted, and where they lie is the caller's to say. */
  copy(from: LoadTable, windows: ColumnWindows, first: number, rows: number): void;
  /** The row of an offer key, or −1. */
  find(high: number, low: number): number;
  /** The offer's key; both halves 0 where there is none. */
  readonly keys: Pick<KeyIndex, 'high' | 'low'>;
  /** The certificate's match key; both halves 0 where there is none. */
  readonly certificates: Pick<KeyIndex, 'high' | 'low' | 'find'>;
  of(column: Column, row: number): number;
  /** Puts a value; nothing where the column was not kept. */
  put(column: Column, row: number, value: number): void;
  /** A whole column, for who goes through it: its first `rows` values; good until a stone is added. Empty where it was not kept. */
  column<Name extends Column>(name: Name): Values<Name>;
  /** Adds findings to a row that is there. */
  note(row: number, findings: number): void;
  /** The table as bytes, group after group; each piece is good until the next one. Read again by `readTable`. */
  save(): Generator<Uint8Array>;
}

const FIRST_ROWS = 4_096;

/** Makes a table that grows; `rows` is how many are expected. */
export function loadTable(rows: number = FIRST_ROWS): LoadTable {
  const capacity = Math.max(FIRST_ROWS, rows);
  return tableOf(
    {
      rows: 0,
      columns: columnsOf((name) => new KINDS[COLUMNS[name]](capacity)),
      keys: keyIndex(capacity),
      certificates: keyIndex(capacity),
    },
    COLUMN_NAMES,
  );
}

function columnsOf(make: (name: Column) => Columns[Column]): Columns {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each column
  return Object.fromEntries(COLUMN_NAMES.map((name) => [name, make(name)])) as Columns;
}

interface Parts {
  readonly rows: number;
  readonly columns: Columns;
  readonly keys: KeyIndex;
  readonly certificates: KeyIndex;
}

/** A table of these parts. Columns that are not in `only` are not kept, and read as 0. */
function tableOf({ rows, columns, keys, certificates }: Parts, only: readonly Column[]): LoadTable {
  let count = rows;
  let capacity = columns.findings.length;

  function grow(): void {
    // By half: what is there and what comes are in memory together while it is copied.
    capacity = Math.ceil(Math.max(FIRST_ROWS, capacity * 1.5));
    for (const name of only) {
      const bigger = new KINDS[COLUMNS[name]](capacity);
      bigger.set(columns[name]);
      columns[name] = bigger;
    }
  }

  return {
    get rows() {
      return count;
    },
    add(stone, findings, key) {
      if (keys.find(key.high, key.low) >= 0) return false;
      if (count === capacity) grow();
      keys.claim(key.high, key.low, count);
      for (const name of FIGURE_NAMES) {
        // What does not fit two bytes is no stone's, and was found by the row checks.
        columns[name][count] = FIGURES[name] === 'u16' ? Math.min(stone[name], 0xffff) : stone[name];
      }
      columns.findings[count] = findings;
      count++;
      return true;
    },
    copy(from, windows, first, rows) {
      while (count + rows > capacity) grow();
      // All that can fail first: what lies beyond the count is no stone yet.
      windows.copy(first, rows, columns, count);
      for (let i = 0; i < rows; i++)
        keys.claim(from.keys.high(first + i), from.keys.low(first + i), count + i);
      count += rows;
    },
    certify: (row, match) => certificates.claim(match.high, match.low, row),
    find: (high, low) => keys.find(high, low),
    keys,
    certificates,
    of: (column, row) => columns[column][row] ?? 0,
    put(column, row, value) {
      columns[column][row] = value;
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each column was made of its own kind
    column: <Name extends Column>(name: Name) => columns[name] as Values<Name>,
    note(row, findings) {
      columns.findings[row] = (columns.findings[row] ?? 0) | findings;
    },
    *save() {
      yield Buffer.from(`${headText(count)}\n`);
      for (let first = 0; first < count; first += GROUP_ROWS) {
        const last = Math.min(count, first + GROUP_ROWS);
        for (const name of COLUMN_NAMES) yield bytesOf(columns[name].subarray(first, last));
        for (const index of [keys, certificates]) yield bytesOf(index.halves(last).subarray(2 * first));
      }
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Rows that lie together in a saved table: each column of theirs after the other, then both halves of their two keys. So a table can be gone through in its order with a few megabytes of it in memory. */
const GROUP_ROWS = 64 * 1024;
const KEY_BYTES = 8;
const ROW_BYTES = COLUMN_NAMES.reduce(
  (sum, name) => sum + KINDS[COLUMNS[name]].BYTES_PER_ELEMENT,
  2 * KEY_BYTES,
);

/** The first line of a saved table. */
function headText(rows: number): string {
  return JSON.stringify({ v: 3, rows, group: GROUP_ROWS, columns: COLUMNS });
}

/** Bytes that can be read from any place. */
export interface TableSource {
  read(offset: number, length: number): Uint8Array;
  /** Those from `offset` on, as far as they are at hand; good until more are read. */
  rest(offset: number): Uint8Array;
}

const MAX_HEAD_BYTES = 4_096;

/** How many rows a saved table has, and where its groups begin. */
function readHead(source: TableSource): { readonly rows: number; readonly begins: number } {
  const start = Buffer.from(source.read(0, MAX_HEAD_BYTES)).toString('utf8');
  const line = start.slice(0, start.indexOf('\n'));
  const rows = Number(/"rows":(\d+)/u.exec(line)?.[1] ?? Number.NaN);
  if (line !== headText(rows))
    throw feedError('feeds/unreadable', { details: { why: 'table of another release' } });
  return { rows, begins: Buffer.byteLength(line) + 1 };
}

/** Fills `into` with the bytes from `offset` on. */
function fill(into: Uint8Array, source: TableSource, offset: number): void {
  for (let done = 0; done < into.byteLength; ) {
    const part = source.rest(offset + done).subarray(0, into.byteLength - done);
    if (part.byteLength === 0) throw feedError('feeds/unreadable', { details: { why: 'table cut short' } });
    into.set(part, done);
    done += part.byteLength;
  }
}

/** Columns of a saved table that are gone through in their order: of each a group of rows is in memory at a time. */
export interface ColumnWindows {
  of(column: Column, row: number): number;
  /** Puts `rows` rows, from row `first` on, into `into` from its row `at` on. */
  copy(first: number, rows: number, into: Columns, at: number): void;
}

/** Opens a saved table for its columns in their order. Throws as `readTable` does. */
export function columnWindows(source: TableSource): ColumnWindows {
  const { rows, begins } = readHead(source);
  const columns = columnsOf((name) => new KINDS[COLUMNS[name]](Math.min(rows, GROUP_ROWS)));
  /** The first row that is in memory. */
  let first = -GROUP_ROWS;

  /** Has a row in memory; returns its place. */
  function placeOf(row: number): number {
    if (row >= first && row < first + GROUP_ROWS) return row - first;
    const wanted = row - (row % GROUP_ROWS);
    const count = Math.min(GROUP_ROWS, rows - wanted);
    // Nothing is known until all of it is there.
    first = -GROUP_ROWS;
    let offset = begins + wanted * ROW_BYTES;
    for (const name of COLUMN_NAMES) {
      const bytes = bytesOf(columns[name].subarray(0, count));
      fill(bytes, source, offset);
      offset += bytes.byteLength;
    }
    first = wanted;
    return row - first;
  }

  return {
    of(column, row) {
      const place = placeOf(row);
      return columns[column][place] ?? 0;
    },
    copy(from, count, into, at) {
      for (let done = 0; done < count; ) {
        const place = placeOf(from + done);
        const part = Math.min(GROUP_ROWS - place, count - done);
        for (const name of COLUMN_NAMES)
          into[name].set(columns[name].subarray(place, place + part), at + done);
        done += part;
      }
    },
  };
}

/** Reads a table that `save` wrote; of the columns only those that are asked for, and certificates where they are. Throws `feeds/unreadable` for a form that this release does not know. */
export function readTable(
  source: TableSource,
  only: readonly Column[] = COLUMN_NAMES,
  hasCertificates = true,
): LoadTable {
  const { rows, begins } = readHead(source);
  const columns = columnsOf((name) => new KINDS[COLUMNS[name]](only.includes(name) ? rows : 0));
  const keys = new Uint32Array(2 * rows);
  const certificates = new Uint32Array(hasCertificates ? 2 * rows : 0);
  let offset = begins;
  for (let first = 0; first < rows; first += GROUP_ROWS) {
    const count = Math.min(GROUP_ROWS, rows - first);
    for (const name of COLUMN_NAMES) {
      const own = columns[name].subarray(first, first + count);
      fill(bytesOf(own), source, offset);
      offset += count * own.BYTES_PER_ELEMENT;
    }
    for (const halves of [keys, certificates]) {
      fill(bytesOf(halves.subarray(2 * first, 2 * (first + count))), source, offset);
      offset += count * KEY_BYTES;
    }
  }
  return tableOf({ rows, columns, keys: knownKeys(keys), certificates: knownKeys(certificates) }, only);
}
