// A rule set, made ready to run: rules per phase with their jumps resolved, operators made, transformation chains shared, and an index of what each value can meet.
import { ArgumentError, type Matcher, type OperatorFiles } from '../operator/operator.ts';
import { OPERATORS } from '../operator/index.ts';
import { StepLimit } from '../regex/backtracker.ts';
import { PatternError } from '../regex/parse.ts';
import { ProgramTooLong } from '../regex/program.ts';
import { refusal } from '../seclang/place.ts';
import type {
  Actions,
  CountedTarget,
  Link,
  Marker,
  Phase,
  Rule,
  RuleSet,
  Selector,
  Settings,
  Target,
  Template,
} from '../seclang/rule.ts';
import { constant } from '../seclang/template.ts';
import { VARIABLES, type VariableName } from '../seclang/variable.ts';
import { TRANSFORMATIONS } from '../transform/index.ts';
import type { Transformation } from '../transform/transformation.ts';
import { onlyTarget } from './only-target.ts';
import { RememberedNames } from './remembered-names.ts';
import { SetOfRules } from './set-of-rules.ts';
import { InitialVariables } from './rule-variables.ts';
import { settle, unsettled } from './settled.ts';
import { doesNothing } from './step.ts';
import { placeOf } from './fields.ts';
import type { Check, Looker } from './check.ts';
import { ValueIndex, type VariablePlans } from './index-of-values.ts';
import { type TransformChain, TransformChains, Value } from './value.ts';

export interface Condition {
  readonly included: readonly CountedTarget[];
  readonly excluded: readonly Target[];
  /** One chain; with `multiMatch`, each step on the way. */
  readonly chains: readonly TransformChain[];
  /** Whether the one chain changes nothing. */
  readonly asItIs: boolean;
  readonly negated: boolean;
  /** Null where the argument refers to variables. */
  readonly matcher: Matcher | null;
  /** Makes a matcher of an argument whose references were filled in. */
  readonly matcherOf: (argument: string) => Matcher;
  readonly argument: Template;
  /** Whether the operator asks for a number at least as high (`ge`). */
  readonly compares: boolean;
  /** What it compares with a number, where that is looked up at once (`only-target.ts`); else null. */
  readonly only: CountedTarget | null;
  /** Of a link that does nothing but set variables out of names. */
  readonly names: RememberedNames | null;
}

export interface CompiledLink {
  /** Null: matches always. */
  readonly condition: Condition | null;
  readonly actions: Actions;
}

export interface CompiledRule {
  /** Its place among all rules of the program; those of a phase stand in a row. */
  readonly ordinal: number;
  readonly rule: Rule;
  /** Whether its own links use what its patterns captured, so that about what matched will not do. */
  readonly usesCaptures: boolean;
  readonly links: readonly [CompiledLink, ...CompiledLink[]];
  /** Members of messages without any of which it does not match: what links after the first look at. */
  readonly needs: readonly NeededMember[];
  /** Whether it needs to run only where the index says that some value meets its first condition. */
  readonly indexed: boolean;
  /** Where in its phase `skipAfter` leads; -1 where there is none. */
  readonly jump: number;
}

/** A member of a variable by its name, in lower case. */
export interface NeededMember {
  readonly place: number;
  readonly name: string;
}

export interface Program {
  readonly settings: Settings;
  readonly phases: ReadonlyMap<Phase, readonly CompiledRule[]>;
  /** Variables that every transaction begins with. */
  readonly initial: InitialVariables;
  /** Rules that run whatever the index says. */
  readonly always: SetOfRules;
  readonly index: ValueIndex;
  /** What the index looks at, with the places of the variables' values. */
  readonly looked: readonly { readonly place: number; readonly plans: VariablePlans }[];
  /** Variables that some rule names, and those that others are made of. */
  readonly needed: ReadonlySet<VariableName>;
}

export interface ProgramOptions {
  /** Whether rules that can meet no value are left out; without it every rule runs, which is for proving that it makes no difference. */
  readonly indexed: boolean;
}

/** Matchers of arguments with references, remembered by argument. */
const MAX_REMEMBERED_MATCHERS = 256;

/** Throws `waf/rule-refused` where an operator's argument is none. */
export function compile(set: RuleSet, files: OperatorFiles, options: ProgramOptions): Program {
  return new Compiler(files, options).program(set);
}

class Compiler {
  readonly #files: OperatorFiles;
  readonly #options: ProgramOptions;
  readonly #chains = new TransformChains();
  readonly #checks: Check[] = [];

  constructor(files: OperatorFiles, options: ProgramOptions) {
    this.#files = files;
    this.#options = options;
  }

