import type { AnswerState, CheckNow } from './index.ts';

// The few words that pages and console both say, so that they say the same. A door of its own: the console takes these without the
// schemas, whose library would more than double a page's script and compiles code, which the page's policy forbids.

export const STATE_WORD: Readonly<Record<AnswerState, string>> = {
  yes: 'Yes',
  'needs-you': 'Needs you',
  no: 'No',
  unknown: 'Unknown',
};

export const OUTCOME_WORD: Readonly<Record<CheckNow['outcome'], string>> = {
  holds: 'Holds',
  'falls-short': 'Falls short',
  unknown: 'Unknown',
  providers: 'Provider’s',
  'not-applicable': 'Does not apply',
};

export const WHO: Readonly<Record<CheckNow['responsible'], string>> = {
  owner: 'You',
  developer: 'Your developer',
  provider: 'The provider',
};
