import { useInfiniteQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api.ts';
import { Frame } from '../../parts/frame.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';
import { day } from '../../parts/time.ts';
import { ChangeEntry } from './change-entry.tsx';

/** What changed in the shop, whoever did it; and whose it was. */
export function ChangesPage() {
  const { shop } = useParams({ from: '/shops/$shop/changes' });
  const [waitingOnly, setWaitingOnly] = useState(false);
  const pages = useInfiniteQuery({
    queryKey: ['changes', shop],
    queryFn: ({ pageParam }) => api.changes(shop, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const all = pages.data?.pages.flatMap((page) => page.changes) ?? [];
  const waiting = all.filter(
    (change) => change.verdict === 'not-mine' || (change.verdict === 'open' && change.weight !== 'notice'),
  );
  const shown = waitingOnly ? waiting : all;
  const days = Map.groupBy(shown, (change) => day(change.at));
  return (
    <Frame title="What changed in your shop">
      <ShopLinks shop={shop} />
      <ProblemNote error={pages.error} />
      {pages.data !== undefined && all.length === 0 ? (
        <p>
          Nothing has changed since Loupe began to watch. It sees what your pages load, and, once the platform
          is connected, files, prices, discounts, redirects and texts.
        </p>
      ) : null}
      {all.length > 0 ? (
        <p className={waiting.length > 0 ? 'lead warn' : 'soft'}>
          {waiting.length === 0
            ? 'Nothing waits for your word.'
            : waiting.length === 1
              ? '1 change waits for your word.'
              : `${waiting.length} changes wait for your word.`}
        </p>
      ) : null}
      {all.length > 0 ? (
        <label className="check">
          <input
            type="checkbox"
            checked={waitingOnly}
            onChange={(event) => setWaitingOnly(event.currentTarget.checked)}
          />
          Only what waits
        </label>
      ) : null}
      {[...days].map(([when, changes]) => (
        <section key={when}>
          <h2>{when}</h2>
          <ul className="cards">
            {changes.map((change) => (
              <ChangeEntry key={change.id} shop={shop} change={change} />
            ))}
          </ul>
        </section>
      ))}
      {pages.hasNextPage ? (
        <p>
          <button
            type="button"
            className="quiet"
            disabled={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            Earlier
          </button>
        </p>
      ) : null}
    </Frame>
  );
}
