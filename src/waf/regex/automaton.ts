// A deterministic automaton that is built while it runs (Thompson 1968; Cox 2010, "Regular Expression Matching in the Wild"). It says whether a pattern is found
// somewhere, and where the first place is at which that is known. Each byte costs one look-up, or the making of one state; states are thrown away when
// there are too many, so memory is bounded.
import { ASSERTIONS, Op, type Program } from './program.ts';

/** A transition that was not yet made, and two that need no state. */
const UNKNOWN = 0;
const FOUND = -1;
const NEVER = -2;

/** What stood before: it decides assertions. */
const Before = { nothing: 0, word: 1, newline: 2, other: 3 } as const;

/** Bytes of transitions that one automaton may keep. */
const MAX_TABLE_BYTES = 1 << 20;
const FIRST_STATES = 8;
const WORD_CHARS = /\w/u;

export class Automaton {
  readonly #program: Program;
  readonly #classOf: Uint8Array;
  /** One column per class, and one for the end. */
  readonly #stride: number;
  readonly #maxStates: number;
  readonly #kindOfClass: Uint8Array;
  /** Whether states must tell what stood before. */
  readonly #tellsWords: boolean;
  readonly #tellsLines: boolean;
  #table: Int32Array;
  #states: { readonly ids: Int32Array; readonly before: number }[] = [];
  #known = new Map<string, number>();
  #start = 0;

  readonly #marks: Int32Array;
  #mark = 0;
  readonly #stack: Int32Array;

  constructor(program: Program) {
    this.#program = program;
    this.#classOf = program.classOf;
    this.#stride = program.classes + 1;
    this.#maxStates = Math.max(64, Math.floor(MAX_TABLE_BYTES / 4 / this.#stride));
    this.#tellsWords = program.asserts.has('word-edge') || program.asserts.has('no-word-edge');
    this.#tellsLines = program.asserts.has('line-start');
    this.#marks = new Int32Array(program.ops.length);
    this.#stack = new Int32Array(program.ops.length * 2 + 2);
    this.#table = new Int32Array(this.#stride * FIRST_STATES);
    this.#kindOfClass = new Uint8Array(this.#stride);
    for (let byte = 255; byte >= 0; byte -= 1) {
      const char = String.fromCharCode(byte);
      const kind =
        char === '\n' ? Before.newline : byte < 128 && WORD_CHARS.test(char) ? Before.word : Before.other;
      this.#kindOfClass[this.#classOf[byte] ?? 0] = kind;
    }
    this.#kindOfClass[program.classes] = Before.nothing;
  }

  /** The least `end` such that a match lies within the first `end` bytes, give or take one byte that an assertion had to see; -1 where there is none. */
  find(text: string): number {
    if (this.#start === 0) this.#start = this.#first();
    if (this.#start < 0) return this.#start === FOUND ? 0 : -1;
    const classOf = this.#classOf;
    const stride = this.#stride;
    let table = this.#table;
    let state = this.#start;
    const length = text.length;
    for (let i = 0; i < length; i += 1) {
      const column = classOf[text.charCodeAt(i)] ?? 0;
      let next = table[state + column] ?? 0;
      if (next <= 0) {
        if (next === UNKNOWN) {
          next = this.#make(state, column);
          table = this.#table;
        }
        if (next === FOUND) return i + 1;
        if (next === NEVER) return -1;
      }
      state = next;
    }
    let last = table[state + stride - 1] ?? 0;
    if (last === UNKNOWN) last = this.#make(state, stride - 1);
    return last === FOUND ? length : -1;
  }

  #first(): number {
    this.#mark += 1;
    const ids: number[] = [];
    return this.#close(0, true, ids) ? FOUND : this.#stateOf(ids, Before.nothing);
  }

  /** Adds what can be reached from an instruction without a byte; assertions stay, to be decided when the next byte is known. True where that is a match. */
  #close(from: number, atStart: boolean, ids: number[]): boolean {
    const { ops, xs, ys } = this.#program;
    const stack = this.#stack;
    let top = 0;
    stack[top] = from;
    top += 1;
    while (top > 0) {
      top -= 1;
      const at = stack[top] ?? 0;
      if (this.#marks[at] === this.#mark) continue;
      this.#marks[at] = this.#mark;
      switch (ops[at]) {
        case Op.match:
          return true;
        case Op.byte:
          ids.push(at);
          break;
        case Op.assert:
          // What must stand at the start cannot, later.
          if (atStart || ASSERTIONS[xs[at] ?? 0] !== 'start') ids.push(at);
          break;
        case Op.split:
          stack[top] = ys[at] ?? 0;
          stack[top + 1] = xs[at] ?? 0;
          top += 2;
          break;
        case Op.jump:
        case Op.round:
          stack[top] = xs[at] ?? 0;
          top += 1;
          break;
        default:
          stack[top] = at + 1;
          top += 1;
      }
    }
    return false;
  }

  #make(state: number, column: number): number {
    const from = this.#states[state / this.#stride - 1];
    if (from === undefined) throw new Error('a state that was never made');
    const { ops, xs, ys, sets } = this.#program;
    const atEnd = column === this.#stride - 1;
    const ids = this.#resolved(from.ids, from.before, column);
    let next: number;
    if (ids === null) next = FOUND;
    else if (atEnd) next = NEVER;
    else {
      this.#mark += 1;
      const reached: number[] = [];
      let found = false;
      for (const at of ids) {
        if (ops[at] === Op.byte && sets[xs[at] ?? 0]?.[column] === 1)
          found ||= this.#close(ys[at] ?? 0, false, reached);
        if (found) break;
      }
      // A match may begin at every byte.
      found ||= this.#close(0, false, reached);
      if (found) next = FOUND;
      else if (reached.length === 0) next = NEVER;
      else {
        if (this.#states.length >= this.#maxStates) {
          this.#forget();
          return this.#stateOf(reached, this.#beforeOf(column));
        }
        next = this.#stateOf(reached, this.#beforeOf(column));
      }
    }
    this.#table[state + column] = next;
    return next;
  }

