// Rows that are byte for byte as they were in the load before are not read again: what they say was typed then. From one hour to the next that is nearly all of a file.
//
// An attacker chooses the new bytes, and had chosen the old ones. What holds: bytes are compared, not hashes of them; only whole rows count, from where a row begins to its line end; and what a row is judged by beside others
// (its history, who else has its certificate, whether its offer was named before) is judged anew each time.
import { LoupeError } from '#kernel';
import type { SealedReader } from '#storage';
import type { SkipRows } from '../read/csv.ts';
import { type ColumnWindows, columnWindows, type LoadTable, type TableSource } from './table.ts';

/** The load before, as far as its rows can be taken over. */
export interface OldLoad {
  readonly raw: SealedReader;
  readonly table: LoadTable;
  readonly windows: ColumnWindows;
}

/** Takes over `rows` stones of the load before from its row `first` on; in the new file they begin at `offset`. */
export type TakeOver = (first: number, rows: number, offset: number) => void;

export interface Unchanged {
  readonly skip: SkipRows;
  /** Tells the head of the new file. Rows mean what they meant only under the same one. */
  begin(head: Buffer, offset: number): void;
}

const LF = 0x0a;
const STEP_BYTES = 4 * 1024;
/** How many old rows ahead a row is looked for once the files went apart: so many may have gone in one place. */
const AHEAD = 64;
/** A file in another order is another file: after so many rows in vain all of it is read. */
const MAX_VAIN = 2_000;

export function openOldLoad(raw: SealedReader, source: TableSource, table: LoadTable): OldLoad {
  return { raw, table, windows: columnWindows(source) };
}

export function unchangedRows({ raw, table, windows }: OldLoad, takeOver: TakeOver): Unchanged {
  const offsetOf = (row: number): number => windows.of('offset', row);
  const bytesOf = (row: number): number => windows.of('rowBytes', row);
  /** The next row of the load before. */
  let next = 0;
  let vain = 0;
  let isOpen = false;

  /** Whether an old row stands in the block, whole. */
  function isAt(row: number, block: Buffer, at: number): boolean {
    const [offset, bytes] = [offsetOf(row), bytesOf(row)];
    if (at + bytes > block.byteLength || block[at + bytes - 1] !== LF) return false;
    let done = 0;
    while (done < bytes) {
      const old = raw.rest(offset + done);
      const length = Math.min(old.byteLength, bytes - done);
      if (length === 0 || !isSame(block, at + done, old, 0, length)) return false;
      done += length;
    }
    return true;
  }

  /** How many rows from `first` on follow one another in both files, and how many bytes that is. */
  function run(first: number, block: Buffer, at: number): { readonly rows: number; readonly bytes: number } {
    const begin = offsetOf(first);
    const same = sameBytes(begin, block, at);
    let row = first;
    let bytes = 0;
    while (
      row < table.rows &&
      offsetOf(row) === begin + bytes &&
      bytes + bytesOf(row) <= same &&
      block[at + bytes + bytesOf(row) - 1] === LF
    )
      bytes += bytesOf(row++);
    return { rows: row - first, bytes };
  }

  /** How many bytes of the block, from `at` on, are those of the old file from `offset` on. */
  function sameBytes(offset: number, block: Buffer, at: number): number {
    let same = 0;
    for (;;) {
      const old = raw.rest(offset + same);
      const length = Math.min(old.byteLength, block.byteLength - at - same);
      for (let done = 0; done < length; done += STEP_BYTES) {
        const step = Math.min(STEP_BYTES, length - done);
        if (isSame(block, at + same + done, old, done, step)) continue;
        let i = done;
        while (block[at + same + i] === old[i]) i++;
        return same + i;
      }
      same += length;
      if (length === 0) return same;
    }
  }

  /** What can no longer be read cannot be compared with: from there on every row is read. */
  function orClose<T>(act: () => T, otherwise: T): T {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof LoupeError && error.code === 'storage/damaged')) throw error;
      isOpen = false;
      return otherwise;
    }
  }

  return {
    begin(head, offset) {
      isOpen = orClose(() => {
        const old = raw.rest(offset);
        return old.byteLength >= head.byteLength && isSame(head, 0, old, 0, head.byteLength);
      }, false);
    },
    skip: (block, at, offset) => (isOpen ? orClose(() => takeOverAt(block, at, offset), 0) : 0),
  };

  function takeOverAt(block: Buffer, at: number, offset: number): number {
    const last = Math.min(table.rows, next + AHEAD + Math.min(vain, AHEAD));
    for (let row = next; row < last; row++) {
      if (!isAt(row, block, at)) continue;
      const { rows, bytes } = run(row, block, at);
      takeOver(row, rows, offset);
      next = row + rows;
      vain = 0;
      return bytes;
    }
    if (++vain > MAX_VAIN) isOpen = false;
    return 0;
  }
}

/** Whether `bytes` bytes of a block, from `at` on, are those of `old` from `from` on. */
function isSame(block: Buffer, at: number, old: Uint8Array, from: number, bytes: number): boolean {
  return block.compare(old, from, from + bytes, at, at + bytes) === 0;
}
