import { Link } from '@tanstack/react-router';
import type { FeedLoad } from '@loupe/contract';
import { moment } from '../../parts/time.ts';
import type { FeedCardProps } from './feed-card.tsx';
import { count } from './figures.ts';
import { NOUNS } from './nouns.ts';
import { Trend } from './trend.tsx';

/** What came of a feed that is loaded: what is shown of it, how its loads went, and what waits. */
export function Loads({ shop, feed }: FeedCardProps) {
  const good = feed.loads.find((one) => one.state === 'good');
  const [newest] = feed.loads;
  const { many } = NOUNS[feed.list?.of ?? 'stones'];
  return (
    <>
      {feed.progress === null ? null : (
        <p className="progress" role="status">
          {feed.progress}
        </p>
      )}
      {good?.counts === undefined || good.counts === null ? (
        <p className="soft">No load has been accepted yet.</p>
      ) : (
        <p className="counts">
          <span>
            {feed.window === null
              ? 'Nothing is in the window'
              : `${count(feed.window.rows)} ${many} in the window`}
          </span>
          <span>of {count(good.counts.rows)}</span>
          <span>{count(good.counts.quarantined)} in quarantine</span>
          <span className="soft">as of {moment(good.endedAt ?? good.startedAt)}</span>
        </p>
      )}
      {feed.window === null || feed.window.leftOut.length === 0 ? null : (
        <p className="soft">
          Not shown: {feed.window.leftOut.map((one) => `${count(one.count)} ${one.says}`).join('; ')}.
        </p>
      )}
      {newest?.state === 'failed' ? <p className="warn">The last load failed. {newest.says}</p> : null}
      <Trend loads={feed.loads} />
      <ul className="checks">
        {feed.loads.slice(0, 6).map((one) => (
          <LoadLine key={one.id} shop={shop} load={one} many={many} />
        ))}
      </ul>
    </>
  );
}

const STATE_TEXT: Readonly<Record<FeedLoad['state'], string>> = {
  running: 'running',
  failed: 'failed',
  held: 'waits for your word',
  declined: 'declined',
  overtaken: 'overtaken',
  good: 'accepted',
};

interface LoadLineProps {
  readonly shop: string;
  readonly load: FeedLoad;
  /** What its rows are called. */
  readonly many: string;
}

function LoadLine({ shop, load, many }: LoadLineProps) {
  const { counts } = load;
  return (
    <li>
      <Link to="/shops/$shop/feeds/loads/$load" params={{ shop, load: load.id }}>
        {moment(load.startedAt)}
      </Link>{' '}
      <span className={load.state === 'held' || load.state === 'failed' ? 'warn' : 'soft'}>
        {STATE_TEXT[load.state]}
      </span>
      {counts === null ? (
        load.state === 'failed' ? (
          <p className="soft">{load.says}</p>
        ) : null
      ) : (
        <p className="soft">
          {count(counts.rows)} {many}, {count(counts.added)} new, {count(counts.removed)} gone,{' '}
          {count(counts.repriced)} repriced, {count(counts.quarantined)} in quarantine
          {counts.errors === 0 ? '' : `, ${count(counts.errors)} rows that were no ${many}`}
        </p>
      )}
      {load.state === 'held' ? <p>{load.holds[0]?.says}</p> : null}
    </li>
  );
}
