import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { PrivacyRequest } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { day } from '../../parts/time.ts';

/** What customers demanded through the platform, with the date by which it is to be done. */
export function PrivacyRequests({ shop }: { readonly shop: string }) {
  const list = useQuery({ queryKey: ['privacy', shop], queryFn: () => api.privacyRequests(shop) });
  const requests = list.data?.requests ?? [];
  return (
    <section>
      <h2>Customers’ demands</h2>
      <ProblemNote error={list.error} />
      {list.data !== undefined && requests.length === 0 ? (
        <p className="soft">
          None. A customer who asks for a copy of their data, or for their erasure, shows here with 30 days’
          time.
        </p>
      ) : null}
      <ul className="cards">
        {requests.map((request) => (
          <Request key={request.id} shop={shop} request={request} />
        ))}
      </ul>
    </section>
  );
}

function Request({ shop, request }: { readonly shop: string; readonly request: PrivacyRequest }) {
  const queries = useQueryClient();
  const [about, setAbout] = useState<string | null>(null);
  const reveal = useMutation({
    mutationFn: () => api.privacyAbout(shop, request.id),
    onSuccess: (found) => setAbout(found.about),
  });
  const done = useMutation({
    mutationFn: (form: FormData) => api.privacyDone(shop, request.id, textOf(form, 'note')),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['privacy', shop] });
      await queries.invalidateQueries({ queryKey: ['answers', shop] });
    },
  });
  return (
    <li className="card">
      <h3>{request.what}</h3>
      {request.doneAt === null ? (
        <>
          <p className={request.overdue ? 'warn' : 'soft'}>
            Came {day(request.receivedAt)}, {request.overdue ? 'was due' : 'due'} {day(request.dueAt)}.
          </p>
          <p className="actions">
            <button
              type="button"
              className="small quiet"
              disabled={reveal.isPending}
              onClick={() => reveal.mutate()}
            >
              Whom it is about
            </button>
          </p>
          {about === null ? (
            <p className="soft">That somebody looked is signed into the ledger.</p>
          ) : (
            <pre className="raw">{about}</pre>
          )}
          <ProblemNote error={reveal.error} />
          <form className="inline" action={(form) => done.mutate(form)}>
            <Field label="How it was carried out" name="note" maxLength={500} required />
            <button type="submit" className="small" disabled={done.isPending}>
              It is done
            </button>
            <ProblemNote error={done.error} />
          </form>
        </>
      ) : (
        <p className="soft">
          Done {day(request.doneAt)}. “{request.note}”
        </p>
      )}
    </li>
  );
}
