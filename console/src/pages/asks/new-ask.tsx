import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { SendIt } from './send-it.tsx';

interface NewAskProps {
  readonly shop: string;
  /** Whether the form stands open: where nothing was asked yet. */
  readonly open: boolean;
  /** A third party, and the questionnaires that fit it, where it is asked from its own page. */
  readonly vendor?: { readonly id: string; readonly name: string; readonly suggested: readonly string[] };
}

/** Asks somebody: whom, what, and then a link or a file to send. */
export function NewAsk({ shop, open, vendor }: NewAskProps) {
  const queries = useQueryClient();
  const offers = useQuery({ queryKey: ['questionnaires', shop], queryFn: () => api.questionnaires(shop) });
  const vendors = useQuery({
    queryKey: ['vendors', shop],
    queryFn: () => api.vendors(shop),
    enabled: vendor === undefined,
  });
  const [chosen, setChosen] = useState<string | null>(null);
  const list = offers.data?.questionnaires ?? [];
  const fitting =
    vendor === undefined
      ? list
      : list.toSorted(
          (a, b) => Number(vendor.suggested.includes(b.id)) - Number(vendor.suggested.includes(a.id)),
        );
  const offer =
    list.find((one) => one.id === chosen) ??
    fitting.find((one) => vendor === undefined || one.for !== 'developer');
  const ask = useMutation({
    mutationFn: (form: FormData) => {
      const email = textOf(form, 'email');
      const other = textOf(form, 'vendor');
      return api.newAsk(shop, {
        questionnaire: offer?.id ?? 'developer',
        to: textOf(form, 'to'),
        email: email === '' ? null : email,
        vendor: vendor?.id ?? (other === '' ? null : other),
        days: 21,
      });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['asks', shop] }),
  });
  if (ask.data !== undefined) return <SendIt shop={shop} link={ask.data} onDone={() => ask.reset()} />;
  const present = vendors.data?.vendors.filter((one) => one.standing !== 'retired') ?? [];
  return (
    <details className="part" open={open}>
      <summary>{vendor === undefined ? 'Ask somebody' : `Ask ${vendor.name}`}</summary>
      <form action={(form) => ask.mutate(form)}>
        <Select
          label="Which questions"
          name="questionnaire"
          value={offer?.id ?? ''}
          onChange={(event) => setChosen(event.currentTarget.value)}
          options={fitting.map((one) => [
            one.id,
            `${one.title} (${one.items}, about ${one.minutes} minutes)`,
          ])}
        />
        {offer === undefined ? null : (
          <>
            <p className="soft">{offer.intro}</p>
            <Preview key={offer.id} shop={shop} questionnaire={offer.id} />
          </>
        )}
        {vendor === undefined && offer !== undefined && offer.for !== 'developer' ? (
          <Select
            label="Which third party"
            name="vendor"
            required
            options={[['', 'Choose …'], ...present.map((one) => [one.id, one.name] as const)]}
          />
        ) : null}
        <Field
          label={offer?.for === 'developer' ? 'Who builds and runs your shop' : 'Who answers there'}
          name="to"
          placeholder={offer?.for === 'developer' ? 'Name of the developer or agency' : 'Name'}
          defaultValue={vendor?.name ?? ''}
          required
          maxLength={100}
        />
        <Field label="Mail (may be left empty)" name="email" type="email" />
        <button type="submit" disabled={ask.isPending || offer === undefined}>
          Make the questions
        </button>
        <ProblemNote error={ask.error ?? offers.error} />
      </form>
    </details>
  );
}

/** The questions before they are sent, with what a good answer to each sounds like. */
function Preview({ shop, questionnaire }: { readonly shop: string; readonly questionnaire: string }) {
  const [open, setOpen] = useState(false);
  const form = useQuery({
    queryKey: ['questionnaire', shop, questionnaire],
    queryFn: () => api.questionnaire(shop, questionnaire),
    enabled: open,
  });
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>See the questions</summary>
      <ProblemNote error={form.error} />
      {form.data?.sections.map((section) => (
        <section key={section.id}>
          <p>
            <strong>{section.title}</strong>
          </p>
          <ul>
            {section.items.map((item) => (
              <li key={item.id}>
                {item.asks}
                {item.good === null ? null : <span className="soft"> Good: {item.good}</span>}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </details>
  );
}
