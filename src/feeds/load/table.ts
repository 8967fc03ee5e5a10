// A load in columns: figures of two million stones in some hundred megabytes, and a way to find one by its offer key.
import type { Figures } from '../stone/figures.ts';
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
  /** Bytes that the columns and the index hold. */
  size(): number;
}

const FIRST_ROWS = 4_096;
/** Slots for each row of the index, at the least. */
const SPARSE = 2;

function slotsFor(rows: number): number {
  let size = 1;
  while (size < rows * SPARSE) size *= 2;
  return size;
}

function bigger<T extends { set(from: T): void }>(old: T, made: T): T {
  made.set(old);
  return made;
}

/** Makes a table that grows; `rows` is how many are expected. */
export function loadTable(rows: number = FIRST_ROWS): LoadTable {
  let capacity = Math.max(FIRST_ROWS, rows);
  let count = 0;
  let high = new Uint32Array(capacity);
  let low = new Uint32Array(capacity);
  let carat = new Uint32Array(capacity);
  let price = new Float64Array(capacity);
  let found = new Uint16Array(capacity);
  let bytes = BYTES.map(() => new Uint8Array(capacity));
  let shorts = SHORTS.map(() => new Uint16Array(capacity));
  let slots = new Int32Array(slotsFor(capacity)).fill(-1);

  /** The slot of a key: the one that has it, or the empty one where it would go. */
  function slotOf(keyHigh: number, keyLow: number): number {
    const mask = slots.length - 1;
    let slot = keyLow & mask;
    for (let row = slots[slot] ?? -1; row >= 0; row = slots[slot] ?? -1) {
      if (low[row] === keyLow && high[row] === keyHigh) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  function grow(): void {
    capacity *= 2;
    high = bigger(high, new Uint32Array(capacity));
    low = bigger(low, new Uint32Array(capacity));
    carat = bigger(carat, new Uint32Array(capacity));
    price = bigger(price, new Float64Array(capacity));
    found = bigger(found, new Uint16Array(capacity));
    bytes = bytes.map((column) => bigger(column, new Uint8Array(capacity)));
    shorts = shorts.map((column) => bigger(column, new Uint16Array(capacity)));
    slots = new Int32Array(slotsFor(capacity)).fill(-1);
    for (let row = 0; row < count; row++) slots[slotOf(high[row] ?? 0, low[row] ?? 0)] = row;
  }

  const byteAt = new Map(BYTES.map((name, i) => [name, i]));
  const shortAt = new Map(SHORTS.map((name, i) => [name, i]));
  return {
    get rows() {
      return count;
    },
    add(stone, findings, key) {
      if (count === capacity) grow();
      const slot = slotOf(key.high, key.low);
      if ((slots[slot] ?? -1) >= 0) return false;
      slots[slot] = count;
      high[count] = key.high;
      low[count] = key.low;
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
    find: (keyHigh, keyLow) => slots[slotOf(keyHigh, keyLow)] ?? -1,
    keyHigh: (row) => high[row] ?? 0,
    keyLow: (row) => low[row] ?? 0,
    byte: (column, row) => bytes[byteAt.get(column) ?? 0]?.[row] ?? 0,
    short: (column, row) => shorts[shortAt.get(column) ?? 0]?.[row] ?? 0,
    caratMilli: (row) => carat[row] ?? 0,
    priceMinor: (row) => price[row] ?? 0,
    findings: (row) => found[row] ?? 0,
    size: () =>
      [high, low, carat, price, found, ...bytes, ...shorts, slots].reduce(
        (sum, one) => sum + one.byteLength,
        0,
      ),
  };
}
