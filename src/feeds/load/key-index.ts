// Hashed keys → rows, in flat arrays: two million of them in some thirty megabytes.

export interface KeyIndex {
  /** Notes a row's key, and gives the key to the row unless another has it already; returns the row that has it, `row` itself where it is new. Rows may come in any order. */
  claim(high: number, low: number, row: number): number;
  /** The row of a key, or −1. */
  find(high: number, low: number): number;
  /** The halves of a row's key; both 0 where it has none. */
  high(row: number): number;
  low(row: number): number;
  /** The halves of the first rows, high before low. */
  halves(rows: number): Uint32Array<ArrayBuffer>;
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
  return indexOf(new Uint32Array(2 * Math.max(FIRST_ROWS, rows)), 0);
}

/** An index of keys that are known, in the form that `halves` gives; a key of zeros is none. It is put in order when somebody first looks one up: many only read the halves. */
export function knownKeys(halves: Uint32Array<ArrayBuffer>): KeyIndex {
  return indexOf(halves, halves.length / 2);
}

function indexOf(given: Uint32Array<ArrayBuffer>, known: number): KeyIndex {
  // Both halves of a key side by side: what is far apart in memory is waited for twice.
  let halves = given;
  let slots: Int32Array | null = null;
  let used = 0;

  function inOrder(): Int32Array {
    if (slots !== null) return slots;
    slots = slotsFor(halves.length / 2);
    for (let row = 0; row < known; row++) {
      const [high, low] = [halves[2 * row] ?? 0, halves[2 * row + 1] ?? 0];
      if (high === 0 && low === 0) continue;
      const slot = slotOf(slots, high, low);
      if (slots[slot] !== -1) continue;
      slots[slot] = row;
      used++;
    }
    return slots;
  }

  function slotOf(of: Int32Array, high: number, low: number): number {
    const mask = of.length - 1;
    let slot = low & mask;
    for (let row = of[slot] ?? -1; row >= 0; row = of[slot] ?? -1) {
      if (halves[2 * row] === high && halves[2 * row + 1] === low) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  function growTo(rowsWanted: number): void {
    let rows = Math.max(FIRST_ROWS, halves.length / 2);
    // By half: what is there and what comes are in memory together while it is copied.
    while (rows < rowsWanted) rows = Math.ceil(rows * 1.5);
    const old = inOrder();
    const before = halves;
    halves = new Uint32Array(2 * rows);
    halves.set(before);
    if (rows * SPARSE <= old.length) return;
    const more = slotsFor(rows);
    for (const row of old)
      if (row >= 0) more[slotOf(more, halves[2 * row] ?? 0, halves[2 * row + 1] ?? 0)] = row;
    slots = more;
  }

  return {
    claim(high, low, row) {
      if (2 * row >= halves.length || used * SPARSE >= inOrder().length) growTo(Math.max(row, used) + 1);
      halves[2 * row] = high;
      halves[2 * row + 1] = low;
      const all = inOrder();
      const slot = slotOf(all, high, low);
      const there = all[slot] ?? -1;
      if (there >= 0) return there;
      all[slot] = row;
      used++;
      return row;
    },
    find(high, low) {
      const all = inOrder();
      return all[slotOf(all, high, low)] ?? -1;
    },
    high: (row) => halves[2 * row] ?? 0,
    low: (row) => halves[2 * row + 1] ?? 0,
    halves(rows) {
      if (2 * rows > halves.length) growTo(rows);
      return halves.subarray(0, 2 * rows);
    },
  };
}
