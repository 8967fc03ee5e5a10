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
const COLUMN_NAMES = Object.keys(COLUMNS) as readonly Column[];
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
  put(column: Column, row: number, value: number): void;
  /** Adds findings to a row that is there. */
  note(row: number, findings: number): void;
  /** The table as bytes, a column after the other; each piece is good until the next one. Read again by `readTable`. */
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
      for (const name of COLUMN_NAMES) windows.copy(name, first, rows, columns[name], count);
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
    note(row, findings) {
      columns.findings[row] = (columns.findings[row] ?? 0) | findings;
    },
    *save() {
      yield Buffer.from(`${headText(count)}\n`);
      for (const name of COLUMN_NAMES) {
        const column = columns[name];
        yield new Uint8Array(column.buffer, column.byteOffset, count * column.BYTES_PER_ELEMENT);
      }
      for (const index of [keys, certificates]) {
        const halves = index.halves(count);
        yield new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength);
      }
    },
  };
}

/** The first line of a saved table: columns in their order, then the two keys, both halves of each row's side by side. */
function headText(rows: number): string {
  return JSON.stringify({ v: 2, rows, columns: COLUMNS });
}

/** Bytes that can be read from any place. */
export interface TableSource {
  read(offset: number, length: number): Uint8Array;
  /** Those from `offset` on, as far as they are at hand; good until more are read. */
  rest(offset: number): Uint8Array;
}

const MAX_HEAD_BYTES = 4_096;

/** How many rows a saved table has, and where its columns begin. */
function readHead(source: TableSource): { readonly rows: number; readonly begins: number } {
  const start = Buffer.from(source.read(0, MAX_HEAD_BYTES)).toString('utf8');
  const line = start.slice(0, start.indexOf('\n'));
  const rows = Number(/"rows":(\d+)/u.exec(line)?.[1] ?? Number.NaN);
  if (line !== headText(rows))
    throw feedError('feeds/unreadable', { details: { why: 'table of another release' } });
  return { rows, begins: Buffer.byteLength(line) + 1 };
}

/** Columns of a saved table that are gone through in their order: of each some rows are in memory at a time. */
export interface ColumnWindows {
  of(column: Column, row: number): number;
  /** Puts `rows` values, from row `first` on, into `into` from `at` on. */
  copy(column: Column, first: number, rows: number, into: Columns[Column], at: number): void;
}

interface Window {
  /** Where the column begins in the file. */
  readonly place: number;
  readonly values: Columns[Column];
  begin: number;
  rows: number;
}

/** A mebibyte of the widest column. */
const WINDOW_ROWS = 128 * 1024;

/** Opens a saved table for its columns in their order. Throws as `readTable` does. */
export function columnWindows(source: TableSource): ColumnWindows {
  const { rows, begins } = readHead(source);
  const windows = new Map<Column, Window>();
  let place = begins;
  for (const name of COLUMN_NAMES) {
    windows.set(name, {
      place,
      begin: 0,
      rows: 0,
      values: new KINDS[COLUMNS[name]](Math.min(rows, WINDOW_ROWS)),
    });
    place += rows * KINDS[COLUMNS[name]].BYTES_PER_ELEMENT;
  }

  /** The window of a column that holds a row. */
  function at(column: Column, row: number): Window {
    const window = windows.get(column);
    if (window === undefined) throw new TypeError('a column of a table');
    if (row >= window.begin && row < window.begin + window.rows) return window;
    const size = window.values.BYTES_PER_ELEMENT;
    const begin = row - (row % WINDOW_ROWS);
    const count = Math.min(WINDOW_ROWS, rows - begin);
    const bytes = new Uint8Array(window.values.buffer, 0, count * size);
    // Nothing is known until all of it is there.
    window.rows = 0;
    for (let done = 0; done < bytes.byteLength; ) {
      const part = source.rest(window.place + begin * size + done).subarray(0, bytes.byteLength - done);
      if (part.byteLength === 0) throw feedError('feeds/unreadable', { details: { why: 'table cut short' } });
      bytes.set(part, done);
      done += part.byteLength;
    }
    window.begin = begin;
    window.rows = count;
    return window;
  }

  return {
    of(column, row) {
      const { begin, values } = at(column, row);
      return values[row - begin] ?? 0;
    },
    copy(column, first, count, into, to) {
      for (let done = 0; done < count; ) {
        const window = at(column, first + done);
        const from = first + done - window.begin;
        const part = window.values.subarray(from, Math.min(window.rows, from + count - done));
        into.set(part, to + done);
        done += part.length;
      }
    },
  };
}

/** Reads a table that `save` wrote; of the columns only those that are asked for. Throws `feeds/unreadable` for a form that this release does not know. */
export function readTable(source: TableSource, only: readonly Column[] = COLUMN_NAMES): LoadTable {
  const { rows, begins } = readHead(source);
  let offset = begins;
  const next = (bytes: number): ArrayBuffer => {
    const copy = new ArrayBuffer(bytes);
    new Uint8Array(copy).set(source.read(offset, bytes));
    offset += bytes;
    return copy;
  };
  const columns = columnsOf((name) => {
    const Made = KINDS[COLUMNS[name]];
    const bytes = rows * Made.BYTES_PER_ELEMENT;
    if (only.includes(name)) return new Made(next(bytes));
    offset += bytes;
    return new Made(0);
  });
  const index = (): KeyIndex => knownKeys(new Uint32Array(next(rows * 8)));
  return tableOf({ rows, columns, keys: index(), certificates: index() }, only);
}
