import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Connection, Exception, VendorGiven } from '@loupe/contract';
import { CONNECTION_WORD } from '@loupe/contract/words';
import { api, type ListedVendor } from '../../api.ts';
import { entryOf } from './add-vendor.tsx';
import { Field } from '../../parts/field.tsx';
import { dayAhead, endOfDay, textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { day } from '../../parts/time.ts';

interface ConnectionsProps {
  readonly shop: string;
  readonly vendors: readonly ListedVendor[];
}

/** What is plugged in: strangers first, then what was not let in, then the rest; and the exceptions. */
export function Connections({ shop, vendors }: ConnectionsProps) {
  const plugged = useQuery({ queryKey: ['connections', shop], queryFn: () => api.connections(shop) });
  const here = plugged.data?.connections.filter((one) => !one.gone && one.state !== 'off') ?? [];
  const strangers = here.filter((one) => one.vendor === null);
  const waiting = here.filter((one) => one.vendor !== null && (one.state === 'new' || !one.gate.open));
  const rest = here.filter((one) => !strangers.includes(one) && !waiting.includes(one));
  const group = (title: string, list: readonly Connection[]) =>
    list.length === 0 ? null : (
      <>
        <h3>{title}</h3>
        <ul className="cards">
          {list.map((one) => (
            <ConnectionItem key={one.id} shop={shop} connection={one} vendors={vendors} />
          ))}
        </ul>
      </>
    );
  return (
    <section>
      <h2>Plugged in</h2>
      <ProblemNote error={plugged.error} />
      {plugged.data !== undefined && here.length === 0 ? (
        <p className="soft">
          Nothing was seen yet. A look at the shop finds what its pages, names and mail show.
        </p>
      ) : null}
      {group('Whose is this?', strangers)}
      {group('Not let in yet', waiting)}
      {rest.length === 0 ? null : (
        <details className="part">
          <summary>{rest.length} let in</summary>
          {group('Let in', rest)}
        </details>
      )}
      <Exceptions shop={shop} list={plugged.data?.exceptions ?? []} />
      <Declare shop={shop} vendors={vendors} />
    </section>
  );
}

/** What a stranger probably is, by how it is plugged in. */
const KIND_OF: Partial<Record<Connection['kind'], VendorGiven['kind']>> = {
  script: 'scripts',
  frame: 'content',
  'mail-sender': 'mail',
  'mail-server': 'mail',
  'name-server': 'hosting',
  network: 'hosting',
  platform: 'platform',
  feed: 'feed',
};

/** How it is known that it is there. */
const ORIGIN_TEXT: Readonly<Record<Connection['origin'], (when: string) => string>> = {
  seen: (when) => `First seen ${when}.`,
  said: (when) => `Listed by a person ${when}.`,
  declared: () => 'Named by a person.',
};

interface ConnectionItemProps extends ConnectionsProps {
  readonly connection: Connection;
}

function ConnectionItem({ shop, connection, vendors }: ConnectionItemProps) {
  const queries = useQueryClient();
  const [excepting, setExcepting] = useState(false);
  const refresh = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['connections', shop] });
    await queries.invalidateQueries({ queryKey: ['answers', shop] });
  };
  const assign = useMutation({
    mutationFn: (vendor: string) => api.assign(shop, connection.id, vendor === '' ? null : vendor),
    onSuccess: refresh,
  });
  const register = useMutation({
    mutationFn: async () => {
      const { entries } = await api.directory();
      const known = entries.find((entry) => entry.name === connection.suggestion);
      const hosts = connection.name.includes('.') ? [connection.name] : [];
      const { vendor } = await api.addVendor(
        shop,
        known === undefined
          ? {
              name: connection.suggestion ?? connection.name,
              kind: KIND_OF[connection.kind] ?? 'other',
              hosts,
            }
          : entryOf(known),
      );
      await api.assign(shop, connection.id, vendor);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['vendors', shop] });
      await refresh();
    },
  });
  const set = useMutation({
    mutationFn: (state: 'enabled' | 'off') => api.setConnection(shop, connection.id, state),
    onSuccess: refresh,
  });
  return (
    <li className="card">
      <strong>{connection.name}</strong> {CONNECTION_WORD[connection.kind]}
      <p className="soft">
        {connection.vendorName === null ? '' : `${connection.vendorName}. `}
        {connection.gate.why} {ORIGIN_TEXT[connection.origin](day(connection.firstSeenAt))}
        {connection.vendor === null && connection.suggestion !== null
          ? ` Probably ${connection.suggestion}.`
          : ''}
      </p>
      {connection.vendor === null ? (
        <Select
          label="Whose is it?"
          value=""
          onChange={(event) => assign.mutate(event.currentTarget.value)}
          options={[['', 'Choose from the register …'], ...vendors.map((one) => [one.id, one.name] as const)]}
        />
      ) : null}
      <p className="actions">
        {connection.vendor === null ? (
          <button
            type="button"
            className="small"
            disabled={register.isPending}
            onClick={() => register.mutate()}
          >
            New entry: {connection.suggestion ?? connection.name}
          </button>
        ) : null}
        {connection.vendor !== null && connection.state !== 'enabled' && connection.gate.open ? (
          <button
            type="button"
            className="small"
            disabled={set.isPending}
            onClick={() => set.mutate('enabled')}
          >
            Let in
          </button>
        ) : null}
        {connection.gate.open ? null : (
          <button type="button" className="quiet small" onClick={() => setExcepting(!excepting)}>
            Exception
          </button>
        )}
        <button
          type="button"
          className="quiet small"
          disabled={set.isPending}
          onClick={() => set.mutate('off')}
        >
          It is taken out
        </button>
      </p>
      {excepting ? (
        <ExceptionForm shop={shop} about="connection" id={connection.id} onDone={() => setExcepting(false)} />
      ) : null}
      <ProblemNote error={assign.error ?? set.error ?? register.error} />
    </li>
  );
}

