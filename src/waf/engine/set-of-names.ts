// Variables that rules make out of names: of each header, say, one that is called after it. Names are few, the same from request to request, and no secrets, so what came of them
// is remembered.
import type { Link, Rule, SetVariable, Template } from '../seclang/rule.ts';

/** A variable's name, in lower case, and what it is set to. */
export interface NameAndText {
  readonly key: string;
  readonly text: string;
}

/** Names that are remembered for each place that sets something. */
const MAX_NAMES = 256;
const MAX_NAME_LENGTH = 64;

export class SetOfNames {
  readonly #known: ReadonlyMap<SetVariable, Map<string, NameAndText>>;

  constructor(rules: readonly Rule[]) {
    const sets = rules.flatMap(({ links }) => links.flatMap(ofNames));
    this.#known = new Map(sets.map((set) => [set, new Map()]));
  }

  /** What is set out of the name that was just captured; null where it is set out of more. */
  of(set: SetVariable, captured: string, make: () => NameAndText): NameAndText | null {
    const known = this.#known.get(set);
    if (known === undefined) return null;
    const found = known.get(captured);
    if (found !== undefined) return found;
    const made = make();
    if (known.size >= MAX_NAMES) known.clear();
    if (captured.length <= MAX_NAME_LENGTH) known.set(captured, made);
    return made;
  }
}

/** What a link sets out of nothing but the name that it has just captured. */
function ofNames({ condition, actions }: Link): readonly SetVariable[] {
  const { included } = condition?.targets ?? { included: [] };
  const isAboutNames =
    included.length > 0 && included.every(({ variable, count }) => !count && variable.endsWith('_NAMES'));
  if (!isAboutNames || !actions.capture || condition?.operator.negated === true) return [];
  return actions.setVariables.filter(
    ({ name, change, value }) => change === 'set' && refersToName(name) && refersToName(value),
  );
}

function refersToName({ parts }: Template): boolean {
  return parts.every((part) => typeof part === 'string' || (part.variable === 'TX' && part.name === '0'));
}
