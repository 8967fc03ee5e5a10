// A pattern as instructions of a non-deterministic automaton (Thompson 1968; Pike's captures). Counts are written out. A program of more than 40,000 instructions is
// refused: it would cost more to run than any rule is worth.
import { type ByteSet, NEWLINE, WORD } from './byte-set.ts';
import type { Assertion, Node } from './syntax.ts';

/** What an instruction does; `x` and `y` are its operands. */
export const Op = {
  /** Found. */
  match: 0,
  /** Takes one byte whose class is in set `x`, goes on at `y`. */
  byte: 1,
  /** Goes on at `x`, or else at `y`. */
  split: 2,
  /** Goes on at `x`. */
  jump: 3,
  /** Remembers the position as `x`, goes on at the next instruction. */
  save: 4,
  /** Goes on at the next instruction where assertion `x` holds. */
  assert: 5,
  /** Look-around number `x`: runs it from the next instruction, then goes on at `y`. */
  look: 6,
  /** Runs from the next instruction to its `match`, then goes on at `y` without coming back. */
  atomic: 7,
  /** Takes what group `x` took; `y` is 1 where case does not matter. */
  reference: 8,
  /** The end of one round of a loop that may take nothing: goes on past the loop at `y` where the round took nothing, else round again at `x`; the position before the round was saved just after `x`. */
  round: 9,
} as const;

export interface Look {
  readonly ahead: boolean;
  readonly negative: boolean;
  /** Widths that what is behind may have: bytes at least and at most. */
  readonly min: number;
  readonly max: number;
}

export interface Program {
  readonly ops: Uint8Array;
  readonly xs: Int32Array;
  readonly ys: Int32Array;
  readonly looks: readonly Look[];
  readonly groups: number;
  /** Positions that are saved: two for each group and the whole, one for each loop that may take nothing. */
  readonly saved: number;
  /** Class of each byte: bytes that no instruction tells apart share one. */
  readonly classOf: Uint8Array;
  readonly classes: number;
  /** For each set of bytes, a flag per class. */
  readonly sets: readonly Uint8Array[];
  readonly asserts: ReadonlySet<Assertion>;
  /** Whether instruction and position alone decide what can be found from there: neither a back-reference nor a loop that may take nothing makes the past matter. */
  readonly forgetful: boolean;
}

export const ASSERTIONS = [
  'start',
  'end',
  'last',
  'line-start',
  'line-end',
  'word-edge',
  'no-word-edge',
] as const;

const MAX_INSTRUCTIONS = 40_000;

/** A pattern that needs more instructions than any may. */
export class ProgramTooLong extends Error {
  constructor() {
    super(`a pattern of more than ${MAX_INSTRUCTIONS} instructions`);
    this.name = 'ProgramTooLong';
  }
}

/** `groups` 0 leaves captures out. Throws `ProgramTooLong`. */
export function assemble(root: Node, groups: number): Program {
  return new Assembler(groups).program(root);
}

/** Least and most bytes that a node takes. */
function widths(node: Node): readonly [number, number] {
  switch (node.kind) {
    case 'empty':
    case 'assertion':
    case 'look':
      return [0, 0];
    case 'byte':
      return [1, 1];
    case 'backreference':
      return [0, Infinity];
    case 'group':
    case 'atomic':
      return widths(node.item);
    case 'repeat': {
      const [min, max] = widths(node.item);
      return [min * node.min, max === 0 ? 0 : max * node.max];
    }
    case 'sequence':
      return node.items.map(widths).reduce(([a, b], [c, d]) => [a + c, b + d] as const, [0, 0] as const);
    case 'choice':
      return node.options.map(widths).reduce(([a, b], [c, d]) => [Math.min(a, c), Math.max(b, d)] as const);
  }
}

class Assembler {
  readonly #ops: number[] = [];
  readonly #xs: number[] = [];
  readonly #ys: number[] = [];
  readonly #sets: ByteSet[] = [];
  readonly #setIds = new Map<string, number>();
  readonly #looks: Look[] = [];
  readonly #asserts = new Set<Assertion>();
  readonly #groups: number;
  #loops = 0;
  #hasReferences = false;

  constructor(groups: number) {
    this.#groups = groups;
  }

