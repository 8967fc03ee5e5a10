import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { EdgeCredential } from '@loupe/contract';
import { api } from '../../api.ts';
import { Copy } from '../../parts/copy.tsx';
import { Field } from '../../parts/field.tsx';
import { dayAhead, endOfDay, textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { day, moment } from '../../parts/time.ts';
import { EdgeFrame } from './edge-frame.tsx';

/** Keys, machine clients and shared secrets of the edge. */
export function CallersPage() {
  const { shop } = useParams({ from: '/shops/$shop/edge/callers' });
  const found = useQuery({
    queryKey: ['credentials', shop],
    queryFn: () => api.credentials(shop),
    refetchInterval: 5_000,
  });
  const list = [...(found.data?.keys ?? []), ...(found.data?.clients ?? [])];
  const [shown, setShown] = useState<Shown | null>(null);
  return (
    <EdgeFrame shop={shop} title="Who may call">
      <ProblemNote error={found.error} />
      {shown === null ? null : <ShownOnce {...shown} />}
      <h2>Keys and machine clients</h2>
      {found.data !== undefined && list.length === 0 ? (
        <p className="soft">
          There are none. A key is a long word that a program sends along; a machine client gets a short token
          for its secret each time, which is safer where the program can do that.
        </p>
      ) : null}
      <ul className="cards">
        {list.map((one) => (
          <Credential
            key={one.id}
            shop={shop}
            credential={one}
            isClient={found.data?.clients.includes(one) ?? false}
            onShow={setShown}
          />
        ))}
      </ul>
      <NewCredential shop={shop} onShow={setShown} />
      <Tokens shop={shop} />
      <TakeBack shop={shop} />
      <Secrets shop={shop} onShow={setShown} />
    </EdgeFrame>
  );
}

interface Shown {
  readonly name: string;
  readonly id: string | null;
  readonly secret: string;
}

/** A secret, the one time it can be seen. */
function ShownOnce({ name, id, secret }: Shown) {
  return (
    <div className="inline" role="status">
      <p>
        <strong>{name}</strong> is shown this once. Put it where the program keeps its secrets, now.
      </p>
      {id === null ? null : (
        <p>
          Client id <code>{id}</code>
        </p>
      )}
      <p className="link">
        <code>{secret}</code>
      </p>
      <Copy text={secret} label="Copy" />
    </div>
  );
}

interface CredentialProps {
  readonly shop: string;
  readonly credential: EdgeCredential;
  readonly isClient: boolean;
  readonly onShow: (shown: Shown) => void;
}

function Credential({ shop, credential, isClient, onShow }: CredentialProps) {
  const queries = useQueryClient();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['credentials', shop] });
  const end = useMutation({ mutationFn: () => api.endCredential(shop, credential.id), onSuccess: refresh });
  const renew = useMutation({
    mutationFn: () => api.renewClient(shop, credential.id),
    onSuccess: async ({ id, secret }) => {
      if (secret !== null) onShow({ name: `The new secret of “${credential.name}”`, id, secret });
      await refresh();
    },
  });
  return (
    <li className="card">
      <strong>{credential.name}</strong> {isClient ? 'machine client' : 'API key'}{' '}
      <code>{credential.id}</code>
      <p className="soft">
        {credential.scopes.length === 0 ? 'No scopes' : `Scopes: ${credential.scopes.join(', ')}`}. Made{' '}
        {day(credential.secretAt)}
        {credential.until === null ? '' : `, good until ${day(credential.until)}`}.{' '}
        {credential.usedAt === null ? 'Not used yet.' : `Last used ${moment(credential.usedAt)}.`}
      </p>
      <p className="actions">
        {isClient ? (
          <button
            type="button"
            className="small quiet"
            disabled={renew.isPending}
            onClick={() => renew.mutate()}
          >
            New secret
          </button>
        ) : null}
        <button type="button" className="small quiet" disabled={end.isPending} onClick={() => end.mutate()}>
          End it now
        </button>
      </p>
      <ProblemNote error={end.error ?? renew.error} />
    </li>
  );
}

function NewCredential({ shop, onShow }: Pick<CredentialProps, 'shop' | 'onShow'>) {
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: async (form: FormData) => {
      const kind = textOf(form, 'kind') === 'client' ? 'client' : 'key';
      const name = textOf(form, 'name');
      const scopes = textOf(form, 'scopes')
        .split(/\s+/u)
        .filter((scope) => scope !== '');
      const made = await api.makeCredential(shop, kind, {
        name,
        scopes,
        until: endOfDay(form, 'until') ?? 0,
      });
      return { ...made, name, kind };
    },
    onSuccess: async ({ id, secret, name, kind }) => {
      if (secret !== null)
        onShow({
          name: `The ${kind === 'key' ? 'key' : 'secret'} of “${name}”`,
          id: kind === 'key' ? null : id,
          secret,
        });
      await queries.invalidateQueries({ queryKey: ['credentials', shop] });
    },
  });
  return (
    <details className="part">
      <summary>New key or client</summary>
      <form action={(form) => make.mutate(form)}>
        <Select
          label="Kind"
          name="kind"
          options={[
            ['key', 'API key'],
            ['client', 'Machine client'],
          ]}
        />
        <Field label="Which program is it for" name="name" placeholder="Warehouse" required />
        <Field
          label="Scopes"
          name="scopes"
          placeholder="stock orders:read"
          help="What it may do, in words of your own, with spaces."
        />
        <Field
          label="Good until"
          name="until"
          type="date"
          defaultValue={dayAhead(180)}
          max={dayAhead(365)}
          required
        />
        <button type="submit" disabled={make.isPending}>
          Make it
        </button>
        <ProblemNote error={make.error} />
      </form>
    </details>
  );
}

