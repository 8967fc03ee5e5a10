// CSV (RFC 4180) as bytes, streaming. Cells are places in a block, not strings: what is never looked at costs nothing. An attacker chooses every byte, where
// quotes open and never close, how long a row is, and where blocks end.
import { isUtf8 } from 'node:buffer';
import { feedError } from '../errors.ts';

export interface CsvBounds {
  readonly maxCells: number;
  readonly maxCellBytes: number;
  /** A row that is longer ends the file: nobody can say where the next one begins. */
  readonly maxRowBytes: number;
}

export const CSV_BOUNDS: CsvBounds = { maxCells: 256, maxCellBytes: 16 * 1024, maxRowBytes: 256 * 1024 };

/** What is wrong with a row. `quote`: something stands after a closing quote. `byte`: NUL. `encoding`: no UTF-8. */
export type RowFault = 'too-many-cells' | 'cell-too-long' | 'quote' | 'byte' | 'encoding';

/** One row, good until the reader goes on. */
export interface CsvRow {
  /** The block that the cells lie in. */
  readonly bytes: Buffer;
  /** How many cells there are. */
  readonly cells: number;
  /** Where each cell begins and ends, without its quotes. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 1 where the cell holds doubled quotes. */
  readonly doubled: Uint8Array;
  /** Where the row begins in the block. */
  readonly start: number;
  /** Where it begins in the file, and how long it is with its line end; bytes. */
  readonly offset: number;
  readonly length: number;
  readonly fault: RowFault | null;
}

export interface CsvReader {
  /** Reads on. Throws `feeds/unreadable` where the file cannot go on. */
  push(chunk: Uint8Array): void;
  end(): void;
}

const FIRST_BLOCK_BYTES = 128 * 1024;
const QUOTE = 0x22;
export const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/** The text of a cell, doubled quotes made single; not cleaned. */
export function cellText(row: CsvRow, cell: number): string {
  const text = row.bytes.toString('utf8', row.starts[cell], row.ends[cell]);
  return row.doubled[cell] === 1 ? text.replaceAll('""', '"') : text;
}

/** The texts of all cells. */
export function rowCells(row: CsvRow): string[] {
  return Array.from({ length: row.cells }, (_, cell) => cellText(row, cell));
}

/** Says how many bytes of a block, from where a row begins, are whole rows that need not be read; `offset`: where that is in the file. */
export type SkipRows = (block: Buffer, at: number, offset: number) => number;

/** Opens a reader that calls back for each row that is not empty; `separator`: the byte between cells. */
export function csvReader(
  separator: number,
  onRow: (row: CsvRow) => void,
  bounds: CsvBounds = CSV_BOUNDS,
  skip: SkipRows = () => 0,
): CsvReader {
  const starts = new Int32Array(bounds.maxCells);
  const ends = new Int32Array(bounds.maxCells);
  const doubled = new Uint8Array(bounds.maxCells);
  // One object for all rows: millions of them would keep the garbage collector busy.
  const row: { -readonly [Member in keyof CsvRow]: CsvRow[Member] } = {
    bytes: Buffer.alloc(0),
    cells: 0,
    starts,
    ends,
    doubled,
    start: 0,
    offset: 0,
    length: 0,
    fault: null,
  };
  /** What is read: rows that are not whole yet, and what came last. One block for all: a new one for each chunk would keep the garbage collector busy. */
  let held: Buffer = Buffer.alloc(FIRST_BLOCK_BYTES);
  let filled = 0;
  /** Where it begins in the file. */
  let base = 0;
  let isBegun = false;

  /** Reads the rows of a block; returns where the row begins that it does not hold whole. */
  function rows(block: Buffer, last: boolean): number {
    const length = block.byteLength;
    let rowStart = 0;
    let i = 0;
    while (i < length) {
      i += skip(block, i, base + i);
      if (i >= length) break;
      rowStart = i;
      let cells = 0;
      let fault: RowFault | null = null;
      let high = 0;
      let done = false;
      // Each turn reads one cell and what ends it.
      while (!done) {
        let start = i;
        let end: number;
        let twice = 0;
        if (i < length && block[i] === QUOTE) {
          start = ++i;
          for (;;) {
            const byte = i < length ? (block[i] ?? 0) : -1;
            if (byte === -1) {
              if (!last) return rowStart;
              throw feedError('feeds/unreadable', {
                details: { why: 'open-quote', offset: base + rowStart },
              });
            }
            if (byte === QUOTE) {
              if (i + 1 >= length && !last) return rowStart;
              if (block[i + 1] !== QUOTE) break;
              twice = 1;
              i++;
            } else if (byte === 0) fault = 'byte';
            high |= byte;
            i++;
          }
          end = i++;
          // Whatever stands between a closing quote and the end of its cell could be read in two ways.
          while (i < length && block[i] !== separator && block[i] !== LF) {
            if (block[i] !== CR) fault = 'quote';
            i++;
          }
        } else {
          let byte = 0;
          while (i < length && (byte = block[i] ?? 0) !== separator && byte !== LF) {
            if (byte === 0) fault = 'byte';
            high |= byte;
            i++;
          }
          end = i;
          if (end > start && (i >= length || byte === LF) && block[end - 1] === CR) end--;
        }
        if (i >= length && !last) return rowStart;
        if (end - start > bounds.maxCellBytes) fault = 'cell-too-long';
        if (cells < bounds.maxCells) {
          starts[cells] = start;
          ends[cells] = end;
          doubled[cells] = twice;
          cells++;
        } else fault = 'too-many-cells';
        done = i >= length || block[i] === LF;
        i++;
      }
      if (i - rowStart > bounds.maxRowBytes) tooLong(rowStart);
      if (high >= 0x80 && fault === null && !isUtf8(block.subarray(rowStart, Math.min(i, length))))
        fault = 'encoding';
      const empty = cells === 1 && starts[0] === ends[0] && block[rowStart] !== QUOTE;
      if (empty) continue;
      row.bytes = block;
      row.cells = cells;
      row.start = rowStart;
      row.offset = base + rowStart;
      row.length = Math.min(i, length) - rowStart;
      row.fault = fault;
      onRow(row);
    }
    return length;
  }

  function tooLong(rowStart: number): never {
    throw feedError('feeds/unreadable', { details: { why: 'row-too-long', offset: base + rowStart } });
  }

  function hold(chunk: Uint8Array): void {
    if (filled + chunk.byteLength > held.byteLength) {
      const more = Buffer.alloc(2 * (filled + chunk.byteLength));
      more.set(held.subarray(0, filled));
      held = more;
    }
    held.set(chunk, filled);
    filled += chunk.byteLength;
  }

  function drop(bytes: number): void {
    held.copyWithin(0, bytes, filled);
    filled -= bytes;
    base += bytes;
  }

  /** Looks at how the file begins; false where more of it has to be seen. */
  function begins(last: boolean): boolean {
    if (filled < 3 && !last) return false;
    const [a, b, c] = held.subarray(0, filled);
    if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
      throw feedError('feeds/unreadable', { details: { why: 'utf-16', offset: 0 } });
    if (a === 0xef && b === 0xbb && c === 0xbf) drop(3);
    return true;
  }

  function take(chunk: Uint8Array, last: boolean): void {
    hold(chunk);
    isBegun ||= begins(last);
    if (!isBegun) return;
    const until = rows(held.subarray(0, filled), last);
    if (!last && filled - until > bounds.maxRowBytes) tooLong(until);
    drop(until);
  }

  return {
    push: (chunk) => take(chunk, false),
    end: () => take(new Uint8Array(0), true),
  };
}
