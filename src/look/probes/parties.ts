import { readFileSync } from 'node:fs';
import { getDomain } from 'tldts';
import type { Outbound } from '#outbound';
import type { PageEvidence, PartiesEvidence, PartySeen } from '../evidence.ts';
import type { Target } from '../target.ts';

interface Party {
  readonly name: string;
  readonly does: string;
  readonly hosts: readonly string[];
}

const TABLE: { readonly parties: readonly Party[] } = JSON.parse(
  readFileSync(new URL('../../../rules/third-parties.json', import.meta.url), 'utf8'),
);

const BY_HOST = new Map(TABLE.parties.flatMap((party) => party.hosts.map((host) => [host, party] as const)));

const MAX_PARTIES = 12;
const HANDSHAKE_MS = 4_000;

/** Who a host belongs to, by itself or any parent of its name; null where the table does not know. */
function partyOf(host: string): { readonly name: string; readonly does: string } | null {
  for (let name = host; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const party = BY_HOST.get(name);
    if (party !== undefined) return { name: party.name, does: party.does };
  }
  return null;
}

/** Every host that the shop's pages run scripts or frames from or send forms to, and the handshake it makes. */
export async function probeParties(
  outbound: Outbound,
  target: Target,
  page: PageEvidence,
  signal: AbortSignal,
): Promise<PartiesEvidence> {
  const roles = new Map<string, { url: URL; roles: Set<PartySeen['roles'][number]> }>();
  const note = (address: string, role: PartySeen['roles'][number]): void => {
    const url = URL.parse(address);
    if (url === null || isOwn(url.hostname, target)) return;
    const entry = roles.get(url.host) ?? { url, roles: new Set() };
    entry.roles.add(role);
    roles.set(url.host, entry);
  };
  for (const seen of page.pages) {
    for (const script of seen.scripts) note(script.url, 'script');
    for (const frame of seen.frames) note(frame, 'frame');
    for (const form of seen.forms) note(form.action, 'form');
  }
  const chosen = [...roles.values()].slice(0, MAX_PARTIES);
  const parties = await Promise.all(
    chosen.map((entry) => shakeHands(outbound, entry.url, [...entry.roles], signal)),
  );
  return { parties, left: roles.size - chosen.length };
}

function isOwn(host: string, target: Target): boolean {
  if (host === target.host) return true;
  const domain = getDomain(host, { allowPrivateDomains: true }) ?? host.split('.').slice(-2).join('.');
  return target.domain !== null && domain === target.domain;
}

async function shakeHands(
  outbound: Outbound,
  url: URL,
  roles: PartySeen['roles'],
  signal: AbortSignal,
): Promise<PartySeen> {
  const party = partyOf(url.hostname);
  const port = url.protocol === 'https:' && url.port !== '' ? Number(url.port) : 443;
  const answer = await outbound.handshake(url.hostname, port, HANDSHAKE_MS, signal);
  const seen = 'ok' in answer ? null : answer;
  return {
    host: url.host,
    roles,
    name: party?.name ?? null,
    does: party?.does ?? null,
    protocol: seen?.protocol ?? null,
    problem: seen?.problem ?? null,
    notAfter: seen?.chain[0]?.notAfter ?? null,
    failure: 'ok' in answer ? answer.kind : null,
  };
}
