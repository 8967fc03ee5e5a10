import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { EdgeRoute, RouteGiven } from '@loupe/contract';
import { api } from '../../api.ts';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { TextArea } from '../../parts/text-area.tsx';
import { moment } from '../../parts/time.ts';
import { RouteFirewall } from './route-firewall.tsx';

/** How each kind of proof is called. */
const PROOF_TEXT: Readonly<Record<RouteGiven['proofs'][number]['kind'], string>> = {
  public: 'anybody',
  jwt: 'a token of your identity provider',
  'client-token': 'a token of a machine client',
  'api-key': 'an API key',
  'client-certificate': 'a client certificate',
  'shopify-proxy': 'Shopify’s app proxy',
  'shopify-session': 'a page in Shopify’s admin',
  webhook: 'a signed webhook',
  'order-link': 'a signed link to one order',
};

function whoMayCall(rule: RouteGiven): string {
  const [first] = rule.proofs;
  if (first?.kind === 'public') return `Open to anybody: ${first.reason} (${first.owner}).`;
  return `Only with ${rule.proofs.map((proof) => PROOF_TEXT[proof.kind]).join(' or ')}.`;
}

/** What else the route does, in a line. */
function alsoText(rule: RouteGiven): string {
  const parts = [
    rule.limits.length === 0
      ? 'no limit'
      : rule.limits.map((one) => `${one.amount} a ${windowText(one.windowMs)} by ${one.per}`).join(', '),
    ...rule.guards.map((one) => `${one.what === 'login' ? 'login' : one.what} guarded (${one.tries} tries)`),
    ...(rule.allow === null
      ? []
      : [rule.allow.mode === 'enforce' ? 'only what its document lists' : 'watches what its document lists']),
    ...(rule.graphql === null ? [] : ['GraphQL bounded']),
    ...(rule.learn ? ['learning'] : []),
  ];
  return `${parts.join(' · ')}.`;
}

function windowText(ms: number): string {
  if (ms === 60_000) return 'minute';
  return ms === 3_600_000 ? 'hour' : ms === 1_000 ? 'second' : `${ms / 1_000} s`;
}

/** One route: what it lets through, to whom, and how to change it. */
export function RouteCard({ shop, route }: { readonly shop: string; readonly route: EdgeRoute }) {
  const queries = useQueryClient();
  const [draftOpen, setDraftOpen] = useState(false);
  const refresh = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['edge-routes', shop] });
    await queries.invalidateQueries({ queryKey: ['edges', shop] });
  };
  const change = useMutation({
    mutationFn: async (form: FormData) => {
      let rule: unknown;
      try {
        rule = JSON.parse(textOf(form, 'rule'));
      } catch {
        throw new Error('not JSON');
      }
      await api.changeRoute(shop, route.id, rule);
    },
    onSuccess: refresh,
  });
  const learn = useMutation({
    mutationFn: () => api.changeRoute(shop, route.id, { ...route.rule, learn: !route.rule.learn }),
    onSuccess: refresh,
  });
  const end = useMutation({ mutationFn: () => api.endRoute(shop, route.id), onSuccess: refresh });
  const undo = useMutation({ mutationFn: () => api.undoRoute(shop, route.id), onSuccess: refresh });
  const draft = useQuery({
    queryKey: ['route-draft', shop, route.id],
    queryFn: () => api.routeDraft(shop, route.id),
    enabled: draftOpen,
  });
  const take = useMutation({
    mutationFn: (mode: 'watch' | 'enforce') =>
      api.changeRoute(shop, route.id, {
        ...route.rule,
        learn: false,
        allow: { mode, document: draft.data?.document },
      }),
    onSuccess: refresh,
  });
  const { rule } = route;
  return (
    <li className="card">
      <h3>{rule.name}</h3>
      <p>
        <code>
          {rule.hosts.join(', ')}
          {rule.path}
        </code>{' '}
        leads to <code>{rule.upstream.origin}</code>
      </p>
      <p className={rule.proofs[0]?.kind === 'public' ? 'soft' : ''}>{whoMayCall(rule)}</p>
      <p className="soft">
        {rule.methods.join(', ')} · {alsoText(rule)} Last day: {route.requests} requests, {route.refused}{' '}
        refused.
      </p>
      <p className="actions">
        <button
          type="button"
          className="small quiet"
          disabled={learn.isPending}
          onClick={() => learn.mutate()}
        >
          {rule.learn ? 'Stop learning' : 'Learn what it sees'}
        </button>
        <button type="button" className="small quiet" onClick={() => setDraftOpen(!draftOpen)}>
          {draftOpen ? 'Close the draft' : 'Draft a list'}
        </button>
        {route.undoable ? (
          <button
            type="button"
            className="small quiet"
            disabled={undo.isPending}
            onClick={() => undo.mutate()}
          >
            Undo the last change
          </button>
        ) : null}
      </p>
      <ProblemNote error={learn.error ?? draft.error ?? take.error ?? undo.error} />
      {draft.data === undefined || !draftOpen ? null : draft.data.operations === 0 ? (
        <p className="soft">
          Nothing was learned yet. While a route learns, it notes names, types and lengths once a minute, and
          never a value.
        </p>
      ) : (
        <div className="inline">
          <p>
            From {draft.data.requests} requests, {draft.data.operations} operations. Read it before you
            enforce it; begin by watching.
          </p>
          <pre className="raw" tabIndex={0}>
            {JSON.stringify(draft.data.document, null, 2)}
          </pre>
          <p className="actions">
            <button
              type="button"
              className="small"
              disabled={take.isPending}
              onClick={() => take.mutate('watch')}
            >
              Watch with it
            </button>
            <button
              type="button"
              className="small"
              disabled={take.isPending}
              onClick={() => take.mutate('enforce')}
            >
              Enforce it
            </button>
          </p>
        </div>
      )}
      <RouteFirewall shop={shop} route={route} />
      <details className="part">
        <summary>Change or take away</summary>
        <form action={(form) => change.mutate(form)}>
          <TextArea
            label="Everything about the route, as JSON"
            name="rule"
            rows={18}
            spellCheck={false}
            key={route.changedAt}
            defaultValue={JSON.stringify(rule, null, 2)}
          />
          <p className="actions">
            <button type="submit" disabled={change.isPending}>
              Change it
            </button>
            <button type="button" className="quiet" disabled={end.isPending} onClick={() => end.mutate()}>
              Take the route away
            </button>
          </p>
          <ProblemNote error={change.error ?? end.error} />
        </form>
        <p className="soft">
          Changed {moment(route.changedAt)}. In force on every edge within a second, once it is in the ledger.
        </p>
      </details>
    </li>
  );
}
