// Sets of rows as bits: what a filter over two million stones is made of. A space holds so many sets of one length.
import { bitKernel } from './bit-kernel.ts';

/** A set, by its address in its space. */
export type BitSet = number & { readonly bitSet: never };

export interface BitSpace {
  /** A set with nothing in it. Throws a RangeError where the space is used up. */
  make(): BitSet;
  clear(set: BitSet): void;
  /** All rows from `from` up to `to`, the end not included, and no others. */
  fill(set: BitSet, from: number, to: number): void;
  copy(to: BitSet, from: BitSet): void;
  add(to: BitSet, from: BitSet): void;
  keepOnly(to: BitSet, from: BitSet): void;
  /** Takes what is in `from` out of `to`. */
  except(to: BitSet, from: BitSet): void;
  /** How many rows are in both. */
  count(a: BitSet, b: BitSet): number;
  set(set: BitSet, row: number, on: boolean): void;
  has(set: BitSet, row: number): boolean;
  /** The rows of a set in order, from the end where `backwards`; at most so many. */
  rows(set: BitSet, most: number, backwards?: boolean): number[];
}

/** Where a set begins, in words. */
const first = (set: BitSet): number => set >>> 2;

/** Makes a space for `sets` sets over `rows` rows. */
export function bitSpace(rows: number, sets: number): BitSpace {
  const bytes = Math.ceil(rows / 128) * 16;
  const kernel = bitKernel(bytes * sets);
  const words = new Uint32Array(kernel.memory.buffer);
  const perSet = bytes >>> 2;
  let used = 0;

  const space: BitSpace = {
    make() {
      if (used === sets) throw new RangeError(`a space of ${sets} sets`);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where addresses are made
      return (used++ * bytes) as BitSet;
    },
    clear: (set) => void words.fill(0, first(set), first(set) + perSet),
    fill(set, from, to) {
      space.clear(set);
      if (from >= to) return;
      const [begin, end] = [first(set) + (from >>> 5), first(set) + (to >>> 5)];
      words.fill(0xffffffff, begin, end);
      if ((to & 31) !== 0) words[end] = (1 << (to & 31)) - 1;
      words[begin] = (words[begin] ?? 0) & (0xffffffff << (from & 31));
    },
    copy: (to, from) => void words.copyWithin(first(to), first(from), first(from) + perSet),
    add: (to, from) => kernel.or(to, from, bytes),
    keepOnly: (to, from) => kernel.and(to, from, bytes),
    except(to, from) {
      const [a, b] = [first(to), first(from)];
      for (let i = 0; i < perSet; i++) words[a + i] = (words[a + i] ?? 0) & ~(words[b + i] ?? 0);
    },
    count: (a, b) => kernel.count(a, b, bytes),
    set(set, row, on) {
      const at = first(set) + (row >>> 5);
      const bit = 1 << (row & 31);
      words[at] = on ? (words[at] ?? 0) | bit : (words[at] ?? 0) & ~bit;
    },
    has: (set, row) => ((words[first(set) + (row >>> 5)] ?? 0) & (1 << (row & 31))) !== 0,
    rows(set, most, backwards = false) {
      const found: number[] = [];
      const begin = first(set);
      for (let i = 0; i < perSet && found.length < most; i++) {
        const at = backwards ? perSet - 1 - i : i;
        let word = words[begin + at] ?? 0;
        while (word !== 0 && found.length < most) {
          const bit = backwards ? 31 - Math.clz32(word) : 31 - Math.clz32(word & -word);
          found.push((at << 5) + bit);
          word ^= 1 << bit;
        }
      }
      return found;
    },
  };
  return space;
}
