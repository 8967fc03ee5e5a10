import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { EntitlementGiven, FeedsView } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';

const SHOWN: readonly (readonly [part: EntitlementGiven['show'][number], says: string])[] = [
  ['certificate', 'Certificate numbers'],
  ['report', 'Links to reports'],
  ['media', 'Pictures and videos'],
  ['measurements', 'Measurements'],
  ['comment', 'Comments'],
];

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
        entitlement: {
          store: form.get('store') === 'on',
          keepDays: Number(textOf(form, 'keepDays')),
          replay: form.get('replay') === 'on',
          prices: form.get('prices') === 'none' ? 'none' : 'own',
          show: SHOWN.map(([part]) => part).filter((part) => form.get(`show-${part}`) === 'on'),
          paper: textOf(form, 'paper'),
        },
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
        <h2>What your contract allows</h2>
        <p className="soft">
          {provider.terms.says} ({provider.terms.source})
        </p>
        <Field
          label="The contract"
          name="paper"
          help="Its name, number or date, as somebody would look for it."
          defaultValue={sample === undefined ? '' : 'Sample contract'}
          maxLength={200}
          required
        />
        <label className="check">
          <input type="checkbox" name="store" defaultChecked={sample !== undefined} />
          Stones may be downloaded and stored
        </label>
        <label className="check">
          <input type="checkbox" name="replay" defaultChecked={sample !== undefined} />
          Files may be kept, to show or repeat a decision
        </label>
        <Field
          label="For how many days"
          name="keepDays"
          type="number"
          min={1}
          max={400}
          defaultValue={30}
          required
        />
        <Select
          label="Prices that shoppers may see"
          name="prices"
          options={[
            ['own', 'Your own, made by your rules'],
            ['none', 'None: on request'],
          ]}
        />
        <fieldset className="boxes">
          <legend>Shoppers may see</legend>
          {SHOWN.map(([part, says]) => (
            <label key={part} className="check">
              <input type="checkbox" name={`show-${part}`} defaultChecked={sample !== undefined} />
              {says}
            </label>
          ))}
        </fieldset>
        <p className="soft">
          Sellers, costs, stock numbers and places are never shown, whatever a contract says.
        </p>
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
