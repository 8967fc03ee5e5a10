import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '../api.ts';
import { Frame } from '../parts/frame.tsx';
import { ProblemNote } from '../parts/problem.tsx';
import { ShopLinks } from '../parts/shop-links.tsx';
import { State } from '../parts/state.tsx';
import { People } from './people.tsx';

const PARTS: readonly (readonly [part: string, says: string])[] = [
  ['dns', 'names and mail'],
  ['web', 'redirects and headers'],
  ['tls', 'encryption'],
  ['page', 'pages and scripts'],
  ['parties', 'third parties'],
  ['origin', 'the way around the CDN'],
];

const POLL_MS = 700;

/** One shop: a look under way, the questions, the people. */
export function ShopPage() {
  const { shop: id } = useParams({ from: '/shops/$shop' });
  const search = useSearch({ from: '/shops/$shop' });
  const queries = useQueryClient();
  const [look, setLook] = useState<string | null>(search.look ?? null);
  const shop = useQuery({ queryKey: ['shop', id], queryFn: () => api.shop(id) });
  const answers = useQuery({ queryKey: ['answers', id], queryFn: () => api.answers(id) });
  const progress = useQuery({
    queryKey: ['look', id, look],
    queryFn: () => api.look(id, look ?? ''),
    enabled: look !== null,
    refetchInterval: (query) =>
      ['queued', 'running', undefined].includes(query.state.data?.state) ? POLL_MS : false,
  });
  const again = useMutation({ mutationFn: () => api.lookNow(id), onSuccess: (begun) => setLook(begun.look) });
  const state = progress.data?.state;
  useEffect(() => {
    if (state !== 'done') return;
    void queries.invalidateQueries({ queryKey: ['answers', id] });
    void queries.invalidateQueries({ queryKey: ['shop', id] });
    void queries.invalidateQueries({ queryKey: ['shops'] });
  }, [state, id, queries]);
  const busy = state === 'queued' || state === 'running';
  const ten = answers.data?.answers.filter((answer) => /^Q\d+$/u.test(answer.id)) ?? [];
  return (
    <Frame title={shop.data?.name ?? '…'}>
      <ShopLinks shop={id} />
      <ProblemNote error={shop.error} />
      {look !== null && state !== undefined ? (
        <section className="progress" aria-live="polite">
          <p>
            <strong>
              {busy
                ? 'Looking, fifteen seconds at most …'
                : state === 'done'
                  ? 'Looked.'
                  : 'The look failed; it will be tried again.'}
            </strong>
          </p>
          <ul className="parts">
            {PARTS.map(([part, says]) => (
              <li
                key={part}
                className={state === 'done' || progress.data?.parts.includes(part) === true ? 'done' : ''}
              >
                {says}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <p className="actions">
        <a className="button" href={`/shops/${id}/answers`}>
          Ten answers on one page
        </a>
        <Link className="button quiet" to="/shops/$shop/asks" params={{ shop: id }}>
          Ask your developer
        </Link>
        <button
          type="button"
          className="quiet"
          disabled={again.isPending || busy}
          onClick={() => again.mutate()}
        >
          Look again
        </button>
      </p>
      <ProblemNote error={again.error ?? progress.error} />
      <ol className="questions">
        {ten.map((answer) => (
          <li key={answer.id}>
            <Link to="/shops/$shop/questions/$question" params={{ shop: id, question: answer.id }}>
              <State state={answer.state} />
              <span className="asks">
                {answer.id}. {answer.question}
              </span>
              <span className="soft">{answer.sentence}</span>
            </Link>
          </li>
        ))}
      </ol>
      <People shop={id} />
    </Frame>
  );
}
