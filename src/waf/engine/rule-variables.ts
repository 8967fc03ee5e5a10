import type { Selector } from '../seclang/rule.ts';
import type { VariableName } from '../seclang/variable.ts';
import type { Field } from './fields.ts';
import { Value } from './value.ts';

/** Bounds on what rules may set for one transaction. */
const MAX_VARIABLES = 4096;
const MAX_LENGTH = 64 * 1024;
const NO_FIELDS: readonly Field[] = [];

/** What rules set: `TX`, and the collections that an engine without memory keeps for the transaction only. Names are in lower case. */
export class RuleVariables {
  readonly #initial: ReadonlyMap<string, string>;
  /** What was set since; null for what was removed. */
  readonly #collections = new Map<VariableName, Map<string, string | null>>();

  /** `initial`: what every transaction begins with in `TX`; shared by all, and never changed. */
  constructor(initial: ReadonlyMap<string, string>) {
    this.#initial = initial;
  }

  get(collection: VariableName, name: string): string | undefined {
    const value = this.#collections.get(collection)?.get(name);
    if (value !== undefined) return value ?? undefined;
    return collection === 'TX' ? this.#initial.get(name) : undefined;
  }

  /** Sets a variable, cut to 64 KiB; one beyond the 4,096th of a collection is not set. */
  set(collection: VariableName, name: string, value: string): void {
    this.#put(collection, name, value.slice(0, MAX_LENGTH));
  }

  delete(collection: VariableName, name: string): void {
    if (this.get(collection, name) !== undefined) this.#put(collection, name, null);
  }

  #put(collection: VariableName, name: string, value: string | null): void {
    let variables = this.#collections.get(collection);
    if (variables === undefined) {
      variables = new Map();
      this.#collections.set(collection, variables);
    }
    if (variables.size < MAX_VARIABLES || variables.has(name)) variables.set(name, value);
  }

  /** Those that a selector picks, or all. */
  fields(collection: VariableName, selector: Selector | null): readonly Field[] {
    if (selector?.kind === 'name') {
      const value = this.get(collection, selector.name);
      return value === undefined ? NO_FIELDS : [fieldOf(selector.name, value)];
    }
    const variables = this.#collections.get(collection);
    const fields: Field[] = [];
    const take = (name: string, text: string) => {
      if (selector === null || selector.pattern.test(name)) fields.push(fieldOf(name, text));
    };
    if (collection === 'TX')
      for (const [name, text] of this.#initial) if (variables?.has(name) !== true) take(name, text);
    for (const [name, text] of variables ?? []) if (text !== null) take(name, text);
    return fields;
  }
}

function fieldOf(name: string, text: string): Field {
  return { name, lower: name, value: new Value(text) };
}
