import type { OperatorFiles } from '../operator/operator.ts';
import { readRuleSet, type RuleFile } from '../seclang/read.ts';
import type { Place } from '../seclang/place.ts';
import type { Notice, Phase, Rule, RuleSet } from '../seclang/rule.ts';
import type { RemovedTarget } from './exclusion.ts';
import type { Connection, RequestHead } from './message.ts';
import { compile, type Program } from './program.ts';
import { Transaction } from './transaction.ts';
import { ValuePool } from './value.ts';
import type { Match, Outcome } from './verdict.ts';

export interface FirewallOptions {
  /** Rule files in their order. */
  readonly rules: readonly RuleFile[];
  /** Data files that rules name. */
  readonly files: OperatorFiles;
  /** False: every rule runs on every value. For proving that leaving out makes no difference. */
  readonly indexed?: boolean;
  /** About so many values are remembered between requests: a power of two, at least 4; 0 remembers none. */
  readonly remembered?: number;
}

/** A request that has come whole. */
export interface WholeRequest {
  readonly connection: Connection;
  readonly head: RequestHead;
  readonly body: Buffer;
  /** Whether the body goes on beyond what is given. */
  readonly beyond: boolean;
  readonly exclusions?: readonly RemovedTarget[];
}

/** What the rules say of a request. */
export interface Judged {
  readonly outcome: Outcome;
  /** `TX:score`. */
  readonly score: number;
  readonly matches: readonly Match[];
  /** Rules whose pattern reached its bound, so that it is not known whether they match. */
  readonly limits: readonly number[];
  /** Whether part of the body was not looked at. */
  readonly beyond: boolean;
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

const DEFAULT_REMEMBERED = 16_384;

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
    return rulesIn(this.#set);
  }

  /** `exclusions`: rules that leave values alone, for this transaction. */
  begin(connection: Connection, exclusions: readonly RemovedTarget[] = NO_EXCLUSIONS): Transaction {
    return new Transaction(this.#program, this.#pool, connection, exclusions);
  }

  /** Judges a request that has come whole, phases 1 and 2: those of the answer and of logging decide nothing of it. */
  judge(request: WholeRequest): Judged {
    const transaction = this.begin(request.connection, request.exclusions);
    let outcome = transaction.request(request.head);
    if (outcome.kind === 'pass') outcome = transaction.body(request.body, request.beyond);
    return {
      outcome,
      score: transaction.score('score'),
      matches: transaction.matches,
      limits: transaction.limits,
      beyond: transaction.isBeyond,
    };
  }
}

const NO_EXCLUSIONS: readonly RemovedTarget[] = [];

/** What a rule set says about its rules, for people, without making an engine of it; throws `waf/rule-refused`. */
export function summariesOf(files: readonly RuleFile[]): {
  readonly rules: readonly RuleSummary[];
  readonly notices: readonly Notice[];
} {
  const set = readRuleSet(files);
  return { rules: rulesIn(set), notices: set.notices };
}

function rulesIn(set: RuleSet): readonly RuleSummary[] {
  return set.rules.flatMap((rule) => (rule.kind === 'rule' ? [summaryOf(rule)] : []));
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
