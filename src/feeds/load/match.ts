// Which stones of a load are those of the load before. The load before is gone through once, in its order; only the load at hand is looked up in.
import type { LoadTable } from './table.ts';

export interface LoadMatch {
  /** The row of the same offer in the load before, or −1. */
  old(row: number): number;
  /** The row that had this stone's certificate in the load before, or −1. */
  holder(row: number): number;
}

const NONE: LoadMatch = { old: () => -1, holder: () => -1 };

/** Matches a load with the one before. */
export function matchLoads(now: LoadTable, before: LoadTable | null): LoadMatch {
  if (before === null) return NONE;
  const olds = new Int32Array(now.rows).fill(-1);
  /** By the first row of a certificate: others under it are found through that one. */
  const holders = new Int32Array(now.rows).fill(-1);
  for (let row = 0; row < before.rows; row++) {
    const offer = now.find(before.keys.high(row), before.keys.low(row));
    if (offer >= 0) olds[offer] = row;
    const [high, low] = [before.certificates.high(row), before.certificates.low(row)];
    if (high === 0 && low === 0) continue;
    const certified = now.certificates.find(high, low);
    if (certified >= 0 && holders[certified] === -1) holders[certified] = row;
  }
  return {
    old: (row) => olds[row] ?? -1,
    holder(row) {
      const [high, low] = [now.certificates.high(row), now.certificates.low(row)];
      if (high === 0 && low === 0) return -1;
      return holders[now.certificates.find(high, low)] ?? -1;
    },
  };
}
