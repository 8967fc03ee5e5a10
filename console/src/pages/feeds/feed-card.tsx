import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Feed } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { day } from '../../parts/time.ts';
import { fileIn } from './list-place.tsx';
import { Live } from './live.tsx';
import { Loads } from './loads.tsx';
import { Plain } from './plain.tsx';
import { ReportKey } from './report-key.tsx';
import { ShowingForm } from './showing.tsx';

export interface FeedCardProps {
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
  return (
    <li className="card">
      <div className="row">
        <h2>
          {feed.name} {feed.state === 'off' ? <span className="tag">OFF</span> : null}
        </h2>
        <span className="actions">
          {isHandedIn || feed.live !== null ? null : (
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
      {feed.live === null ? <Loads shop={shop} feed={feed} /> : <Live feed={feed} live={feed.live} />}
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

/** How the provider was last reached. */
function Line({ feed }: { readonly feed: Feed }) {
  return (
    <p className="soft">
      {lineText(feed)}{' '}
      {feed.credentials.length === 0 ? null : `Credentials since ${day(feed.credentialsAt)}. `}
      {rhythmText(feed)}
    </p>
  );
}

function rhythmText({ live, list, everyMs }: Feed): string {
  if (live !== null) return 'Asked for each shopper anew.';
  const every = everyMs < 7_200_000 ? 'hour' : `${Math.round(everyMs / 3_600_000)} hours`;
  return `${list?.url === 'by-hand:' ? 'A new one is due every' : 'Asked every'} ${every}.`;
}

function keepingText({ store, keepDays, replay }: Feed['entitlement']): string {
  if (!store) return 'nothing may be stored';
  return `what is sent may be stored for ${keepDays} days${replay ? ', files kept to show a decision' : ''}`;
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
        {feed.entitlement.paper}: {keepingText(feed.entitlement)}. Prices:{' '}
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
      {feed.asksReports === null ? null : <ReportKey shop={shop} feed={feed} />}
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
