import { type Clock, SECOND_MS } from '#kernel';
import type { Outbound } from '#outbound';
import type { CheckDefinition, Observation, ShopKind } from '#plane';
import type { LookCheck } from './check.ts';
import { NAME_CHECKS } from './checks/names.ts';
import { PAGE_CHECKS } from './checks/pages.ts';
import { TLS_CHECKS } from './checks/tls.ts';
import { WEB_CHECKS } from './checks/web.ts';
import type { EvidenceName, LookEvidence } from './evidence.ts';
import type { BrowserOptions } from './probes/browser.ts';
import { probeDns } from './probes/dns.ts';
import { probeOrigin } from './probes/origin.ts';
import { probePages } from './probes/pages.ts';
import { probeParties } from './probes/parties.ts';
import { recognisePlatform } from './probes/platform.ts';
import { probeTls } from './probes/tls.ts';
import { probeWeb } from './probes/web.ts';
import type { Target } from './target.ts';

const CHECKS: readonly LookCheck[] = [...TLS_CHECKS, ...WEB_CHECKS, ...PAGE_CHECKS, ...NAME_CHECKS];

/** The checks that a look makes, as data. */
export const LOOK_CHECKS: readonly CheckDefinition[] = CHECKS;

/** A look ends by then, whatever the other side does. */
export const LOOK_DEADLINE_MS: number = 15 * SECOND_MS;
const BROWSER_MS = 8 * SECOND_MS;

export interface LookOptions {
  readonly clock: Clock;
  readonly browser: BrowserOptions;
  /** The kind of shop as a person said it; recognised from its pages where null or absent. */
  readonly kind?: ShopKind | null;
  /** Told of each part as it ends, for whoever waits. */
  onPart?(part: EvidenceName): void;
  readonly signal?: AbortSignal;
}

/** An observation before it has an id, a shop and the hash of its evidence. */
export type Finding = Omit<Observation, 'id' | 'shop' | 'evidence'> & { readonly evidenceName: EvidenceName };

export interface LookResult {
  readonly target: string;
  readonly at: number;
  readonly ms: number;
  readonly kind: ShopKind | null;
  readonly platform: string | null;
  readonly evidence: LookEvidence;
  readonly findings: readonly Finding[];
}

/**
 * Looks at a shop from outside, without a login: a few dozen requests, some twenty of them to name servers, one page or two.
 * Ends within 15 s; what was not reached by then is unknown and says why.
 */
export async function lookAt(outbound: Outbound, target: Target, options: LookOptions): Promise<LookResult> {
  const begin = performance.now();
  const at = options.clock.now();
  const deadline = AbortSignal.timeout(LOOK_DEADLINE_MS - SECOND_MS);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  const ended = <T>(part: EvidenceName, value: T): T => {
    options.onPart?.(part);
    return value;
  };

  const tlsWork = probeTls(outbound, target, signal).then((tls) => ended('tls', tls));
  const dnsWork = probeDns(outbound, target, signal).then((dns) => ended('dns', dns));
  const { evidence: web, home, mayRead } = ended('web', await probeWeb(outbound, target, signal));
  const pageWork = probePages(
    outbound,
    target,
    home,
    { browser: options.browser, browserMs: BROWSER_MS, mayRead },
    signal,
  );
  const partiesWork = pageWork.then(async (page) =>
    ended('parties', await probeParties(outbound, target, page, signal)),
  );
  const originWork = dnsWork.then(async (dns) =>
    ended('origin', await probeOrigin(outbound, target, web, dns, home, signal)),
  );
  const [tls, dns, page, parties, origin] = await Promise.all([
    tlsWork,
    dnsWork,
    pageWork,
    partiesWork,
    originWork,
  ]);
  ended('page', page);
  const platform = ended('platform', recognisePlatform(web, page));

  const evidence: LookEvidence = { tls, web, dns, page, parties, origin, platform };
  return {
    target: target.url.href,
    at,
    ms: Math.round(performance.now() - begin),
    kind: platform.kind,
    platform: platform.platform,
    evidence,
    findings: judgeEvidence(evidence, target, options.kind ?? platform.kind, at),
  };
}

/** Judges evidence: pure, so that kept evidence can be judged again and gives the same. */
function judgeEvidence(
  evidence: LookEvidence,
  target: Pick<Target, 'host' | 'domain'>,
  kind: ShopKind | null,
  at: number,
): Finding[] {
  return CHECKS.map((check) => {
    const judged =
      kind !== null && !check.kinds.includes(kind)
        ? { outcome: 'not-applicable' as const, facts: { why: 'kind', kind } }
        : check.judge(evidence, at);
    return {
      check: check.id,
      subject: check.about === 'host' ? target.host : (target.domain ?? target.host),
      outcome: judged.outcome,
      source: 'seen',
      figure: ('figure' in judged ? judged.figure : undefined) ?? null,
      facts: judged.facts ?? {},
      observedAt: at,
      validUntil: at + check.freshForMs,
      evidenceName: check.evidence,
    };
  });
}
