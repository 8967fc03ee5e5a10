// Who is plugged into a shop, out of a look's evidence. Pure: the same evidence gives the same list.
import { getDomain } from 'tldts';
import type { EvidenceName, LookEvidence } from './evidence.ts';
import type { Target } from './target.ts';

/** One thing that was seen to be plugged in. `name` is a host, a registrable domain, or a platform's name. */
export interface SeenConnection {
  readonly kind:
    | 'script'
    | 'frame'
    | 'form'
    | 'mail-sender'
    | 'mail-server'
    | 'name-server'
    | 'network'
    | 'platform';
  readonly name: string;
  readonly evidence: EvidenceName;
}

/** Pages that load from more hosts than this are reported up to here. */
const MAX_SEEN = 300;

export function isOwnHost(host: string, target: Pick<Target, 'host' | 'domain'>): boolean {
  if (host === target.host) return true;
  return target.domain !== null && domainOf(host) === target.domain;
}

function domainOf(host: string): string {
  return getDomain(host, { allowPrivateDomains: true }) ?? host.split('.').slice(-2).join('.');
}

/** Everything that the evidence shows to be plugged in; and what kinds of it the look could see at all. */
export function connectionsIn(
  evidence: LookEvidence,
  target: Pick<Target, 'host' | 'domain'>,
): { readonly seen: readonly SeenConnection[]; readonly looked: readonly SeenConnection['kind'][] } {
  const found = new Map<string, SeenConnection>();
  const note = (kind: SeenConnection['kind'], name: string, from: EvidenceName): void => {
    const plain = kind === 'platform' ? name : name.toLowerCase().replace(/\.$/u, '');
    if (plain !== '' && found.size < MAX_SEEN)
      found.set(`${kind} ${plain}`, { kind, name: plain, evidence: from });
  };
  const noteHost = (kind: 'script' | 'frame' | 'form', address: string): void => {
    const url = URL.parse(address);
    if (url !== null && !isOwnHost(url.hostname, target)) note(kind, url.host, 'page');
  };
  for (const page of evidence.page.pages) {
    for (const script of page.scripts) noteHost('script', script.url);
    for (const frame of page.frames) noteHost('frame', frame);
    for (const form of page.forms) noteHost('form', form.action);
  }
  const { domain, lookups } = evidence.dns;
  const records = (type: string, name: string | null): readonly string[] =>
    lookups.find((lookup) => lookup.type === type && lookup.name === name)?.records ?? [];
  const noteName = (kind: 'mail-server' | 'name-server' | 'network', name: string): void => {
    const bare = name.replace(/\.$/u, '');
    if (bare !== '' && !isOwnHost(bare, target)) note(kind, domainOf(bare), 'dns');
  };
  for (const record of records('NS', domain)) noteName('name-server', record);
  for (const record of records('MX', domain)) noteName('mail-server', record.split(' ')[1] ?? '');
  for (const record of records('CNAME', target.host)) noteName('network', record);
  for (const record of records('TXT', domain)) {
    if (!/^v=spf1(\s|$)/iu.test(record)) continue;
    for (const [, host = ''] of record.matchAll(/(?:^|\s)[+?~-]?(?:include:|redirect=)(\S+)/giu)) {
      if (!isOwnHost(host, target)) note('mail-sender', host, 'dns');
    }
  }
  const { platform } = evidence.platform;
  if (platform !== null) note('platform', platform, 'platform');
  const answered = (type: string, name: string | null): boolean =>
    lookups.some((lookup) => lookup.type === type && lookup.name === name && lookup.failure === null);
  return {
    seen: [...found.values()],
    looked: [
      ...(evidence.page.pages.length > 0 ? (['script', 'frame', 'form', 'platform'] as const) : []),
      ...(answered('NS', domain) ? (['name-server'] as const) : []),
      ...(answered('MX', domain) ? (['mail-server'] as const) : []),
      ...(answered('TXT', domain) ? (['mail-sender'] as const) : []),
      ...(answered('CNAME', target.host) ? (['network'] as const) : []),
    ],
  };
}
