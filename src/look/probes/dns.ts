import type { Outbound, RecordType } from '#outbound';
import type { DnsEvidence, DnsLookup } from '../evidence.ts';
import type { Target } from '../target.ts';
import { fetchText } from './web.ts';

/** Selectors under which the usual mail services keep their DKIM keys: a hint, since a selector can have any name. */
const DKIM_SELECTORS = [
  'default',
  'google',
  'selector1',
  'selector2',
  'k1',
  's1',
  'mail',
  'shopify',
] as const;

/** The domain's records that say who may send its mail, issue its certificates and sign its zone. */
export async function probeDns(
  outbound: Outbound,
  target: Target,
  signal: AbortSignal,
): Promise<DnsEvidence> {
  const { domain, host } = target;
  if (domain === null) return { domain, lookups: [], mtaSts: null };
  const wanted: [string, RecordType][] = [
    [host, 'A'],
    [host, 'AAAA'],
    [host, 'CNAME'],
    [domain, 'NS'],
    [domain, 'DS'],
    [domain, 'MX'],
    [domain, 'TXT'],
    [`_dmarc.${domain}`, 'TXT'],
    [`_mta-sts.${domain}`, 'TXT'],
    ...(host === domain ? [] : ([[host, 'CAA']] as [string, RecordType][])),
    [domain, 'CAA'],
    ...DKIM_SELECTORS.map((selector): [string, RecordType] => [`${selector}._domainkey.${domain}`, 'TXT']),
  ];
  const policyUrl = new URL(`https://mta-sts.${domain}/.well-known/mta-sts.txt`);
  const [lookups, mtaSts] = await Promise.all([
    Promise.all(wanted.map(([name, type]) => lookUp(outbound, name, type, signal))),
    fetchText(outbound, policyUrl, signal),
  ]);
  return { domain, lookups, mtaSts };
}

async function lookUp(
  outbound: Outbound,
  name: string,
  type: RecordType,
  signal: AbortSignal,
): Promise<DnsLookup> {
  const answer = await outbound.dns(name, type, signal);
  if (!answer.ok) {
    return { name, type, exists: null, records: [], authentic: false, failure: answer.code ?? answer.kind };
  }
  const records = answer.records.map((record) => record.data);
  return { name, type, exists: answer.exists, records, authentic: answer.authentic, failure: null };
}
