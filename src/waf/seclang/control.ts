import { ByteRegex } from '../regex/pattern.ts';
import { type Place, quoted, refusal } from './place.ts';
import type { BodyProcessor, Control, EngineMode, RuleFilter } from './rule.ts';
import { readTarget } from './targets.ts';

/** Controls whose subject lies outside a pure engine: logs and hashes. */
export const CONTROLS_WITHOUT_EFFECT = [
  'auditengine',
  'auditlogparts',
  'debugloglevel',
  'hashenforcement',
  'hashengine',
] as const;
export const CONTROLS_WITH_EFFECT = [
  'forcerequestbodyvariable',
  'requestbodyaccess',
  'requestbodylimit',
  'requestbodyprocessor',
  'responsebodyaccess',
  'responsebodylimit',
  'ruleengine',
  'ruleremovebyid',
  'ruleremovebymsg',
  'ruleremovebytag',
  'ruleremovetargetbyid',
  'ruleremovetargetbymsg',
  'ruleremovetargetbytag',
] as const;

const FILTER_PATTERN = { caseless: false, dotAll: true, multiline: false, dollarEndOnly: true };
const PROCESSORS: readonly BodyProcessor[] = ['URLENCODED', 'MULTIPART', 'JSON', 'XML'];
const MODES: Readonly<Record<string, EngineMode>> = { on: 'on', off: 'off', detectiononly: 'detect' };

/** Reads one `ctl`; null for one without effect. */
export function readControl(name: string, value: string, place: Place): Control | null {
  if (CONTROLS_WITHOUT_EFFECT.some((known) => known === name)) return null;
  switch (name) {
    case 'ruleengine':
      return { kind: 'engine', mode: readMode(value, place) };
    case 'requestbodyprocessor': {
      const processor = PROCESSORS.find((known) => known === value.toUpperCase());
      if (processor === undefined) throw refusal(place, `the body processor ${quoted(value)} is not known`);
      return { kind: 'body-processor', processor };
    }
    case 'requestbodyaccess':
    case 'responsebodyaccess':
      return { kind: 'body-access', request: name === 'requestbodyaccess', on: readSwitch(value, place) };
    case 'forcerequestbodyvariable':
      return { kind: 'force-request-body', on: readSwitch(value, place) };
    case 'requestbodylimit':
    case 'responsebodylimit':
      return { kind: 'body-limit', request: name === 'requestbodylimit', bytes: readBytes(value, place) };
    case 'ruleremovebyid':
    case 'ruleremovebytag':
    case 'ruleremovebymsg':
      return { kind: 'remove-rules', which: readFilter(name.slice('ruleremoveby'.length), value, place) };
    case 'ruleremovetargetbyid':
    case 'ruleremovetargetbytag':
    case 'ruleremovetargetbymsg': {
      const semicolon = value.indexOf(';');
      if (semicolon < 0) throw refusal(place, `ctl:${name}=${quoted(value)} without a target`);
      return {
        kind: 'remove-targets',
        which: readFilter(name.slice('ruleremovetargetby'.length), value.slice(0, semicolon), place),
        target: readTarget(value.slice(semicolon + 1), place),
      };
    }
    default:
      throw refusal(place, `the control ${quoted(name)} is not known`);
  }
}

export function readMode(value: string, place: Place): EngineMode {
  const mode = MODES[value.toLowerCase()];
  if (mode === undefined) throw refusal(place, `${quoted(value)} is none of On, Off, DetectionOnly`);
  return mode;
}

export function readSwitch(value: string, place: Place): boolean {
  const lower = value.toLowerCase();
  if (lower !== 'on' && lower !== 'off') throw refusal(place, `${quoted(value)} is neither On nor Off`);
  return lower === 'on';
}

export function readBytes(value: string, place: Place): number {
  if (!/^\d{1,12}$/u.test(value)) throw refusal(place, `${quoted(value)} is no number of bytes`);
  return Number(value);
}

/** `by` as SecLang writes it: `id` with numbers and ranges, `tag` or `msg` with a pattern. */
export function readFilter(by: string, value: string, place: Place): RuleFilter {
  if (by === 'id') {
    const ranges = value
      .split(/[\s,]+/u)
      .filter((piece) => piece !== '')
      .map((piece) => {
        const found = /^(\d{1,15})(?:-(\d{1,15}))?$/u.exec(piece);
        if (found === null) throw refusal(place, `${quoted(piece)} is no id and no range of ids`);
        return [Number(found[1]), Number(found[2] ?? found[1])] as const;
      });
    if (ranges.length === 0) throw refusal(place, 'no id');
    return { by: 'id', ranges };
  }
  try {
    return { by: by === 'tag' ? 'tag' : 'message', pattern: new ByteRegex(value, FILTER_PATTERN) };
  } catch (error) {
    throw refusal(
      place,
      `the pattern ${quoted(value)}: ${error instanceof Error ? error.message : 'cannot be read'}`,
    );
  }
}
