import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { Copy } from '../../parts/copy.tsx';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { moment } from '../../parts/time.ts';

/** Addresses that are told when the window shows something else. */
export function WindowHooks({ shop }: { readonly shop: string }) {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ['window-hooks', shop], queryFn: () => api.windowHooks(shop) });
  const [secret, show] = useState<string | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ['window-hooks', shop] });
  const add = useMutation({
    mutationFn: (form: FormData) => api.addWindowHook(shop, textOf(form, 'url')),
    onSuccess: async (made) => {
      show(made.secret);
      await again();
    },
  });
  const remove = useMutation({
    mutationFn: (hook: string) => api.removeWindowHook(shop, hook),
    onSuccess: again,
  });
  return (
    <details className="part">
      <summary>Who is told when the window changes</summary>
      <p className="soft">
        Loupe sends a signed message (Standard Webhooks) to each address when the window shows something else,
        and again until it is taken. The stones themselves are fetched from the window.
      </p>
      <ul className="checks">
        {found.data?.hooks.map((hook) => (
          <li key={hook.id}>
            <strong>{hook.url}</strong> {hook.says}
            {hook.deliveredAt === null ? '' : ` Last taken ${moment(hook.deliveredAt)}.`}{' '}
            <button
              type="button"
              className="small quiet"
              disabled={remove.isPending}
              onClick={() => remove.mutate(hook.id)}
            >
              Tell it no more
            </button>
          </li>
        ))}
      </ul>
      {secret === null ? null : (
        <p className="notice" role="status">
          Messages are signed with this secret, which is shown this once: <code>{secret}</code>{' '}
          <Copy text={secret} label="Copy" />
        </p>
      )}
      <form className="inline" action={(form) => add.mutate(form)}>
        <Field
          label="Address"
          name="url"
          type="url"
          pattern="https://.*"
          placeholder="https://"
          help="Whoever may read this shop sees it: nothing secret. Messages are signed."
          maxLength={1000}
          required
        />
        <button type="submit" className="small" disabled={add.isPending}>
          Tell it
        </button>
        <ProblemNote error={add.error ?? remove.error ?? found.error} />
      </form>
    </details>
  );
}
