import type { Answer, Answers } from '@loupe/contract';
import type { Clock } from '#kernel';
import { LOOK_CHECKS } from '#look';
import { type CheckDefinition, QUESTION_IDS, type QuestionId } from '#plane';
import type { Observations } from '../looks/observations.ts';
import { answerOf, withNames } from '../messages/answers.ts';
import type { ShopRow } from '../shops/shops.ts';
import { isAbout } from '../vendors/book.ts';
import { PROVIDER_CHECKS, REGISTER_CHECKS } from '../vendors/checks.ts';
import { SAID_CHECKS } from '../asks/checks.ts';
import { EDGE_CHECKS } from '../edges/checks.ts';
import { FEED_CHECKS } from '../feeds/checks.ts';
import { PLATFORM_CHECKS } from '../platforms/checks.ts';
import type { Connections } from '../vendors/connections.ts';
import type { Register } from '../vendors/register.ts';
import { gapOf } from './catalogue.ts';
import { compose } from './compose.ts';

/** The checks behind the shop's own questions, by the rooms that are there. */
export const SHOP_CHECKS: readonly CheckDefinition[] = [
  ...LOOK_CHECKS,
  ...REGISTER_CHECKS,
  ...PLATFORM_CHECKS,
  ...EDGE_CHECKS,
  ...FEED_CHECKS,
  ...SAID_CHECKS,
];

export interface AnswerBook {
  /** All questions and follow-ups of a shop, and the three provider questions once for each of its feed providers, as they stand now. */
  all(shop: ShopRow): Promise<Answers>;
}

export function openAnswerBook(
  observations: Observations,
  register: Register,
  connections: Connections,
  clock: Clock,
): AnswerBook {
  return {
    async all(shop) {
      const now = clock.now();
      const [recorded, vendors, plugged] = await Promise.all([
        observations.newest(shop.id),
        register.list(shop.id),
        connections.list(shop.id),
      ]);
      const names = new Map([...vendors, ...plugged].map((one) => [one.id, one.name]));
      const newest = recorded.map((observation) => withNames(observation, names));
      const providers = vendors.filter((vendor) => vendor.kind === 'feed' && vendor.retired_at === null);
      const answersTo = (question: QuestionId): Answer[] => {
        if (!question.startsWith('P'))
          return [answerOf(compose(question, SHOP_CHECKS, newest, gapOf(question), shop.kind, now))];
        if (providers.length === 0)
          return [answerOf(compose(question, PROVIDER_CHECKS, [], gapOf(question), shop.kind, now))];
        return providers.map((provider) => {
          const own = newest.filter((observation) => isAbout(observation, provider));
          const composed = compose(question, PROVIDER_CHECKS, own, gapOf(question), shop.kind, now);
          return answerOf(composed, { id: provider.id, name: provider.name });
        });
      };
      return { shop: shop.id, at: now, answers: QUESTION_IDS.flatMap(answersTo) };
    },
  };
}