  program(set: RuleSet): Program {
    const phases = new Map<Phase, readonly CompiledRule[]>();
    const settled = this.#options.indexed ? settle(set, (...asked) => this.#holds(...asked)) : unsettled(set);
    let ordinal = 0;
    for (const [phase, inPhase] of settled.phases) {
      const compiled: CompiledRule[] = [];
      for (const [i, rule] of inPhase.entries()) {
        if (rule.kind === 'marker') continue;
        compiled.push(this.#rule(rule, ordinal, jumpOf(rule, i, inPhase)));
        ordinal += 1;
      }
      phases.set(phase, compiled);
    }
    const rules = [...phases.values()].flat();
    const always = SetOfRules.for(rules.length);
    for (const { ordinal: each, indexed } of rules) if (!indexed) always.add(each);
    const index = new ValueIndex(this.#checks, this.#chains);
    return {
      settings: set.settings,
      phases,
      initial: new InitialVariables(settled.initial, patternsOf(rules)),
      always,
      index,
      looked: index.variables.map((plans) => ({ place: placeOf(plans.variable), plans })),
      needed: neededBy(rules),
    };
  }

  #rule(rule: Rule, ordinal: number, jump: number): CompiledRule {
    const [first, ...rest] = rule.links;
    const exact = usesCaptures(rule);
    const links = [this.#link(first, exact), ...rest.map((link) => this.#link(link, exact))] as const;
    const lookers = this.#options.indexed ? lookersOf(links[0].condition) : null;
    if (lookers !== null && links[0].condition !== null) this.#index(ordinal, links[0].condition, lookers);
    return {
      ordinal,
      rule,
      usesCaptures: exact,
      needs: this.#options.indexed ? needsOf(rule) : [],
      links: [links[0], ...links.slice(1)],
      indexed: lookers !== null,
      jump,
    };
  }

  #index(rule: number, { chains, matcher, negated }: Condition, lookers: readonly Looker[]): void {
    if (matcher === null) return;
    for (const chain of chains) {
      const requirement = negated ? null : matcher.requirement;
      const phrases = negated ? null : matcher.phrases;
      this.#checks.push({
        rule,
        lookers,
        chain,
        requirement,
        phrases,
        matches: (text) => matcher.matches(text) !== negated,
      });
    }
  }

  #link(link: Link, usesCaptures: boolean): CompiledLink {
    const { condition, actions } = link;
    if (condition === null) return { condition: null, actions };
    const { operator, targets } = condition;
    const make = (argument: string): Matcher => this.#matcher(link, argument);
    const argument = constant(operator.argument);
    const matcher = argument === null ? null : make(argument);
    const chains = this.#chainsOf(actions);
    const last = chains.at(-1) ?? this.#chains.root;
    return {
      actions,
      condition: {
        included: targets.included,
        excluded: targets.excluded,
        chains,
        asItIs: actions.transformations.length === 0,
        negated: operator.negated,
        argument: operator.argument,
        compares: operator.name.toLowerCase() === 'ge' && !operator.negated,
        only: this.#options.indexed ? onlyTarget(link) : null,
        names: this.#options.indexed ? RememberedNames.of(link, last, matcher, usesCaptures) : null,
        matcher,
        matcherOf: remembering(make),
      },
    };
  }

  /** What a link's operator makes of an argument. */
  #matcher({ place, condition }: Link, argument: string): Matcher {
    const name = condition?.operator.name ?? '';
    const known = OPERATORS.get(name.toLowerCase());
    if (known === undefined) throw refusal(place, `the operator @${name} is not known`);
    try {
      return known.make(argument, this.#files);
    } catch (error) {
      if (
        error instanceof ArgumentError ||
        error instanceof PatternError ||
        error instanceof ProgramTooLong
      ) {
        throw refusal(place, `@${name}: ${error.message}`);
      }
      throw error;
    }
  }

  #chainsOf({ transformations: names, multiMatch }: Actions): readonly TransformChain[] {
    const transformations = names.map((name) => this.#transformation(name));
    const steps = multiMatch
      ? transformations.map((_, i) => this.#chains.of(transformations.slice(0, i)))
      : [];
    return [...steps, this.#chains.of(transformations)];
  }

  /** Whether a link's condition holds of a value, before there is a request. */
  #holds(link: Link, argument: string, text: string, isCount: boolean): boolean | undefined {
    const matcher = this.#matcher(link, argument);
    const negated = link.condition?.operator.negated === true;
    try {
      // A count is asked about as it is.
      const texts = isCount ? [text] : new Value(text).steps(this.#chainsOf(link.actions));
      return texts.some((each) => matcher.matches(each) !== negated);
    } catch (error) {
      if (error instanceof StepLimit) return undefined;
      throw error;
    }
  }

  #transformation(name: string): Transformation {
    const known = TRANSFORMATIONS.get(name.toLowerCase());
    if (known === undefined) throw new TypeError(`no transformation ${name}`);
    return known;
  }
}

