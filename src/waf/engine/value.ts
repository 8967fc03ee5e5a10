// Values, and what was found out about them. A value is a byte string; its masks, transformations, contained words and the rules it meets are pure functions of its bytes,
// so they are worked out once, and kept for as long as the value is.
import { hashOfText, TextTable } from '#kernel';
import { ANY_BYTE, maskOf } from '../byte-class.ts';
import { lowercase } from '../transform/shape.ts';
import type { Transformation } from '../transform/transformation.ts';
import type { WordFinder } from '../words.ts';

/** A chain of transformations: another one, and one more after it. The root changes nothing. */
export interface TransformChain {
  readonly id: number;
  /** Null for the root. */
  readonly before: TransformChain | null;
  readonly last: Transformation | null;
  /** Classes of bytes without any of which the whole chain changes nothing. */
  readonly touches: number;
}

/** Chains, each once, with the beginnings they share. */
export class TransformChains {
  readonly root: TransformChain = { id: 0, before: null, last: null, touches: 0 };
  readonly #next = new Map<TransformChain, Map<Transformation, TransformChain>>();
  #made = 0;

  of(transformations: readonly Transformation[]): TransformChain {
    return transformations.reduce((chain: TransformChain, last) => this.after(chain, last), this.root);
  }

  /** A chain, and one more step. */
  after(before: TransformChain, last: Transformation): TransformChain {
    let next = this.#next.get(before);
    if (next === undefined) {
      next = new Map();
      this.#next.set(before, next);
    }
    let chain = next.get(last);
    if (chain === undefined) {
      this.#made += 1;
      chain = { id: this.#made, before, last, touches: before.touches | last.touches };
      next.set(last, chain);
    }
    return chain;
  }
}

/** Its steps, the first first. */
export function transformationsOf(chain: TransformChain): readonly Transformation[] {
  const steps: Transformation[] = [];
  for (let at = chain; at.before !== null && at.last !== null; at = at.before) steps.unshift(at.last);
  return steps;
}

/** One text with its byte classes, and the words of the rules that it contains. */
export class Text {
  readonly text: string;
  #mask = 0;
  #isMaskKnown = false;
  #words: readonly number[] | null = null;
  #lowered: string | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** It with its letters lowered. The words that it contains are the same. */
  get lowered(): string {
    this.#lowered ??= lowercase(this.text);
    return this.#lowered;
  }

  /** Classes of its bytes. */
  get mask(): number {
    if (!this.#isMaskKnown) {
      this.#mask = maskOf(this.text);
      this.#isMaskKnown = true;
    }
    return this.#mask;
  }

  /** Words that it contains; the same finder is given each time. */
  words(finder: WordFinder): readonly number[] {
    if (this.#words === null) {
      this.#words = finder.find(this.text);
      this.#mask = finder.mask;
      this.#isMaskKnown = true;
    }
    return this.#words;
  }
}

const NO_TEXTS: Text[] = [];

/** Whether a text of these classes can be changed by what touches those; what touches all changes the empty text, too. */
function touched(mask: number, touches: number): boolean {
  return touches === ANY_BYTE || (mask & touches) !== 0;
}

/** A value as it came, with all that was made of it. */
export class Value extends Text {
  /** What chains made of it, few for each value: their numbers, and the texts. */
  #chains: number[] | null = null;
  #made: Text[] = NO_TEXTS;
  /** Which rules it meets, by the plan that looked at it; null for one that comes once. */
  readonly met: Map<number, readonly number[]> | null;

  /** `remembered`: whether it is kept for requests to come. */
  constructor(text: string, remembered = false) {
    super(text);
    this.met = remembered ? new Map() : null;
  }

  /** The value after a chain of transformations. */
  through(chain: TransformChain): Text {
    if (chain.before === null || chain.last === null || !touched(this.mask, chain.touches)) return this;
    const known = this.#chains?.indexOf(chain.id) ?? -1;
    const made = known < 0 ? undefined : this.#made[known];
    if (made !== undefined) return made;
    const before = this.through(chain.before);
    const text = touched(before.mask, chain.last.touches) ? chain.last.apply(before.text) : before.text;
    const result = text === before.text ? before : this.#same(text);
    if (this.#chains === null) {
      this.#chains = [chain.id];
      this.#made = [result];
    } else {
      this.#chains.push(chain.id);
      this.#made.push(result);
    }
    return result;
  }

