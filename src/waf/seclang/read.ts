// Rule files → rule set. Nothing is skipped in silence: a directive that is not known is a refusal, one whose subject lies outside the engine a notice.
import { OPERATORS } from '../operator/index.ts';
import { readActions, type ReadActions, type RawAction, splitActions } from './actions.ts';
import { readBytes, readFilter, readMode, readSwitch } from './control.ts';
import { readStatements, type Statement } from './lines.ts';
import { type Place, quoted, refusal } from './place.ts';
import type {
  Actions,
  Disruption,
  Link,
  Marker,
  Notice,
  OperatorCall,
  Phase,
  Rule,
  RuleFilter,
  RuleSet,
  Settings,
} from './rule.ts';
import { readTargets } from './targets.ts';
import { readTemplate } from './template.ts';
import { variableNamed } from './variable.ts';

/** One rule file: its name for messages, and its bytes as a byte string. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/** Directives about logs, disks and servers: understood, and without effect here. */
export const DIRECTIVES_WITHOUT_EFFECT = [
  'SecAuditEngine',
  'SecAuditLog',
  'SecAuditLog2',
  'SecAuditLogDirMode',
  'SecAuditLogFileMode',
  'SecAuditLogFormat',
  'SecAuditLogParts',
  'SecAuditLogRelevantStatus',
  'SecAuditLogStorageDir',
  'SecAuditLogType',
  'SecCollectionTimeout',
  'SecComponentSignature',
  'SecConnEngine',
  'SecCookieFormat',
  'SecDataDir',
  'SecDebugLog',
  'SecDebugLogLevel',
  'SecPcreMatchLimit',
  'SecPcreMatchLimitRecursion',
  'SecRequestBodyInMemoryLimit',
  'SecRequestBodyNoFilesLimit',
  'SecServerSignature',
  'SecStatusEngine',
  'SecTmpDir',
  'SecTmpSaveUploadedFiles',
  'SecUnicodeMapFile',
  'SecUploadDir',
  'SecUploadFileLimit',
  'SecUploadFileMode',
  'SecUploadKeepFiles',
  'SecXmlExternalEntity',
] as const;

export const DIRECTIVES_WITH_EFFECT = [
  'SecAction',
  'SecArgumentSeparator',
  'SecArgumentsLimit',
  'SecDefaultAction',
  'SecMarker',
  'SecRequestBodyAccess',
  'SecRequestBodyJsonDepthLimit',
  'SecRequestBodyLimit',
  'SecRequestBodyLimitAction',
  'SecRequestBodySniff',
  'SecResponseBodyAccess',
  'SecResponseBodyLimit',
  'SecResponseBodyLimitAction',
  'SecResponseBodyMimeType',
  'SecResponseBodyMimeTypesClear',
  'SecRule',
  'SecRuleEngine',
  'SecRuleRemoveById',
  'SecRuleRemoveByMsg',
  'SecRuleRemoveByTag',
  'SecRuleUpdateActionById',
  'SecRuleUpdateTargetById',
  'SecRuleUpdateTargetByMsg',
  'SecRuleUpdateTargetByTag',
] as const;

export const DEFAULT_SETTINGS: Settings = {
  engine: 'on',
  requestBody: true,
  responseBody: false,
  requestBodyLimit: 131_072,
  responseBodyLimit: 524_288,
  responseTypes: ['text/plain', 'text/html', 'text/xml'],
  argumentLimit: 1000,
  jsonDepth: 64,
  argumentSeparator: '&',
  sniffBody: false,
};

const MAX_RULES = 50_000;

/** Reads rule files in their order; throws `waf/rule-refused`. */
export function readRuleSet(files: readonly RuleFile[]): RuleSet {
  const reader = new RuleSetReader();
  for (const file of files) reader.file(file);
  return reader.done();
}

interface PhaseDefault {
  readonly disruption: Disruption;
  readonly status: number | null;
  readonly log: boolean | null;
  readonly transformations: readonly string[];
}

