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
import type { LookEvidence, PartySeen } from '../evidence.ts';

const base = { responsible: 'developer', freshForMs: LOOK_FRESH_MS, about: 'host' } as const;

function onPages(look: LookEvidence, judge: () => Judgement): Judgement {
  if (look.page.pages.length > 0) return judge();
  return unknown(look.web.keptOut ? 'robots' : (look.web.secure.at(-1)?.failure ?? 'no-page'));
}

function partyProblem(party: PartySeen, now: number): string | null {
  if (party.failure === 'tls-failed' || party.failure === 'connection-refused') return 'no-https';
  if (party.notAfter !== null && party.notAfter < now) return 'expired';
  if (party.problem !== null) return 'untrusted';
  return party.protocol !== null && party.protocol !== 'TLSv1.2' && party.protocol !== 'TLSv1.3'
    ? 'old-tls'
    : null;
}

export const PAGE_CHECKS: readonly LookCheck[] = [
  {
    ...base,
    id: 'pages.mixed',
    question: 'Q3',
    severity: 'medium',
    kinds: EVERY_KIND,
    evidence: 'page',
    judge: (look) =>
      onPages(look, () => {
        const mixed = new Set(look.page.pages.flatMap((page) => page.mixed));
        if (mixed.size === 0) return HOLDS;
        return fallsShort({ first: [...mixed][0] ?? '' }, { value: mixed.size, unit: 'items' });
      }),
  },
  {
    ...base,
    id: 'pages.forms',
    question: 'Q3',
    severity: 'critical',
    kinds: EVERY_KIND,
    evidence: 'page',
    judge: (look) =>
      onPages(look, () => {
        const clear = look.page.pages
          .flatMap((page) => page.forms)
          .filter((form) => (form.password || form.card) && form.action.startsWith('http:'));
        if (clear.length === 0) return HOLDS;
        return fallsShort({ action: clear[0]?.action ?? '' }, { value: clear.length, unit: 'forms' });
      }),
  },
  {
    ...base,
    id: 'pages.libraries',
    question: 'Q6',
    severity: 'high',
    kinds: EVERY_KIND,
    evidence: 'page',
    judge: (look) =>
      onPages(look, () => {
        const old = look.page.libraries.filter((library) => library.advisories.length > 0);
        const [first] = old;
        if (first === undefined)
          return { outcome: 'holds', figure: { value: look.page.libraries.length, unit: 'libraries' } };
        const facts = {
          library: `${first.name} ${first.version}`,
          advisory: first.advisories[0]?.id ?? '',
          all: old.map((library) => `${library.name} ${library.version}`).join(', '),
        };
        return fallsShort(facts, { value: old.length, unit: 'old-libraries' });
      }),
  },
  {
    ...base,
    id: 'parties.transport',
    question: 'Q2',
    severity: 'high',
    kinds: EVERY_KIND,
    evidence: 'parties',
    judge: (look, now) =>
      onPages(look, () => {
        const { parties } = look.parties;
        const weak = parties.flatMap((party) => {
          const problem = partyProblem(party, now);
          return problem === null ? [] : [{ host: party.host, problem }];
        });
        const figure = { value: parties.length, unit: 'parties' };
        const [first] = weak;
        if (first === undefined) {
          const unreached = parties.find((party) => party.failure !== null);
          if (unreached !== undefined)
            return {
              outcome: 'unknown',
              facts: { why: unreached.failure ?? '', host: unreached.host },
              figure,
            };
          return { outcome: 'holds', figure };
        }
        return fallsShort(
          { host: first.host, problem: first.problem },
          { value: weak.length, unit: 'weak-parties' },
        );
      }),
  },
  {
    ...base,
    id: 'origin.hidden',
    question: 'Q4',
    severity: 'high',
    kinds: OWN_HEADERS,
    evidence: 'origin',
    judge({ origin }) {
      if (origin.cdn === null) return { outcome: 'not-applicable', facts: { why: 'no-cdn' } };
      const open = origin.candidates.find((candidate) => candidate.answersAsShop);
      if (open !== undefined) return fallsShort({ from: open.from, cdn: origin.cdn });
      // Not finding the origin is not proof that it is closed; it is as far as a polite look goes.
      return { outcome: 'holds', facts: { cdn: origin.cdn, tried: origin.candidates.length } };
    },
  },
];
