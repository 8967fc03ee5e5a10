import type { Answers } from '@loupe/contract';
import type { Clock } from '#kernel';
import { LOOK_CHECKS } from '#look';
import { type CheckDefinition, QUESTION_IDS, type QuestionId } from '#plane';
import type { Observations } from '../looks/observations.ts';
import { answerOf } from '../messages/answers.ts';
import type { ShopRow } from '../shops/shops.ts';
import { gapOf } from './catalogue.ts';
import { compose } from './compose.ts';

/** Every check there is, by the rooms that are there. */
export const ALL_CHECKS: readonly CheckDefinition[] = LOOK_CHECKS;

export interface AnswerBook {
  /** All questions, follow-ups and provider questions of a shop, as they stand now. */
  all(shop: ShopRow): Promise<Answers>;
}

export function openAnswerBook(observations: Observations, clock: Clock): AnswerBook {
  return {
    async all(shop) {
      const now = clock.now();
      const newest = await observations.newest(shop.id);
      const answer = (question: QuestionId) =>
        answerOf(compose(question, ALL_CHECKS, newest, gapOf(question), shop.kind, now));
      return { shop: shop.id, at: now, answers: QUESTION_IDS.map(answer) };
    },
  };
}