interface ExceptionFormProps {
  readonly shop: string;
  readonly about: 'vendor' | 'connection';
  readonly id: string;
  readonly onDone: () => void;
}

/** Lets something in without an assessment: why, who answers for it, until when. It stands on the first page until then. */
export function ExceptionForm({ shop, about, id, onDone }: ExceptionFormProps) {
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (form: FormData) =>
      api.except(shop, {
        about,
        id,
        reason: textOf(form, 'reason'),
        owner: textOf(form, 'owner'),
        until: endOfDay(form, 'until') ?? 0,
      }),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries({ queryKey: ['connections', shop] });
      await queries.invalidateQueries({ queryKey: ['vendors', shop] });
      await queries.invalidateQueries({ queryKey: ['vendor', shop] });
    },
  });
  return (
    <form className="inline" action={(form) => add.mutate(form)}>
      <Field label="Why" name="reason" required maxLength={500} />
      <Field label="Who answers for it" name="owner" required maxLength={100} />
      <Field label="Until" name="until" type="date" defaultValue={dayAhead(30)} required />
      <p className="soft">It stands on the first page of the answers until then.</p>
      <button type="submit" className="small" disabled={add.isPending}>
        Enter the exception
      </button>
      <ProblemNote error={add.error} />
    </form>
  );
}

function Exceptions({ shop, list }: { readonly shop: string; readonly list: readonly Exception[] }) {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => api.endException(shop, id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['connections', shop] }),
  });
  if (list.length === 0) return null;
  return (
    <>
      <h3>Exceptions</h3>
      <ul className="cards">
        {list.map((one) => (
          <li key={one.id} className="card">
            <strong>{one.name}</strong>: {one.reason}
            <p className="soft">
              {one.owner} answers for it, until {day(one.until)}.
            </p>
            <button type="button" className="quiet small" onClick={() => end.mutate(one.id)}>
              End now
            </button>
          </li>
        ))}
      </ul>
      <ProblemNote error={end.error} />
    </>
  );
}

const DECLARED = ['feed', 'app', 'api-key', 'script', 'outbound-host'] as const;

/** Names something new before it is plugged in. */
function Declare({ shop, vendors }: ConnectionsProps) {
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (form: FormData) => {
      const vendor = textOf(form, 'vendor');
      return api.declare(shop, {
        kind: textOf(form, 'kind'),
        name: textOf(form, 'name'),
        vendor: vendor === '' ? null : vendor,
      });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['connections', shop] }),
  });
  return (
    <details className="part">
      <summary>Plug in something new</summary>
      <form action={(form) => add.mutate(form)}>
        <Select
          label="What"
          name="kind"
          options={DECLARED.map((kind) => [kind, `It ${CONNECTION_WORD[kind]}`])}
        />
        <Field label="Its name or host" name="name" required maxLength={253} />
        <Select
          label="Whose"
          name="vendor"
          options={[['', 'Nobody in the register yet'], ...vendors.map((one) => [one.id, one.name] as const)]}
        />
        <p className="soft">It is let in once its third party is decided about, or by an exception.</p>
        <button type="submit" disabled={add.isPending}>
          Name it
        </button>
        <ProblemNote error={add.error} />
      </form>
    </details>
  );
}