  program(root: Node): Program {
    this.#emit(root);
    this.#add(Op.match);
    const classOf = this.#classes();
    const classes = Math.max(...classOf) + 1;
    const sets = this.#sets.map((set) => {
      const flags = new Uint8Array(classes);
      for (let byte = 0; byte < 256; byte += 1) if (set[byte] === 1) flags[classOf[byte] ?? 0] = 1;
      return flags;
    });
    return {
      ops: Uint8Array.from(this.#ops),
      xs: Int32Array.from(this.#xs),
      ys: Int32Array.from(this.#ys),
      looks: this.#looks,
      groups: this.#groups,
      saved: (this.#groups + 1) * 2 + this.#loops,
      classOf,
      classes,
      sets,
      asserts: this.#asserts,
      forgetful: !this.#hasReferences && this.#loops === 0,
    };
  }

  /** Bytes that no set, and no assertion that is used, tells apart. */
  #classes(): Uint8Array {
    const telling = [...this.#sets];
    if (this.#asserts.has('word-edge') || this.#asserts.has('no-word-edge')) telling.push(WORD);
    if (this.#asserts.has('line-start') || this.#asserts.has('line-end') || this.#asserts.has('last'))
      telling.push(NEWLINE);
    let classOf = new Uint8Array(256);
    let count = 1;
    for (const set of telling) {
      const next = new Uint8Array(256);
      const renamed = new Int16Array(count * 2).fill(-1);
      let used = 0;
      for (let byte = 0; byte < 256; byte += 1) {
        const key = (classOf[byte] ?? 0) * 2 + (set[byte] ?? 0);
        if (renamed[key] === -1) {
          renamed[key] = used;
          used += 1;
        }
        next[byte] = renamed[key] ?? 0;
      }
      classOf = next;
      count = used;
    }
    return classOf;
  }

  #add(op: number, x = 0, y = 0): number {
    if (this.#ops.length >= MAX_INSTRUCTIONS) throw new ProgramTooLong();
    this.#ops.push(op);
    this.#xs.push(x);
    this.#ys.push(y);
    return this.#ops.length - 1;
  }

  #setId(set: ByteSet): number {
    const key = Buffer.from(set).toString('latin1');
    const known = this.#setIds.get(key);
    if (known !== undefined) return known;
    this.#sets.push(set);
    this.#setIds.set(key, this.#sets.length - 1);
    return this.#sets.length - 1;
  }

  #here(): number {
    return this.#ops.length;
  }

  #emit(node: Node): void {
    switch (node.kind) {
      case 'empty':
        return;
      case 'byte': {
        const at = this.#add(Op.byte, this.#setId(node.set));
        this.#ys[at] = at + 1;
        return;
      }
      case 'sequence':
        for (const item of node.items) this.#emit(item);
        return;
      case 'choice':
        this.#emitChoice(node.options);
        return;
      case 'repeat':
        this.#emitRepeat(node.item, node.min, node.max, node.greedy);
        return;
      case 'group':
        if (this.#groups > 0) this.#add(Op.save, node.index * 2);
        this.#emit(node.item);
        if (this.#groups > 0) this.#add(Op.save, node.index * 2 + 1);
        return;
      case 'assertion':
        this.#asserts.add(node.what);
        this.#add(Op.assert, ASSERTIONS.indexOf(node.what));
        return;
      case 'look': {
        const [min, max] = widths(node.item);
        this.#looks.push({ ahead: node.ahead, negative: node.negative, min, max });
        this.#emitApart(Op.look, this.#looks.length - 1, node.item);
        return;
      }
      case 'atomic':
        this.#emitApart(Op.atomic, 0, node.item);
        return;
      case 'backreference':
        this.#hasReferences = true;
        this.#add(Op.reference, node.index, node.caseless ? 1 : 0);
    }
  }

  /** A part that runs for itself, to a `match` of its own. */
  #emitApart(op: number, x: number, item: Node): void {
    const at = this.#add(op, x);
    this.#emit(item);
    this.#add(Op.match);
    this.#ys[at] = this.#here();
  }

  #emitChoice(options: readonly Node[]): void {
    const jumps: number[] = [];
    for (const [i, option] of options.entries()) {
      if (i === options.length - 1) {
        this.#emit(option);
        break;
      }
      const split = this.#add(Op.split, this.#here() + 1);
      this.#emit(option);
      jumps.push(this.#add(Op.jump));
      this.#ys[split] = this.#here();
    }
    for (const jump of jumps) this.#xs[jump] = this.#here();
  }

  #emitRepeat(item: Node, min: number, max: number, greedy: boolean): void {
    for (let i = 0; i < min; i += 1) this.#emit(item);
    if (max === Infinity) {
      const split = this.#add(Op.split);
      const mayTakeNothing = widths(item)[0] === 0;
      if (mayTakeNothing) {
        this.#add(Op.save, (this.#groups + 1) * 2 + this.#loops);
        this.#loops += 1;
      }
      this.#emit(item);
      if (mayTakeNothing) this.#add(Op.round, split, this.#here() + 1);
      else this.#add(Op.jump, split);
      this.#setSplit(split, split + 1, this.#here(), greedy);
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i += 1) {
      splits.push(this.#add(Op.split));
      this.#emit(item);
    }
    for (const split of splits) this.#setSplit(split, split + 1, this.#here(), greedy);
  }

  #setSplit(at: number, into: number, past: number, greedy: boolean): void {
    this.#xs[at] = greedy ? into : past;
    this.#ys[at] = greedy ? past : into;
  }
}
