// One request and its answer, phase by phase.
import { StepLimit } from '../regex/backtracker.ts';
import { wholeNumber } from '../operator/number.ts';
import type { Matcher } from '../operator/operator.ts';
import type {
  Actions,
  CountedTarget,
  Phase,
  Selector,
  SetVariable,
  Target,
  Template,
} from '../seclang/rule.ts';
import { selects } from '../seclang/read.ts';
import { constant } from '../seclang/template.ts';
import { VARIABLES, type VariableName } from '../seclang/variable.ts';
import { lowercase } from '../transform/shape.ts';
import type { Asked } from './asked.ts';
import type { RemovedTarget } from './exclusion.ts';
import { type Field, Fields, made, processorOf, selected } from './fields.ts';
import { fullName, isOfRequest, MAX_EXCERPT, type MatchedField, valuesOf } from './matched.ts';
import type { Connection, RequestHead, ResponseHead } from './message.ts';
import { InForce } from './in-force.ts';
import type { MetName, RememberedNames } from './remembered-names.ts';
import { RuleVariables } from './rule-variables.ts';
import { Score } from './score.ts';
import { cannotHold } from './only-target.ts';
import type { CompiledLink, CompiledRule, Condition, Program } from './program.ts';
import type { SetOfRules } from './set-of-rules.ts';
import type { Value, ValuePool } from './value.ts';
import { type Added, type Match, type Outcome, PASS } from './verdict.ts';

const MAX_MATCHES = 1000;
const MAX_CAPTURES = 10;
const DEFAULT_STATUS = 403;
const LOWEST_SEVERITY = '255';

/** Bodies of requests above so many bytes are cut by whoever calls; see `requestBodyLimit`. */
export class Transaction {
  readonly #program: Program;
  readonly #fields: Fields;
  readonly #variables: RuleVariables;
  /** Rules that are to run. */
  readonly #candidates: SetOfRules;
  /** The values that the index was asked about, by what it looks at. */
  readonly #inspected: (readonly Field[])[] = [];
  readonly #matches: Match[] = [];
  readonly #limits = new Set<number>();
  readonly #inForce: InForce;
  #contentType = '';
  #matched: readonly MatchedField[] = [];
  readonly #score = new Score();
  #latest: MatchedField = { variable: 'MATCHED_VAR', name: '', value: null, text: '', matcher: null };
  #highestSeverity = LOWEST_SEVERITY;
  /** Rules are left out from here on: by `allow`, or because the transaction was refused. */
  #skipped: 'none' | 'request' | 'all' = 'none';
  #isBeyond = false;
  /** So many of `TX:0` to `TX:9` may be set by captures. */
  #captured = 0;

  constructor(
    program: Program,
    pool: ValuePool,
    connection: Connection,
    exclusions: readonly RemovedTarget[],
  ) {
    this.#program = program;
    this.#fields = new Fields(pool, program.settings, program.needed);
    this.#fields.connection(connection);
    this.#candidates = program.always.copy();
    this.#variables = new RuleVariables(program.initial);
    this.#inForce = new InForce(program.settings, exclusions);
  }

  /** What matched so far, in order; at most 1,000 rules. */
  get matches(): readonly Match[] {
    return this.#matches;
  }

