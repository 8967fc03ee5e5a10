import { useMutation } from '@tanstack/react-query';
import type { Specimen } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { money } from './figures.ts';

interface SpecimenCardProps {
  readonly shop: string;
  readonly load: string;
  readonly currency: string;
  readonly one: Specimen;
}

/** A stone that something was found about, beside what it was. */
export function SpecimenCard({ shop, load, currency, one }: SpecimenCardProps) {
  const letIn = useMutation({
    mutationFn: (form: FormData) => api.releaseStone(shop, load, one.place, textOf(form, 'reason')),
  });
  const { now, before } = one;
  const rows: readonly (readonly [name: string, now: string, before: string | null])[] = [
    ['Shape', now.shape, before?.shape ?? null],
    ['Weight', `${now.carat} ct`, before === null ? null : `${before.carat} ct`],
    ['Color', now.fancy === '' ? now.color : now.fancy, before?.color ?? null],
    ['Clarity', now.clarity, before?.clarity ?? null],
    ['Laboratory', now.lab, before?.lab ?? null],
    ['Origin', now.growth, before?.growth ?? null],
    [
      'Price',
      money(now.priceMinor, currency),
      before === null ? null : money(one.basisMinor === 0 ? before.priceMinor : one.basisMinor, currency),
    ],
  ];
  return (
    <li className="card">
      <h3>
        Offer {one.offerId} <span className="soft">stock {one.stock === '' ? 'not told' : one.stock}</span>
      </h3>
      <p className="soft">
        Certificate {one.certificate === '' ? 'none' : one.certificate}
        {one.comment === '' ? '' : `. ${one.comment}`}
      </p>
      <table className="figures">
        <thead>
          <tr>
            <th scope="col">
              <span className="unseen">Figure</span>
            </th>
            <th scope="col">Now</th>
            <th scope="col">{before === null ? 'Not there before' : 'Before'}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, is, was]) => (
            <tr key={name} className={was !== null && was !== is ? 'differs' : undefined}>
              <th scope="row">{name}</th>
              <td>{is}</td>
              <td>{was ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {letIn.isSuccess ? (
        <p>It may be shown as it is, from the next load on.</p>
      ) : one.quarantined ? (
        <details>
          <summary>Let it in as it is</summary>
          <form className="inline" action={(form) => letIn.mutate(form)}>
            <Field label="Why" name="reason" maxLength={500} required />
            <button type="submit" className="small" disabled={letIn.isPending}>
              Let it in
            </button>
            <ProblemNote error={letIn.error} />
          </form>
        </details>
      ) : null}
    </li>
  );
}
