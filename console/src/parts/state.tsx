import type { AnswerState } from '@loupe/contract';
import { STATE_WORD } from '@loupe/contract/words';

interface StateProps {
  readonly state: AnswerState;
  /** How many answers have it, where several are counted. */
  readonly count?: number;
}

/** An answer's state, by word and sign, never by colour alone. */
export function State({ state, count }: StateProps) {
  return (
    <span className={`state ${state}`}>
      {count === undefined ? STATE_WORD[state] : `${count} ${STATE_WORD[state]}`}
    </span>
  );
}
