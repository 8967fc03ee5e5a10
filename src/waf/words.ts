// Finds any of many words in one pass (Aho and Corasick 1975). Words and text are compared with ASCII letters lowered. The table is full: one look-up a byte.

/** Class of each byte when letters are lowered: bytes that stand in no word share one. */
function foldedClasses(words: readonly string[]): {
  readonly classOf: Uint16Array;
  readonly classes: number;
} {
  const classOf = new Uint16Array(256);
  let classes = 1;
  for (const word of words) {
    for (let i = 0; i < word.length; i += 1) {
      const byte = word.charCodeAt(i);
      if (classOf[byte] !== 0) continue;
      classOf[byte] = classes;
      classes += 1;
    }
  }
  for (let upper = 0x41; upper <= 0x5a; upper += 1) classOf[upper] = classOf[upper + 32] ?? 0;
  return { classOf, classes };
}

export class WordAutomaton {
  readonly #classOf: Uint16Array;
  readonly #classes: number;
  /** Next state by state and class; states are counted in steps of `#classes`, and below zero, as complements, where words end. */
  readonly #next: Int32Array;
  /** Which list of words ends at each state; 0 is none. */
  readonly #endsAt: Int32Array;
  readonly #ends: readonly (readonly number[])[];

  /** Words are told by their place in the list; each at least one byte, letters lower. */
  constructor(words: readonly string[]) {
    const { classOf, classes } = foldedClasses(words);
    this.#classOf = classOf;
    this.#classes = classes;
    const states = words.reduce((sum, word) => sum + word.length, 1);
    const next = new Int32Array(states * classes);
    const own: (number[] | undefined)[] = [];
    let used = 1;
    for (const [i, word] of words.entries()) {
      let state = 0;
      for (let at = 0; at < word.length; at += 1) {
        const edge = state * classes + (classOf[word.charCodeAt(at)] ?? 0);
        if (next[edge] === 0) {
          next[edge] = used;
          used += 1;
        }
        state = next[edge] ?? 0;
      }
      (own[state] ??= []).push(i);
    }
    const { table, ends, endsAt } = closed(next, own, used, classes);
    this.#next = table;
    this.#ends = ends;
    this.#endsAt = endsAt;
  }

  get bytes(): number {
    return this.#next.byteLength + this.#endsAt.byteLength;
  }

  /** The place in the list of the first word that ends in a text, -1 where none does. */
  first(text: string): number {
    const classOf = this.#classOf;
    const next = this.#next;
    let state = 0;
    for (let i = 0; i < text.length; i += 1) {
      state = next[state + (classOf[text.charCodeAt(i)] ?? 0)] ?? 0;
      if (state < 0) return this.#ends[this.#endsAt[~state / this.#classes] ?? 0]?.[0] ?? -1;
    }
    return -1;
  }

  /** The places in the list of all words that a text contains, each once, in no order. */
  all(text: string): readonly number[] {
    const classOf = this.#classOf;
    const next = this.#next;
    let state = 0;
    let found: Set<number> | null = null;
    for (let i = 0; i < text.length; i += 1) {
      state = next[state + (classOf[text.charCodeAt(i)] ?? 0)] ?? 0;
      if (state < 0) {
        state = ~state;
        found ??= new Set();
        for (const word of this.#ends[this.#endsAt[state / this.#classes] ?? 0] ?? []) found.add(word);
      }
    }
    return found === null ? NONE : [...found];
  }
}

const NONE: readonly number[] = [];

/** Follows failure links once for all: each state knows where every class leads, and all words that end there. */
function closed(
  next: Int32Array,
  own: readonly (readonly number[] | undefined)[],
  states: number,
  classes: number,
) {
  const table = next.slice(0, states * classes);
  const fail = new Int32Array(states);
  const ends: (readonly number[])[] = [[]];
  const endsAt = new Int32Array(states);
  const queue: number[] = [0];
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] ?? 0;
    const inherited = state === 0 ? 0 : (endsAt[fail[state] ?? 0] ?? 0);
    const mine = own[state];
    if (mine === undefined) endsAt[state] = inherited;
    else {
      ends.push([...mine, ...(ends[inherited] ?? [])]);
      endsAt[state] = ends.length - 1;
    }
    for (let c = 0; c < classes; c += 1) {
      const edge = state * classes + c;
      const child = next[edge] ?? 0;
      const otherwise = state === 0 ? 0 : (table[(fail[state] ?? 0) * classes + c] ?? 0);
      if (child === 0) table[edge] = otherwise;
      else {
        fail[child] = otherwise;
        queue.push(child);
      }
    }
  }
  for (let i = 0; i < table.length; i += 1) {
    const to = table[i] ?? 0;
    table[i] = endsAt[to] === 0 ? to * classes : ~(to * classes);
  }
  return { table, ends, endsAt };
}
