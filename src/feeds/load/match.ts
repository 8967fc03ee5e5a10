// Which stones of a load are those of the load before. The load before is gone through once, in its order; only the load at hand is looked up in.
import { type KeyIndex, keyIndex } from './key-index.ts';
import { type GoneCertificates, NOBODY } from './gone.ts';
import type { LoadTable } from './table.ts';

export interface LoadMatch {
  /** The row of the same offer in the load before, or −1. */
  old(row: number): number;
  /** The row that had this stone's certificate in the load before, or −1; asked of stones that are new, or have another certificate than before. */
  holder(row: number): number;
  /** The place of this stone's certificate among those that had gone by the load before, or −1; asked of the same. */
  gone(row: number): number;
}

/** Rows of the load before that were taken over as they were: so many from `from` on, which are now those from `to` on. Both go up from one to the next. */
export interface Taken {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

type Certificates = Pick<KeyIndex, 'high' | 'low'>;

const NONE: LoadMatch = { old: () => -1, holder: () => -1, gone: () => -1 };

/** Matches a load with the one before. */
export function matchLoads(
  now: LoadTable,
  before: LoadTable | null,
  taken: readonly Taken[] = [],
  gone: GoneCertificates = NOBODY,
): LoadMatch {
  if (before === null) return NONE;
  const olds = oldRows(now, before, taken);
  // Two million certificates, of which next to all are where they were: only the others are put in order.
  const certificates = keyIndex();
  let wanted = 0;
  for (let row = 0; row < now.rows; row++) {
    const [high, low] = [now.certificates.high(row), now.certificates.low(row)];
    const old = olds[row] ?? -1;
    const isNone = high === 0 && low === 0;
    const isOwn = old >= 0 && before.certificates.high(old) === high && before.certificates.low(old) === low;
    if (!isNone && !isOwn && certificates.claim(high, low, wanted) === wanted) wanted++;
  }
  /** Of a list of certificates the first row of each that is wanted. */
  const firsts = (list: Certificates, rows: number): Int32Array => {
    const first = new Int32Array(wanted).fill(-1);
    for (let row = 0; row < rows; row++) {
      const place = certificates.find(list.high(row), list.low(row));
      if (place >= 0 && first[place] === -1) first[place] = row;
    }
    return first;
  };
  const holders = firsts(before.certificates, before.rows);
  const left = firsts(gone, gone.rows);
  const placeOf = (row: number): number =>
    certificates.find(now.certificates.high(row), now.certificates.low(row));
  return {
    old: (row) => olds[row] ?? -1,
    holder: (row) => holders[placeOf(row)] ?? -1,
    gone: (row) => left[placeOf(row)] ?? -1,
  };
}

/** For each row now the one that it was, or −1. */
function oldRows(now: LoadTable, before: LoadTable, taken: readonly Taken[]): Int32Array {
  const olds = new Int32Array(now.rows).fill(-1);
  let row = 0;
  for (const { from, to, rows } of taken) {
    lookUp(from);
    for (let i = 0; i < rows; i++) olds[to + i] = from + i;
    row = from + rows;
  }
  lookUp(before.rows);
  return olds;

  /** Rows of the load before that were read anew, or are gone: up to this one. */
  function lookUp(end: number): void {
    for (; row < end; row++) {
      const place = now.find(before.keys.high(row), before.keys.low(row));
      if (place >= 0) olds[place] = row;
    }
  }
}