  /** The texts that an operator sees: one, or with `multiMatch` each that a step made anew. */
  steps(chains: readonly TransformChain[]): readonly string[] {
    const texts = chains.map((chain) => this.through(chain).text);
    return texts.filter((text, i) => i === 0 || text !== texts[i - 1]);
  }

  /** One text for chains that lead to the same. */
  #same(text: string): Text {
    if (text === this.text) return this;
    for (const made of this.#made) if (made.text === text) return made;
    return new Text(text);
  }
}

/** What people choose from lists, and names, are short; what they write is not. */
const SHORT = 48;
/** Names of what nobody else is to know: such values are never remembered. */
const SECRET = /pass|pwd|secret|token|auth|csrf|session|card|cvv|cvc|iban|pin\b|otp|code|key|signature/u;

interface Name {
  /** The name as a value of its own name: rules may look at it. */
  readonly field: { readonly name: string; readonly lower: string; readonly value: Value };
  /** ASCII letters lowered. */
  readonly lower: string;
  /** Whether a value of this name is a secret, as far as its name says. */
  readonly secret: boolean;
  /** The value that came under it last, where that is remembered: a header's is mostly the same again. */
  latest: Value | null;
}

function nameOf(name: string): Name {
  const lower = lowercase(name);
  return {
    field: { name, lower, value: new Value(name, true) },
    lower,
    secret: SECRET.test(lower),
    latest: null,
  };
}

const NAMES = 2048;
const MAX_NAME_LENGTH = 64;

/** Places for traces of values that were met once. */
const TRACES = 1 << 16;

/**
 * Values that repeat between requests, bounded in number and length. Most never come again, so a value that is met for the first time only leaves a trace; at the second
 * it is remembered.
 */
export class ValuePool {
  readonly #traces = new Uint16Array(TRACES);
  /** What most counts are. */
  readonly zero = [{ name: '', lower: '', value: new Value('0', true) }];
  readonly #names = new TextTable<Name>(NAMES);
  /** Null: none are remembered. */
  readonly #values: TextTable<Value> | null;

  /** `places`: for so many values, a power of two, at least 4; 0 for none. */
  constructor(places: number) {
    this.#values = places === 0 ? null : new TextTable(places);
  }

  /** What is to be known of a name. */
  name(name: string): Name {
    if (name.length > MAX_NAME_LENGTH) return nameOf(name);
    const hash = hashOfText(name);
    const known = this.#names.get(name, hash);
    if (known !== undefined) return known;
    const own = ownCopy(name);
    const made = nameOf(own);
    this.#names.set(own, made, hash);
    return made;
  }

  /** Whether a text left its trace before; it does now. Where another's lies over it, it counts as new. */
  #wasMet(hash: number): boolean {
    const place = hash >>> 16;
    const mark = hash & 0xffff;
    if (this.#traces[place] === mark) return true;
    this.#traces[place] = mark;
    return false;
  }

  /** The value of a text under a name; see `of`. */
  under(name: Name, text: string, worth: number): Value {
    if (name.latest?.text === text) return name.latest;
    const value = this.of(text, worth);
    if (value.met !== null) name.latest = value;
    return value;
  }

  /** The value of a text; one longer than `worth` is not likely to come again, and not remembered. */
  of(text: string, worth = SHORT): Value {
    if (text.length > worth || this.#values === null) return new Value(text);
    const hash = hashOfText(text);
    if (!this.#wasMet(hash)) return new Value(text);
    const known = this.#values.get(text, hash);
    if (known !== undefined) return known;
    const value = new Value(ownCopy(text), true);
    this.#values.set(value.text, value, hash);
    return value;
  }
}

const copying = Buffer.alloc(512);

/** A string of its own: V8 keeps the whole of what a piece was cut from, a request's body say, for as long as it keeps the piece. At most 512 bytes. */
function ownCopy(text: string): string {
  if (text.length < 13) return text;
  copying.write(text, 'latin1');
  return copying.toString('latin1', 0, text.length);
}
