// Rules that do nothing but set variables which no rule reads: what they are set for is done elsewhere, in memory that lasts, or by rules that the set's settings have
// left out.
import type { Phase, Rule, Template } from '../seclang/rule.ts';
import { constant } from '../seclang/template.ts';
import type { NamePattern } from '../seclang/name-pattern.ts';
import { isCounted, type Step } from './step.ts';

/** The steps without such rules. */
export function withoutUnread(
  phases: ReadonlyMap<Phase, readonly Step[]>,
): ReadonlyMap<Phase, readonly Step[]> {
  const read = new Reads([...phases.values()].flat());
  let left = 0;
  const kept = new Map<Phase, readonly Step[]>();
  for (const [phase, steps] of phases) {
    const ofPhase = isCounted(steps)
      ? steps
      : steps.filter((step) => step.kind === 'marker' || !onlySets(step, read));
    left += steps.length - ofPhase.length;
    kept.set(phase, ofPhase);
  }
  // What only those have read is not read any more.
  return left === 0 ? kept : withoutUnread(kept);
}

/** What of `TX` is read by some rule. */
class Reads {
  readonly #names = new Set<string>(['score']);
  readonly #patterns: NamePattern[] = [];
  #all = false;

  constructor(steps: readonly Step[]) {
    for (const step of steps) if (step.kind === 'rule') this.#note(step);
  }

  #note({ links }: Rule): void {
    for (const { condition, actions } of links) {
      for (const { variable, selector } of condition?.targets.included ?? []) {
        if (variable !== 'TX') continue;
        if (selector === null) this.#all = true;
        else if (selector.kind === 'name') this.#names.add(selector.name);
        else this.#patterns.push(selector.pattern);
      }
      const { message, logData, tags, setVariables, disruption } = actions;
      for (const template of [condition?.operator.argument ?? null, message, logData, ...tags])
        this.#template(template);
      for (const { name, value } of setVariables) {
        this.#template(name);
        this.#template(value);
      }
      if (disruption?.kind === 'redirect') this.#template(disruption.location);
    }
  }

  #template(template: Template | null): void {
    for (const part of template?.parts ?? []) {
      if (typeof part === 'string' || part.variable !== 'TX') continue;
      if (part.name === null) this.#all = true;
      else this.#names.add(part.name);
    }
  }

  has(name: string): boolean {
    return this.#all || this.#names.has(name) || this.#patterns.some((pattern) => pattern.test(name));
  }
}

function onlySets({ links }: Rule, read: Reads): boolean {
  const [{ actions: first }] = links;
  return (
    first.log === false &&
    first.score === 0 &&
    first.severity === null &&
    first.skip === 0 &&
    first.skipAfter === null &&
    (first.disruption === null || first.disruption.kind === 'pass') &&
    links.every(
      ({ actions: { capture, controls, setVariables } }) =>
        !capture &&
        controls.length === 0 &&
        setVariables.every(({ collection, name }) => {
          const key = constant(name);
          return collection === 'TX' && key !== null && !read.has(key);
        }),
    )
  );
}
