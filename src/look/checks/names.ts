import {
  EVERY_KIND,
  fallsShort,
  HOLDS,
  type Judgement,
  LOOK_FRESH_MS,
  type LookCheck,
  unknown,
} from '../check.ts';
import type { DnsLookup, LookEvidence } from '../evidence.ts';

const base = {
  question: 'Q4',
  responsible: 'developer',
  kinds: EVERY_KIND,
  freshForMs: LOOK_FRESH_MS,
  evidence: 'dns',
  about: 'domain',
} as const;

/** Shops that live under a platform's own domain do not own its DNS. */
const PLATFORM_DOMAINS =
  /(^|\.)(myshopify\.com|mybigcommerce\.com|wixsite\.com|squarespace\.com|wordpress\.com)$/u;

/** RFC 7208, section 4.6.4: more than ten look-ups and receivers give up on the record. */
const MAX_SPF_LOOKUPS = 10;

function find(look: LookEvidence, name: string, type: string): DnsLookup | undefined {
  return look.dns.lookups.find((lookup) => lookup.name === name && lookup.type === type);
}

function onDomain(look: LookEvidence, judge: (domain: string) => Judgement): Judgement {
  const { domain } = look.dns;
  if (domain === null) return { outcome: 'not-applicable', facts: { why: 'no-domain' } };
  if (PLATFORM_DOMAINS.test(domain)) return { outcome: 'not-applicable', facts: { why: 'platform-domain' } };
  return judge(domain);
}

/** Records of a type that start with a tag, or the failure to find out. */
function tagged(look: LookEvidence, name: string, tag: RegExp): readonly string[] | Judgement {
  const lookup = find(look, name, 'TXT');
  if (lookup === undefined || lookup.failure !== null) return unknown(lookup?.failure ?? 'dns-failed');
  return lookup.records.filter((record) => tag.test(record));
}

function isJudgement(value: readonly string[] | Judgement): value is Judgement {
  return 'outcome' in value;
}

export const NAME_CHECKS: readonly LookCheck[] = [
  {
    ...base,
    id: 'mail.spf',
    severity: 'medium',
    judge: (look) =>
      onDomain(look, (domain) => {
        const records = tagged(look, domain, /^v=spf1(\s|$)/iu);
        if (isJudgement(records)) return records;
        const [record, second] = records;
        if (record === undefined) return fallsShort({ why: 'missing' });
        if (second !== undefined) return fallsShort({ why: 'several' });
        const terms = record.toLowerCase().split(/\s+/u);
        const lookups = terms.filter((term) =>
          /^[+?~-]?(include:|a($|[:/])|mx($|[:/])|ptr|exists:)|^redirect=/u.test(term),
        ).length;
        if (lookups > MAX_SPF_LOOKUPS) return fallsShort({ why: 'too-many', lookups });
        // What `redirect` leads to decides; whoever redirects has delegated the question on purpose.
        const closed = terms.some(
          (term) => term === '-all' || term === '~all' || term.startsWith('redirect='),
        );
        return closed ? HOLDS : fallsShort({ why: 'open' });
      }),
  },
  {
    ...base,
    id: 'mail.dmarc',
    severity: 'medium',
    judge: (look) =>
      onDomain(look, (domain) => {
        const records = tagged(look, `_dmarc.${domain}`, /^v=DMARC1(\s|;|$)/u);
        if (isJudgement(records)) return records;
        const [record] = records;
        if (record === undefined) return fallsShort({ why: 'missing' });
        const policy = /;\s*p\s*=\s*(none|quarantine|reject)/iu.exec(record)?.[1]?.toLowerCase();
        if (policy === undefined) return fallsShort({ why: 'malformed' });
        return policy === 'none' ? fallsShort({ why: 'none' }) : { outcome: 'holds', facts: { policy } };
      }),
  },
  {
    ...base,
    id: 'mail.dkim',
    severity: 'low',
    judge: (look) =>
      onDomain(look, (domain) => {
        const keys = look.dns.lookups.filter(
          (lookup) =>
            lookup.name.endsWith(`._domainkey.${domain}`) &&
            lookup.records.some((record) => /(^|;)\s*p=[A-Za-z0-9+/]/u.test(record)),
        );
        const [key] = keys;
        // A selector can have any name: that none was found proves nothing.
        if (key === undefined) return unknown('no-usual-selector');
        return { outcome: 'holds', facts: { selector: key.name.split('.')[0] ?? '' } };
      }),
  },
  {
    ...base,
    id: 'mail.mta-sts',
    severity: 'low',
    judge: (look) =>
      onDomain(look, (domain) => {
        const mx = find(look, domain, 'MX');
        if (mx === undefined || mx.failure !== null) return unknown(mx?.failure ?? 'dns-failed');
        if (mx.records.length === 0) return { outcome: 'not-applicable', facts: { why: 'no-mail' } };
        const records = tagged(look, `_mta-sts.${domain}`, /^v=STSv1\s*;/u);
        if (isJudgement(records)) return records;
        if (records.length === 0) return fallsShort({ why: 'missing' });
        const { mtaSts } = look.dns;
        const policy = mtaSts?.status === 200 && mtaSts.failureCode === null ? (mtaSts.text ?? '') : '';
        const mode = /^mode:\s*(enforce|testing|none)\s*$/imu.exec(policy)?.[1];
        if (mode === undefined) return fallsShort({ why: 'no-policy' });
        return mode === 'enforce' ? HOLDS : fallsShort({ why: 'not-enforced' });
      }),
  },
  {
    ...base,
    id: 'dns.caa',
    severity: 'low',
    judge: (look) =>
      onDomain(look, () => {
        const asked = look.dns.lookups.filter((lookup) => lookup.type === 'CAA');
        if (asked.some((lookup) => lookup.records.length > 0)) return HOLDS;
        const failed = asked.find((lookup) => lookup.failure !== null);
        return failed === undefined ? fallsShort() : unknown(failed.failure ?? 'dns-failed');
      }),
  },
  {
    ...base,
    id: 'dns.dnssec',
    severity: 'low',
    judge: (look) =>
      onDomain(look, (domain) => {
        const ds = find(look, domain, 'DS');
        if (ds === undefined || ds.failure !== null) return unknown(ds?.failure ?? 'dns-failed');
        return ds.records.length > 0 ? HOLDS : fallsShort();
      }),
  },
];
