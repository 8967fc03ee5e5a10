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
  readonly #collections = new Map<VariableName, Map<string, string>>();

  /** `initial`: what every transaction begins with in `TX`. */
  constructor(initial: ReadonlyMap<string, string>) {
    this.#collections.set('TX', new Map(initial));
  }

  get(collection: VariableName, name: string): string | undefined {
    return this.#collections.get(collection)?.get(name);
  }

  /** Sets a variable, cut to 64 KiB; one beyond the 4,096th of a collection is not set. */
  set(collection: VariableName, name: string, value: string): void {
    let variables = this.#collections.get(collection);
    if (variables === undefined) {
      variables = new Map();
      this.#collections.set(collection, variables);
    }
    if (variables.size < MAX_VARIABLES || variables.has(name))
      variables.set(name, value.slice(0, MAX_LENGTH));
  }

  delete(collection: VariableName, name: string): void {
    this.#collections.get(collection)?.delete(name);
  }

  /** Those that a selector picks, or all. */
  fields(collection: VariableName, selector: Selector | null): readonly Field[] {
    const variables = this.#collections.get(collection);
    if (variables === undefined) return NO_FIELDS;
    if (selector?.kind === 'name') {
      const value = variables.get(selector.name);
      return value === undefined
        ? NO_FIELDS
        : [{ name: selector.name, lower: selector.name, value: new Value(value) }];
    }
    const fields: Field[] = [];
    for (const [name, text] of variables) {
      if (selector === null || selector.pattern.test(name))
        fields.push({ name, lower: name, value: new Value(text) });
    }
    return fields;
  }
}
