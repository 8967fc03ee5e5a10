import { DAY_MS } from '#kernel';
import { EVERY_KIND, fallsShort, HOLDS, LOOK_FRESH_MS, type LookCheck, unknown } from '../check.ts';
import type { LookEvidence } from '../evidence.ts';

const base = {
  question: 'Q1',
  responsible: 'developer',
  kinds: EVERY_KIND,
  freshForMs: LOOK_FRESH_MS,
  evidence: 'tls',
  about: 'host',
} as const;

/** Certificates are renewed a month ahead as a rule; two weeks before the end somebody forgot. */
const DAYS_AHEAD = 14;

const EXPIRED = 'CERT_HAS_EXPIRED';

function unreached({ tls }: LookEvidence) {
  return unknown(tls.failure ?? 'no-handshake');
}

export const TLS_CHECKS: readonly LookCheck[] = [
  {
    ...base,
    id: 'tls.versions',
    severity: 'high',
    judge(look) {
      const accepted = look.tls.versions.filter((v) => v.accepted === true).map((v) => v.version);
      if (accepted.length === 0) return unreached(look);
      const old = accepted.filter((version) => version !== 'TLS 1.2' && version !== 'TLS 1.3');
      const facts = { accepted: accepted.join(', '), old: old.join(', ') };
      // RFC 8996 retired TLS 1.0 and 1.1; RFC 7568, SSL 3.0.
      if (old.length > 0) return fallsShort(facts, { value: old.length, unit: 'old-versions' });
      return { outcome: 'holds', facts };
    },
  },
  {
    ...base,
    id: 'tls.suites',
    severity: 'high',
    judge(look) {
      const { weakSuites, versions } = look.tls;
      if (!versions.some((v) => v.accepted === true)) return unreached(look);
      if (weakSuites.length === 0) return HOLDS;
      return fallsShort({ suites: weakSuites.join(', ') }, { value: weakSuites.length, unit: 'weak-suites' });
    },
  },
  {
    ...base,
    id: 'tls.certificate',
    severity: 'critical',
    judge(look) {
      const { handshake } = look.tls;
      if (handshake === null) {
        return look.tls.failure === 'tls-failed' || look.tls.failure === 'connection-refused'
          ? fallsShort({ problem: look.tls.failure })
          : unreached(look);
      }
      const issuer = /O=([^,]+)/u.exec(handshake.chain[0]?.issuer ?? '')?.[1] ?? '';
      if (handshake.problem === null || handshake.problem === EXPIRED)
        return { outcome: 'holds', facts: { issuer } };
      return fallsShort({ problem: handshake.problem });
    },
  },
  {
    ...base,
    id: 'tls.expiry',
    severity: 'critical',
    judge(look, now) {
      const notAfter = look.tls.handshake?.chain[0]?.notAfter;
      if (notAfter === undefined) return unreached(look);
      const days = Math.floor((notAfter - now) / DAY_MS);
      const figure = { value: days, unit: 'days' };
      return days >= DAYS_AHEAD ? { outcome: 'holds', figure } : fallsShort({ days }, figure);
    },
  },
];
