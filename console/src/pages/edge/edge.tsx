import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Edges, EndedRoute } from '@loupe/contract';
import { api } from '../../api.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { day, moment } from '../../parts/time.ts';
import { EdgeFrame } from './edge-frame.tsx';
import { FirewallRules } from './firewall-rules.tsx';
import { NewRoute } from './new-route.tsx';
import { RouteCard } from './route-card.tsx';
import { SelfTest } from './self-test.tsx';

/** What stands at the edge: routes, the edges themselves, and the self-test. */
export function EdgePage() {
  const { shop } = useParams({ from: '/shops/$shop/edge' });
  const routes = useQuery({ queryKey: ['edge-routes', shop], queryFn: () => api.edgeRoutes(shop) });
  const edges = useQuery({
    queryKey: ['edges', shop],
    queryFn: () => api.edges(shop),
    refetchInterval: 5_000,
  });
  const list = routes.data?.routes ?? [];
  return (
    <EdgeFrame shop={shop} title="What stands at the edge">
      <ProblemNote error={routes.error ?? edges.error} />
      {edges.data === undefined ? null : <EdgeState edges={edges.data} />}
      <h2>Routes</h2>
      {routes.data !== undefined && list.length === 0 ? (
        <p className="soft">
          Nothing of this shop goes through Loupe yet. A route names a host and a path, what runs behind it,
          and who may call. Whatever fits no route is refused.
        </p>
      ) : null}
      <ul className="cards">
        {list.map((route) => (
          <RouteCard key={route.id} shop={shop} route={route} />
        ))}
      </ul>
      <NewRoute shop={shop} />
      <EndedRoutes shop={shop} ended={routes.data?.ended ?? []} />
      {list.length === 0 ? null : <FirewallRules shop={shop} />}
      {list.length === 0 ? null : (
        <SelfTest shop={shop} routes={new Map(list.map((one) => [one.id, one.rule.name]))} />
      )}
    </EdgeFrame>
  );
}

/** Routes that were taken away lately. */
function EndedRoutes({ shop, ended }: { readonly shop: string; readonly ended: readonly EndedRoute[] }) {
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: (id: string) => api.undoRoute(shop, id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['edge-routes', shop] }),
  });
  if (ended.length === 0) return null;
  return (
    <details className="part">
      <summary>Taken away in the last month ({ended.length})</summary>
      <ul className="cards">
        {ended.map((one) => (
          <li key={one.id} className="card">
            <strong>{one.name}</strong> <span className="soft">{moment(one.endedAt)}</span>
            <p className="actions">
              <button
                type="button"
                className="small quiet"
                disabled={undo.isPending}
                onClick={() => undo.mutate(one.id)}
              >
                Bring it back
              </button>
            </p>
          </li>
        ))}
      </ul>
      <ProblemNote error={undo.error} />
    </details>
  );
}

const COUNTERS: Readonly<Record<string, string>> = {
  memory: 'counts alone',
  shared: 'counts with the other edges',
  lost: 'counts alone: the shared store is gone',
};

function EdgeState({ edges }: { readonly edges: Edges }) {
  if (edges.edges.length === 0)
    return (
      <p className="warn">
        No edge is running. Write “edge: {'{}'}” into the config file and start Loupe again; the guide says
        more.
      </p>
    );
  return (
    <ul className="cards">
      {edges.edges.map((edge) => {
        const silent = Date.now() - edge.seenAt > 60_000;
        const [certificate] = edge.certificates.toSorted((a, b) => a.notAfter - b.notAfter);
        return (
          <li key={edge.name} className="card">
            <strong>{edge.name}</strong>{' '}
            {silent
              ? `has not been heard of since ${moment(edge.seenAt)}`
              : edge.current
                ? `runs the newest policy (version ${edge.version})`
                : `runs version ${edge.version} of ${edges.version}`}
            <p className="soft">
              {edge.connections} connections, {COUNTERS[edge.counters] ?? edge.counters}.{' '}
              {certificate === undefined ? '' : `Certificate until ${day(certificate.notAfter)}. `}
              {edge.missed === 0 ? 'Every event has arrived.' : `${edge.missed} events are missing.`}
            </p>
            {edge.refused === null ? null : (
              <p className="problem">It did not take the newest policy: {edge.refused}</p>
            )}
            {edge.held.map((one) => (
              <p key={one.route} className="problem">
                The newest rule of “{one.route}” cannot be worked with; it goes on as before. {one.why}
              </p>
            ))}
            {edge.unordered.map((one) => (
              <p key={one.name} className="problem">
                No new certificate for {one.name}. {one.says}
                {one.notAfter === null ? '' : ` The one it has is good until ${day(one.notAfter)}.`}
                {one.againAt === null ? '' : ` Next try: ${moment(one.againAt)}.`}
              </p>
            ))}
          </li>
        );
      })}
    </ul>
  );
}
