import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, api } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { ProblemNote } from '../parts/problem.tsx';
import { moment } from '../parts/time.ts';

const ROLE = { owner: 'Owner', developer: 'Developer', auditor: 'Auditor (reads only)' } as const;

/** Who has which part in a shop; for its owners. */
export function People({ shop }: { readonly shop: string }) {
  const queries = useQueryClient();
  const grants = useQuery({ queryKey: ['grants', shop], queryFn: () => api.grants(shop) });
  const refresh = () => queries.invalidateQueries({ queryKey: ['grants', shop] });
  const add = useMutation({
    mutationFn: (form: FormData) => {
      const until = value(form, 'until');
      return api.addGrant(shop, {
        email: value(form, 'email'),
        name: value(form, 'name'),
        role: value(form, 'role'),
        until: until === '' ? null : Date.parse(`${until}T23:59:59`),
      });
    },
    onSuccess: refresh,
  });
  const end = useMutation({ mutationFn: (grant: string) => api.endGrant(shop, grant), onSuccess: refresh });
  if (grants.error instanceof ApiError && grants.error.code === 'control/not-allowed') return null;
  return (
    <details className="people">
      <summary>People</summary>
      <ul>
        {grants.data?.grants.map((grant) => (
          <li key={grant.id}>
            {grant.name === '' ? 'You, by the set-up link' : grant.name}: {ROLE[grant.role]}
            {grant.until === null ? '' : `, until ${moment(grant.until)}`}{' '}
            <button type="button" className="quiet small" onClick={() => end.mutate(grant.id)}>
              End
            </button>
          </li>
        ))}
      </ul>
      <form action={(form) => add.mutate(form)}>
        <Field label="Name" name="name" required maxLength={100} />
        <Field label="Mail" name="email" type="email" required />
        <p className="field">
          <label htmlFor="role">Part</label>
          <select id="role" name="role" defaultValue="developer">
            {Object.entries(ROLE).map(([role, says]) => (
              <option key={role} value={role}>
                {says}
              </option>
            ))}
          </select>
        </p>
        <Field label="Until (no end where empty)" name="until" type="date" />
        <button type="submit" disabled={add.isPending}>
          Add
        </button>
      </form>
      {add.data?.invite === undefined || add.data.invite === null ? null : (
        <p className="notice">
          Send them this link. It works once, for seven days:{' '}
          <code>{`${globalThis.location.origin}${add.data.invite}`}</code>
        </p>
      )}
      <ProblemNote error={add.error ?? end.error} />
    </details>
  );
}

function value(form: FormData, name: string): string {
  const found = form.get(name);
  return typeof found === 'string' ? found : '';
}
