// Turning a composed answer into words. One catalogue, one place; at most 25 words a sentence.
import type { Answer, CheckNow } from '@loupe/contract';
import type { Figure, Observation, QuestionId } from '#plane';
import { followUpsOf } from '../questions/catalogue.ts';
import type { CheckStanding, Composed } from '../questions/compose.ts';
import { CHECK_TEXT, type CheckText, NOT_APPLICABLE_TEXT, UNKNOWN_TEXT } from './checks.ts';
import { QUESTION_TEXT } from './questions.ts';

const FIGURE_TEXT: Readonly<Record<string, readonly [one: string, many: string]>> = {
  days: ['day left', 'days left'],
  'old-versions': ['old version accepted', 'old versions accepted'],
  'weak-suites': ['weak cipher accepted', 'weak ciphers accepted'],
  'weak-parts': ['weak part', 'weak parts'],
  cookies: ['weak cookie', 'weak cookies'],
  items: ['item over http', 'items over http'],
  forms: ['form over http', 'forms over http'],
  libraries: ['library seen', 'libraries seen'],
  'old-libraries': ['old library', 'old libraries'],
  parties: ['third party seen', 'third parties seen'],
  'weak-parties': ['weak third party', 'weak third parties'],
  checks: ['check', 'checks'],
  connections: ['thing plugged in', 'things plugged in'],
  unregistered: ['stranger plugged in', 'strangers plugged in'],
  unassessed: ['third party not assessed', 'third parties not assessed'],
  vendors: ['third party', 'third parties'],
  groundless: ['without ground', 'without ground'],
  'not-let-in': ['not let in yet', 'not let in yet'],
  unseen: ['not looked at', 'not looked at'],
  criteria: ['criterion', 'criteria'],
  untriaged: ['item waits', 'items wait'],
  sources: ['source read', 'sources read'],
  unattested: ['attestation missing', 'attestations missing'],
  attestations: ['attestation in date', 'attestations in date'],
  duties: ['requirement', 'requirements'],
  'said-points': ['point', 'points'],
  'days-old': ['day old', 'days old'],
  feeds: ['feed', 'feeds'],
  stones: ['stone', 'stones'],
  routes: ['route', 'routes'],
  'attacks-stopped': ['time sent and stopped', 'times sent and stopped'],
  edges: ['edge', 'edges'],
  'missed-events': ['event missing', 'events missing'],
  'needless-scopes': ['right too many', 'rights too many'],
  scopes: ['right', 'rights'],
  topics: ['kind of message', 'kinds of message'],
  'topics-missing': ['kind of message missing', 'kinds of message missing'],
  'overdue-requests': ['demand overdue', 'demands overdue'],
  requests: ['demand open', 'demands open'],
  kinds: ['part watched', 'parts watched'],
  'foreign-changes': ['foreign change', 'foreign changes'],
  alarms: ['alarm open', 'alarms open'],
  unreviewed: ['change not reviewed', 'changes not reviewed'],
  'open-changes': ['change open', 'changes open'],
  apps: ['app', 'apps'],
  staff: ['staff account', 'staff accounts'],
};

function figureText(figure: Figure): string {
  const [one, many] = FIGURE_TEXT[figure.unit] ?? [figure.unit, figure.unit];
  return `${figure.value} ${figure.value === 1 ? one : many}`;
}

/** Puts facts into a text; a fact that is missing shows as a dash. */
function fill(text: string, facts: Observation['facts']): string {
  return text.replaceAll(/\{(\w+)\}/gu, (_, name: string) => String(facts[name] ?? '–'));
}

/** A check's words: its own, or those of the same check of a shop where it looks at a third party, or those of anything said. */
function textOf(check: string): CheckText {
  const text = CHECK_TEXT[check] ?? CHECK_TEXT[check.replace(/^vendor\./u, '')];
  if (text !== undefined) return text;
  const said = /(^|\.)said\./u.test(check) ? CHECK_TEXT['said'] : undefined;
  if (said === undefined) throw new TypeError(`no text for check ${check}`);
  return said;
}

function pick(table: Readonly<Record<string, string>>, facts: Observation['facts']): string {
  const key = [facts['why'], facts['problem'], facts['how']].find(
    (fact) => typeof fact === 'string' && fact in table,
  );
  return table[String(key)] ?? table['other'] ?? Object.values(table)[0] ?? '';
}

/**
 * An observation whose facts name third parties and connections by their ids, with their names instead. Names go into no ledger: a
 * third party can be a person.
 */
export function withNames(observation: Observation, names: ReadonlyMap<string, string>): Observation {
  const facts = Object.entries(observation.facts).map(([name, fact]) => [
    name,
    names.get(String(fact)) ?? fact,
  ]);
  return { ...observation, facts: Object.fromEntries(facts) };
}

