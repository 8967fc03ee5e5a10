import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '../../api.ts';
import { Frame } from '../../parts/frame.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { ShopLinks } from '../../parts/shop-links.tsx';
import { AddFeed } from './add-feed.tsx';
import { AddList } from './add-list.tsx';
import { FeedCard } from './feed-card.tsx';
import { WindowHooks } from './window-hooks.tsx';

/** Feeds of stones: what came, what waits for somebody, and what never got in. */
export function FeedsPage() {
  const { shop } = useParams({ from: '/shops/$shop/feeds' });
  const found = useQuery({
    queryKey: ['feeds', shop],
    queryFn: () => api.feeds(shop),
    refetchInterval: 2_000,
  });
  const view = found.data;
  const waiting = view?.feeds.filter((feed) => feed.loads.some((load) => load.state === 'held')) ?? [];
  return (
    <Frame title="Diamond feeds">
      <ShopLinks shop={shop} />
      <ProblemNote error={found.error} />
      {view === undefined ? null : view.feeds.length === 0 ? (
        <p>
          No feed is plugged in here. Loupe fetches what a provider sends, checks each stone and the load as a
          whole, and holds what looks wrong. Nothing of it is shown to shoppers before somebody has looked at
          the first load.
        </p>
      ) : (
        <p className={waiting.length > 0 ? 'lead warn' : 'lead'}>
          {waiting.length === 0
            ? 'Nothing waits for your word.'
            : `${waiting.map((feed) => feed.name).join(', ')}: a load waits for your word.`}
        </p>
      )}
      <ul className="cards">
        {view?.feeds.map((feed) => (
          <FeedCard key={feed.id} shop={shop} feed={feed} />
        ))}
      </ul>
      {view === undefined || view.windowName === null ? null : (
        <p className="soft">
          The shop window answers under <code>/stones/{view.windowName}</code>, where its process listens or a
          route of the edge leads to it.
        </p>
      )}
      {view === undefined || view.windowName === null ? null : <WindowHooks shop={shop} />}
      {view === undefined ? null : (
        <>
          <AddFeed shop={shop} view={view} />
          <AddList shop={shop} sample={view.sample?.['supplier-list']} />
        </>
      )}
    </Frame>
  );
}