class RuleSetReader {
  #rules: (Rule | Marker)[] = [];
  readonly #notices: Notice[] = [];
  readonly #ids = new Map<number, Place>();
  readonly #defaults = new Map<Phase, PhaseDefault>();
  #settings: Settings = DEFAULT_SETTINGS;
  /** Links of a chain that goes on. */
  #open: { readonly id: number; readonly phase: Phase; readonly links: [Link, ...Link[]] } | null = null;

  file({ path, text }: RuleFile): void {
    for (const statement of readStatements(path, text)) this.#take(statement);
    if (this.#open !== null)
      throw refusal(this.#open.links[0].place, 'a chain that goes on past the end of its file');
  }

  done(): RuleSet {
    const markers = new Set(this.#rules.flatMap((each) => (each.kind === 'marker' ? [each.name] : [])));
    for (const rule of this.#rules) {
      if (rule.kind === 'marker') continue;
      const after = rule.links[0].actions.skipAfter;
      if (after !== null && !markers.has(after) && !this.#ids.has(Number(after))) {
        throw refusal(rule.links[0].place, `skipAfter:${quoted(after)} leads to a marker that is not there`);
      }
    }
    return { rules: this.#rules, settings: this.#settings, notices: this.#notices };
  }

  #take({ place, words }: Statement): void {
    const [written = '', ...rest] = words;
    const name = [...DIRECTIVES_WITH_EFFECT, ...DIRECTIVES_WITHOUT_EFFECT].find(
      (known) => known.toLowerCase() === written.toLowerCase(),
    );
    if (name === undefined) throw refusal(place, `the directive ${quoted(written)} is not known`);
    if (this.#open !== null && name !== 'SecRule' && name !== 'SecAction')
      throw refusal(place, `${name} within a chain`);
    if (DIRECTIVES_WITHOUT_EFFECT.some((known) => known === name)) {
      if (name === 'SecXmlExternalEntity' && readSwitch(rest[0] ?? '', place))
        throw refusal(place, 'external entities are never loaded');
      this.#notices.push({ place, what: `${name} has no effect here` });
      return;
    }
    this.#directive(name, rest, place);
  }

  #directive(name: string, words: readonly string[], place: Place): void {
    const word = (at: number): string => {
      const found = words[at];
      if (found === undefined) throw refusal(place, `${name} lacks an argument`);
      return found;
    };
    const set = (change: Partial<Settings>) => {
      this.#settings = { ...this.#settings, ...change };
    };
    switch (name) {
      case 'SecRule':
        if (words.length > 3) throw refusal(place, 'SecRule with more than targets, operator and actions');
        return this.#rule(
          place,
          { targets: readTargets(word(0), place), operator: readOperator(word(1), place) },
          words[2] ?? '',
        );
      case 'SecAction':
        return this.#rule(place, null, word(0));
      case 'SecMarker':
        this.#rules.push({ kind: 'marker', name: word(0) });
        return;
      case 'SecDefaultAction':
        return this.#default(word(0), place);
      case 'SecRuleEngine':
        return set({ engine: readMode(word(0), place) });
      case 'SecRequestBodyAccess':
        return set({ requestBody: readSwitch(word(0), place) });
      case 'SecResponseBodyAccess':
        return set({ responseBody: readSwitch(word(0), place) });
      case 'SecRequestBodyLimit':
        return set({ requestBodyLimit: readBytes(word(0), place) });
      case 'SecResponseBodyLimit':
        return set({ responseBodyLimit: readBytes(word(0), place) });
      case 'SecRequestBodyLimitAction':
      case 'SecResponseBodyLimitAction':
        if (!/^(?:reject|processpartial)$/iu.test(word(0)))
          throw refusal(place, `${name} ${quoted(word(0))} is not known`);
        this.#notices.push({
          place,
          what: `${name}: what is beyond a limit is judged by the policy of whoever calls`,
        });
        return;
      case 'SecResponseBodyMimeType':
        return set({ responseTypes: words.map((type) => type.toLowerCase()) });
      case 'SecResponseBodyMimeTypesClear':
        return set({ responseTypes: [] });
      case 'SecRequestBodySniff':
        return set({ sniffBody: readSwitch(word(0), place) });
      case 'SecArgumentsLimit':
        return set({ argumentLimit: readBytes(word(0), place) });
      case 'SecRequestBodyJsonDepthLimit':
        return set({ jsonDepth: readBytes(word(0), place) });
      case 'SecArgumentSeparator':
        if (word(0).length !== 1) throw refusal(place, 'a separator is one character');
        return set({ argumentSeparator: word(0) });
      case 'SecRuleRemoveById':
        return this.#remove(readFilter('id', words.join(' '), place));
      case 'SecRuleRemoveByTag':
      case 'SecRuleRemoveByMsg':
        return this.#remove(readFilter(name === 'SecRuleRemoveByTag' ? 'tag' : 'msg', word(0), place));
      case 'SecRuleUpdateTargetById':
      case 'SecRuleUpdateTargetByTag':
      case 'SecRuleUpdateTargetByMsg':
        return this.#updateTargets(
          readFilter(name.slice('SecRuleUpdateTargetBy'.length).toLowerCase(), word(0), place),
          word(1),
          place,
        );
      case 'SecRuleUpdateActionById':
        return this.#updateActions(word(0), word(1), place);
      default:
        throw refusal(place, `the directive ${name} is known, and not carried out`);
    }
  }

  #rule(place: Place, condition: Link['condition'], actionText: string): void {
    const raw = splitActions(actionText, place);
    const read = readActions(raw, place);
    this.#noticeOperator(condition, place);
    if (this.#open !== null) {
      this.#checkLink(read, place);
      this.#open.links.push({ place, condition, actions: read.actions });
      if (!read.chain) this.#close();
      return;
    }
    const id = read.id;
    if (id === null) throw refusal(place, 'a rule without id');
    const other = this.#ids.get(id);
    if (other !== undefined)
      throw refusal(place, `id ${id} is that of another rule, in ${other.file}:${other.line}`);
    if (this.#ids.size >= MAX_RULES) throw refusal(place, `more than ${MAX_RULES} rules`);
    this.#ids.set(id, place);
    const phase = read.phase ?? 2;
    this.#open = {
      id,
      phase,
      links: [{ place, condition, actions: this.#withDefaults(read.actions, phase) }],
    };
    if (!read.chain) this.#close();
  }

  #close(): void {
    if (this.#open !== null) this.#rules.push({ kind: 'rule', ...this.#open });
    this.#open = null;
  }

  #noticeOperator(condition: Link['condition'], place: Place): void {
    if (condition === null) return;
    const name = condition.operator.name;
    if (OPERATORS.get(name.toLowerCase())?.absent === true) {
      this.#notices.push({ place, what: `@${name} asks what lies outside the engine; it never matches` });
    }
  }

  /** What decides about a chain stands in its first rule. */
  #checkLink(read: ReadActions, place: Place): void {
    if (read.id !== null) throw refusal(place, 'an id within a chain');
    if (read.phase !== null && read.phase !== this.#open?.phase)
      throw refusal(place, 'another phase within a chain');
    const { disruption, skipAfter, skip } = read.actions;
    if (disruption !== null && disruption.kind !== 'pass' && disruption.kind !== 'block')
      throw refusal(place, `${disruption.kind} within a chain`);
    if (skipAfter !== null || skip > 0) throw refusal(place, 'a skip within a chain');
  }

  #withDefaults(actions: Actions, phase: Phase): Actions {
    const given = this.#defaults.get(phase) ?? {
      disruption: { kind: 'pass' as const },
      status: null,
      log: null,
      transformations: [],
    };
    const blocks = actions.disruption === null || actions.disruption.kind === 'block';
    return {
      ...actions,
      disruption: blocks ? given.disruption : actions.disruption,
      status: actions.status ?? given.status,
      log: actions.log ?? given.log,
      transformations: actions.transformationsAlone
        ? actions.transformations
        : [...given.transformations, ...actions.transformations],
    };
  }

  #default(text: string, place: Place): void {
    const { actions, phase, id, chain } = readActions(splitActions(text, place), place);
    if (id !== null || chain) throw refusal(place, 'a default has no id and no chain');
    if (phase === null) throw refusal(place, 'a default without phase');
    const { disruption, status, log, transformations } = actions;
    if (disruption === null || disruption.kind === 'block')
      throw refusal(place, 'a default that says neither pass nor deny');
    this.#defaults.set(phase, { disruption, status, log, transformations });
  }

  #remove(which: RuleFilter): void {
    this.#rules = this.#rules.filter((rule) => rule.kind === 'marker' || !selects(which, rule));
  }

  #updateTargets(which: RuleFilter, text: string, place: Place): void {
    const more = readTargets(text, place);
    this.#change(which, place, (link, i) => {
      if (i > 0 || link.condition === null) return link;
      const { targets } = link.condition;
      const merged = {
        included: [...targets.included, ...more.included],
        excluded: [...targets.excluded, ...more.excluded],
      };
      return { ...link, condition: { ...link.condition, targets: merged } };
    });
  }

  #updateActions(which: string, text: string, place: Place): void {
    const [id = '', chained = '0'] = which.split(':');
    const raw: readonly RawAction[] = splitActions(text, place);
    const read = readActions(raw, place);
    if (read.id !== null || read.phase !== null || read.chain)
      throw refusal(place, 'an update cannot change id, phase or chain');
    this.#change(readFilter('id', id, place), place, (link, i) =>
      i === Number(chained) ? { ...link, actions: overlaid(link.actions, read.actions) } : link,
    );
  }

  #change(which: RuleFilter, place: Place, change: (link: Link, at: number) => Link): void {
    let changed = 0;
    this.#rules = this.#rules.map((rule) => {
      if (rule.kind === 'marker' || !selects(which, rule)) return rule;
      changed += 1;
      const [first, ...rest] = rule.links;
      return { ...rule, links: [change(first, 0), ...rest.map((link, i) => change(link, i + 1))] };
    });
    if (changed === 0) this.#notices.push({ place, what: 'an update that is about no rule' });
  }
}

