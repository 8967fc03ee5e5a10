import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Feed, FeedLoad } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { day, moment } from '../../parts/time.ts';
import { count } from './figures.ts';
import { fileIn } from './list-place.tsx';
import { Plain } from './plain.tsx';
import { ShowingForm } from './showing.tsx';
import { Trend } from './trend.tsx';

interface FeedCardProps {
  readonly shop: string;
  readonly feed: Feed;
}

/** One feed: how it stands, what came, and its switch. */
export function FeedCard({ shop, feed }: FeedCardProps) {
  const queries = useQueryClient();
  const done = { onSuccess: () => queries.invalidateQueries({ queryKey: ['feeds', shop] }) };
  const load = useMutation({ mutationFn: () => api.loadFeed(shop, feed.id), ...done });
  const flip = useMutation({
    mutationFn: () => api.switchFeed(shop, feed.id, feed.state === 'off'),
    ...done,
  });
  const isHandedIn = feed.list?.url === 'by-hand:';
  const good = feed.loads.find((one) => one.state === 'good');
  const [newest] = feed.loads;
  return (
    <li className="card">
      <div className="row">
        <h2>
          {feed.name} {feed.state === 'off' ? <span className="tag">OFF</span> : null}
        </h2>
        <span className="actions">
          {isHandedIn ? null : (
            <button
              type="button"
              className="small quiet"
              disabled={load.isPending || feed.state === 'off' || feed.progress !== null}
              onClick={() => load.mutate()}
            >
              Load now
            </button>
          )}
          <button type="button" className="small" disabled={flip.isPending} onClick={() => flip.mutate()}>
            {feed.state === 'on' ? 'Switch off' : 'Switch on'}
          </button>
        </span>
      </div>
      <ProblemNote error={load.error ?? flip.error} />
      {isHandedIn && feed.state === 'on' ? <HandIn shop={shop} feed={feed} /> : null}
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
              : `${count(feed.window.rows)} stones in the window`}
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
          <LoadLine key={one.id} shop={shop} load={one} />
        ))}
      </ul>
      <Line feed={feed} />
      <ShowingForm shop={shop} feed={feed} />
      <Settings shop={shop} feed={feed} />
    </li>
  );
}

/** Brings the next list of a supplier whose lists are handed in. */
function HandIn({ shop, feed }: FeedCardProps) {
  const queries = useQueryClient();
  const hand = useMutation({
    mutationFn: async (file: File) => {
      const { drop } = await api.handIn(shop, file);
      await api.loadFeed(shop, feed.id, drop);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['feeds', shop] }),
  });
  return (
    <form
      className="inline"
      action={(form) => {
        const file = fileIn(form);
        if (file !== null) hand.mutate(file);
      }}
    >
      <Field label="The newest list" name="file" type="file" required />
      <button type="submit" className="small" disabled={hand.isPending}>
        {hand.isPending ? 'Sending …' : 'Hand it in'}
      </button>
      <ProblemNote error={hand.error} />
    </form>
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

function LoadLine({ shop, load }: { readonly shop: string; readonly load: FeedLoad }) {
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
          {count(counts.rows)} stones, {count(counts.added)} new, {count(counts.removed)} gone,{' '}
          {count(counts.repriced)} repriced, {count(counts.quarantined)} in quarantine
          {counts.errors === 0 ? '' : `, ${count(counts.errors)} rows that were no stones`}
        </p>
      )}
      {load.state === 'held' ? <p>{load.holds[0]?.says}</p> : null}
    </li>
  );
}

/** How the provider was last reached. */
function Line({ feed }: { readonly feed: Feed }) {
  return (
    <p className="soft">
      {lineText(feed)}{' '}
      {feed.credentials.length === 0 ? null : `Credentials since ${day(feed.credentialsAt)}. `}
      {feed.list?.url === 'by-hand:' ? 'A new one is due every' : 'Asked every'}{' '}
      {feed.everyMs < 7_200_000 ? 'hour' : `${Math.round(feed.everyMs / 3_600_000)} hours`}.
    </p>
  );
}

function lineText({ list, reached }: Feed): string {
  if (list?.url === 'by-hand:') return 'Its lists are handed in here.';
  if (reached.length === 0) return 'The provider has not been reached yet.';
  const each = reached.map(({ host, protocol, certificateUntil }) =>
    certificateUntil === null
      ? `${host}: ${protocol === '' ? 'without TLS' : `${protocol}, known by its host key`}`
      : `${host}: ${protocol}, certificate good until ${day(certificateUntil)}`,
  );
  return `${each.join('; ')}.`;
}

function Settings({ shop, feed }: FeedCardProps) {
  const queries = useQueryClient();
  const done = { onSuccess: () => queries.invalidateQueries({ queryKey: ['feeds', shop] }) };
  const change = useMutation({
    mutationFn: (form: FormData) =>
      api.setFeedCredentials(
        shop,
        feed.id,
        Object.fromEntries(feed.credentials.map(({ name }) => [name, textOf(form, name)])),
      ),
    ...done,
  });
  const end = useMutation({ mutationFn: () => api.endFeed(shop, feed.id), ...done });
  return (
    <details>
      <summary>Contract and credentials</summary>
      <p>
        {feed.entitlement.paper}: stones may be stored for {feed.entitlement.keepDays} days
        {feed.entitlement.replay ? ', files kept to show a decision' : ''}. Prices:{' '}
        {feed.entitlement.prices === 'own' ? 'your own' : 'on request'}. Shown besides what a stone is:{' '}
        {feed.entitlement.show.length === 0 ? 'nothing' : feed.entitlement.show.join(', ')}.
      </p>
      {feed.credentials.length === 0 ? null : (
        <form className="inline" action={(form) => change.mutate(form)}>
          {feed.credentials.map(({ name, label }) => (
            <Field
              key={name}
              label={`New: ${label}`}
              name={name}
              type="password"
              autoComplete="off"
              required
            />
          ))}
          <button type="submit" className="small" disabled={change.isPending}>
            Change credentials
          </button>
          <ProblemNote error={change.error} />
        </form>
      )}
      {feed.mayBePlain ? <Plain shop={shop} feed={feed} /> : null}
      <p className="actions">
        <button type="button" className="small quiet" disabled={end.isPending} onClick={() => end.mutate()}>
          Take this feed away, with everything kept of it
        </button>
      </p>
      <ProblemNote error={end.error} />
    </details>
  );
}
