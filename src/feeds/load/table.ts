// A load in columns: figures of two million stones in some hundred megabytes, and a way to find one by its offer key.
import type { Figures } from '../stone/figures.ts';
import { keyIndex } from './key-index.ts';
import type { KeyedHash } from './siphash.ts';

/** Columns of one byte, in the order of the file format. */
const BYTES = [
  'shape',
  'color',
  'hue',
  'intensity',
  'clarity',
  'cut',
  'polish',
  'symmetry',
  'fluorescence',
  'lab',
  'growth',
  'treatments',
  'availability',
] as const satisfies readonly (keyof Figures)[];
/** Columns of two bytes. */
const SHORTS = ['length', 'width', 'height', 'depth', 'table'] as const satisfies readonly (keyof Figures)[];

type ByteColumn = (typeof BYTES)[number];
type ShortColumn = (typeof SHORTS)[number];

export interface LoadTable {
  readonly rows: number;
  /** Adds a stone; false where its offer key is there already, and then nothing is added: see `find` for the one that was first. */
  add(stone: Figures, findings: number, key: KeyedHash): boolean;
  /** The row of an offer key, or −1. */
  find(high: number, low: number): number;
  keyHigh(row: number): number;
  keyLow(row: number): number;
  byte(column: ByteColumn, row: number): number;
  short(column: ShortColumn, row: number): number;
  caratMilli(row: number): number;
  priceMinor(row: number): number;
  findings(row: number): number;
  /** Adds findings to a row that is there. */
  note(row: number, findings: number): void;
}

const FIRST_ROWS = 4_096;

function bigger<T extends { set(from: T): void }>(old: T, made: T): T {
  made.set(old);
  return made;
}

/** Makes a table that grows; `rows` is how many are expected. */
export function loadTable(rows: number = FIRST_ROWS): LoadTable {
  let capacity = Math.max(FIRST_ROWS, rows);
  let count = 0;
  const keys = keyIndex(capacity);
  let carat = new Uint32Array(capacity);
  let price = new Float64Array(capacity);
  let found = new Uint16Array(capacity);
  let bytes = BYTES.map(() => new Uint8Array(capacity));
  let shorts = SHORTS.map(() => new Uint16Array(capacity));

  function grow(): void {
    capacity *= 2;
    carat = bigger(carat, new Uint32Array(capacity));
    price = bigger(price, new Float64Array(capacity));
    found = bigger(found, new Uint16Array(capacity));
    bytes = bytes.map((column) => bigger(column, new Uint8Array(capacity)));
    shorts = shorts.map((column) => bigger(column, new Uint16Array(capacity)));
  }

  const byteAt = new Map(BYTES.map((name, i) => [name, i]));
  const shortAt = new Map(SHORTS.map((name, i) => [name, i]));
  return {
    get rows() {
      return count;
    },
    add(stone, findings, key) {
      if (keys.claim(key.high, key.low, count) !== count) return false;
      if (count === capacity) grow();
      carat[count] = stone.caratMilli;
      price[count] = stone.priceMinor;
      found[count] = findings;
      for (const [i, name] of BYTES.entries()) {
        const column = bytes[i];
        if (column !== undefined) column[count] = stone[name];
      }
      for (const [i, name] of SHORTS.entries()) {
        const column = shorts[i];
        // What does not fit is no stone's, and was found by the row checks.
        if (column !== undefined) column[count] = Math.min(stone[name], 0xffff);
      }
      count++;
      return true;
    },
    find: (high, low) => keys.find(high, low),
    keyHigh: (row) => keys.high(row),
    keyLow: (row) => keys.low(row),
    byte: (column, row) => bytes[byteAt.get(column) ?? 0]?.[row] ?? 0,
    short: (column, row) => shorts[shortAt.get(column) ?? 0]?.[row] ?? 0,
    caratMilli: (row) => carat[row] ?? 0,
    priceMinor: (row) => price[row] ?? 0,
    findings: (row) => found[row] ?? 0,
    note(row, findings) {
      found[row] = (found[row] ?? 0) | findings;
    },
  };
}