function Tokens({ shop }: { readonly shop: string }) {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ['credentials', shop], queryFn: () => api.credentials(shop) });
  const set = useMutation({
    mutationFn: (form: FormData) =>
      api.setTokens(shop, { hosts: textOf(form, 'hosts').split(/[\s,]+/u), path: textOf(form, 'path') }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['credentials', shop] }),
  });
  const tokens = found.data?.tokens ?? null;
  return (
    <details className="part">
      <summary>
        {tokens === null
          ? 'Machine clients have nowhere to get tokens yet'
          : `Machine clients get tokens at ${tokens.hosts[0] ?? ''}${tokens.path}`}
      </summary>
      <form action={(form) => set.mutate(form)}>
        <p className="soft">
          OAuth 2.0 client credentials: a POST with grant_type=client_credentials, client id and secret; the
          token is good for ten minutes.
        </p>
        <Field
          label="Host"
          name="hosts"
          defaultValue={tokens?.hosts.join(' ') ?? ''}
          help="A host of one of the routes."
          required
        />
        <Field label="Path" name="path" defaultValue={tokens?.path ?? '/oauth/token'} required />
        <button type="submit" disabled={set.isPending}>
          Set it
        </button>
        <ProblemNote error={set.error} />
      </form>
    </details>
  );
}

/** Ends tokens before their time. */
function TakeBack({ shop }: { readonly shop: string }) {
  const revoke = useMutation({
    mutationFn: async (form: FormData) => {
      const kind = textOf(form, 'kind') === 'jti' ? 'jti' : 'subject';
      const value = textOf(form, 'value');
      await api.revokeToken(shop, { kind, value });
      return value;
    },
  });
  return (
    <details className="part">
      <summary>Take tokens back</summary>
      <form action={(form) => revoke.mutate(form)}>
        <Select
          label="Which"
          name="kind"
          options={[
            ['subject', 'all that one account or client has by now'],
            ['jti', 'one token, by its id'],
          ]}
        />
        <Field
          label="Account, client or token id"
          name="value"
          autoComplete="off"
          help="As the token has it: sub, or jti. New tokens are not concerned."
          required
        />
        <button type="submit" disabled={revoke.isPending}>
          Take back
        </button>
        {revoke.data === undefined ? null : (
          <p role="status">Taken back: no edge lets {revoke.data} in with a token from before.</p>
        )}
        <ProblemNote error={revoke.error} />
      </form>
    </details>
  );
}

function Secrets({ shop, onShow }: Pick<CredentialProps, 'shop' | 'onShow'>) {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ['edge-secrets', shop], queryFn: () => api.edgeSecrets(shop) });
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['edge-secrets', shop] });
  const add = useMutation({
    mutationFn: async (form: FormData) => {
      const name = textOf(form, 'name');
      const secret = textOf(form, 'secret');
      return { name, ...(await api.addSecret(shop, secret === '' ? { name } : { name, secret })) };
    },
    onSuccess: async ({ name, secret }) => {
      if (secret !== null) onShow({ name: `The secret “${name}”`, id: null, secret });
      await refresh();
    },
  });
  const end = useMutation({ mutationFn: (id: string) => api.endSecret(shop, id), onSuccess: refresh });
  const list = found.data?.secrets ?? [];
  return (
    <section>
      <h2>Shared secrets</h2>
      <p className="soft">
        For signed links and webhooks, and credentials of third parties that are called through Loupe. Sealed
        when they come, and shown to nobody again.
      </p>
      <ul className="cards">
        {list.map((one) => (
          <li key={one.id} className="card">
            <strong>{one.name}</strong> since {day(one.madeAt)}
            <p className="soft">
              {one.usedBy.length === 0 ? 'No route needs it.' : `Used by ${one.usedBy.join(', ')}.`}
            </p>
            {one.usedBy.length === 0 ? (
              <button
                type="button"
                className="small quiet"
                disabled={end.isPending}
                onClick={() => end.mutate(one.id)}
              >
                Erase it
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      <ProblemNote error={found.error ?? end.error} />
      <details className="part">
        <summary>File a secret</summary>
        <form action={(form) => add.mutate(form)}>
          <Field label="What it is for" name="name" placeholder="Order links" required />
          <Field
            label="The secret"
            name="secret"
            type="password"
            autoComplete="off"
            minLength={16}
            help="Leave it empty and Loupe makes one."
          />
          <button type="submit" disabled={add.isPending}>
            File it
          </button>
          <ProblemNote error={add.error} />
        </form>
      </details>
    </section>
  );
}
