// Finds what PCRE would find, in PCRE's order: the leftmost match, alternatives in the order they are written, with its groups. It tries one way after the other,
// but no way twice from the same instruction at the same byte (memoised backtracking), so that time stays linear in the length. Where the past matters, after a
// back-reference or in a loop that may take nothing, it may, and a bound on steps holds instead.
import { ASSERTIONS, Op, type Program } from './program.ts';

/** Start and end of each group, -1 where it took no part: `[start0, end0, start1, …]`. */
export type Captures = Int32Array;

/** Steps that one search may take: this many, and so many more per byte. */
const FLAT_STEPS = 100_000;
const STEPS_PER_BYTE = 1000;
/** Bits of memory that one search may take. */
const MAX_MEMORY_BITS = 1 << 26;

/** A search that would take more steps or memory than it may. */
export class StepLimit extends Error {
  constructor() {
    super('a pattern needs more steps than it may take');
    this.name = 'StepLimit';
  }
}

export class Backtracker {
  readonly #program: Program;
  /** Which instructions are remembered: those that more than one way leads to. */
  readonly #slots: Int32Array;
  readonly #slotCount: number;
  /** Classes of bytes with which a match can begin; null where it may begin without one. */
  readonly #first: Uint8Array | null;

  constructor(program: Program) {
    this.#program = program;
    const { ops, xs, ys } = program;
    this.#slots = new Int32Array(ops.length).fill(-1);
    let slots = 0;
    const remember = (at: number) => {
      if (this.#slots[at] !== -1) return;
      this.#slots[at] = slots;
      slots += 1;
    };
    if (program.forgetful) {
      for (let at = 0; at < ops.length; at += 1) {
        if (ops[at] === Op.split) remember(at);
        if (ops[at] === Op.jump) remember(xs[at] ?? 0);
        if (ops[at] === Op.split) remember(ys[at] ?? 0);
      }
    }
    this.#slotCount = slots;
    this.#first = firstClasses(program);
  }

  /** Whether a search in so many bytes is within its memory. */
  canSearch(length: number): boolean {
    return this.#slotCount * (length + 1) <= MAX_MEMORY_BITS;
  }

  /** The leftmost match at or after `from`; null where there is none. Throws `StepLimit`. */
  exec(text: string, from = 0): Captures | null {
    if (!this.canSearch(text.length)) throw new StepLimit();
    const search = new Search(this.#program, this.#slots, this.#slotCount, text);
    const { classOf } = this.#program;
    for (let at = from; at <= text.length; at += 1) {
      if (this.#first !== null) {
        while (at < text.length && this.#first[classOf[text.charCodeAt(at)] ?? 0] !== 1) at += 1;
        if (at === text.length) return null;
      }
      const end = search.run(0, at, -1);
      if (end < 0) continue;
      search.captures[0] = at;
      search.captures[1] = end;
      return search.captures.subarray(0, (this.#program.groups + 1) * 2);
    }
    return null;
  }
}

/** The classes that a match can begin with, or null where it can be empty, or begins with what is not a byte. */
function firstClasses(program: Program): Uint8Array | null {
  const { ops, xs, ys, sets } = program;
  const first = new Uint8Array(program.classes);
  const seen = new Set<number>();
  const waiting = [0];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    switch (ops[at]) {
      case Op.byte:
        for (const [i, has] of (sets[xs[at] ?? 0] ?? []).entries()) if (has === 1) first[i] = 1;
        break;
      case Op.split:
        waiting.push(xs[at] ?? 0, ys[at] ?? 0);
        break;
      case Op.jump:
      case Op.round:
        waiting.push(xs[at] ?? 0);
        break;
      case Op.save:
      case Op.assert:
      case Op.atomic:
        waiting.push(at + 1);
        break;
      case Op.look:
        waiting.push(ys[at] ?? 0);
        break;
      default:
        return null;
    }
  }
  return first;
}

/** One search in one text. */
class Search {
  readonly captures: Captures;
  readonly #program: Program;
  readonly #slots: Int32Array;
  readonly #text: string;
  readonly #width: number;
  readonly #seen: Uint32Array;
  #steps: number;
  /** What was remembered since a part that runs for itself began, so that it can be forgotten. */
  #journal: number[] | null = null;

  constructor(program: Program, slots: Int32Array, slotCount: number, text: string) {
    this.#program = program;
    this.#slots = slots;
    this.#text = text;
    this.#width = text.length + 1;
    this.#seen = new Uint32Array(Math.ceil((slotCount * this.#width) / 32));
    this.#steps = FLAT_STEPS + STEPS_PER_BYTE * text.length;
    this.captures = new Int32Array(program.saved).fill(-1);
  }

  /** Where a match that begins at `at` ends, -1 where none does. `mustEnd`: the only end that counts, or -1 for any. */
  run(from: number, start: number, mustEnd: number): number {
    const { ops, xs, ys, sets, classOf } = this.#program;
    const text = this.#text;
    // Pairs: an instruction and a position to go on from; or a capture, written as its complement, and what it was.
    const stack: number[] = [from, start];
    while (stack.length > 0) {
      let pos = stack.pop() ?? 0;
      let at = stack.pop() ?? 0;
      if (at < 0) {
        this.captures[~at] = pos;
        continue;
      }
      for (;;) {
        this.#steps -= 1;
        if (this.#steps < 0) throw new StepLimit();
        if (this.#wasHere(at, pos)) break;
        const x = xs[at] ?? 0;
        const op = ops[at];
        if (op === Op.byte) {
          if (pos >= text.length || sets[x]?.[classOf[text.charCodeAt(pos)] ?? 0] !== 1) break;
          pos += 1;
          at = ys[at] ?? 0;
        } else if (op === Op.split) {
          stack.push(ys[at] ?? 0, pos);
          at = x;
        } else if (op === Op.jump) at = x;
        else if (op === Op.save) {
          stack.push(~x, this.captures[x] ?? 0);
          this.captures[x] = pos;
          at += 1;
        } else if (op === Op.round) at = this.captures[xs[x + 1] ?? 0] === pos ? (ys[at] ?? 0) : x;
        else if (op === Op.assert) {
          if (!this.#holds(x, pos)) break;
          at += 1;
        } else if (op === Op.match) {
          if (mustEnd === -1 || pos === mustEnd) return pos;
          break;
        } else {
          const next = this.#apart(at, pos, stack);
          if (next < 0) break;
          pos = next;
          at = op === Op.reference ? at + 1 : (ys[at] ?? 0);
        }
      }
    }
    return -1;
  }

  /** Whether this way was tried before; remembers that it is now. */
  #wasHere(at: number, pos: number): boolean {
    const slot = this.#slots[at] ?? 0;
    if (slot < 0) return false;
    const bit = slot * this.#width + pos;
    const word = bit >>> 5;
    const flag = 1 << (bit & 31);
    if (((this.#seen[word] ?? 0) & flag) !== 0) return true;
    this.#seen[word] = (this.#seen[word] ?? 0) | flag;
    this.#journal?.push(bit);
    return false;
  }

  /** Look-around, atomic groups, back-references: where to go on, or -1. */
  #apart(at: number, pos: number, undo: number[]): number {
    const { ops, xs, ys, looks } = this.#program;
    if (ops[at] === Op.reference) return this.#reference(xs[at] ?? 0, ys[at] === 1, pos);
    const outer = this.#journal;
    this.#journal = [];
    const before = this.captures.slice();
    const look = ops[at] === Op.look ? looks[xs[at] ?? 0] : undefined;
    let end = -1;
    if (look === undefined || look.ahead) end = this.run(at + 1, pos, -1);
    else {
      for (let width = look.min; width <= look.max && width <= pos && end < 0; width += 1) {
        end = this.run(at + 1, pos - width, pos);
        if (end < 0) this.#forget();
      }
    }
    // What led to a match did not fail, and may be needed again; the ways that failed may be tried again, too, within the bound on steps.
    if (end >= 0) this.#forget();
    this.#journal = outer;
    const kept = end >= 0 && look?.negative !== true;
    for (const [i, old] of before.entries()) {
      if (this.captures[i] === old) continue;
      if (kept) undo.push(~i, old);
      else this.captures[i] = old;
    }
    if (look === undefined) return end;
    return end >= 0 === look.negative ? -1 : pos;
  }

  #forget(): void {
    for (const bit of this.#journal ?? []) {
      this.#seen[bit >>> 5] = (this.#seen[bit >>> 5] ?? 0) & ~(1 << (bit & 31));
    }
    this.#journal = [];
  }

  #reference(group: number, anyCase: boolean, pos: number): number {
    const start = this.captures[group * 2] ?? 0;
    const end = this.captures[group * 2 + 1] ?? 0;
    if (start < 0 || end < start) return -1;
    const taken = this.#text.slice(start, end);
    const here = this.#text.slice(pos, pos + taken.length);
    const same = anyCase ? lowerAscii(taken) === lowerAscii(here) : taken === here;
    return same ? pos + taken.length : -1;
  }

  #holds(assertion: number, pos: number): boolean {
    const text = this.#text;
    switch (ASSERTIONS[assertion]) {
      case 'start':
        return pos === 0;
      case 'end':
        return pos === text.length;
      case 'last':
        return pos === text.length || (pos === text.length - 1 && text[pos] === '\n');
      case 'line-start':
        return pos === 0 || (text[pos - 1] === '\n' && pos < text.length);
      case 'line-end':
        return pos === text.length || text[pos] === '\n';
      case 'word-edge':
        return isWord(text, pos - 1) !== isWord(text, pos);
      case 'no-word-edge':
        return isWord(text, pos - 1) === isWord(text, pos);
      default:
        throw new Error('an assertion that is not known');
    }
  }
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x5f
  );
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
}
