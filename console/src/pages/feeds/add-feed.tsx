import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FeedsView } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { ContractFields, contractIn } from './contract-fields.tsx';

interface AddFeedProps {
  readonly shop: string;
  readonly view: FeedsView;
}

/** Plugging a feed in: the contract first, then what signs in. */
export function AddFeed({ shop, view }: AddFeedProps) {
  const queries = useQueryClient();
  const free = view.providers.filter((one) => !view.feeds.some((feed) => feed.provider === one.id));
  const [chosen, choose] = useState('');
  const provider = free.find((one) => one.id === chosen) ?? free[0];
  const add = useMutation({
    mutationFn: (form: FormData) =>
      api.addFeed(shop, {
        provider: provider?.id ?? '',
        entitlement: contractIn(form),
        credentials: Object.fromEntries(
          (provider?.credentials ?? []).map(({ name }) => [name, textOf(form, `credential-${name}`)]),
        ),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['feeds', shop] }),
  });
  if (provider === undefined) return null;
  const sample = view.sample?.[provider.id];
  return (
    <details className="part" open={view.feeds.length === 0}>
      <summary>Plug in a feed</summary>
      <form key={provider.id} action={(form) => add.mutate(form)}>
        <Select
          label="Provider"
          name="provider"
          value={provider.id}
          onChange={(event) => choose(event.currentTarget.value)}
          options={free.map((one) => [one.id, one.name] as const)}
        />
        {sample === undefined ? null : (
          <p className="notice">
            This is a sample shop, and its providers are simulated on this machine: the fields below are
            filled in.
          </p>
        )}
        <ContractFields
          terms={`${provider.terms.says} (${provider.terms.source})`}
          isStorable={provider.terms.storable}
          isSample={sample !== undefined}
        />
        <h2>What signs in</h2>
        {provider.credentials.map(({ name, label }) => (
          <Field
            key={name}
            label={label}
            name={`credential-${name}`}
            type="password"
            defaultValue={sample?.[name]}
            autoComplete="off"
            required
          />
        ))}
        <p className="soft">
          Sealed at once and shown to nobody again. Sent to {provider.hosts.join(', ')} and nowhere else.
        </p>
        <button type="submit" disabled={add.isPending}>
          Plug in
        </button>
        <ProblemNote error={add.error} />
      </form>
    </details>
  );
}
