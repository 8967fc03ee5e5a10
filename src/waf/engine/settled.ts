// What the set's own settings settle before any request: paranoia levels that are off, defaults for what was not set, samples of all requests. The first phase is walked
// through once, as every transaction would, for as long as what happens depends on no request. Rules that can never run are left out, and variables that every
// transaction would set before anything asks for them are there from its beginning.
import type { Link, Phase, Rule, RuleSet, Template } from '../seclang/rule.ts';
import { constant } from '../seclang/template.ts';
import { doesNothing, isCounted, type Step } from './step.ts';
import { withoutUnread } from './unread.ts';

const PHASES: readonly Phase[] = [1, 2, 3, 4, 5];

/** What a link's operator, its argument filled in, says of a variable's value, or of a count of values; undefined where that cannot be told. */
export type Holds = (link: Link, argument: string, value: string, isCount: boolean) => boolean | undefined;

export interface Settled {
  readonly phases: ReadonlyMap<Phase, readonly Step[]>;
  /** Variables of every transaction, by name in lower case. */
  readonly initial: ReadonlyMap<string, string>;
}

/** The steps of each phase without rules that can never run, or whose running changes nothing. */
export function settle(set: RuleSet, holds: Holds): Settled {
  const phases = new Map<Phase, readonly Step[]>();
  const initial = new Map<string, string>();
  let known = new Known(holds);
  for (const phase of PHASES) {
    const steps = stepsOf(set, phase);
    if (phase === 1) phases.set(phase, walk(steps, known, initial));
    else {
      const { live, after } = walkLater(steps, known);
      phases.set(phase, live);
      known = after;
    }
  }
  return { phases: withoutUnread(phases), initial };
}

/** Walks a later phase: what any of its rules sets may be set by the time any other of them runs. Of rules that are left out that is not so, which may leave out more. */
function walkLater(
  steps: readonly Step[],
  before: Known,
): { readonly live: readonly Step[]; readonly after: Known } {
  const after = before.copy();
  for (const step of steps) if (step.kind === 'rule') after.forget(step);
  const live = walk(steps, after, null);
  return live.length === steps.length ? { live, after } : walkLater(live, before);
}

/** The steps of each phase, all of them, and nothing settled. */
export function unsettled(set: RuleSet): Settled {
  return { phases: new Map(PHASES.map((phase) => [phase, stepsOf(set, phase)])), initial: new Map() };
}

function stepsOf(set: RuleSet, phase: Phase): readonly Step[] {
  return set.rules.filter((step) => step.kind === 'marker' || step.phase === phase);
}

/** What is known of the transaction's variables, whatever the request. */
class Known {
  /** Null: unknown. Not there: never set so far. */
  readonly #values: Map<string, string | null>;
  /** Beginnings of names that are made while rules run. */
  readonly #prefixes: string[];
  readonly #holds: Holds;

  constructor(
    holds: Holds,
    values: ReadonlyMap<string, string | null> = new Map(),
    prefixes: readonly string[] = [],
  ) {
    this.#holds = holds;
    this.#values = new Map(values);
    this.#prefixes = [...prefixes];
  }

