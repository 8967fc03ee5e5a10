import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Change } from '@loupe/contract';
import { VERDICT_WORD, WEIGHT_WORD } from '@loupe/contract/words';
import { api } from '../../api.ts';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { TextArea } from '../../parts/text-area.tsx';
import { moment } from '../../parts/time.ts';
import { ChangeItems } from './change-items.tsx';

interface ChangeEntryProps {
  readonly shop: string;
  readonly change: Change;
}

/** One change: what, by whom, why it matters; and a person's word on it. */
export function ChangeEntry({ shop, change }: ChangeEntryProps) {
  const queries = useQueryClient();
  const [saying, setSaying] = useState(false);
  const judge = useMutation({
    mutationFn: (given: { verdict: string; note: string }) => api.judgeChange(shop, change.id, given),
    onSuccess: async () => {
      setSaying(false);
      await queries.invalidateQueries({ queryKey: ['changes', shop] });
      await queries.invalidateQueries({ queryKey: ['answers', shop] });
    },
  });
  const open = change.verdict === 'open';
  return (
    <li className={`card change ${change.weight}`}>
      <h3>{change.sentence}</h3>
      <p className="soft">
        {open && change.weight !== 'notice' ? (
          <strong className="mark">{WEIGHT_WORD[change.weight]} </strong>
        ) : null}
        {change.why === null ? '' : `${change.why} `}
        Noticed {moment(change.at)}
        {change.doneBy === null ? '' : `, by ${change.doneBy}`}.
      </p>
      {open ? null : (
        <p className={change.verdict === 'not-mine' ? 'warn' : 'soft'}>
          {VERDICT_WORD[change.verdict]}
          {change.verdictBy === null || change.verdictBy === '' ? '' : `, says ${change.verdictBy}`}
          {change.verdictAt === null ? '' : `, ${moment(change.verdictAt)}`}.{' '}
          {change.note === '' ? '' : `“${change.note}”`}
        </p>
      )}
      <ChangeItems shop={shop} change={change} />
      {open || change.verdict === 'not-mine' ? (
        <p className="actions">
          <button
            type="button"
            className="small"
            disabled={judge.isPending}
            onClick={() => judge.mutate({ verdict: 'mine', note: '' })}
          >
            {open ? 'This was us' : 'It was us after all'}
          </button>
          {open ? (
            <button
              type="button"
              className="small quiet"
              disabled={judge.isPending}
              onClick={() => judge.mutate({ verdict: 'not-mine', note: '' })}
            >
              Not us
            </button>
          ) : (
            <button type="button" className="small quiet" onClick={() => setSaying(!saying)}>
              It has been dealt with
            </button>
          )}
        </p>
      ) : null}
      {change.verdict === 'not-mine' && !saying ? (
        <p className="next">
          Undo it in the shop’s admin, change the password of whoever could have done it, and ask your
          developer. Then say here how it was dealt with.
        </p>
      ) : null}
      {saying ? (
        <form
          className="inline"
          action={(form) => judge.mutate({ verdict: 'dealt-with', note: textOf(form, 'note') })}
        >
          <TextArea label="How it was dealt with" name="note" maxLength={500} required />
          <button type="submit" disabled={judge.isPending}>
            Write it down
          </button>
        </form>
      ) : null}
      <ProblemNote error={judge.error} />
    </li>
  );
}
