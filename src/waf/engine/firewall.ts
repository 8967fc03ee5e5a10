import type { OperatorFiles } from '../operator/operator.ts';
import { readRuleSet, type RuleFile } from '../seclang/read.ts';
import type { Place } from '../seclang/place.ts';
import type { Notice, Phase, Rule, RuleSet } from '../seclang/rule.ts';
import type { Connection } from './message.ts';
import { compile, type Program } from './program.ts';
import { Transaction } from './transaction.ts';
import { ValuePool } from './value.ts';

export interface FirewallOptions {
  /** Rule files in their order. */
  readonly rules: readonly RuleFile[];
  /** Data files that rules name. */
  readonly files: OperatorFiles;
  /** False: every rule runs on every value. For proving that leaving out makes no difference. */
  readonly indexed?: boolean;
  /** Values that are remembered between requests; 0 remembers none. */
  readonly remembered?: number;
}

/** A rule as it stands in its file, for people. */
export interface RuleSummary {
  readonly id: number;
  readonly phase: Phase;
  readonly place: Place;
  readonly message: string;
  readonly tags: readonly string[];
  /** What the first of its chain looks at, as written: `ARGS`, `REQUEST_HEADERS:user-agent`. */
  readonly targets: readonly string[];
  readonly operator: string;
  readonly transformations: readonly string[];
}

const DEFAULT_REMEMBERED = 8192;

/** A rule set, ready to judge requests. It holds no state but what it remembers of values, which is a pure function of their bytes. */
export class Firewall {
  readonly #program: Program;
  readonly #set: RuleSet;
  readonly #pool: ValuePool;

  /** Throws `waf/rule-refused` where a rule is not understood. */
  constructor(options: FirewallOptions) {
    this.#set = readRuleSet(options.rules);
    this.#program = compile(this.#set, options.files, { indexed: options.indexed ?? true });
    this.#pool = new ValuePool(options.remembered ?? DEFAULT_REMEMBERED);
  }

  /** What was understood and has no effect. */
  get notices(): readonly Notice[] {
    return this.#set.notices;
  }

  /** All rules, in the order of their files. */
  get rules(): readonly RuleSummary[] {
    return this.#set.rules.flatMap((rule) => (rule.kind === 'rule' ? [summaryOf(rule)] : []));
  }

  begin(connection: Connection): Transaction {
    return new Transaction(this.#program, this.#pool, connection);
  }
}

function summaryOf({ id, phase, links: [{ place, condition, actions }] }: Rule): RuleSummary {
  const operator = condition?.operator;
  return {
    id,
    phase,
    place,
    message: actions.message?.source ?? '',
    tags: actions.tags.map(({ source }) => source),
    targets: (condition?.targets.included ?? []).map(({ variable, selector, count }) => {
      const member = selector === null ? '' : selector.kind === 'name' ? `:${selector.name}` : ':/…/';
      return `${count ? '&' : ''}${variable}${member}`;
    }),
    operator:
      operator === undefined
        ? ''
        : `${operator.negated ? '!' : ''}@${operator.name} ${operator.argument.source}`,
    transformations: actions.transformations,
  };
}
