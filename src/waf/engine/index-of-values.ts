// Which rules a value meets. For each variable, and each member that some rule names, there is a plan (`plan.ts`): the transformation chains that its rules ask for, and
// the rules by a word that they need. One pass over a transformed value finds the words of all rules at once; a rule whose words, or classes of bytes, are not there is
// not asked. What a value meets is remembered with the value.
import { maskLowered } from '../byte-class.ts';
import { StepLimit } from '../regex/backtracker.ts';
import type { Selector } from '../seclang/rule.ts';
import type { VariableName } from '../seclang/variable.ts';
import { WordFinder } from '../words.ts';
import { type Check, wordsOf } from './check.ts';
import { type Field, selected } from './fields.ts';
import { type Candidate, type Course, isAsked, type Look, Plan } from './plan.ts';
import type { Text, TransformChain, TransformChains, Value } from './value.ts';

/** What looks at a variable, with the plans for its members that were met so far. */
export interface VariablePlans {
  readonly variable: VariableName;
  /** Checks of every member. */
  readonly always: readonly Check[];
  /** The plan of members that no selector picks. */
  readonly others: Plan;
  readonly choosy: readonly { readonly check: Check; readonly selector: Selector }[];
  /** By the rules that look at a member besides. */
  readonly byChoice: Map<string, Plan>;
  readonly byName: Map<string, Plan>;
}

/** Names of members whose plan is remembered. */
const MAX_NAMES = 512;

const NONE: readonly number[] = [];
const NO_CANDIDATES: readonly Candidate[] = [];

export class ValueIndex {
  readonly #finder: WordFinder;
  readonly #wordIds: ReadonlyMap<string, number>;
  readonly #chains: TransformChains;
  /** Of each variable that some rule looks at. */
  readonly variables: readonly VariablePlans[];
  #plansMade = 0;

  /** `chains`: those that the checks' chains are of. */
  constructor(checks: readonly Check[], chains: TransformChains) {
    this.#chains = chains;
    const words = [...new Set(checks.flatMap((check) => wordsOf(check)?.long ?? []))];
    this.#finder = new WordFinder(words);
    this.#wordIds = new Map(words.map((word, i) => [word, i]));
    const byVariable = Map.groupBy(
      checks.flatMap((check) => check.lookers.map((looker) => ({ check, looker }))),
      ({ looker }) => looker.variable,
    );
    this.variables = [...byVariable].map(([variable, looking]) => {
      const always = looking.flatMap(({ check, looker }) => (looker.selector === null ? [check] : []));
      const choosy = looking.flatMap(({ check, looker: { selector } }) =>
        selector === null ? [] : [{ check, selector }],
      );
      const others = this.#plan([...new Set(always)]);
      return { variable, always, others, choosy, byChoice: new Map(), byName: new Map() };
    });
  }

  #plan(checks: readonly Check[]): Plan {
    this.#plansMade += 1;
    return new Plan(this.#plansMade, checks, this.#chains, this.#wordIds);
  }

  /** The plan for a member of a variable. */
  planOf(plans: VariablePlans, { name, lower }: Field): Plan {
    if (plans.choosy.length === 0) return plans.others;
    const known = plans.byName.get(name);
    if (known !== undefined) return known;
    const plan = this.#chosenPlan(plans, lower, name);
    if (plans.byName.size >= MAX_NAMES) plans.byName.clear();
    plans.byName.set(name, plan);
    return plan;
  }

  /** Whatever names there may be, there are few plans: one for each choice of rules. */
  #chosenPlan({ always, others, choosy, byChoice }: VariablePlans, lower: string, name: string): Plan {
    const chosen = choosy.filter(({ selector }) => selected(lower, name, selector)).map(({ check }) => check);
    if (chosen.length === 0) return others;
    const choice = chosen.map(({ rule }) => rule).join(' ');
    const plan = byChoice.get(choice) ?? this.#plan([...new Set([...always, ...chosen])]);
    byChoice.set(choice, plan);
    return plan;
  }

  /** The rules that a value meets under a plan, in no order. */
  met(value: Value, plan: Plan): readonly number[] {
    const known = value.met?.get(plan.id);
    if (known !== undefined) return known;
    const met = this.#work(value, plan);
    value.met?.set(plan.id, met);
    return met;
  }

  #work(value: Value, plan: Plan): readonly number[] {
    // Its words are asked for in any case, and its classes are found with them.
    value.words(this.#finder);
    const course = plan.courseOf(value.mask);
    const met: number[] = [];
    for (let at = 0; at < course.looks.length; at += 1) {
      const look = course.looks[at];
      if (look !== undefined && !isShorter(value, look.chain, look.shortest))
        this.#ask(value, plan, course, look, at, met);
    }
    return met.length === 0 ? NONE : met;
  }

  #ask(value: Value, { byWord }: Plan, { lookOf }: Course, look: Look, place: number, met: number[]): void {
    const { isLowered, others } = look;
    const text = value.through(look.chain);
    for (const word of text.words(this.#finder)) {
      for (const candidate of byWord.get(word) ?? NO_CANDIDATES) {
        if (
          lookOf[candidate.chain] === place &&
          !isAsked(candidate, lookOf, place) &&
          !met.includes(candidate.check.rule) &&
          meets(candidate, text, isLowered, true)
        )
          met.push(candidate.check.rule);
      }
    }
    for (const candidate of others) {
      if (!met.includes(candidate.check.rule) && meets(candidate, text, isLowered, false))
        met.push(candidate.check.rule);
    }
  }
}

/** Whether what a chain makes of a value is shorter than so many bytes, as far as its last step tells beforehand. */
function isShorter(value: Value, { before, last }: TransformChain, bytes: number): boolean {
  if (before === null || last?.longest === undefined) return false;
  return last.longest(value.through(before).text) < bytes;
}

function meets({ check, masks }: Candidate, text: Text, isLowered: boolean, hasWord: boolean): boolean {
  const mask = isLowered ? maskLowered(text.mask) : text.mask;
  for (const each of masks) if ((mask & each) === 0) return false;
  if (hasWord && check.phrases !== null) return true;
  try {
    return check.matches(isLowered ? text.lowered : text.text);
  } catch (error) {
    // A pattern that reached its bound: the rule runs, and says so itself.
    if (error instanceof StepLimit) return true;
    throw error;
  }
}
