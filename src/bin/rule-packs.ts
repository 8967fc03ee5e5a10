// Rule packs that lie in folders: Loupe's own, and copies of the Core Rule Set.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MAX_PACK_BYTES, type RuleFile, type RulePack, wafError } from '#waf';

const OWN = join(import.meta.dirname, '../../rules/firewall');
const SETUP_NAMES = ['crs-setup.conf', 'crs-setup.conf.example'];
const CHANGES_NAMES = ['CHANGES.md', 'CHANGES'];
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
  const { rules, data } = filesIn(join(folder, 'rules'));
  const others = [...SETUP_NAMES, ...CHANGES_NAMES].filter((name) => existsSync(join(folder, name)));
  return crsPackOf({ rules, data, others: others.map((name) => ruleFile(join(folder, name))) }, () => {
    const times = readdirSync(join(folder, 'rules')).map(
      (name) => statSync(join(folder, 'rules', name)).mtimeMs,
    );
    return new Date(Math.max(...times));
  });
}

/** What a copy of the Core Rule Set consists of: what lies in its `rules/`, and of what lies beside that the setup file and the list of changes. */
export interface CrsFiles extends Pick<RulePack, 'rules' | 'data'> {
  readonly others: readonly RuleFile[];
}

/** A pack of a copy's files; `writtenAt`: when they were written, where its list of changes says no day. */
export function crsPackOf({ rules, data, others }: CrsFiles, writtenAt: () => Date): RulePack {
  const named = (names: readonly string[]) =>
    names.flatMap((name) => others.filter(({ path }) => path === name)).slice(0, 1);
  const all = [...named(SETUP_NAMES), ...rules];
  const [changes] = named(CHANGES_NAMES);
  const day = /\b(20\d\d-\d\d-\d\d)\b/u.exec(changes?.text ?? '')?.[1];
  const madeOn = day ?? writtenAt().toISOString().slice(0, DAY_LENGTH);
  return { name: 'crs', version: versionOf(all), madeOn, rules: all, data };
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