  copy(): Known {
    return new Known(this.#holds, this.#values, this.#prefixes);
  }

  /** The value of a variable, null where it is not set, undefined where that is not known. */
  get(name: string): string | null | undefined {
    if (/^\d$/u.test(name) || this.#prefixes.some((prefix) => name.startsWith(prefix))) return undefined;
    const value = this.#values.get(name);
    return value === undefined ? null : (value ?? undefined);
  }

  set(rule: Rule): void {
    for (const { actions } of rule.links) {
      if (actions.score > 0) this.#values.set('score', null);
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
      if (actions.score > 0) this.#values.set('score', null);
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
  #filledIn({ parts }: Template): string | undefined {
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

  /** A link whose operator's argument is filled in, where all that it refers to is known. */
  filled(link: Link): Link {
    const { condition } = link;
    if (condition === null || constant(condition.operator.argument) !== null) return link;
    const text = this.#filledIn(condition.operator.argument);
    if (text === undefined) return link;
    const argument = { source: condition.operator.argument.source, parts: [text] };
    return { ...link, condition: { ...condition, operator: { ...condition.operator, argument } } };
  }

  /** What a rule sets, where it does nothing else and all of it is known; null where that is not so. */
  settingsOf({ links }: Rule): readonly (readonly [string, string])[] | null {
    const [{ actions }] = links;
    if (
      links.length > 1 ||
      actions.score > 0 ||
      actions.controls.length > 0 ||
      actions.capture ||
      actions.log !== false
    )
      return null;
    const settings: (readonly [string, string])[] = [];
    for (const { collection, name, change, value } of actions.setVariables) {
      const key = constant(name);
      const text = change === 'set' ? this.#filledIn(value) : undefined;
      if (collection !== 'TX' || key === null || text === undefined) return null;
      settings.push([key, text]);
    }
    return settings;
  }

  /** Whether a rule matches; undefined where that depends on the request. */
  matches({ links }: Rule): boolean | undefined {
    let all: boolean | undefined = true;
    for (const link of links) {
      const holds = this.holds(link);
      if (holds === false) return false;
      if (holds === undefined) all = undefined;
      // What the next link is asked about may be of this one's making.
      if (!doesNothing(link)) return links.length === 1 ? all : undefined;
    }
    return all;
  }

  /** Whether a condition holds; undefined where that depends on the request. */
  holds(link: Link): boolean | undefined {
    const { condition } = link;
    if (condition === null) return true;
    const { targets, operator } = condition;
    const argument = this.#filledIn(operator.argument);
    if (targets.excluded.length > 0 || argument === undefined) return undefined;
    const each = targets.included.map(({ variable, selector, count }) => {
      if (variable !== 'TX' || selector?.kind !== 'name') return undefined;
      const value = this.get(selector.name);
      if (value === undefined) return undefined;
      if (count) return this.#holds(link, argument, value === null ? '0' : '1', true);
      return value === null ? false : this.#holds(link, argument, value, false);
    });
    if (each.includes(true)) return true;
    return each.includes(undefined) ? undefined : false;
  }
}

/** Variables that rules which stay ask for. */
class Asked {
  readonly #names = new Set<string>();
  #all = false;

  note({ links }: Rule): void {
    for (const { condition, actions } of links) {
      for (const { variable, selector } of condition?.targets.included ?? []) {
        if (variable !== 'TX') continue;
        if (selector?.kind === 'name') this.#names.add(selector.name);
        else this.#all = true;
      }
      const values = actions.setVariables.flatMap(({ name, value }) => [name, value]);
      for (const template of [
        condition?.operator.argument,
        actions.message,
        actions.logData,
        ...actions.tags,
        ...values,
      ]) {
        for (const part of template?.parts ?? [])
          if (typeof part !== 'string' && part.variable === 'TX') this.#names.add(part.name ?? '');
      }
      for (const { name } of actions.setVariables) this.#names.add(constant(name) ?? '');
    }
  }

  includes(name: string): boolean {
    return this.#all || this.#names.has(name);
  }
}

/** `initial`: what is set in the first phase goes there; null in others. */
function walk(steps: readonly Step[], known: Known, initial: Map<string, string> | null): readonly Step[] {
  // Where rules are counted, leaving one out would lead elsewhere.
  if (isCounted(steps)) {
    for (const step of steps) if (step.kind === 'rule') known.forget(step);
    return steps;
  }
  const live: Step[] = [];
  const asked = new Asked();
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
    const matches = known.matches(step);
    if (matches === false) continue;
    const { skipAfter, disruption } = step.links[0].actions;
    const goesOn = disruption === null || disruption.kind === 'pass';
    const sure = matches === true && goesOn;
    const first = known.filled(step.links[0]);
    if (sure && skipAfter !== null && step.links[0].condition !== null && onlySkips(step)) {
      const marker = markerAfter(steps, at, skipAfter);
      // Whoever skipped this step came out behind what it skips, or skips more.
      if (marker >= 0 && ![...uncertainUntil].some((name) => markerAfter(steps, at, name) < marker)) {
        at = marker - 1;
        continue;
      }
    }
    if (skipAfter !== null) uncertainUntil.add(skipAfter);
    if (initial !== null) {
      const sets = sure && uncertainUntil.size === 0 && skipAfter === null && step.links.length === 1;
      const settings = sets ? known.settingsOf(step) : null;
      if (sets) known.set(step);
      else known.forget(step);
      if (settings?.every(([name]) => !asked.includes(name)) === true) {
        for (const [name, value] of settings) initial.set(name, value);
        continue;
      }
    }
    const rest = step.links.slice(1).map((link) => known.filled(link));
    const filled: Rule = { ...step, links: [first, ...rest] };
    asked.note(filled);
    live.push(filled);
  }
  return live;
}

function markerAfter(steps: readonly Step[], at: number, name: string): number {
  return steps.findIndex((each, i) => i > at && each.kind === 'marker' && each.name === name);
}

/** Whether all that a rule does is to skip. */
function onlySkips({ links }: Rule): boolean {
  const [{ actions }] = links;
  return (
    links.every(doesNothing) && actions.score === 0 && (actions.log === false || actions.message === null)
  );
}