  #beforeOf(column: number): number {
    const kind = this.#kindOfClass[column] ?? 0;
    if (kind === Before.word) return this.#tellsWords ? kind : Before.other;
    return kind === Before.newline && !this.#tellsLines ? Before.other : kind;
  }

  /** The bytes that may be taken once assertions are decided; null where that alone is a match. */
  #resolved(ids: Int32Array, before: number, column: number): readonly number[] | Int32Array | null {
    const { ops } = this.#program;
    if (this.#program.asserts.size === 0) return ids;
    this.#mark += 1;
    const bytes: number[] = [];
    const waiting: number[] = [];
    for (const at of ids) (ops[at] === Op.byte ? bytes : waiting).push(at);
    for (const at of ids) this.#marks[at] = this.#mark;
    while (waiting.length > 0) {
      const at = waiting.pop() ?? 0;
      if (!this.#holds(this.#program.xs[at] ?? 0, before, column)) continue;
      const more: number[] = [];
      if (this.#close(at + 1, before === Before.nothing, more)) return null;
      for (const id of more) (ops[id] === Op.byte ? bytes : waiting).push(id);
    }
    return bytes;
  }

  #holds(assertion: number, before: number, column: number): boolean {
    const atEnd = column === this.#stride - 1;
    const next = this.#kindOfClass[column];
    switch (ASSERTIONS[assertion]) {
      case 'start':
        return before === Before.nothing;
      case 'end':
        return atEnd;
      case 'line-start':
        return before === Before.nothing || (before === Before.newline && !atEnd);
      case 'line-end':
        return atEnd || next === Before.newline;
      case 'word-edge':
        return (before === Before.word) !== (next === Before.word);
      case 'no-word-edge':
        return (before === Before.word) === (next === Before.word);
      default:
        throw new Error('an assertion that an automaton cannot decide');
    }
  }

  #stateOf(ids: readonly number[], before: number): number {
    if (ids.length === 0) return NEVER;
    const sorted = Int32Array.from(ids).sort();
    let key = String.fromCharCode(before);
    for (const id of sorted) key += String.fromCharCode(id);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#states.push({ ids: sorted, before });
    const state = this.#states.length * this.#stride;
    if (state + this.#stride > this.#table.length) {
      const grown = new Int32Array(this.#table.length * 2);
      grown.set(this.#table);
      this.#table = grown;
    }
    this.#known.set(key, state);
    return state;
  }

  /** Forgets all states. */
  #forget(): void {
    this.#states = [];
    this.#known = new Map();
    this.#table = new Int32Array(this.#stride * FIRST_STATES);
    this.#start = 0;
  }
}
