import { StepLimit } from '../regex/backtracker.ts';
import type { NamePattern } from '../seclang/name-pattern.ts';
import type { Selector } from '../seclang/rule.ts';
import type { VariableName } from '../seclang/variable.ts';
import type { Field } from './fields.ts';
import { Value } from './value.ts';

/** Bounds on what rules may set for one transaction. */
const MAX_VARIABLES = 4096;
const MAX_LENGTH = 64 * 1024;
const NO_NAMES: readonly string[] = [];

type PatternSelector = Selector & { readonly kind: 'pattern' };

/** Names whose kinds are remembered. */
const MAX_KINDS = 2048;
/** Patterns beyond so many share the last bit. */
const LAST_BIT = 31;

/** What every transaction begins with in `TX`: shared by all, and never changed. */
export class InitialVariables {
  readonly values: ReadonlyMap<string, string>;
  readonly #picked = new Map<Selector, readonly string[]>();
  /** A bit for each pattern that rules pick names by. */
  readonly #bits: ReadonlyMap<PatternSelector, number>;
  readonly #kinds = new Map<string, number>();
  /** The kinds of all its names. */
  readonly kinds: number;

  /** `patterns`: what rules pick names of `TX` by. */
  constructor(values: ReadonlyMap<string, string>, patterns: readonly PatternSelector[]) {
    this.values = values;
    this.#bits = new Map(patterns.map((each, i) => [each, 1 << Math.min(i, LAST_BIT)]));
    this.kinds = [...values.keys()].reduce((kinds, name) => kinds | this.kindsOf(name), 0);
  }

  /** Which patterns pick a name, as bits. */
  kindsOf(name: string): number {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    let kinds = 0;
    for (const [{ pattern }, bit] of this.#bits) if (mayFind(pattern, name)) kinds |= bit;
    if (this.#kinds.size >= MAX_KINDS) this.#kinds.clear();
    this.#kinds.set(name, kinds);
    return kinds;
  }

  /** The bit of a pattern; all, where it is none of them. */
  bitOf(selector: PatternSelector): number {
    return this.#bits.get(selector) ?? -1;
  }

  /** The names that a rule's selector picks, found once. */
  names(selector: Selector | null): Iterable<string> {
    if (selector?.kind !== 'pattern') return this.values.keys();
    const known = this.#picked.get(selector);
    if (known !== undefined) return known;
    const picked = [...this.values.keys()].filter((name) => selector.pattern.test(name));
    this.#picked.set(selector, picked);
    return picked;
  }
}

/** Whether a pattern finds a name, or reached its bound: then the rule that asks says so itself. */
function mayFind(pattern: NamePattern, name: string): boolean {
  try {
    return pattern.test(name);
  } catch (error) {
    if (error instanceof StepLimit) return true;
    throw error;
  }
}

/** What rules set: `TX`, and the collections that an engine without memory keeps for the transaction only. Names are in lower case. */
export class RuleVariables {
  readonly #initial: InitialVariables;
  /** What was set in `TX` since; null for what was removed. */
  readonly #tx = new Map<string, string | null>();
  /** The kinds of all names of `TX` so far. */
  #kinds: number;
  /** Of the others, which are rarely set. */
  #others: Map<VariableName, Map<string, string | null>> | null = null;

  constructor(initial: InitialVariables) {
    this.#initial = initial;
    this.#kinds = initial.kinds;
  }

  /** Whether any name of `TX` may be one that a pattern picks. */
  mayPick(selector: PatternSelector): boolean {
    return (this.#kinds & this.#initial.bitOf(selector)) !== 0;
  }

  get(collection: VariableName, name: string): string | undefined {
    if (collection !== 'TX') return this.#others?.get(collection)?.get(name) ?? undefined;
    const value = this.#tx.get(name);
    return value === undefined ? this.#initial.values.get(name) : (value ?? undefined);
  }

  /** Sets a variable, cut to 64 KiB; one beyond the 4,096th of a collection is not set. */
  set(collection: VariableName, name: string, value: string): void {
    this.#put(collection, name, value.length > MAX_LENGTH ? value.slice(0, MAX_LENGTH) : value);
  }

  delete(collection: VariableName, name: string): void {
    if (this.get(collection, name) !== undefined) this.#put(collection, name, null);
  }

  #put(collection: VariableName, name: string, value: string | null): void {
    const variables = collection === 'TX' ? this.#tx : this.#other(collection);
    if (variables.size >= MAX_VARIABLES && !variables.has(name)) return;
    variables.set(name, value);
    if (variables === this.#tx) this.#kinds |= this.#initial.kindsOf(name);
  }

  #other(collection: VariableName): Map<string, string | null> {
    this.#others ??= new Map();
    const found = this.#others.get(collection) ?? new Map<string, string | null>();
    this.#others.set(collection, found);
    return found;
  }

  /** The names of those that a selector picks, or of all. */
  names(collection: VariableName, selector: Selector | null): readonly string[] {
    if (selector?.kind === 'name')
      return this.get(collection, selector.name) === undefined ? NO_NAMES : [selector.name];
    const variables = collection === 'TX' ? this.#tx : this.#others?.get(collection);
    const names: string[] = [];
    if (collection === 'TX')
      for (const name of this.#initial.names(selector)) if (!this.#tx.has(name)) names.push(name);
    for (const [name, text] of variables ?? [])
      if (text !== null && (selector === null || selector.pattern.test(name))) names.push(name);
    return names;
  }

  /** Those that a selector picks, or all. */
  fields(collection: VariableName, selector: Selector | null): readonly Field[] {
    return this.names(collection, selector).map((name) => fieldOf(name, this.get(collection, name) ?? ''));
  }
}

function fieldOf(name: string, text: string): Field {
  return { name, lower: name, value: new Value(text) };
}
