// Rule packs that lie in folders: Loupe's own, and copies of the Core Rule Set.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MAX_PACK_BYTES, type RuleFile, type RulePack, wafError } from '#waf';

const OWN = join(import.meta.dirname, '../../rules/firewall');
const SETUP_NAMES = ['crs-setup.conf', 'crs-setup.conf.example'];
const DAY_LENGTH = 10;

/** Loupe's own rules, as they came with it. */
export function ownPack(): RulePack {
  const told: Pick<RulePack, 'name' | 'version' | 'madeOn'> = JSON.parse(
    readFileSync(join(OWN, 'pack.json'), 'utf8'),
  );
  return { ...told, ...filesIn(OWN) };
}

/** A copy of the Core Rule Set: a folder with `rules/` and its setup file. Throws `waf/file-missing`, `waf/pack-refused`. */
export function crsPack(folder: string): RulePack {
  const setup = SETUP_NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
  const { rules, data } = filesIn(join(folder, 'rules'));
  const all = setup === undefined ? rules : [ruleFile(setup), ...rules];
  return { name: 'crs', version: versionOf(all), madeOn: dayOf(folder), rules: all, data };
}

/** The rule files of a folder, in the order of their names, and the data files beside them. */
export function filesIn(folder: string): Pick<RulePack, 'rules' | 'data'> {
  if (!existsSync(folder)) throw wafError('waf/file-missing', { details: { path: folder } });
  const names = readdirSync(folder).toSorted();
  const wanted = names.filter((name) => /\.(?:conf|data)$/u.test(name));
  if (wanted.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) > MAX_PACK_BYTES)
    throw wafError('waf/pack-refused', { details: { why: 'too long' } });
  const ending = (end: string) => names.filter((name) => name.endsWith(end));
  return {
    rules: ending('.conf').map((name) => ruleFile(join(folder, name))),
    data: Object.fromEntries(
      ending('.data').map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
    ),
  };
}

export function ruleFile(path: string): RuleFile {
  return { path: basename(path), text: readFileSync(path, 'latin1') };
}

/** As `SecComponentSignature` says it, or the setup file. */
function versionOf(files: readonly RuleFile[]): string {
  for (const { text } of files) {
    const found = /^\s*SecComponentSignature\s+"OWASP_CRS\/([\w.-]{1,40})"/mu.exec(text);
    if (found?.[1] !== undefined) return found[1];
  }
  return 'unknown';
}

/** The day of a release, as its list of changes says it; else when the newest of its files was written. */
function dayOf(folder: string): string {
  for (const name of ['CHANGES.md', 'CHANGES']) {
    const path = join(folder, name);
    const found = existsSync(path) ? /\b(20\d\d-\d\d-\d\d)\b/u.exec(readFileSync(path, 'utf8')) : null;
    if (found?.[1] !== undefined) return found[1];
  }
  const rules = join(folder, 'rules');
  const newest = Math.max(...readdirSync(rules).map((name) => statSync(join(rules, name)).mtimeMs));
  return new Date(newest).toISOString().slice(0, DAY_LENGTH);
}
