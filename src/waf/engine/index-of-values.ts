// Which rules a value meets. For each variable, and each member that some rule names, there is a plan: the transformation chains that its rules ask for, and for each chain
// the rules by a word that they need. One pass over a transformed value finds the words of all rules at once; a rule whose words, or classes of bytes, are not there is
// not asked. What a value meets is remembered with the value.
import { ANY_BYTE, CLASS_BIT, maskLowered, maskOf } from '../byte-class.ts';
import { bytesOf, type ByteSet } from '../regex/byte-set.ts';
import { StepLimit } from '../regex/backtracker.ts';
import type { Requirement } from '../regex/requirement.ts';
import type { Selector } from '../seclang/rule.ts';
import type { VariableName } from '../seclang/variable.ts';
import { LOWERCASE } from '../transform/shape.ts';
import type { Transformation } from '../transform/transformation.ts';
import { WordFinder } from '../words.ts';
import { type Field, selected } from './fields.ts';
import {
  type Text,
  type TransformChain,
  type TransformChains,
  transformationsOf,
  type Value,
} from './value.ts';

/** A variable, or members of it, that a rule looks at. */
export interface Looker {
  readonly variable: VariableName;
  /** Null: all members. */
  readonly selector: Selector | null;
}

/** A condition on one value. */
export interface Check {
  readonly rule: number;
  readonly lookers: readonly Looker[];
  readonly chain: TransformChain;
  /** What a text must contain; null where that is not known. */
  readonly requirement: Requirement | null;
  /** Phrases one of which contained is a match: then nothing more is asked. */
  readonly phrases: readonly string[] | null;
  readonly matches: (text: string) => boolean;
}

interface Candidate {
  readonly check: Check;
  /** Masks of byte classes; a text must have a byte of each. */
  readonly masks: readonly number[];
}

/** Candidates for one text. */
interface Candidates {
  /** By a word they need. */
  readonly byWord: ReadonlyMap<number, readonly Candidate[]>;
  /** Those of which no word is known, or a single byte will do. */
  readonly others: readonly Candidate[];
}

interface ChainPlan extends Candidates {
  readonly chain: TransformChain;
  /** A shorter text has none of the words, and meets nothing. */
  readonly shortest: number;
}

/** What looks at one variable, or one member. */
export interface Plan {
  readonly id: number;
  readonly chains: readonly ChainPlan[];
  /** Classes of bytes that some chain touches. */
  readonly touches: number;
  /** What is to be done with values of the same classes, as far as chains touch them: worked out when the first of them comes. */
  readonly courses: Map<number, Course>;
}

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

/** Chains that leave a value as it is, together; those that do nothing to it but lower its letters, together; and the rest, together where they do the same to it. */
interface Course {
  readonly asItIs: Candidates;
  readonly lowered: Candidates | null;
  readonly changing: readonly ChainPlan[];
}

