import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Traffic, TrafficEntry } from '@loupe/contract';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { moment } from '../../parts/time.ts';
import { EdgeFrame } from './edge-frame.tsx';
import { Explanation } from './explanation.tsx';

/** What came at the edge, as it comes; and what was refused, why, and how to undo it. */
export function TrafficPage() {
  const { shop } = useParams({ from: '/shops/$shop/edge/traffic' });
  const [refused, setRefused] = useState(false);
  const found = useQuery({
    queryKey: ['traffic', shop, refused],
    queryFn: () => api.traffic(shop, refused),
    refetchInterval: 2_000,
  });
  const routes = useQuery({ queryKey: ['edge-routes', shop], queryFn: () => api.edgeRoutes(shop) });
  const calls = useQuery({ queryKey: ['integrations', shop], queryFn: () => api.integrations(shop) });
  const names = new Map([
    ...(routes.data?.routes ?? []).map((one) => [one.id, one.rule.name] as const),
    ...(calls.data?.integrations ?? []).map((one) => [one.id, `to ${one.rule.name}`] as const),
  ]);
  const entries = found.data?.entries ?? [];
  return (
    <EdgeFrame shop={shop} title="Traffic">
      <ProblemNote error={found.error} />
      {found.data === undefined ? null : <Minutes minutes={found.data.minutes} />}
      <p className="check">
        <input
          id="refused"
          type="checkbox"
          checked={refused}
          onChange={(event) => setRefused(event.currentTarget.checked)}
        />
        <label htmlFor="refused">Only what was refused</label>
      </p>
      {found.data !== undefined && entries.length === 0 ? (
        <p className="soft">{refused ? 'Nothing was refused.' : 'Nothing has come yet.'}</p>
      ) : null}
      <ul className="cards">
        {entries.map((entry) => (
          <Entry key={entry.id} shop={shop} entry={entry} route={names.get(entry.route ?? '') ?? null} />
        ))}
      </ul>
      <CspReportList shop={shop} />
      <p className="soft">
        Addresses and accounts are shown as pseudonyms: the same visitor has the same one, and nobody can read
        who it is. Paths are shown without numbers and names.
      </p>
    </EdgeFrame>
  );
}

/** What browsers reported of the content security policies of routes. */
function CspReportList({ shop }: { readonly shop: string }) {
  const found = useQuery({ queryKey: ['csp-reports', shop], queryFn: () => api.cspReports(shop) });
  const reports = found.data?.reports ?? [];
  if (reports.length === 0) return <ProblemNote error={found.error} />;
  return (
    <details className="part">
      <summary>What browsers reported in a week ({reports.length})</summary>
      <p className="soft">
        Anybody can send such a report, so take it as a hint: what a page needs, and the policy does not
        allow, or what somebody put into a page.
      </p>
      <ul className="cards">
        {reports.map((one) => (
          <li key={`${one.directive} ${one.blocked} ${one.page} ${one.stopped}`} className="card">
            <strong>{one.blocked === '' ? 'something' : one.blocked}</strong>{' '}
            {one.stopped ? 'was' : 'would have been'} stopped by <code>{one.directive}</code>
            <p className="soft">
              {one.count === 1 ? 'Once' : `${one.count} times`}
              {one.page === '' ? '' : `, on ${one.page}`}. Last {moment(one.lastAt)}.
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The last hour, by minute: one picture, and the same in words. */
function Minutes({ minutes }: { readonly minutes: Traffic['minutes'] }) {
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const by = new Map(minutes.map((one) => [one.at, one]));
  const bars = Array.from(
    { length: 60 },
    (_, i) => by.get(now - (59 - i) * 60_000) ?? { at: now - (59 - i) * 60_000, requests: 0, refused: 0 },
  );
  const most = Math.max(1, ...bars.map((one) => one.requests));
  const total = minutes.reduce((sum, one) => sum + one.requests, 0);
  const stopped = minutes.reduce((sum, one) => sum + one.refused, 0);
  const says = `Last hour: ${total} requests, ${stopped} refused.`;
  return (
    <figure className="minutes">
      <svg viewBox="0 0 600 60" preserveAspectRatio="none" role="img" aria-label={says}>
        {bars.map((one, i) => {
          const height = (one.requests / most) * 58;
          const red = (one.refused / most) * 58;
          return (
            <g key={one.at}>
              <rect className="let" x={i * 10} width={8} y={60 - height} height={height} />
              <rect className="stopped" x={i * 10} width={8} y={60 - red} height={red} />
            </g>
          );
        })}
      </svg>
      <figcaption>{says}</figcaption>
    </figure>
  );
}

interface EntryProps {
  readonly shop: string;
  readonly entry: TrafficEntry;
  readonly route: string | null;
}

function Entry({ shop, entry, route }: EntryProps) {
  const queries = useQueryClient();
  const [explained, setExplained] = useState(false);
  const lift = useMutation({
    mutationFn: (lock: string) => api.liftLock(shop, lock),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['traffic', shop] }),
  });
  return (
    <li className="card">
      <div className="row">
        <span>
          <strong>{entry.status ?? '–'}</strong> {entry.method} <code>{entry.path}</code>
        </span>
        <span className="soft">{entry.ms === null ? '' : `${entry.ms} ms`}</span>
      </div>
      {entry.says === '' ? null : <p className={entry.refused ? 'warn' : ''}>{entry.says}</p>}
      <p className="soft">
        {moment(entry.at)}
        {route === null ? '' : ` · ${route}`}
        {entry.caller === null ? '' : ` · ${entry.caller}`}
        {entry.from === null ? '' : ` · visitor ${entry.from.slice(0, 8)}`}
        {entry.reference === null || !entry.refused ? '' : ` · reference ${entry.reference}`}
      </p>
      {entry.inspected && entry.reference !== null ? (
        <details className="part" onToggle={(event) => setExplained(event.currentTarget.open)}>
          <summary>Why?</summary>
          {explained ? <Explanation shop={shop} reference={entry.reference} /> : null}
        </details>
      ) : null}
      {entry.locks.map(({ lock, per, lifted }) => (
        <p key={lock} className="actions">
          {lifted ? (
            <span className="soft">The lock on this {per} was lifted.</span>
          ) : (
            <button
              type="button"
              className="small"
              disabled={lift.isPending}
              onClick={() => lift.mutate(lock)}
            >
              Lift the lock on this {per}
            </button>
          )}
        </p>
      ))}
      <ProblemNote error={lift.error} />
    </li>
  );
}
