// Hashed keys → rows, in flat arrays: two million of them in some fifty megabytes.

export interface KeyIndex {
  /** Notes a row's key, and gives the key to the row unless another has it already; returns the row that has it, `row` itself where it is new. Rows may come in any order. */
  claim(high: number, low: number, row: number): number;
  /** The row of a key, or −1. */
  find(high: number, low: number): number;
  /** The halves of a row's key; both 0 where it has none. */
  high(row: number): number;
  low(row: number): number;
}

const FIRST_ROWS = 4_096;
/** Slots for each row, at the least. */
const SPARSE = 2;

function slotsFor(rows: number): Int32Array<ArrayBuffer> {
  let size = 1;
  while (size < rows * SPARSE) size *= 2;
  return new Int32Array(size).fill(-1);
}

/** Makes an index that grows; `rows` is how many are expected. */
export function keyIndex(rows: number = FIRST_ROWS): KeyIndex {
  let highs = new Uint32Array(Math.max(FIRST_ROWS, rows));
  let lows = new Uint32Array(highs.length);
  let slots = slotsFor(highs.length);
  let used = 0;

  function slotOf(high: number, low: number): number {
    const mask = slots.length - 1;
    let slot = low & mask;
    for (let row = slots[slot] ?? -1; row >= 0; row = slots[slot] ?? -1) {
      if (lows[row] === low && highs[row] === high) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  function growTo(rowsWanted: number): void {
    let { length } = highs;
    // By half: what is there and what comes are in memory together while it is copied.
    while (length < rowsWanted) length = Math.ceil(length * 1.5);
    const [oldHighs, oldLows] = [highs, lows];
    highs = new Uint32Array(length);
    highs.set(oldHighs);
    lows = new Uint32Array(length);
    lows.set(oldLows);
    if (length * SPARSE <= slots.length) return;
    const old = slots;
    slots = slotsFor(length);
    for (const row of old) if (row >= 0) slots[slotOf(highs[row] ?? 0, lows[row] ?? 0)] = row;
  }

  return {
    claim(high, low, row) {
      if (row >= highs.length || used * SPARSE >= slots.length) growTo(Math.max(row, used) + 1);
      highs[row] = high;
      lows[row] = low;
      const slot = slotOf(high, low);
      const there = slots[slot] ?? -1;
      if (there >= 0) return there;
      slots[slot] = row;
      used++;
      return row;
    },
    find: (high, low) => slots[slotOf(high, low)] ?? -1,
    high: (row) => highs[row] ?? 0,
    low: (row) => lows[row] ?? 0,
  };
}
