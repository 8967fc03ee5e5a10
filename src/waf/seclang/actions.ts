import { TRANSFORMATIONS } from '../transform/index.ts';
import { readControl } from './control.ts';
import { type Place, quoted, refusal } from './place.ts';
import type { Actions, Disruption, Phase, SetVariable } from './rule.ts';
import { readTemplate } from './template.ts';

/** One action as written: `name` or `name:value`. */
export interface RawAction {
  readonly name: string;
  readonly value: string | null;
}

/** Splits at commas outside single quotes; a value in single quotes loses them, and `\'` within is a quote. */
export function splitActions(text: string, place: Place): readonly RawAction[] {
  const found: RawAction[] = [];
  let at = 0;
  while (at < text.length) {
    let end = at;
    let inQuotes = false;
    for (; end < text.length; end += 1) {
      if (text[end] === '\\' && inQuotes) end += 1;
      else if (text[end] === "'") inQuotes = !inQuotes;
      else if (text[end] === ',' && !inQuotes) break;
    }
    if (inQuotes) throw refusal(place, `a quote without end in the actions ${quoted(text)}`);
    const piece = text.slice(at, end).trim();
    if (piece !== '') found.push(rawAction(piece));
    at = end + 1;
  }
  return found;
}

function rawAction(piece: string): RawAction {
  const colon = piece.indexOf(':');
  if (colon < 0) return { name: piece.toLowerCase(), value: null };
  return { name: piece.slice(0, colon).trim().toLowerCase(), value: unquoted(piece.slice(colon + 1).trim()) };
}

function unquoted(value: string): string {
  const inner = value.length > 1 && value.startsWith("'") && value.endsWith("'") ? value.slice(1, -1) : value;
  return inner.replaceAll(String.raw`\'`, "'");
}

