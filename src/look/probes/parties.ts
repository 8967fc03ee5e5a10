import type { Outbound } from '#outbound';
import { isOwnHost } from '../connections.ts';
import type { PageEvidence, PartiesEvidence, PartySeen } from '../evidence.ts';
import { partyOf } from '../parties.ts';
import type { Target } from '../target.ts';

const MAX_PARTIES = 12;
const HANDSHAKE_MS = 4_000;

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
    if (url === null || isOwnHost(url.hostname, target)) return;
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