/** Whether a rule is among those that a filter is about. */
export function selects(which: RuleFilter, rule: Rule): boolean {
  if (which.by === 'id') return which.ranges.some(([low, high]) => rule.id >= low && rule.id <= high);
  const { tags, message } = rule.links[0].actions;
  if (which.by === 'tag') return tags.some((tag) => which.pattern.test(tag.source));
  return message !== null && which.pattern.test(message.source);
}

function overlaid(under: Actions, over: Actions): Actions {
  return {
    ...under,
    disruption: over.disruption ?? under.disruption,
    status: over.status ?? under.status,
    message: over.message ?? under.message,
    logData: over.logData ?? under.logData,
    severity: over.severity ?? under.severity,
    log: over.log ?? under.log,
    tags: [...under.tags, ...over.tags],
    transformations: over.transformationsAlone
      ? over.transformations
      : [...under.transformations, ...over.transformations],
    setVariables: [...under.setVariables, ...over.setVariables],
    controls: [...under.controls, ...over.controls],
    skipAfter: over.skipAfter ?? under.skipAfter,
  };
}

/** `@rx …`, `!@eq 0`; without a name it is `@rx`. */
function readOperator(written: string, place: Place): OperatorCall {
  const text = written.trim();
  const negated = text.startsWith('!');
  const rest = negated ? text.slice(1).trimStart() : text;
  const found = /^@(\w+)(?:\s+([\s\S]*))?$/u.exec(rest);
  const name = found === null ? 'rx' : (found[1] ?? '');
  if (found === null && rest.startsWith('@'))
    throw refusal(place, `the operator ${quoted(rest)} cannot be read`);
  if (!OPERATORS.has(name.toLowerCase())) throw refusal(place, `the operator @${name} is not known`);
  const argument = found === null ? rest : (found[2] ?? '');
  // In a pattern, `%{` may be just that.
  const refers =
    name.toLowerCase() !== 'rx' ||
    [...argument.matchAll(/%\{([A-Za-z_]{1,40})[.:][^{}%]{0,200}\}/gu)].some(
      (each) => variableNamed(each[1] ?? '') !== null,
    );
  return {
    name,
    negated,
    argument: refers
      ? readTemplate(argument, place)
      : { source: argument, parts: argument === '' ? [] : [argument] },
  };
}
