// What was said, set beside what was seen. Pure.
import type { AskItem, AnsweredItem, Questionnaire } from '@loupe/contract';
import type { Observation, QuestionId } from '#plane';
import { QUESTION_IDS } from '#plane';
import { itemsOf } from './questionnaires.ts';

/** One answer as it was given. */
export type GivenAnswer = { readonly choice: string | null; readonly text: string };

export type Answers = Readonly<Record<string, GivenAnswer>>;

export type Claim = NonNullable<AnsweredItem['claims']>;
export type Standing = AnsweredItem['standing'];

export const NO_ANSWER: GivenAnswer = { choice: null, text: '' };

export function isAnswered(given: GivenAnswer | undefined): boolean {
  return given !== undefined && (given.choice !== null || given.text.trim() !== '');
}

/** What the chosen option says; null where none was chosen (a text says nothing that could be compared). */
export function claimOf(item: AskItem, given: GivenAnswer): Claim | null {
  return item.options.find((option) => option.value === given.choice)?.claims ?? null;
}

/**
 * How an answer stands to what was seen. `differs`: they say it holds, and at least one thing seen falls short. `better`: they say it falls short, and
 * everything seen holds. Where what was seen decides nothing, it stays `said`.
 */
export function standingOf(
  item: AskItem,
  given: GivenAnswer,
  seen: readonly Observation['outcome'][],
): Standing {
  if (!isAnswered(given)) return 'unanswered';
  const says = claimOf(item, given);
  const decided = seen.filter((outcome) => outcome === 'holds' || outcome === 'falls-short');
  if (decided.length === 0 || (says !== 'holds' && says !== 'falls-short')) return 'said';
  const short = decided.includes('falls-short');
  if (says === 'holds') {
    if (short) return 'differs';
    return decided.length === seen.length ? 'agrees' : 'said';
  }
  return short ? 'agrees' : 'better';
}

/** What a whole form came to for one question. */
export interface SaidOf {
  readonly question: QuestionId;
  readonly outcome: 'holds' | 'falls-short' | 'unknown';
  readonly items: number;
  readonly answered: number;
  readonly short: number;
  readonly differs: number;
}

/**
 * Sums a form up by question: falls short where an answer says so or is contradicted by what was seen, unknown where something is unanswered
 * or not known to the respondent, and else holds. All of it is only said.
 */
export function saidByQuestion(
  form: Questionnaire,
  answers: Answers,
  seenOf: (item: AskItem) => readonly Observation['outcome'][],
): readonly SaidOf[] {
  const items = itemsOf(form);
  return QUESTION_IDS.flatMap((question): SaidOf[] => {
    const own = items.filter((item) => item.question === question);
    if (own.length === 0) return [];
    const judged = own.map((item) => {
      const given = answers[item.id] ?? NO_ANSWER;
      return {
        answered: isAnswered(given),
        claims: item.kind === 'choice' ? claimOf(item, given) : null,
        isText: item.kind === 'text',
        standing: standingOf(item, given, seenOf(item)),
      };
    });
    const short = judged.filter((j) => j.claims === 'falls-short').length;
    const differs = judged.filter((j) => j.standing === 'differs').length;
    const open = judged.some(
      (j) => !j.answered || j.claims === 'unknown' || (j.claims === null && !j.isText),
    );
    return [
      {
        question,
        outcome: short + differs > 0 ? 'falls-short' : open ? 'unknown' : 'holds',
        items: own.length,
        answered: judged.filter((j) => j.answered).length,
        short,
        differs,
      },
    ];
  });
}
