import { type Clock, DAY_MS, SECOND_MS } from '#kernel';
import type { Outbound } from '#outbound';
import type { CheckDefinition, Observation, QuestionId, Severity } from '#plane';
import { EVERY_KIND, type Judgement, type LookCheck } from './check.ts';
import { judgePlainHttp, judgeUrlToken } from './checks/api.ts';
import { NAME_CHECKS } from './checks/names.ts';
import { TLS_CHECKS } from './checks/tls.ts';
import { WEB_CHECKS } from './checks/web.ts';
import type { ApiEvidence, DnsEvidence, LookEvidence, TlsEvidence, WebEvidence } from './evidence.ts';
import { probeApi } from './probes/api.ts';
import { probeDns } from './probes/dns.ts';
import { probeTls } from './probes/tls.ts';
import { probeWeb } from './probes/web.ts';
import { readTarget, type Target } from './target.ts';

/** A vendor's look ends by then, however many hosts it has. */
export const VENDOR_DEADLINE_MS: number = 10 * SECOND_MS;

/** Taken weekly, with a day of grace. */
const FRESH_MS = 8 * DAY_MS;

/** The checks of a look that say something about a third party, and the question of the provider's that each belongs to. */
const ADOPTED: Readonly<Record<string, QuestionId>> = {
  'tls.versions': 'P1',
  'tls.suites': 'P1',
  'tls.certificate': 'P1',
  'tls.expiry': 'P1',
  'http.redirect': 'P1',
  'http.hsts': 'P1',
  'http.csp': 'P2',
  'http.framing': 'P2',
  'http.nosniff': 'P2',
  'http.cookies': 'P2',
  'mail.spf': 'P2',
  'mail.dmarc': 'P2',
  'web.security-txt': 'P3',
};

interface VendorCheck extends CheckDefinition {
  /** The piece of evidence it is judged from. */
  readonly from: 'tls' | 'web' | 'dns' | 'api';
  /** Which hosts it looks at: those with pages, those with an API, or both. */
  readonly on: 'pages' | 'api' | 'both';
  judge(host: HostEvidence, now: number): Judgement;
}

/** What was gathered about one host of a vendor's. */
interface HostEvidence {
  readonly tls: TlsEvidence;
  readonly web: WebEvidence | null;
  readonly dns: DnsEvidence | null;
  readonly api: ApiEvidence | null;
}

function define(id: string, question: QuestionId, severity: Severity): CheckDefinition {
  return {
    id: `vendor.${id}`,
    question,
    responsible: 'provider',
    kinds: EVERY_KIND,
    freshForMs: FRESH_MS,
    severity,
  };
}

const NO_WEB: WebEvidence = { plain: [], secure: [], robots: null, securityTxt: [], keptOut: false };

/** A host's evidence as a look's own checks read it; they are only given checks of the pieces that are there. */
function asLook(host: HostEvidence): LookEvidence {
  return {
    tls: host.tls,
    web: host.web ?? NO_WEB,
    dns: host.dns ?? { domain: null, lookups: [], mtaSts: null },
    page: { rendered: false, notRendered: null, pages: [], libraries: [] },
    parties: { parties: [], left: 0 },
    origin: { cdn: null, candidates: [] },
    platform: { platform: null, kind: null, signs: [] },
  };
}

function adopt(check: LookCheck): VendorCheck[] {
  const question = ADOPTED[check.id];
  const from = check.evidence;
  if (question === undefined || (from !== 'tls' && from !== 'web' && from !== 'dns')) return [];
  return [
    {
      ...define(check.id, question, check.severity),
      from,
      on: from === 'tls' ? 'both' : 'pages',
      judge: (host, now) => check.judge(asLook(host), now),
    },
  ];
}

function onApi(host: HostEvidence, judge: (api: ApiEvidence) => Judgement): Judgement {
  return host.api === null ? { outcome: 'not-applicable', facts: { why: 'no-api' } } : judge(host.api);
}

const CHECKS: readonly VendorCheck[] = [
  ...[...TLS_CHECKS, ...WEB_CHECKS, ...NAME_CHECKS].flatMap(adopt),
  {
    ...define('api.plain-http', 'P1', 'high'),
    from: 'api',
    on: 'api',
    judge: (host) => onApi(host, judgePlainHttp),
  },
  {
    ...define('api.url-token', 'P1', 'medium'),
    from: 'api',
    on: 'api',
    judge: (host) => onApi(host, judgeUrlToken),
  },
];

/** The outside-in checks of a third party, as data. */
export const VENDOR_CHECKS: readonly CheckDefinition[] = CHECKS;

export interface VendorHosts {
  /** Hosts with pages: a website. */
  readonly hosts: readonly string[];
  readonly apiHosts: readonly string[];
}

const MAX_HOSTS = 3;

export interface VendorLookOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** An observation before it has an id, a shop and the hash of its evidence, which `evidenceName` names. */
export type VendorFinding = Omit<Observation, 'id' | 'shop' | 'evidence'> & { readonly evidenceName: string };

export interface VendorLook {
  readonly at: number;
  readonly ms: number;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly findings: readonly VendorFinding[];
}

/**
 * Looks at a third party from outside: up to three of its websites and three API hosts, handshakes, headers, mail records, and what an API
 * says to somebody without a key. Ends within 10 s; what was not reached is unknown and says why.
 */
export async function lookAtVendor(
  outbound: Outbound,
  vendor: VendorHosts,
  options: VendorLookOptions,
): Promise<VendorLook> {
  const begin = performance.now();
  const at = options.clock.now();
  const deadline = AbortSignal.timeout(VENDOR_DEADLINE_MS - SECOND_MS);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  const pages = vendor.hosts.slice(0, MAX_HOSTS);
  const apis = vendor.apiHosts.slice(0, MAX_HOSTS);
  const evidence: Record<string, unknown> = {};
  const findings: VendorFinding[] = [];
  await Promise.all(
    [...new Set([...pages, ...apis])].map(async (host) => {
      const isPages = pages.includes(host);
      const isApi = apis.includes(host);
      const seen = await gather(outbound, readTarget(host), isPages, isApi ? host : null, signal);
      for (const check of CHECKS) {
        if ((check.on === 'pages' && !isPages) || (check.on === 'api' && !isApi)) continue;
        const evidenceName = `${check.from} ${host}`;
        evidence[evidenceName] = seen[check.from];
        const judged = check.judge(seen, at);
        findings.push({
          check: check.id,
          subject: host,
          outcome: judged.outcome,
          source: 'seen',
          figure: judged.figure ?? null,
          facts: judged.facts ?? {},
          observedAt: at,
          validUntil: at + check.freshForMs,
          evidenceName,
        });
      }
    }),
  );
  return { at, ms: Math.round(performance.now() - begin), evidence, findings };
}

async function gather(
  outbound: Outbound,
  target: Target,
  isPages: boolean,
  apiHost: string | null,
  signal: AbortSignal,
): Promise<HostEvidence> {
  const [tls, web, dns, api] = await Promise.all([
    probeTls(outbound, target, signal),
    isPages ? probeWeb(outbound, target, signal) : null,
    isPages ? probeDns(outbound, target, signal) : null,
    apiHost === null ? null : probeApi(outbound, apiHost, signal),
  ]);
  return { tls, web: web?.evidence ?? null, dns, api };
}
