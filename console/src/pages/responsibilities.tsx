import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Responsibility } from '@loupe/contract';
import { DUTY_WORD } from '@loupe/contract/words';
import { api } from '../api.ts';
import { Frame } from '../parts/frame.tsx';
import { ProblemNote } from '../parts/problem.tsx';
import { WhoDoesWhat } from './who-does-what.tsx';
import { ShopLinks } from '../parts/shop-links.tsx';

/** Whose each requirement is (PCI DSS 12.8.5). */
export function ResponsibilitiesPage() {
  const { shop } = useParams({ from: '/shops/$shop/responsibilities' });
  const list = useQuery({ queryKey: ['responsibilities', shop], queryFn: () => api.responsibilities(shop) });
  const duties = list.data?.responsibilities ?? [];
  const set = duties.filter((duty) => duty.who !== null).length;
  return (
    <Frame title="Whose duty is what">
      <ShopLinks shop={shop} />
      <WhoDoesWhat shop={shop} />
      <h2>PCI DSS</h2>
      <p>
        PCI DSS asks that it be written down whose each requirement is (12.8.5). The numbers are the
        standard’s, the words are ours. What is proposed is usual; your contracts decide, and which
        self-assessment applies is your payment provider’s word.
      </p>
      <p className="soft">
        {set} of {duties.length} written down.
      </p>
      {set < duties.length && duties.length > 0 ? <TheRest shop={shop} duties={duties} /> : null}
      <ProblemNote error={list.error} />
      <ul className="cards">
        {duties.map((duty) => (
          <Duty key={duty.requirement} shop={shop} duty={duty} />
        ))}
      </ul>
    </Frame>
  );
}

/** Writes down what is usual for everything that is not written down yet: a beginning to be corrected. */
function TheRest({ shop, duties }: { readonly shop: string; readonly duties: readonly Responsibility[] }) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: async () => {
      for (const duty of duties)
        if (duty.who === null) await api.setResponsibility(shop, duty.requirement, duty.usually);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['responsibilities', shop] }),
  });
  return (
    <p>
      <button type="button" className="quiet" disabled={save.isPending} onClick={() => save.mutate()}>
        Write down what is usual for the rest
      </button>
      <ProblemNote error={save.error} />
    </p>
  );
}

const HOLDERS = ['platform', 'provider', 'developer', 'us', 'nobody'] as const;

function Duty({ shop, duty }: { readonly shop: string; readonly duty: Responsibility }) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (who: string) => api.setResponsibility(shop, duty.requirement, who),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['responsibilities', shop] }),
  });
  const id = `duty-${duty.requirement}`;
  return (
    <li className="card">
      <label htmlFor={id}>
        <strong>{duty.requirement}</strong> {duty.text}
      </label>
      <p className="soft">
        {duty.who === null ? `Usually ${DUTY_WORD[duty.usually].toLowerCase()}. ` : ''}
        {duty.note}
      </p>
      <select id={id} value={duty.who ?? ''} onChange={(event) => save.mutate(event.currentTarget.value)}>
        {duty.who === null ? <option value="">Not written down</option> : null}
        {HOLDERS.map((who) => (
          <option key={who} value={who}>
            {DUTY_WORD[who]}
          </option>
        ))}
      </select>
      <ProblemNote error={save.error} />
    </li>
  );
}