/** The patterns that rules pick names of `TX` by. */
function patternsOf(rules: readonly CompiledRule[]): readonly (Selector & { readonly kind: 'pattern' })[] {
  return rules.flatMap(({ links }) =>
    links.flatMap(({ condition }) =>
      (condition?.included ?? []).flatMap(({ variable, selector }) =>
        variable === 'TX' && selector?.kind === 'pattern' ? [selector] : [],
      ),
    ),
  );
}

/** What links after the first need, as long as those before them do nothing that would be left out. */
function needsOf({ links: [first, ...rest] }: Rule): readonly NeededMember[] {
  const needs: NeededMember[] = [];
  let before = first;
  for (const link of rest) {
    if (!doesNothing(before)) break;
    const { included } = link.condition?.targets ?? { included: [] };
    const [target] = included;
    if (
      included.length === 1 &&
      target !== undefined &&
      !target.count &&
      VARIABLES[target.variable] === 'many'
    ) {
      const { variable, selector } = target;
      if (selector?.kind === 'name') needs.push({ place: placeOf(variable), name: selector.name });
    }
    before = link;
  }
  return needs;
}

/** Variables out of which others are made, and what the engine itself asks. */
const ALWAYS_NEEDED: readonly VariableName[] = [
  'ARGS',
  'ARGS_GET',
  'ARGS_POST',
  'REQUEST_COOKIES',
  'REQUEST_HEADERS',
  'RESPONSE_CONTENT_TYPE',
  'RESPONSE_HEADERS',
];

function neededBy(rules: readonly CompiledRule[]): ReadonlySet<VariableName> {
  const needed = new Set<VariableName>(ALWAYS_NEEDED);
  const note = (template: Template | null) => {
    for (const part of template?.parts ?? []) if (typeof part !== 'string') needed.add(part.variable);
  };
  for (const { condition, actions } of rules.flatMap(({ links }) => links)) {
    for (const { variable } of condition?.included ?? []) needed.add(variable);
    note(condition?.argument ?? null);
    for (const template of [actions.message, actions.logData, ...actions.tags]) note(template);
    for (const { name, value } of actions.setVariables) {
      note(name);
      note(value);
    }
    if (actions.disruption?.kind === 'redirect') note(actions.disruption.location);
  }
  return needed;
}

function refersToCaptures(template: Template | undefined): boolean {
  return (
    template?.parts.some(
      (part) => typeof part !== 'string' && part.variable === 'TX' && /^\d$/u.test(part.name ?? ''),
    ) === true
  );
}

/** Whether a rule refers to `TX:0` to `TX:9` in more than what it tells. */
function usesCaptures({ links }: Rule): boolean {
  return links.some(({ condition, actions }) => {
    const targets = condition?.targets.included ?? [];
    if (
      targets.some(
        ({ variable, selector }) =>
          variable === 'TX' && (selector?.kind !== 'name' || /^\d$/u.test(selector.name)),
      )
    )
      return true;
    return (
      refersToCaptures(condition?.operator.argument) ||
      actions.setVariables.some(({ name, value }) => refersToCaptures(name) || refersToCaptures(value))
    );
  });
}

function remembering(make: (argument: string) => Matcher): (argument: string) => Matcher {
  const made = new Map<string, Matcher>();
  return (argument) => {
    const known = made.get(argument);
    if (known !== undefined) return known;
    if (made.size >= MAX_REMEMBERED_MATCHERS) made.clear();
    const matcher = make(argument);
    made.set(argument, matcher);
    return matcher;
  };
}

/** The place among the rules of a phase at which `skipAfter` goes on: after the next marker of that name, or after the rule of that id. */
function jumpOf(rule: Rule, at: number, inPhase: readonly (Rule | Marker)[]): number {
  const name = rule.links[0].actions.skipAfter;
  if (name === null) return -1;
  const found = inPhase.findIndex(
    (each, i) => i > at && (each.kind === 'marker' ? each.name === name : String(each.id) === name),
  );
  const before = found < 0 ? inPhase : inPhase.slice(0, found + 1);
  return before.filter((each) => each.kind === 'rule').length;
}

/** What the first condition of a rule looks at, if its outcome is a pure function of single values of the messages; null where it is not. */
function lookersOf(condition: Condition | null): readonly Looker[] | null {
  if (condition === null || condition.matcher === null || condition.included.length === 0) return null;
  const lookers: Looker[] = [];
  for (const { variable, selector, count } of condition.included) {
    const kind = VARIABLES[variable];
    if (count || kind === 'changing' || kind === 'changing-many') return null;
    if (kind !== 'absent') lookers.push({ variable, selector });
  }
  return lookers;
}