/** What one observation came to, in one sentence. */
export function observationSentence(observation: Observation): string {
  return outcomeSentence(observation.check, observation.outcome, observation);
}

/** What a check is called. */
export function checkTitle(check: string): string {
  return textOf(check).title;
}

/** The one sentence about a check as it stands. */
function sentenceOf({ check, observation, outcome }: CheckStanding): string {
  return outcomeSentence(check.id, outcome, observation);
}

function outcomeSentence(
  check: string,
  outcome: Observation['outcome'],
  observation: Observation | null,
): string {
  const text = textOf(check);
  const facts = observation?.facts ?? {};
  switch (outcome) {
    case 'holds':
      return fill(text.holds, facts);
    case 'falls-short':
      return fill(typeof text.short === 'string' ? text.short : pick(text.short, facts), facts);
    case 'unknown':
      return fill(pick(UNKNOWN_TEXT, observation === null ? { why: 'stale' } : facts), facts);
    case 'not-applicable':
      return fill(pick(NOT_APPLICABLE_TEXT, observation === null ? { why: 'kind' } : facts), facts);
    case 'providers':
      return 'Your platform’s duty, backed by its paper.';
  }
}

function checkNow(standing: CheckStanding): CheckNow {
  const { check, observation, outcome } = standing;
  const text = textOf(check.id);
  return {
    id: check.id,
    title: text.title,
    outcome,
    sentence: sentenceOf(standing),
    mend: outcome === 'falls-short' ? fill(text.mend, observation?.facts ?? {}) : null,
    responsible: check.responsible,
    severity: check.severity,
    source: observation?.source ?? null,
    subject: observation?.subject ?? null,
    observation: observation?.id ?? null,
    observedAt: observation?.observedAt ?? null,
    validUntil: observation?.validUntil ?? null,
    evidence: observation?.evidence ?? null,
  };
}

/** An answer in words; `about` names the provider where the question is put to each of them. */
export function answerOf(composed: Composed, about: Answer['about'] = null): Answer {
  const id: QuestionId = composed.question;
  const text = QUESTION_TEXT[id];
  const { worst, gap, standings } = composed;
  // What somebody says stands beside the checks, and is not counted among them.
  const applicable = standings.filter((s) => s.outcome !== 'not-applicable' && s.check.said !== 'shown');
  const holding = applicable.filter((s) => s.outcome === 'holds').length;
  const figure: Figure | null =
    worst?.observation?.figure ?? (applicable.length > 0 ? { value: holding, unit: 'checks' } : null);
  return {
    id,
    about,
    question: text.asks,
    state: composed.state,
    sentence: answerSentence(composed, holding, applicable.length),
    figure:
      figure === null
        ? null
        : {
            ...figure,
            text:
              figure.unit === 'checks'
                ? `${holding} of ${applicable.length} checks hold`
                : figureText(figure),
          },
    checkedAt: composed.checkedAt,
    nextStep: nextStepOf(composed),
    checks: standings.map(checkNow),
    gap: gap === null ? null : { responsible: gap.responsible, ask: text.unobserved },
    followUps: followUpsOf(id),
  };
}

/** What to do next: mend the worst, else find out what is not known; nothing where everything holds. */
function nextStepOf({ question, state, worst, gap, standings }: Composed): Answer['nextStep'] {
  if (worst !== null)
    return {
      text: fill(textOf(worst.check.id).mend, worst.observation?.facts ?? {}),
      who: worst.check.responsible,
    };
  if (state === 'yes') return null;
  const undecided = standings.find((standing) => standing.outcome === 'unknown');
  const who = gap?.responsible ?? undecided?.check.responsible ?? 'owner';
  return { text: QUESTION_TEXT[question].unobserved, who };
}

function answerSentence(
  { state, worst, standings, gap }: Composed,
  holding: number,
  applicable: number,
): string {
  if (worst !== null) return sentenceOf(worst);
  if (state === 'yes') return `All ${holding} checks hold.`;
  if (applicable === 0) return 'Nothing about this can be seen from outside.';
  if (standings.every((s) => s.observation === null)) return 'Not checked yet.';
  const undecided = standings.find(
    (s) => s.outcome === 'unknown' && s.observation !== null && s.check.said !== 'shown',
  );
  if (holding === 0 && undecided !== undefined) return sentenceOf(undecided);
  const open = applicable - holding;
  const seen =
    open === 0
      ? `What can be seen from outside is in order`
      : `${holding} of ${applicable} checks hold, ${open} could not be decided`;
  return gap === null ? `${seen}.` : `${seen}; the rest cannot be seen from outside.`;
}
