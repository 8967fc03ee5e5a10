import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Inventory } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { TextArea } from '../../parts/text-area.tsx';
import { day } from '../../parts/time.ts';

const LISTS = [
  {
    what: 'apps',
    title: 'Installed apps',
    where: 'Settings, Apps and sales channels',
    example: 'Star Reviews: read products\nChat Widget: customers, orders',
  },
  {
    what: 'staff',
    title: 'Staff accounts',
    where: 'Settings, Users',
    example: 'Berta: everything\nCarl: orders',
  },
] as const;

/** Lists kept by hand where the platform shows nothing: taken anew every quarter, with screenshots. */
export function Stock({ shop }: { readonly shop: string }) {
  const lists = useQuery({ queryKey: ['inventories', shop], queryFn: () => api.inventories(shop) });
  return (
    <section>
      <h2>Who and what is in there</h2>
      <p className="soft">
        Shopify shows apps and staff to other apps on some plans only. Where it does not, keep the list by
        hand: it counts as said, not as seen, for 90 days.
      </p>
      <ProblemNote error={lists.error} />
      {LISTS.map((list) => (
        <StockList
          key={list.what}
          shop={shop}
          list={list}
          now={lists.data?.inventories.find((one) => one.what === list.what) ?? null}
        />
      ))}
    </section>
  );
}

interface StockListProps {
  readonly shop: string;
  readonly list: (typeof LISTS)[number];
  readonly now: Inventory | null;
}

function StockList({ shop, list, now }: StockListProps) {
  const queries = useQueryClient();
  const [taking, setTaking] = useState(false);
  const take = useMutation({
    mutationFn: (form: FormData) => {
      const entries = textOf(form, 'list')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .map((line) => {
          const [name = '', ...may] = line.split(':');
          return { name: name.trim(), may: may.join(':').trim() };
        });
      const sent = new FormData();
      sent.set('what', list.what);
      sent.set('entries', JSON.stringify(entries));
      for (const shot of form.getAll('shot')) sent.append('shot', shot);
      return api.takeStock(shop, sent);
    },
    onSuccess: async () => {
      setTaking(false);
      await queries.invalidateQueries({ queryKey: ['inventories', shop] });
      await queries.invalidateQueries({ queryKey: ['answers', shop] });
    },
  });
  return (
    <div className="card">
      <h3>{list.title}</h3>
      {now === null ? (
        <p className="soft">No list yet.</p>
      ) : (
        <>
          <p className={now.ended ? 'warn' : 'soft'}>
            {now.entries.length} written down {day(now.takenAt)}, {now.ended ? 'ended' : 'good until'}{' '}
            {day(now.validUntil)}.{now.shots.length === 0 ? ' No screenshot.' : ''}
          </p>
          <ul>
            {now.entries.map((entry) => (
              <li key={`${entry.name} ${entry.may}`}>
                {entry.name}
                {entry.may === '' ? '' : `: ${entry.may}`}
              </li>
            ))}
          </ul>
          {now.shots.map((shot) => (
            <p key={shot.id} className="soft">
              {shot.state === 'kept' ? (
                <a href={`/api/v1/shops/${shop}/files/${shot.id}`}>{shot.name}</a>
              ) : (
                `${shot.name} ${shot.state === 'waiting' ? 'is being looked at' : 'was not accepted'}`
              )}
            </p>
          ))}
        </>
      )}
      {taking ? (
        <form className="inline" action={(form) => take.mutate(form)}>
          <p>
            In the shop’s admin open <strong>{list.where}</strong>, and write down each line. Take a
            screenshot of it, and add it here: it is kept sealed.
          </p>
          <TextArea
            label="One a line, and after a colon what it may do"
            name="list"
            rows={5}
            placeholder={list.example}
            defaultValue={now?.entries
              .map((one) => (one.may === '' ? one.name : `${one.name}: ${one.may}`))
              .join('\n')}
            required
          />
          <Field label="Screenshots" name="shot" type="file" accept=".png,.jpg,.jpeg,.pdf" multiple />
          <button type="submit" disabled={take.isPending}>
            Write it down
          </button>
          <ProblemNote error={take.error} />
        </form>
      ) : (
        <p className="actions">
          <button type="button" className="small quiet" onClick={() => setTaking(true)}>
            Take stock of {list.title.toLowerCase()}
          </button>
        </p>
      )}
    </div>
  );
}
