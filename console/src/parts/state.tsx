import type { AnswerState } from '@loupe/contract';
import { STATE_WORD } from '@loupe/contract/words';

/** An answer's state, by word and sign, never by colour alone. */
export function State({ state }: { readonly state: AnswerState }) {
  return <span className={`state ${state}`}>{STATE_WORD[state]}</span>;
}
