import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Action } from '@loupe/contract';
import { ACTION_WORD } from '@loupe/contract/words';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { day } from '../../parts/time.ts';

/** Everything that was agreed, by date. */
export function Actions({ shop }: { readonly shop: string }) {
  const actions = useQuery({ queryKey: ['actions', shop], queryFn: () => api.actions(shop) });
  const list = actions.data?.actions ?? [];
  if (list.length === 0) return null;
  return (
    <section>
      <h2>Agreed</h2>
      <ActionList shop={shop} actions={list} />
    </section>
  );
}

export function ActionList({
  shop,
  actions,
}: {
  readonly shop: string;
  readonly actions: readonly Action[];
}) {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: ({ id, outcome }: { id: string; outcome: 'said-done' | 'dropped' }) =>
      api.endAction(shop, id, {
        outcome,
        why: outcome === 'dropped' ? 'Dropped in the console' : 'By their word',
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['actions', shop] });
      await queries.invalidateQueries({ queryKey: ['ask', shop] });
      await queries.invalidateQueries({ queryKey: ['vendor', shop] });
    },
  });
  return (
    <>
      <ul className="cards">
        {actions.map((action) => (
          <li key={action.id} className="card">
            <strong>{ACTION_WORD[action.state]}:</strong> {action.text}
            <p className="soft">
              {action.person}, by {day(action.dueAt)}.{' '}
              {action.check === null
                ? 'Nothing shows it: their word counts.'
                : 'When the date comes, Loupe looks again and decides.'}
            </p>
            {action.state === 'open' || action.state === 'due' ? (
              <p className="actions">
                {action.check === null ? (
                  <button
                    type="button"
                    className="quiet small"
                    onClick={() => end.mutate({ id: action.id, outcome: 'said-done' })}
                  >
                    They say it is done
                  </button>
                ) : null}
                <button
                  type="button"
                  className="quiet small"
                  onClick={() => end.mutate({ id: action.id, outcome: 'dropped' })}
                >
                  Drop
                </button>
              </p>
            ) : null}
          </li>
        ))}
      </ul>
      <ProblemNote error={end.error} />
    </>
  );
}
