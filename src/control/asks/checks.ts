import { type CheckDefinition, QUESTION_IDS, SHOP_KINDS } from '#plane';
import { SAID_FRESH_MS } from '../vendors/checks.ts';

/** What the developer says to each of the ten questions and their follow-ups: shown beside what was seen. */
export const SAID_CHECKS: readonly CheckDefinition[] = QUESTION_IDS.filter((id) => id.startsWith('Q')).map(
  (question) => ({
    id: `said.${question}`,
    question,
    responsible: 'developer',
    kinds: SHOP_KINDS,
    freshForMs: SAID_FRESH_MS,
    severity: 'medium',
    said: 'shown',
  }),
);