  /** Rules whose pattern reached its bound, so that it is not known whether they match. */
  get limits(): readonly number[] {
    return [...this.#limits];
  }

  /** Whether part of the request's body was not looked at. */
  get isBeyond(): boolean {
    return this.#isBeyond;
  }

  /** Whether a body is to be inspected, and how much of it. */
  get requestBodyLimit(): number {
    return this.#inForce.requestBody && this.#inForce.mode !== 'off' ? this.#inForce.requestBodyLimit : 0;
  }

  /** As `requestBodyLimit`, for the answer; 0 for types that are not inspected. */
  get responseBodyLimit(): number {
    const type = lowercase(
      /^[^;,\s]*/u.exec(this.#fields.get('RESPONSE_CONTENT_TYPE')[0]?.value.text ?? '')?.[0] ?? '',
    );
    return this.#inForce.responseBody &&
      this.#inForce.mode !== 'off' &&
      this.#program.settings.responseTypes.includes(type)
      ? this.#inForce.responseBodyLimit
      : 0;
  }

  /** A variable that rules set, as a number: a score. */
  score(name: string): number {
    return wholeNumber(this.#variables.get('TX', name) ?? '0');
  }

  /** Phase 1. */
  request(head: RequestHead): Outcome {
    this.#fields.head(head);
    this.#contentType =
      this.#fields.get('REQUEST_HEADERS').find(({ lower }) => lower === 'content-type')?.value.text ?? '';
    this.#inForce.processor = processorOf(this.#contentType);
    return this.#phase(1);
  }

  /** Phase 2. `beyond`: the body was longer than what is given. */
  body(bytes: Buffer, beyond: boolean): Outcome {
    const text =
      this.#inForce.requestBody && bytes.length > 0
        ? bytes.subarray(0, this.#inForce.requestBodyLimit).toString('latin1')
        : '';
    this.#isBeyond = beyond || bytes.length > this.#inForce.requestBodyLimit;
    this.#fields.body(text, this.#inForce.processor, this.#contentType, {
      force: this.#inForce.forceBody,
      beyond: this.#isBeyond,
    });
    return this.#phase(2);
  }

  /** Phase 3. */
  response(head: ResponseHead): Outcome {
    this.#fields.response(head);
    return this.#phase(3);
  }

  /** Phase 4. */
  responseBody(bytes: Buffer, beyond: boolean): Outcome {
    const limit = this.responseBodyLimit;
    if (limit > 0)
      this.#fields.responseBody(bytes.subarray(0, limit).toString('latin1'), beyond || bytes.length > limit);
    return this.#phase(4);
  }

  /** Phase 5: rules that only tell. */
  finish(): void {
    this.#phase(5);
  }

  #phase(phase: Phase): Outcome {
    if (
      this.#inForce.mode === 'off' ||
      (phase !== 5 && (this.#skipped === 'all' || (this.#skipped === 'request' && phase <= 2)))
    )
      return PASS;
    this.#inspect();
    const rules = this.#program.phases.get(phase) ?? [];
    const first = rules[0]?.ordinal ?? 0;
    const end = first + rules.length;
    let at = this.#candidates.from(first);
    while (at < end) {
      const compiled = rules[at - first];
      at += 1;
      if (
        compiled !== undefined &&
        !this.#isRemoved(compiled) &&
        !this.#cannot(compiled) &&
        this.#run(compiled)
      ) {
        const outcome = this.#disrupt(compiled, phase);
        if (outcome === 'end') return PASS;
        if (outcome !== null) {
          this.#skipped = 'all';
          return outcome;
        }
        const { skip } = compiled.links[0].actions;
        at = compiled.jump >= 0 ? first + compiled.jump : at + skip;
      }
      at = this.#candidates.from(at);
    }
    return PASS;
  }

  #isRemoved({ rule }: CompiledRule): boolean {
    return this.#inForce.removed.length > 0 && this.#inForce.removed.some((which) => selects(which, rule));
  }

  /** Whether a rule does not match, told without running it. */
  #cannot({ links: [{ condition }], needs }: CompiledRule): boolean {
    if (
      condition !== null &&
      this.#inForce.removedTargets.length === 0 &&
      cannotHold(condition, this.#fields, this.#variables)
    )
      return true;
    for (const { place, name } of needs) if (!this.#fields.has(place, name)) return true;
    return false;
  }

  /** Asks the index about every value that came since the last phase. */
  #inspect(): void {
    const { index, looked } = this.#program;
    for (let at = 0; at < looked.length; at += 1) {
      const each = looked[at];
      if (each === undefined) continue;
      const list = this.#fields.at(each.place);
      if (list.length === 0 || this.#inspected[at] === list) continue;
      this.#inspected[at] = list;
      for (const field of list) {
        const met = index.met(field.value, index.planOf(each.plans, field));
        for (const rule of met) this.#candidates.add(rule);
      }
    }
  }

  /** What a rule that matched does to the transaction. Null: it goes on. */
  #disrupt(compiled: CompiledRule, phase: Phase): Outcome | 'end' | null {
    const { disruption, status } = compiled.links[0].actions;
    if (disruption === null || disruption.kind === 'pass' || disruption.kind === 'block') return null;
    if (disruption.kind === 'allow') {
      this.#skipped =
        disruption.what === 'all' ? 'all' : disruption.what === 'request' ? 'request' : this.#skipped;
      return 'end';
    }
    if (this.#inForce.mode !== 'on' || phase === 5) return null;
    const ruleId = compiled.rule.id;
    if (disruption.kind === 'redirect')
      return { kind: 'redirect', status: status ?? 302, ruleId, location: this.#expand(disruption.location) };
    return {
      kind: 'refuse',
      status: status ?? DEFAULT_STATUS,
      ruleId,
      drop: disruption.kind === 'drop',
      threshold: this.#thresholdOf(compiled),
    };
  }

  /** The number that a rule's first comparison of a score asks for. */
  #thresholdOf({ links }: CompiledRule): number | null {
    for (const { condition } of links)
      if (condition?.compares === true && condition.included.every(({ variable }) => variable === 'TX'))
        return wholeNumber(this.#expand(condition.argument));
    return null;
  }

  /** Whether all links of a rule match; what they do while matching is done. */
  #run(compiled: CompiledRule): boolean {
    const added: Added[] = [];
    let told: readonly MatchedField[] = NO_MATCHES;
    for (const link of compiled.links) {
      if (!this.#link(compiled, link, added)) return false;
      if (link.condition !== null && isOfRequest(this.#matched)) told = this.#matched;
    }
    const { score } = compiled.links[0].actions;
    if (score > 0) this.#addScore(score, told, added);
    this.#tell(compiled, added, told);
    return true;
  }

  #addScore(amount: number, told: readonly MatchedField[], added: Added[]): void {
    const before = this.#score.total;
    const values = this.#score.add(amount, told);
    this.#variables.set('TX', 'score', String(this.score('score') + this.#score.total - before));
    added.push({ variable: 'score', amount, values });
  }

  #link(compiled: CompiledRule, link: CompiledLink, added: Added[]): boolean {
    const { condition, actions } = link;
    if (condition === null) {
      this.#act(actions, added);
      return true;
    }
    if (condition.names !== null && this.#inForce.removedTargets.length === 0)
      return this.#names(compiled, condition.names);
    const matcher = condition.matcher ?? condition.matcherOf(this.#expand(condition.argument));
    const asked: Asked = { compiled, condition, matcher, actions, added, matched: NO_MATCHES };
    for (const target of condition.included) this.#target(asked, target);
    if (asked.matched.length === 0) return false;
    this.#matched = asked.matched;
    return true;
  }

  /** A link that sets variables out of names. */
  #names(compiled: CompiledRule, names: RememberedNames): boolean {
    const matched: MatchedField[] = [];
    let last: MetName | null = null;
    for (const field of this.#fields.get(names.variable)) {
      const met = this.#met(compiled, names, field);
      if (met === null) continue;
      for (const { collection, key, text } of met.sets) this.#variables.set(collection, key, text);
      matched.push(met.field);
      last = met;
    }
    if (last === null) return false;
    this.#latest = last.field;
    this.#setCaptures(last.groups);
    this.#matched = matched;
    return true;
  }

  #met(compiled: CompiledRule, names: RememberedNames, field: Field): MetName | null {
    try {
      return names.of(field);
    } catch (error) {
      if (!(error instanceof StepLimit)) throw error;
      this.#limits.add(compiled.rule.id);
      return null;
    }
  }

  /** Asks about the values of a target, less what is excluded. */
  #target(asked: Asked, { variable, selector, count }: CountedTarget): void {
    const excluded = this.#excludedOf(asked.compiled, asked.condition, variable);
    if (excluded === 'all') return;
    if (variable === 'TX' && !count && asked.condition.asItIs && excluded.length === 0) {
      for (const name of this.#variables.names('TX', selector))
        this.#ask(asked, 'TX', name, null, this.#variables.get('TX', name) ?? '');
      return;
    }
    let amount = 0;
    for (const field of this.#members(variable, selector)) {
      if (excluded.some((each) => each.selector !== null && selected(field.lower, field.name, each.selector)))
        continue;
      amount += 1;
      if (!count) this.#value(asked, variable, field.name, field.value);
    }
    if (count)
      this.#ask(asked, variable, selector?.kind === 'name' ? selector.name : '', null, String(amount));
  }

  #value(asked: Asked, variable: VariableName, name: string, value: Value): void {
    const { chains } = asked.condition;
    const [only] = chains;
    if (chains.length === 1 && only !== undefined)
      this.#ask(asked, variable, name, value, value.through(only).text);
    else for (const text of value.steps(chains)) this.#ask(asked, variable, name, value, text);
  }

  /** Asks the operator about one text, made of a value; where it matches, does what the rule does. */
  #ask(asked: Asked, variable: VariableName, name: string, value: Value | null, text: string): void {
    const { condition, matcher, actions } = asked;
    if (this.#isMatch(asked.compiled, matcher, text) === condition.negated) return;
    const field = { variable, name, value, text, matcher: condition.negated ? null : matcher };
    if (asked.matched === NO_MATCHES) asked.matched = [field];
    else asked.matched.push(field);
    this.#latest = field;
    if (actions.capture && !condition.negated) this.#capture(matcher, text, asked.compiled.usesCaptures);
    this.#act(actions, asked.added);
  }

  #isMatch(compiled: CompiledRule, matcher: Matcher, text: string): boolean {
    try {
      return matcher.matches(text);
    } catch (error) {
      if (!(error instanceof StepLimit)) throw error;
      this.#limits.add(compiled.rule.id);
      return false;
    }
  }

  #excludedOf(
    compiled: CompiledRule,
    condition: Condition,
    variable: VariableName,
  ): readonly Target[] | 'all' {
    if (condition.excluded.length === 0 && this.#inForce.removedTargets.length === 0) return NO_TARGETS;
    const excluded = condition.excluded.filter((each) => each.variable === variable);
    for (const { which, target } of this.#inForce.removedTargets) {
      if (target.variable === variable && selects(which, compiled.rule)) excluded.push(target);
    }
    return excluded.some((each) => each.selector === null) ? 'all' : excluded;
  }

  /** The values of a variable, or those that a selector picks. */
  #members(variable: VariableName, selector: Selector | null): readonly Field[] {
    const kind = VARIABLES[variable];
    if (kind === 'one' || kind === 'many') {
      const fields = this.#fields.get(variable);
      return selector === null ? fields : fields.filter(({ lower, name }) => selected(lower, name, selector));
    }
    if (kind === 'absent') return NO_FIELDS;
    if (kind === 'changing') return [made('', this.#changing(variable))];
    if (variable === 'MATCHED_VARS' || variable === 'MATCHED_VARS_NAMES') {
      const fields = this.#matched.map((field) => {
        const name = fullName(field.variable, field.name);
        return made(name, variable === 'MATCHED_VARS' ? field.text : name);
      });
      return selector === null ? fields : fields.filter(({ lower, name }) => selected(lower, name, selector));
    }
    return this.#variables.fields(variable, selector);
  }

  #changing(variable: VariableName): string {
    switch (variable) {
      case 'MATCHED_VAR':
        return this.#latest.text;
      case 'MATCHED_VAR_NAME':
        return fullName(this.#latest.variable, this.#latest.name);
      case 'REQBODY_PROCESSOR':
        return this.#inForce.processor ?? '';
      case 'HIGHEST_SEVERITY':
        return this.#highestSeverity;
      case 'MSC_PCRE_LIMITS_EXCEEDED':
        return this.#limits.size > 0 ? '1' : '0';
      default:
        return '';
    }
  }

  #capture(matcher: Matcher, text: string, exact: boolean): void {
    let groups: readonly (string | null)[] = [text];
    try {
      groups = matcher.captures?.(text, exact) ?? groups;
    } catch (error) {
      if (!(error instanceof StepLimit)) throw error;
    }
    this.#setCaptures(groups);
  }