const SEVERITIES = ['EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];
const PHASES: Readonly<Record<string, Phase>> = {
  '1': 1,
  '2': 2,
  '3': 3,
  '4': 4,
  '5': 5,
  request: 2,
  response: 4,
  logging: 5,
};

/** Actions that are understood and change nothing in a pure engine: what they are about lies outside it. */
export const ACTIONS_WITHOUT_EFFECT = [
  'accuracy',
  'auditlog',
  'expirevar',
  'initcol',
  'maturity',
  'noauditlog',
  'rev',
  'sanitisearg',
  'sanitisematched',
  'sanitisematchedbytes',
  'sanitiserequestheader',
  'sanitiseresponseheader',
  'setenv',
  'setrsc',
  'setsid',
  'setuid',
  'ver',
] as const;

/** The rest of what is known. */
export const ACTIONS_WITH_EFFECT = [
  'allow',
  'block',
  'capture',
  'chain',
  'ctl',
  'deny',
  'drop',
  'id',
  'log',
  'logdata',
  'msg',
  'multimatch',
  'nolog',
  'pass',
  'phase',
  'redirect',
  'score',
  'setvar',
  'severity',
  'skip',
  'skipafter',
  'status',
  't',
  'tag',
] as const;

export interface ReadActions {
  readonly actions: Actions;
  readonly id: number | null;
  readonly phase: Phase | null;
  readonly chain: boolean;
}

/** Reads an action list that was split. */
export function readActions(raw: readonly RawAction[], place: Place): ReadActions {
  return new ActionReader(place).read(raw);
}

class ActionReader {
  readonly #place: Place;
  #id: number | null = null;
  #phase: Phase | null = null;
  #chain = false;
  #disruption: Disruption | null = null;
  #status: number | null = null;
  #message: Actions['message'] = null;
  #logData: Actions['logData'] = null;
  #severity: number | null = null;
  #log: boolean | null = null;
  #capture = false;
  #multiMatch = false;
  #score = 0;
  #skip = 0;
  #skipAfter: string | null = null;
  #transformations: string[] = [];
  #transformationsAlone = false;
  readonly #tags: Actions['tags'][number][] = [];
  readonly #setVariables: SetVariable[] = [];
  readonly #controls: Actions['controls'][number][] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  read(raw: readonly RawAction[]): ReadActions {
    for (const action of raw) this.#take(action);
    return {
      id: this.#id,
      phase: this.#phase,
      chain: this.#chain,
      actions: {
        disruption: this.#disruption,
        status: this.#status,
        message: this.#message,
        logData: this.#logData,
        tags: this.#tags,
        severity: this.#severity,
        log: this.#log,
        transformations: this.#transformations,
        transformationsAlone: this.#transformationsAlone,
        capture: this.#capture,
        multiMatch: this.#multiMatch,
        setVariables: this.#setVariables,
        controls: this.#controls,
        score: this.#score,
        skip: this.#skip,
        skipAfter: this.#skipAfter,
      },
    };
  }

  #refuse(reason: string): never {
    throw refusal(this.#place, reason);
  }

  #take({ name, value }: RawAction): void {
    if (value === null) this.#takeWord(name);
    else this.#takeValue(name, value);
  }

  #takeWord(name: string): void {
    switch (name) {
      case 'pass':
      case 'block':
      case 'deny':
      case 'drop':
        this.#disruption = { kind: name };
        return;
      case 'allow':
        this.#disruption = { kind: 'allow', what: 'all' };
        return;
      case 'chain':
        this.#chain = true;
        return;
      case 'capture':
        this.#capture = true;
        return;
      case 'multimatch':
        this.#multiMatch = true;
        return;
      case 'log':
      case 'nolog':
        this.#log = name === 'log';
        return;
      case 'auditlog':
      case 'noauditlog':
        return;
      default:
        this.#refuse(
          this.#known(name)
            ? `the action ${name} without a value`
            : `the action ${quoted(name)} is not known`,
        );
    }
  }

  #known(name: string): boolean {
    return [...ACTIONS_WITH_EFFECT, ...ACTIONS_WITHOUT_EFFECT].some((known) => known === name);
  }

  #takeValue(name: string, value: string): void {
    switch (name) {
      case 'id':
        this.#id = this.#number(name, value, 1, Number.MAX_SAFE_INTEGER);
        return;
      case 'phase':
        this.#phase = PHASES[value.toLowerCase()] ?? this.#refuse(`the phase ${quoted(value)} is not known`);
        return;
      case 'status':
        this.#status = this.#number(name, value, 100, 599);
        return;
      case 'msg':
        this.#message = readTemplate(value, this.#place);
        return;
      case 'logdata':
        this.#logData = readTemplate(value, this.#place);
        return;
      case 'tag':
        this.#tags.push(readTemplate(value, this.#place));
        return;
      case 'severity':
        this.#severity = this.#severityOf(value);
        return;
      case 't':
        this.#transformation(value);
        return;
      case 'score':
        this.#score = this.#number(name, value, 1, 100);
        return;
      case 'skip':
        this.#skip = this.#number(name, value, 1, 10_000);
        return;
      case 'skipafter':
        this.#skipAfter = value;
        return;
      case 'setvar':
        this.#setVariables.push(this.#setVariable(value));
        return;
      case 'ctl':
        this.#control(value);
        return;
      case 'allow':
        if (value !== 'phase' && value !== 'request') this.#refuse(`allow:${quoted(value)} is not known`);
        this.#disruption = { kind: 'allow', what: value };
        return;
      case 'redirect':
        this.#disruption = { kind: 'redirect', location: readTemplate(value, this.#place) };
        return;
      default:
        if (!ACTIONS_WITHOUT_EFFECT.some((known) => known === name))
          this.#refuse(`the action ${quoted(name)} is not known, or takes no value`);
    }
  }

  #number(name: string, value: string, least: number, most: number): number {
    const number = /^\d{1,16}$/u.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most))
      this.#refuse(`${name}:${quoted(value)} is no whole number from ${least} to ${most}`);
    return number;
  }

  #severityOf(value: string): number {
    const named = SEVERITIES.indexOf(value.toUpperCase());
    return named >= 0 ? named : this.#number('severity', value, 0, 7);
  }

  #transformation(value: string): void {
    if (value.toLowerCase() === 'none') {
      this.#transformations = [];
      this.#transformationsAlone = true;
      return;
    }
    const known = TRANSFORMATIONS.get(value.toLowerCase());
    if (known === undefined) this.#refuse(`the transformation ${quoted(value)} is not known`);
    this.#transformations.push(known.name);
  }

  /** `tx.a=1`, `tx.a=+%{tx.b}`, `tx.a=-1`, `!tx.a`, `tx.a`. */
  #setVariable(value: string): SetVariable {
    const found = /^(!?)(tx|ip|global|session|user|resource)[.:]([^=]+)(?:=(.*))?$/isu.exec(value);
    if (found === null) return this.#refuse(`setvar:${quoted(value)} cannot be read`);
    const collection = (found[2] ?? '').toUpperCase();
    if (!isWritable(collection)) return this.#refuse(`setvar:${quoted(value)} names what cannot be set`);
    const name = readTemplate((found[3] ?? '').trim().toLowerCase(), this.#place);
    const written = found[4];
    if (found[1] === '!') return { collection, name, change: 'remove', value: readTemplate('', this.#place) };
    const change =
      written?.startsWith('+') === true ? 'add' : written?.startsWith('-') === true ? 'subtract' : 'set';
    const rest = change === 'set' ? (written ?? '1') : (written ?? '').slice(1);
    return { collection, name, change, value: readTemplate(rest, this.#place) };
  }

  #control(value: string): void {
    const equals = value.indexOf('=');
    if (equals < 0) this.#refuse(`ctl:${quoted(value)} without a value`);
    const control = readControl(
      value.slice(0, equals).trim().toLowerCase(),
      value.slice(equals + 1).trim(),
      this.#place,
    );
    if (control !== null) this.#controls.push(control);
  }
}

const WRITABLE = ['TX', 'IP', 'GLOBAL', 'SESSION', 'USER', 'RESOURCE'] as const;

function isWritable(name: string): name is (typeof WRITABLE)[number] {
  return WRITABLE.some((known) => known === name);
}
