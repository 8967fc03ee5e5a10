import { readFileSync } from 'node:fs';

/** A third party that jewelry stores usually have: who it is, and what is usually true of it. */
export interface KnownParty {
  readonly name: string;
  readonly does: string;
  readonly kind: string;
  /** Its hosts; every name below one of them is its too. */
  readonly hosts: readonly string[];
  readonly apiHosts?: readonly string[];
  readonly touches: readonly string[];
  readonly money: boolean;
  readonly criticality: string;
  readonly papers: readonly string[];
  readonly ask: readonly string[];
  readonly note?: string;
}

const TABLE: { readonly parties: readonly KnownParty[] } = JSON.parse(
  readFileSync(new URL('../../rules/third-parties.json', import.meta.url), 'utf8'),
);

export const KNOWN_PARTIES: readonly KnownParty[] = TABLE.parties;

const BY_HOST = new Map(KNOWN_PARTIES.flatMap((party) => party.hosts.map((host) => [host, party] as const)));

/** Who a host belongs to, by itself or the nearest parent of its name; null where the table does not know. */
export function partyOf(host: string): KnownParty | null {
  const bare = host.toLowerCase().replace(/:\d+$/u, '');
  for (let name = bare; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const party = BY_HOST.get(name);
    if (party !== undefined) return party;
  }
  return null;
}
