import type { Questionnaire } from '@loupe/contract';
import { z } from 'zod';
import type { Answers, GivenAnswer } from './compare.ts';
import { itemsOf } from './questionnaires.ts';

export const MAX_ANSWER = 8_000;

const answersSchema = z.record(
  z.string().max(64),
  z.strictObject({ choice: z.string().max(64).nullable(), text: z.string().max(MAX_ANSWER) }),
);

/** Reads answers from their JSON text; throws a ZodError or SyntaxError. */
export function readAnswers(text: string): Answers {
  return answersSchema.parse(JSON.parse(text));
}

const MISLEADING =
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** What people type, made plain: line ends, no controls, no characters that turn the direction of the text; at most 8,000. */
export function plainText(text: string): string {
  return text.replaceAll(/\r\n?/gu, '\n').replaceAll(MISLEADING, '').toWellFormed().slice(0, MAX_ANSWER);
}

/** Answers over earlier ones, of this form's items and options alone. */
export function mergeAnswers(form: Questionnaire, before: Answers, given: Answers): Answers {
  return Object.fromEntries(
    itemsOf(form).flatMap((item): [string, GivenAnswer][] => {
      const answer = given[item.id] ?? before[item.id];
      if (answer === undefined) return [];
      const known = item.options.some((option) => option.value === answer.choice);
      return [[item.id, { choice: known ? answer.choice : null, text: plainText(answer.text) }]];
    }),
  );
}