  #setCaptures(groups: readonly (string | null)[]): void {
    const count = Math.min(groups.length, MAX_CAPTURES);
    for (let i = 0; i < Math.max(count, this.#captured); i += 1) {
      const group = i < count ? (groups[i] ?? null) : null;
      if (group === null) this.#variables.delete('TX', String(i));
      else this.#variables.set('TX', String(i), group);
    }
    this.#captured = Math.max(count, this.#captured);
  }

  #act({ setVariables, controls }: Actions, added: Added[]): void {
    for (const set of setVariables) this.#setVariable(set, added);
    for (const control of controls) this.#inForce.change(control);
  }

  #setVariable({ collection, name, change, value }: SetVariable, added: Added[]): void {
    // A name that refers to nothing was lowered when it was read.
    const key = constant(name) ?? lowercase(this.#expand(name));
    if (change === 'remove') {
      this.#variables.delete(collection, key);
      return;
    }
    const text = this.#expand(value);
    if (change === 'set') {
      this.#variables.set(collection, key, text);
      return;
    }
    const amount = wholeNumber(text) * (change === 'add' ? 1 : -1);
    this.#variables.set(
      collection,
      key,
      String(wholeNumber(this.#variables.get(collection, key) ?? '0') + amount),
    );
    added.push({ variable: key, amount });
  }

  /** Fills in what a template refers to; what has no value is empty. */
  #expand(template: Template): string {
    const [only] = template.parts;
    if (template.parts.length === 1 && typeof only === 'string') return only;
    let text = '';
    for (const part of template.parts)
      text += typeof part === 'string' ? part : this.#referred(part.variable, part.name);
    return text;
  }

  #referred(variable: VariableName, name: string | null): string {
    if (variable === 'TX' && name !== null) return this.#variables.get('TX', name) ?? '';
    if (VARIABLES[variable] === 'changing') return this.#changing(variable);
    return this.#members(variable, name === null ? null : { kind: 'name', name })[0]?.value.text ?? '';
  }

  #tell(compiled: CompiledRule, added: readonly Added[], told: readonly MatchedField[]): void {
    const { actions } = compiled.links[0];
    if (actions.severity !== null && actions.severity < Number(this.#highestSeverity))
      this.#highestSeverity = String(actions.severity);
    if (actions.log === false || this.#matches.length >= MAX_MATCHES) return;
    this.#matches.push({
      ruleId: compiled.rule.id,
      phase: compiled.rule.phase,
      message: actions.message === null ? '' : this.#expand(actions.message).slice(0, MAX_EXCERPT),
      data: actions.logData === null ? '' : this.#expand(actions.logData).slice(0, MAX_EXCERPT * 2),
      severity: actions.severity,
      tags: actions.tags.map((tag) => this.#expand(tag)),
      values: valuesOf(told),
      added,
    });
  }
}

const NO_MATCHES: MatchedField[] = [];
const NO_TARGETS: readonly Target[] = [];
const NO_FIELDS: readonly Field[] = [];
