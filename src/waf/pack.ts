// A rule pack: one rule set whole, with the data files its rules name, as it is kept and sent. What it says is bytes like any other's until an engine is made of it.
import { wafError } from './errors.ts';
import type { OperatorFiles } from './operator/operator.ts';
import type { RuleFile } from './seclang/read.ts';

export interface RulePack {
  readonly name: string;
  readonly version: string;
  /** The day it was made, as `2026-11-27`. */
  readonly madeOn: string;
  /** In their order. */
  readonly rules: readonly RuleFile[];
  /** Data files by name, as byte strings. */
  readonly data: Readonly<Record<string, string>>;
}

/** What people and events call a pack: `crs 4.20.0`. */
export function packLabel({ name, version }: Pick<RulePack, 'name' | 'version'>): string {
  return `${name} ${version}`;
}

/** Rules and data of a pack together; the Core Rule Set has 1.3 MB. */
export const MAX_PACK_BYTES: number = 8 * 1024 * 1024;

/** The data files of a pack, for its operators. */
export function dataOf(pack: RulePack): OperatorFiles {
  return { read: (name) => (Object.hasOwn(pack.data, name) ? (pack.data[name] ?? null) : null) };
}

/** A pack as JSON in UTF-8. */
export function encodePack({ name, version, madeOn, rules, data }: RulePack): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, name, version, madeOn, rules, data }));
}

const WORD = /^[\w.+-]{1,60}$/u;
const DAY = /^\d{4}-\d\d-\d\d$/u;
const FILE = /^[\w.-]{1,120}$/u;

/** Reads what `encodePack` wrote; throws `waf/pack-refused` for any other shape. Whether its rules are understood shows when they are read. */
export function readPack(bytes: Uint8Array): RulePack {
  if (bytes.byteLength > MAX_PACK_BYTES) throw wafError('waf/pack-refused', { details: { why: 'too long' } });
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw wafError('waf/pack-refused', { details: { why: 'not JSON' }, cause: error });
  }
  if (!isPack(value)) throw wafError('waf/pack-refused', { details: { why: 'not the shape of a pack' } });
  const { name, version, madeOn, rules, data } = value;
  return { name, version, madeOn, rules, data };
}

function isPack(value: unknown): value is RulePack {
  if (typeof value !== 'object' || value === null) return false;
  if (!('v' in value && value.v === 1 && 'name' in value && 'version' in value)) return false;
  if (!('madeOn' in value && 'rules' in value && 'data' in value)) return false;
  const { name, version, madeOn, rules, data } = value;
  return (
    isText(name, WORD) &&
    isText(version, WORD) &&
    isText(madeOn, DAY) &&
    Array.isArray(rules) &&
    rules.length > 0 &&
    rules.every((file) => isRuleFile(file)) &&
    typeof data === 'object' &&
    data !== null &&
    Object.entries(data).every(([file, text]) => FILE.test(file) && isBytes(text))
  );
}

function isRuleFile(value: unknown): value is RuleFile {
  if (typeof value !== 'object' || value === null) return false;
  return 'path' in value && isText(value.path, FILE) && 'text' in value && isBytes(value.text);
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

/** A byte string: each code unit is one byte. */
function isBytes(value: unknown): value is string {
  return typeof value === 'string' && !/[\u0100-\uffff]/.test(value);
}
