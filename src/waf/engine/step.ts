import type { Link, Marker, Rule } from '../seclang/rule.ts';

/** What a phase is made of, in the order of the files. */
export type Step = Rule | Marker;

/** Whether a skip counts rules, or leads to one by its id. */
export function isCounted(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if (step.kind === 'marker') return false;
    const { skip, skipAfter } = step.links[0].actions;
    return (
      skip > 0 ||
      (skipAfter !== null && !steps.some((each) => each.kind === 'marker' && each.name === skipAfter))
    );
  });
}

/** Whether a link of a chain does nothing while it matches. */
export function doesNothing({ actions }: Link): boolean {
  return actions.setVariables.length === 0 && actions.controls.length === 0 && !actions.capture;
}
