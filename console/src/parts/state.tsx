import type { AnswerState } from '@loupe/contract';

const WORD: Readonly<Record<AnswerState, string>> = {
  yes: 'Yes',
  'needs-you': 'Needs you',
  no: 'No',
  unknown: 'Unknown',
};

/** An answer's state, by word and sign, never by colour alone. */
export function State({ state }: { readonly state: AnswerState }) {
  return <span className={`state ${state}`}>{WORD[state]}</span>;
}
