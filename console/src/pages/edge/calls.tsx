import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { EdgeIntegration } from '@loupe/contract';
import { api } from '../../api.ts';
import { Copy } from '../../parts/copy.tsx';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { day, moment } from '../../parts/time.ts';
import { EdgeFrame } from './edge-frame.tsx';

/** Third parties that the shop's software calls through Loupe, each with its switch. */
export function CallsPage() {
  const { shop } = useParams({ from: '/shops/$shop/edge/calls' });
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['integrations', shop],
    queryFn: () => api.integrations(shop),
    refetchInterval: 5_000,
  });
  const token = useMutation({
    mutationFn: () => api.brokerToken(shop),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['integrations', shop] }),
  });
  const list = found.data?.integrations ?? [];
  const madeAt = found.data?.tokenMadeAt ?? null;
  const fresh = token.data?.token ?? null;
  return (
    <EdgeFrame shop={shop} title="Calls to third parties">
      <p className="soft">
        Your shop’s software asks Loupe for <code>/out/NAME/…</code>; Loupe puts the credential in, looks at
        the certificate, counts, and tells. The software never holds anybody’s credential.
      </p>
      <ProblemNote error={found.error} />
      <h2>Third parties</h2>
      <ul className="cards">
        {list.map((one) => (
          <Integration key={one.id} shop={shop} integration={one} />
        ))}
      </ul>
      {found.data !== undefined && list.length === 0 ? (
        <p className="soft">No third party is called through Loupe yet.</p>
      ) : null}
      <NewIntegration shop={shop} />
      <h2>The software’s token</h2>
      <p className="soft">
        {madeAt === null
          ? 'There is none yet.'
          : `Made ${day(madeAt)}. A new one leaves the one before good until the next.`}{' '}
        It is sent along in the header Loupe-Token.
      </p>
      {fresh === null ? null : (
        <div className="inline" role="status">
          <p>The token is shown this once.</p>
          <p className="link">
            <code>{fresh}</code>
          </p>
          <Copy text={fresh} label="Copy" />
        </div>
      )}
      <p className="actions">
        <button type="button" className="quiet" disabled={token.isPending} onClick={() => token.mutate()}>
          New token
        </button>
      </p>
      <ProblemNote error={token.error} />
    </EdgeFrame>
  );
}

function stateOf(one: EdgeIntegration): string {
  if (one.open) return 'is let out.';
  if (!one.on) return `is switched off since ${moment(one.turnedAt)}.`;
  return 'is stopped: the register has no assessment in date for it.';
}

function Integration({
  shop,
  integration,
}: {
  readonly shop: string;
  readonly integration: EdgeIntegration;
}) {
  const queries = useQueryClient();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['integrations', shop] });
  const turn = useMutation({
    mutationFn: (on: boolean) => api.turnIntegration(shop, integration.id, on),
    onSuccess: refresh,
  });
  const end = useMutation({ mutationFn: () => api.endIntegration(shop, integration.id), onSuccess: refresh });
  const { rule } = integration;
  return (
    <li className="card">
      <div className="row">
        <h3>{rule.name}</h3>
        {integration.on ? (
          <button
            type="button"
            className="small"
            disabled={turn.isPending}
            onClick={() => turn.mutate(false)}
          >
            Stop all calls
          </button>
        ) : (
          <button
            type="button"
            className="small quiet"
            disabled={turn.isPending}
            onClick={() => turn.mutate(true)}
          >
            Switch on
          </button>
        )}
      </div>
      <p className={integration.open ? '' : 'warn'}>
        {rule.name} {stateOf(integration)}
      </p>
      <p className="soft">
        <code>{rule.origin}</code> {rule.paths.join(', ')} · {rule.methods.join(', ')} ·{' '}
        {rule.amountPerMinute} a minute · last day: {integration.calls} calls, {integration.refused} refused.
      </p>
      {integration.gateShut ? (
        <p className="soft">
          Decide about it under{' '}
          <Link to="/shops/$shop/third-parties" params={{ shop }}>
            Third parties
          </Link>{' '}
          first.
        </p>
      ) : null}
      <ProblemNote error={turn.error ?? end.error} />
      {integration.on ? null : (
        <p className="actions">
          <button type="button" className="small quiet" disabled={end.isPending} onClick={() => end.mutate()}>
            Take it away
          </button>
        </p>
      )}
    </li>
  );
}

function NewIntegration({ shop }: { readonly shop: string }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const secrets = useQuery({
    queryKey: ['edge-secrets', shop],
    queryFn: () => api.edgeSecrets(shop),
    enabled: open,
  });
  const add = useMutation({
    mutationFn: (form: FormData) => {
      const secret = textOf(form, 'secret');
      const header = {
        as: 'header',
        name: textOf(form, 'header'),
        prefix: textOf(form, 'prefix') === '' ? '' : `${textOf(form, 'prefix')} `,
        secret,
      };
      return api.addIntegration(shop, {
        name: textOf(form, 'name'),
        origin: textOf(form, 'origin'),
        paths: textOf(form, 'paths').split(/\s+/u),
        inject: secret === '' ? [] : [header],
      });
    },
    onSuccess: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ['integrations', shop] });
    },
  });
  return (
    <details className="part" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Name a third party</summary>
      <form action={(form) => add.mutate(form)}>
        <Field
          label="Name"
          name="name"
          placeholder="rapnet"
          pattern="[a-z0-9\-]+"
          help="Small letters; it becomes part of the address."
          required
        />
        <Field
          label="Address"
          name="origin"
          type="url"
          placeholder="https://technet.rapnetapis.com"
          required
        />
        <Field
          label="Paths that may be asked for"
          name="paths"
          defaultValue="/"
          help="With spaces between them; everything below one that ends in /."
          required
        />
        <Select
          label="Credential"
          name="secret"
          options={[['', 'None'], ...(secrets.data?.secrets ?? []).map((one) => [one.id, one.name] as const)]}
        />
        <Field label="Header it goes into" name="header" defaultValue="Authorization" required />
        <Field label="Word before it" name="prefix" defaultValue="Bearer" />
        <button type="submit" disabled={add.isPending}>
          Add it, switched off
        </button>
        <ProblemNote error={add.error} />
      </form>
    </details>
  );
}
