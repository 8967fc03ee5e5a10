// A load in columns: figures of two million stones in some hundred megabytes, a way to find one by its offer key, and the same again from a file.
import { feedError } from '../errors.ts';
import type { Figures } from '../stone/figures.ts';
import { type KeyIndex, keyIndex } from './key-index.ts';
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
  /** Where its row lies in the raw bytes. */
  offset: 'f64',
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
  certify(row: number, match: KeyedHash): number;
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
      const column = new Uint32Array(count);
      for (const index of [keys, certificates])
        for (const half of ['high', 'low'] as const) {
          for (let row = 0; row < count; row++) column[row] = index[half](row);
          yield new Uint8Array(column.buffer);
        }
    },
  };
}

/** The first line of a saved table: columns in their order, then both halves of the two keys. */
function headText(rows: number): string {
  return JSON.stringify({ v: 1, rows, columns: COLUMNS });
}

/** Bytes that can be read from any place. */
export interface TableSource {
  read(offset: number, length: number): Uint8Array;
}

const MAX_HEAD_BYTES = 4_096;

/** Reads a table that `save` wrote; of the columns only those that are asked for. Throws `feeds/unreadable` for a form that this release does not know. */
export function readTable(source: TableSource, only: readonly Column[] = COLUMN_NAMES): LoadTable {
  const start = Buffer.from(source.read(0, MAX_HEAD_BYTES)).toString('utf8');
  const line = start.slice(0, start.indexOf('\n'));
  const rows = Number(/"rows":(\d+)/u.exec(line)?.[1] ?? Number.NaN);
  if (line !== headText(rows))
    throw feedError('feeds/unreadable', { details: { why: 'table of another release' } });
  let offset = Buffer.byteLength(line) + 1;
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
  const index = (): KeyIndex => {
    const [highs, lows] = [new Uint32Array(next(rows * 4)), new Uint32Array(next(rows * 4))];
    const made = keyIndex(rows);
    for (let row = 0; row < rows; row++) {
      const [high = 0, low = 0] = [highs[row], lows[row]];
      if (high !== 0 || low !== 0) made.claim(high, low, row);
    }
    return made;
  };
  return tableOf({ rows, columns, keys: index(), certificates: index() }, only);
}
