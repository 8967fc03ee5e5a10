// What of SecLang is known, for documents and for whoever writes rules.
import { OPERATORS } from '../operator/index.ts';
import { TRANSFORMATIONS } from '../transform/index.ts';
import { ACTIONS_WITH_EFFECT, ACTIONS_WITHOUT_EFFECT } from './actions.ts';
import { CONTROLS_WITH_EFFECT, CONTROLS_WITHOUT_EFFECT } from './control.ts';
import { DIRECTIVES_WITH_EFFECT, DIRECTIVES_WITHOUT_EFFECT } from './read.ts';
import { VARIABLES } from './variable.ts';

/** Names that are known, and names that are understood but have no effect in a pure engine. */
export interface Support {
  readonly known: readonly string[];
  readonly withoutEffect: readonly string[];
}

const variables = Object.entries(VARIABLES);
const operators = [...OPERATORS.values()];

export const SECLANG: Readonly<
  Record<'directives' | 'variables' | 'operators' | 'transformations' | 'actions' | 'controls', Support>
> = {
  directives: { known: DIRECTIVES_WITH_EFFECT, withoutEffect: DIRECTIVES_WITHOUT_EFFECT },
  variables: {
    known: variables.flatMap(([name, kind]) => (kind === 'absent' ? [] : [name])),
    withoutEffect: variables.flatMap(([name, kind]) => (kind === 'absent' ? [name] : [])),
  },
  operators: {
    known: operators.flatMap(({ name, absent }) => (absent === true ? [] : [name])),
    withoutEffect: operators.flatMap(({ name, absent }) => (absent === true ? [name] : [])),
  },
  transformations: {
    known: [...new Set([...TRANSFORMATIONS.values()].map(({ name }) => name))],
    withoutEffect: [],
  },
  actions: { known: ACTIONS_WITH_EFFECT, withoutEffect: ACTIONS_WITHOUT_EFFECT },
  controls: { known: CONTROLS_WITH_EFFECT, withoutEffect: CONTROLS_WITHOUT_EFFECT },
};
