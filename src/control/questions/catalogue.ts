import type { QuestionId, Responsible } from '#plane';
import { QUESTION_IDS } from '#plane';
import type { Gap } from './compose.ts';

/** The ten, in order. */
export const TEN: readonly QuestionId[] = QUESTION_IDS.filter((id) => /^Q\d+$/u.test(id));

export const PROVIDER_QUESTIONS: readonly QuestionId[] = QUESTION_IDS.filter((id) => id.startsWith('P'));

/** The follow-ups of a question. */
export function followUpsOf(question: QuestionId): QuestionId[] {
  return QUESTION_IDS.filter((id) => id !== question && id.replace(/[a-z]$/u, '') === question);
}

/** Whom each question has to be asked as long as Loupe does not observe all of it; and whose word helps where it does. */
const ASK_WHOM: Readonly<Record<QuestionId, Responsible>> = {
  Q1: 'developer',
  Q1a: 'developer',
  Q1b: 'developer',
  Q2: 'owner',
  Q2a: 'owner',
  Q2b: 'developer',
  Q3: 'developer',
  Q3a: 'developer',
  Q3b: 'owner',
  Q4: 'developer',
  Q4a: 'developer',
  Q4b: 'developer',
  Q5: 'developer',
  Q5a: 'developer',
  Q5b: 'developer',
  Q6: 'developer',
  Q6a: 'developer',
  Q6b: 'developer',
  Q7: 'owner',
  Q7a: 'developer',
  Q7b: 'owner',
  Q8: 'owner',
  Q8a: 'provider',
  Q8b: 'developer',
  Q9: 'owner',
  Q9a: 'provider',
  Q9b: 'owner',
  Q10: 'owner',
  Q10a: 'owner',
  Q10b: 'owner',
  P1: 'provider',
  P2: 'provider',
  P3: 'provider',
};

/** The questions whose every part is observed. An entry comes when the room that observes the rest is there. */
const OBSERVED: ReadonlySet<QuestionId> = new Set([
  'Q2',
  'Q2a',
  'Q2b',
  'Q4a',
  'Q8',
  'Q8a',
  'Q8b',
  'Q9a',
  'P1',
  'P2',
  'P3',
]);

/** What of a question nothing observes yet; null where everything is observed. */
export function gapOf(question: QuestionId): Gap | null {
  return OBSERVED.has(question) ? null : bareGapOf(question);
}

/** What a look from outside alone leaves open: something of every question. */
export function bareGapOf(question: QuestionId): Gap {
  return { question, responsible: ASK_WHOM[question] };
}
