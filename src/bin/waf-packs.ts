// Rule packs at the command line: taken in from a folder, tried beside the rules in force, put in force, and back.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firewallPacks, type FirewallPacksView, rulePack, type RulePackView } from '@loupe/contract';
import { PUBLIC_REACH } from '#control';
import { dataOf, encodePack, Firewall, packLabel, type RulePack, wafError } from '#waf';
import { fetchCrs } from './crs-release.ts';
import { askControl } from './operator.ts';
import { crsPack } from './rule-packs.ts';
import { type Settings, USER_AGENT } from './settings.ts';

/** Takes in a copy of the Core Rule Set. An engine is made of it first: what is not understood is refused here. Throws `waf/rule-refused`, `waf/file-missing`, `waf/pack-refused`. */
export async function importPack(settings: Settings, folder: string): Promise<RulePackView> {
  return await handIn(settings, crsPack(folder), 'folder');
}

/** Fetches a release of the Core Rule Set, checks its signature, and takes it in; `named` is `crs@VERSION`. Throws as `fetchCrs` and `importPack`. */
export async function installPack(settings: Settings, named: string): Promise<RulePackView> {
  const version = /^crs@(.+)$/u.exec(named)?.[1];
  if (version === undefined) throw wafError('waf/not-fetched', { details: { why: 'name it crs@VERSION' } });
  const reach = settings.reach['crs'] ?? PUBLIC_REACH;
  return await handIn(settings, await fetchCrs(version, { ...reach, userAgent: USER_AGENT }), 'release');
}

async function handIn(
  settings: Settings,
  pack: RulePack,
  source: 'folder' | 'release',
): Promise<RulePackView> {
  const { rules } = new Firewall({ rules: pack.rules, files: dataOf(pack) });
  if (rules.length === 0) throw wafError('waf/pack-refused', { details: { why: 'no rules' } });
  const handed = mkdtempSync(join(tmpdir(), 'loupe-pack-'));
  try {
    const path = join(handed, 'pack.json');
    writeFileSync(path, encodePack(pack), { mode: 0o600 });
    return rulePack.parse(
      await askControl(settings, (channel) => channel.call('waf.import', { path, source })),
    );
  } finally {
    rmSync(handed, { recursive: true, force: true });
  }
}

/** What inspects a shop's requests; `shop`: its id or host, undefined where there is only one. */
export async function packsOf(settings: Settings, shop: string | undefined): Promise<FirewallPacksView> {
  return firewallPacks.parse(
    await askControl(settings, (channel) => channel.call('waf.packs', { shop: shop ?? null })),
  );
}

/** One step of a shop's rules; `pack`: the beginning of its id, or `name@version`. Throws `control/not-found` and `control/conflict`. */
export async function choosePack(
  settings: Settings,
  shop: string | undefined,
  step: 'try' | 'enforce' | 'back',
  pack: string | null,
): Promise<FirewallPacksView> {
  const id = pack === null ? null : idOf(await packsOf(settings, shop), pack);
  return firewallPacks.parse(
    await askControl(settings, (channel) =>
      channel.call('waf.choose', { shop: shop ?? null, step, pack: id }),
    ),
  );
}

const SHORTEST_ID = 6;

function idOf({ packs }: FirewallPacksView, named: string): string {
  const found = packs.find(
    ({ id, name, version }) =>
      id === named || `${name}@${version}` === named || (named.length >= SHORTEST_ID && id.startsWith(named)),
  );
  return found?.id ?? named;
}

export function packsText({ packs, enforced, candidate, before, comparison }: FirewallPacksView): string {
  const lines = packs.map((pack) => {
    const role =
      pack.id === enforced
        ? 'in force'
        : pack.id === candidate
          ? 'tried'
          : pack.id === before
            ? 'before'
            : '';
    return `  ${pack.id.slice(0, 12).padEnd(12)}  ${packLabel(pack).padEnd(20)} ${pack.madeOn}  ${String(pack.rules).padStart(4)} rules  ${role}`.trimEnd();
  });
  if (comparison === null) return lines.join('\n');
  const { requests, both, onlyEnforced, onlyCandidate, rules } = comparison;
  return [
    ...lines,
    `Since ${new Date(comparison.since).toISOString().slice(0, 16)}, of ${requests} requests: both would refuse ${both}, only the rules in force ${onlyEnforced}, only those tried ${onlyCandidate}`,
    ...rules.map(({ rule, says, count }) => `  ${rule}  ${says}  ${count} times`),
  ].join('\n');
}
