// Which rules can never run, because what they ask was settled by the set's own settings: paranoia levels that are off, defaults for what was set, samples of all requests.
// The first phase is walked through once, as every transaction would, for as long as what happens depends on no request.
import { wholeNumber } from '../operator/number.ts';
import type { Link, Marker, Phase, Rule, RuleSet } from '../seclang/rule.ts';
import { constant } from '../seclang/template.ts';

type Step = Rule | Marker;

const PHASES: readonly Phase[] = [1, 2, 3, 4, 5];

const COMPARISONS: Readonly<Record<string, (value: number, argument: number) => boolean>> = {
  eq: (value, argument) => value === argument,
  ge: (value, argument) => value >= argument,
  gt: (value, argument) => value > argument,
  le: (value, argument) => value <= argument,
  lt: (value, argument) => value < argument,
};

/** The steps of each phase without rules that can never run, or whose running changes nothing. */
export function settledPhases(set: RuleSet): ReadonlyMap<Phase, readonly Step[]> {
  const phases = new Map<Phase, readonly Step[]>();
  const known = new Known();
  for (const phase of PHASES) {
    const steps = stepsOf(set, phase);
    // What any rule of a later phase sets may be set by the time any other rule of it runs.
    if (phase > 1) for (const step of steps) if (step.kind === 'rule') known.forget(step);
    phases.set(phase, walk(steps, known, phase === 1));
  }
  return phases;
}

/** The steps of each phase, all of them. */
export function allPhases(set: RuleSet): ReadonlyMap<Phase, readonly Step[]> {
  return new Map(PHASES.map((phase) => [phase, stepsOf(set, phase)]));
}

function stepsOf(set: RuleSet, phase: Phase): readonly Step[] {
  return set.rules.filter((step) => step.kind === 'marker' || step.phase === phase);
}

/** What is known of the transaction's variables, whatever the request. */
class Known {
  /** Null: unknown. Not there: never set so far. */
  readonly #values = new Map<string, string | null>();
  /** Beginnings of names that are made while rules run. */
  readonly #prefixes: string[] = [];

  /** The value of a variable, null where it is not set, undefined where that is not known. */
  get(name: string): string | null | undefined {
    if (/^\d$/u.test(name) || this.#prefixes.some((prefix) => name.startsWith(prefix))) return undefined;
    const value = this.#values.get(name);
    return value === undefined ? null : (value ?? undefined);
  }

  set(rule: Rule): void {
    for (const { actions } of rule.links) {
      for (const { collection, name, change, value } of actions.setVariables) {
        const key = constant(name);
        if (collection !== 'TX' || key === null) continue;
        const text = change === 'set' ? this.#filledIn(value) : undefined;
        this.#values.set(key, text ?? null);
      }
    }
    this.#notePrefixes(rule);
  }

  /** What a rule sets that may run or not. */
  forget(rule: Rule): void {
    for (const { actions } of rule.links) {
      for (const { collection, name } of actions.setVariables) {
        const key = constant(name);
        if (collection === 'TX' && key !== null) this.#values.set(key, null);
      }
    }
    this.#notePrefixes(rule);
  }

  #notePrefixes(rule: Rule): void {
    for (const { actions } of rule.links) {
      for (const { collection, name } of actions.setVariables) {
        const [first] = name.parts;
        if (collection === 'TX' && constant(name) === null)
          this.#prefixes.push(typeof first === 'string' ? first : '');
      }
    }
  }

  /** A template whose references are all known, or undefined. */
  #filledIn({
    parts,
  }: {
    readonly parts: Rule['links'][0]['actions']['setVariables'][number]['value']['parts'];
  }): string | undefined {
    let text = '';
    for (const part of parts) {
      const value =
        typeof part === 'string'
          ? part
          : part.variable === 'TX' && part.name !== null
            ? this.get(part.name)
            : undefined;
      if (value === undefined) return undefined;
      text += value ?? '';
    }
    return text;
  }

  /** Whether a condition holds; undefined where that depends on the request. */
  holds({ condition }: Link): boolean | undefined {
    if (condition === null) return true;
    const { targets, operator } = condition;
    const [target] = targets.included;
    const compare = COMPARISONS[operator.name.toLowerCase()];
    const argument = constant(operator.argument);
    if (
      target === undefined ||
      targets.included.length > 1 ||
      targets.excluded.length > 0 ||
      compare === undefined ||
      argument === null
    )
      return undefined;
    if (target.variable !== 'TX' || target.selector?.kind !== 'name') return undefined;
    const value = this.get(target.selector.name);
    if (value === undefined) return undefined;
    if (target.count) return compare(value === null ? 0 : 1, wholeNumber(argument)) !== operator.negated;
    return value === null ? false : compare(wholeNumber(value), wholeNumber(argument)) !== operator.negated;
  }
}

function walk(steps: readonly Step[], known: Known, first: boolean): readonly Step[] {
  const live: Step[] = [];
  /** Where skips that may happen lead: until then, whatever is set may not be. */
  const uncertainUntil = new Set<string>();
  for (let at = 0; at < steps.length; at += 1) {
    const step = steps[at];
    if (step === undefined) break;
    if (step.kind === 'marker') {
      uncertainUntil.delete(step.name);
      live.push(step);
      continue;
    }
    const holds = known.holds(step.links[0]);
    if (holds === false) continue;
    const { skipAfter, skip, disruption } = step.links[0].actions;
    const goesOn = step.links.length === 1 && disruption?.kind === 'pass';
    const certain = holds === true && goesOn && uncertainUntil.size === 0;
    if (certain && skipAfter !== null && step.links[0].condition !== null && onlySkips(step)) {
      const marker = steps.findIndex(
        (each, i) => i > at && each.kind === 'marker' && each.name === skipAfter,
      );
      if (marker >= 0) {
        at = marker - 1;
        continue;
      }
    }
    if (skipAfter !== null) uncertainUntil.add(skipAfter);
    if (skip > 0) uncertainUntil.add('');
    if (first) {
      if (certain && skipAfter === null) known.set(step);
      else known.forget(step);
    }
    live.push(step);
  }
  return live;
}

/** Whether all that a rule does is to skip. */
function onlySkips({ links: [{ actions }] }: Rule): boolean {
  return (
    actions.setVariables.length === 0 &&
    actions.controls.length === 0 &&
    !actions.capture &&
    (actions.log === false || actions.message === null)
  );
}
