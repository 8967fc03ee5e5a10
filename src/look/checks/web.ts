import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js';
import { Severity as CspSeverity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import {
  EVERY_KIND,
  fallsShort,
  HOLDS,
  type Judgement,
  LOOK_FRESH_MS,
  type LookCheck,
  OWN_HEADERS,
  unknown,
} from '../check.ts';
import type { Hop, LookEvidence } from '../evidence.ts';

const base = {
  responsible: 'developer',
  freshForMs: LOOK_FRESH_MS,
  evidence: 'web',
  about: 'host',
} as const;

/** Half a year: what browsers' preload list asked for at first, and the least that survives a season. */
const MIN_HSTS_S = 15_552_000;

/** The last answer over https, where it came from the shop's own web server. */
function page(look: LookEvidence): Hop | null {
  const last = look.web.secure.at(-1);
  return last === undefined || last.status === null ? null : last;
}

function values(hop: Hop, name: string): string[] {
  return hop.headers.filter(([n]) => n === name).map(([, value]) => value);
}

function onPage(look: LookEvidence, judge: (hop: Hop) => Judgement): Judgement {
  const hop = page(look);
  return hop === null ? unknown(look.web.secure.at(-1)?.failure ?? 'no-answer') : judge(hop);
}

/** A cookie that says who somebody is. */
const SESSION_COOKIE = /sess|sid|auth|token|login|account/iu;

function cookieProblem(cookie: string): string | null {
  const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
  const name = pair.split('=')[0] ?? '';
  const has = (wanted: string): boolean => attributes.some((a) => a.toLowerCase() === wanted);
  if (!has('secure')) return name;
  return SESSION_COOKIE.test(name) && !has('httponly') ? name : null;
}

export const WEB_CHECKS: readonly LookCheck[] = [
  {
    ...base,
    id: 'http.redirect',
    question: 'Q3',
    severity: 'high',
    kinds: EVERY_KIND,
    judge({ web }) {
      const first = web.plain[0];
      if (first === undefined) return { outcome: 'not-applicable', facts: { why: 'own-port' } };
      // A server that does not answer http at all cannot be spoken to in the clear.
      if (first.failure === 'connection-refused') return { outcome: 'holds', facts: { how: 'closed' } };
      if (first.failure !== null) return unknown(first.failure);
      const secured = web.plain.length > 1 && web.plain.at(-1)?.url.startsWith('https:') === true;
      if (!secured) return fallsShort({ why: 'answers', status: first.status ?? 0 });
      // Whoever sits in between can change every step that is not secure: the very first has to lead away.
      const atOnce = web.plain[1]?.url.startsWith('https:') === true;
      return atOnce ? { outcome: 'holds', facts: { how: 'redirect' } } : fallsShort({ why: 'late' });
    },
  },
  {
    ...base,
    id: 'http.hsts',
    question: 'Q3',
    severity: 'medium',
    kinds: EVERY_KIND,
    judge: (look) =>
      onPage(look, (hop) => {
        // RFC 6797: only the first header counts.
        const header = values(hop, 'strict-transport-security')[0];
        if (header === undefined) return fallsShort({ why: 'missing' });
        const maxAge = Number(/max-age\s*=\s*"?(\d+)/iu.exec(header)?.[1] ?? Number.NaN);
        const days = Math.floor(maxAge / 86_400);
        if (!(maxAge >= MIN_HSTS_S)) return fallsShort({ why: 'short', days: Number.isNaN(days) ? 0 : days });
        return { outcome: 'holds', figure: { value: days, unit: 'days' } };
      }),
  },
  {
    ...base,
    id: 'http.csp',
    question: 'Q4a',
    severity: 'medium',
    kinds: OWN_HEADERS,
    judge: (look) =>
      onPage(look, (hop) => {
        const policies = values(hop, 'content-security-policy');
        if (policies.length === 0) return fallsShort({ why: 'missing' });
        // Several policies are all enforced: the strictest one counts.
        const findings = policies.map((policy) => weaknesses(policy));
        const best = findings.toSorted((a, b) => a.length - b.length)[0] ?? [];
        if (best.length === 0) return HOLDS;
        return fallsShort({ why: 'weak', part: best[0] ?? '' }, { value: best.length, unit: 'weak-parts' });
      }),
  },
  {
    ...base,
    id: 'http.framing',
    question: 'Q4a',
    severity: 'medium',
    kinds: OWN_HEADERS,
    judge: (look) =>
      onPage(look, (hop) => {
        const csp = values(hop, 'content-security-policy').some((policy) =>
          /(^|;)\s*frame-ancestors\s/iu.test(policy),
        );
        const option = values(hop, 'x-frame-options').some((value) =>
          /^(deny|sameorigin)$/iu.test(value.trim()),
        );
        return csp || option ? HOLDS : fallsShort();
      }),
  },
  {
    ...base,
    id: 'http.nosniff',
    question: 'Q4a',
    severity: 'low',
    kinds: OWN_HEADERS,
    judge: (look) =>
      onPage(look, (hop) =>
        values(hop, 'x-content-type-options').some((value) => value.trim().toLowerCase() === 'nosniff')
          ? HOLDS
          : fallsShort(),
      ),
  },
  {
    ...base,
    id: 'http.cookies',
    question: 'Q4a',
    severity: 'medium',
    kinds: OWN_HEADERS,
    judge: (look) =>
      onPage(look, (hop) => {
        const weak = values(hop, 'set-cookie').flatMap((cookie) => cookieProblem(cookie) ?? []);
        if (weak.length === 0) return HOLDS;
        return fallsShort({ cookies: weak.slice(0, 5).join(', ') }, { value: weak.length, unit: 'cookies' });
      }),
  },
  {
    ...base,
    id: 'http.banner',
    question: 'Q6',
    severity: 'low',
    kinds: OWN_HEADERS,
    judge: (look) =>
      onPage(look, (hop) => {
        const told = ['server', 'x-powered-by', 'x-aspnet-version', 'x-generator']
          .flatMap((name) => values(hop, name))
          .filter((value) => /\d+\.\d/u.test(value));
        return told.length === 0 ? HOLDS : fallsShort({ banner: (told[0] ?? '').slice(0, 80) });
      }),
  },
  {
    ...base,
    id: 'web.security-txt',
    question: 'Q7b',
    severity: 'low',
    kinds: OWN_HEADERS,
    judge({ web }, now) {
      const found = web.securityTxt.find(
        (hop) => hop.status === 200 && /^\s*contact\s*:/imu.test(hop.text ?? ''),
      );
      if (found === undefined) {
        return web.securityTxt.some((hop) => hop.status !== null)
          ? fallsShort({ why: 'missing' })
          : unknown('no-answer');
      }
      // RFC 9116, section 2.5.5: Expires is required; a stale file names people who may be gone.
      const expires = Date.parse(/^\s*expires\s*:\s*(\S+)/imu.exec(found.text ?? '')?.[1] ?? '');
      if (Number.isNaN(expires)) return fallsShort({ why: 'no-expiry' });
      return expires > now ? HOLDS : fallsShort({ why: 'expired' });
    },
  },
];

/** Parts of a policy through which an injected script would still run, by Google's evaluator. */
function weaknesses(policy: string): string[] {
  const parsed = new CspParser(policy).csp;
  if (parsed.directives['script-src'] === undefined && parsed.directives['default-src'] === undefined)
    return ['script-src'];
  const scripts = parsed.directives['script-src'] ?? parsed.directives['default-src'] ?? [];
  // Beyond the evaluator's own list: code made of text, and scripts that may come in the clear.
  const own = scripts.filter((source) => /^'unsafe-eval'$|^http:/iu.test(source));
  const theirs = new CspEvaluator(parsed)
    .evaluate()
    .filter((finding) => finding.severity === CspSeverity.HIGH)
    .map((finding) => `${finding.directive}${finding.value === undefined ? '' : ` ${finding.value}`}`);
  return [...theirs, ...own.map((source) => `script-src ${source}`)];
}
