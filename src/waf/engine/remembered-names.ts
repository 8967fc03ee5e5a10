// Links that look at names, of headers say, capture each, and set variables that are called after it. Names are few, the same from request to request, and no secrets, so
// what such a link makes of one is remembered.
import type { Matcher } from '../operator/operator.ts';
import type { Link, SetVariable, Template } from '../seclang/rule.ts';
import { VARIABLES, type VariableName } from '../seclang/variable.ts';
import { lowercase } from '../transform/shape.ts';
import type { Field } from './fields.ts';
import type { MatchedField } from './matched.ts';
import type { TransformChain } from './value.ts';

/** What a link makes of a name that matches. */
export interface MetName {
  readonly field: MatchedField;
  /** What it captured, the whole first. */
  readonly groups: readonly (string | null)[];
  readonly sets: readonly {
    readonly collection: VariableName;
    readonly key: string;
    readonly text: string;
  }[];
}

/** Names that one link remembers. */
const MAX_NAMES = 256;
const MAX_NAME_LENGTH = 64;

export class RememberedNames {
  readonly #known = new Map<string, MetName | null>();
  readonly #variable: VariableName;
  readonly #chain: TransformChain;
  readonly #matcher: Matcher;
  readonly #sets: readonly SetVariable[];
  readonly #exact: boolean;

  /** Null for links that do more. `exact`: whether what is captured is used. */
  static of(
    { condition, actions }: Link,
    chain: TransformChain,
    matcher: Matcher | null,
    exact: boolean,
  ): RememberedNames | null {
    const { included, excluded } = condition?.targets ?? { included: [], excluded: [] };
    const [target] = included;
    if (target === undefined || included.length > 1 || excluded.length > 0 || matcher === null) return null;
    if (target.count || target.selector !== null || !isOfNames(target.variable)) return null;
    if (!actions.capture || actions.multiMatch || actions.controls.length > 0) return null;
    if (condition?.operator.negated === true || !actions.setVariables.every(isOfName)) return null;
    return new RememberedNames(target.variable, chain, matcher, actions.setVariables, exact);
  }

  private constructor(
    variable: VariableName,
    chain: TransformChain,
    matcher: Matcher,
    sets: readonly SetVariable[],
    exact: boolean,
  ) {
    this.#variable = variable;
    this.#chain = chain;
    this.#matcher = matcher;
    this.#sets = sets;
    this.#exact = exact;
  }

  get variable(): VariableName {
    return this.#variable;
  }

  /** What a name comes to; null where it does not match. Throws `StepLimit`. */
  of(field: Field): MetName | null {
    const known = this.#known.get(field.name);
    if (known !== undefined) return known;
    const met = this.#meet(field);
    if (field.name.length > MAX_NAME_LENGTH) return met;
    if (this.#known.size >= MAX_NAMES) this.#known.clear();
    this.#known.set(field.name, met);
    return met;
  }

  #meet({ name, value }: Field): MetName | null {
    const { text } = value.through(this.#chain);
    if (!this.#matcher.matches(text)) return null;
    const groups = this.#matcher.captures?.(text, this.#exact) ?? [text];
    const whole = groups[0] ?? '';
    return {
      field: { variable: this.#variable, name, value: null, text, matcher: this.#matcher },
      groups,
      sets: this.#sets.map((set) => ({
        collection: set.collection,
        key: lowercase(filled(set.name, whole)),
        text: filled(set.value, whole),
      })),
    };
  }
}

/** Whether a variable is the names of another one's members, as they came in a message. */
function isOfNames(variable: VariableName): boolean {
  return variable.endsWith('_NAMES') && VARIABLES[variable] === 'many';
}

/** Whether a variable is set out of nothing but the name that was captured. */
function isOfName({ name, change, value }: SetVariable): boolean {
  return (
    change === 'set' &&
    [...name.parts, ...value.parts].every((part) => typeof part === 'string' || isWhole(part))
  );
}

function isWhole({ variable, name }: Exclude<Template['parts'][number], string>): boolean {
  return variable === 'TX' && name === '0';
}

function filled({ parts }: Template, whole: string): string {
  return parts.map((part) => (typeof part === 'string' ? part : whole)).join('');
}