const MAX_COURSES = 512;
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
    const chains: ChainPlan[] = [];
    for (const ofChain of Map.groupBy(checks, (check) => check.chain.id).values()) {
      const byWord = new Map<number, Candidate[]>();
      const others: Candidate[] = [];
      for (const check of ofChain) {
        const { long, short } = wordsOf(check) ?? { long: [], short: null };
        const masks = masksOf(check);
        for (const word of long) {
          const id = this.#wordIds.get(word) ?? -1;
          const list = byWord.get(id);
          if (list === undefined) byWord.set(id, [{ check, masks }]);
          else list.push({ check, masks });
        }
        if (short === null) others.push({ check, masks });
        else if (short !== 0) others.push({ check, masks: [short, ...masks] });
      }
      const [first] = ofChain;
      const shortest =
        others.length > 0
          ? 0
          : Math.min(...ofChain.flatMap((check) => (wordsOf(check)?.long ?? []).map(({ length }) => length)));
      if (first !== undefined) chains.push({ chain: first.chain, byWord, others, shortest });
    }
    this.#plansMade += 1;
    const touches = chains.reduce((mask, { chain }) => mask | chain.touches, 0);
    return { id: this.#plansMade, chains, touches, courses: new Map() };
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
    const { asItIs, lowered, changing } = this.#courseOf(plan, value.mask & plan.touches);
    const met: number[] = [];
    this.#ask(value, asItIs, false, met);
    if (lowered !== null) this.#ask(value, lowered, true, met);
    for (const plans of changing) {
      if (!isShorter(value, plans.chain, plans.shortest))
        this.#ask(value.through(plans.chain), plans, false, met);
    }
    return met.length === 0 ? NONE : met;
  }

  #courseOf(plan: Plan, touched: number): Course {
    const known = plan.courses.get(touched);
    if (known !== undefined) return known;
    const byChain = Map.groupBy(plan.chains, ({ chain }) => this.#chains.of(stepsOf(chain, touched)));
    const lowering = this.#chains.of([LOWERCASE]);
    const lowered = byChain.get(lowering);
    const course = {
      asItIs: together(byChain.get(this.#chains.root) ?? []),
      lowered: lowered === undefined ? null : together(lowered),
      changing: [...byChain].flatMap(([chain, plans]) =>
        chain === this.#chains.root || chain === lowering
          ? []
          : [{ ...together(plans), chain, shortest: Math.min(...plans.map(({ shortest }) => shortest)) }],
      ),
    };
    if (plan.courses.size >= MAX_COURSES) plan.courses.clear();
    plan.courses.set(touched, course);
    return course;
  }

  /** `isLowered`: about the text with its letters lowered. */
  #ask(text: Text, { byWord, others }: Candidates, isLowered: boolean, met: number[]): void {
    for (const word of text.words(this.#finder)) {
      for (const candidate of byWord.get(word) ?? NO_CANDIDATES) {
        if (!met.includes(candidate.check.rule) && meets(candidate, text, isLowered, true))
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

/** What of a chain does anything to values of these classes. What does nothing to them but lower letters is `lowercase`, whatever its name. */
function stepsOf(chain: TransformChain, touched: number): readonly Transformation[] {
  const steps: Transformation[] = [];
  let classes = touched;
  for (const step of transformationsOf(chain)) {
    if (step.touches !== ANY_BYTE && (step.touches & classes) === 0) continue;
    steps.push(step.beyondCase !== undefined && (step.beyondCase & classes) === 0 ? LOWERCASE : step);
    classes = step.yields?.(classes) ?? ANY_BYTE;
  }
  return steps;
}

/** A rule that asks after each step of its chain asks once where the steps change nothing. */
function together(plans: readonly ChainPlan[]): Candidates {
  const byWord = new Map<number, Candidate[]>();
  const others: Candidate[] = [];
  for (const each of plans) {
    others.push(...notIn(others, each.others));
    for (const [word, candidates] of each.byWord) {
      const there = byWord.get(word) ?? [];
      byWord.set(word, [...there, ...notIn(there, candidates)]);
    }
  }
  return { byWord, others };
}

function notIn(there: readonly Candidate[], more: readonly Candidate[]): readonly Candidate[] {
  return more.filter(({ check }) => !there.some((each) => each.check.rule === check.rule));
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

function classesOf(set: ByteSet): number {
  return bytesOf(set).reduce((mask, byte) => mask | (CLASS_BIT[byte] ?? 0), 0);
}

function bitCount(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

/** The words one of which a text must contain: those long enough to look for, and the classes of the others, which are single bytes. Null where the check needs none. */
function wordsOf({
  phrases,
  requirement,
}: Check): { readonly long: readonly string[]; readonly short: number } | null {
  const words = phrases ?? requirement?.words ?? null;
  if (words === null || words.includes('')) return null;
  return {
    long: words.filter(({ length }) => length > 1),
    short: words.reduce((mask, word) => (word.length > 1 ? mask : mask | classesOfWord(word)), 0),
  };
}

/** Of a byte whose case does not matter. */
function classesOfWord(word: string): number {
  return maskOf(word) | maskOf(word.toUpperCase());
}

/** The three masks that tell most; one that has most classes tells nothing. */
function masksOf({ requirement }: Check): readonly number[] {
  const masks = (requirement?.sets ?? []).map(classesOf);
  const telling = [...new Set(masks)].filter((mask) => bitCount(mask) < 30);
  return telling.sort((a, b) => bitCount(a) - bitCount(b)).slice(0, 3);
}
