import type { Feed } from '@loupe/contract';
import { count } from './figures.ts';

interface LiveProps {
  readonly feed: Feed;
  readonly live: NonNullable<Feed['live']>;
}

/** A feed whose stones are passed through and kept nowhere: where it answers, and how that goes. */
export function Live({ feed, live }: LiveProps) {
  return (
    <>
      {feed.state === 'off' ? null : (
        <p>
          Shoppers are answered under <code>/live/{live.name}</code>, where that process listens or a route of
          the edge leads to it.
        </p>
      )}
      {live.says === null ? null : <p className="warn">It does not answer. {live.says}</p>}
      <p className="counts">
        <span>
          {count(live.answers)} {live.answers === 1 ? 'answer' : 'answers'}
        </span>
        <span>{count(live.stones)} stones shown</span>
        <span>{count(live.keptOut)} kept out</span>
      </p>
    </>
  );
}
