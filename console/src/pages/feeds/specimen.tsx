import { useMutation } from '@tanstack/react-query';
import type { ListWare, Specimen } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { money } from './figures.ts';

interface SpecimenCardProps {
  readonly shop: string;
  readonly load: string;
  readonly of: ListWare;
  readonly currency: string;
  readonly one: Specimen;
}

type Row = readonly [name: string, now: string, before: string | null];

/** A stone or article that something was found about, beside what it was. */
export function SpecimenCard({ shop, load, of, currency, one }: SpecimenCardProps) {
  const letIn = useMutation({
    mutationFn: (form: FormData) => api.releaseStone(shop, load, one.place, textOf(form, 'reason')),
  });
  const { now, before } = one;
  const rows: readonly Row[] = [
    ...(of === 'stones' ? stoneRows(one) : articleRows(of, one)),
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
        {of === 'stones'
          ? `Certificate ${one.certificate === '' ? 'none' : one.certificate}`
          : Object.values(one.facts).join(', ')}
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

function stoneRows({ now, before }: Specimen): readonly Row[] {
  return [
    ['Shape', now.shape, before?.shape ?? null],
    ['Weight', `${now.carat} ct`, before === null ? null : `${before.carat} ct`],
    ['Color', now.fancy === '' ? now.color : now.fancy, before?.color ?? null],
    ['Clarity', now.clarity, before?.clarity ?? null],
    ['Laboratory', now.lab, before?.lab ?? null],
    ['Origin', now.growth, before?.growth ?? null],
  ];
}

/** What the three classes of each kind are. */
const CLASSES: Readonly<Record<Exclude<ListWare, 'stones'>, readonly [string, string, string]>> = {
  settings: ['Style', 'Metal', 'Fineness'],
  pieces: ['Type', 'Metal', 'Fineness'],
  watches: ['Movement', 'Case', 'Condition'],
};

function articleRows(of: Exclude<ListWare, 'stones'>, { now, before }: Specimen): readonly Row[] {
  const [shape, color, clarity] = CLASSES[of];
  return [
    [shape, now.shape, before?.shape ?? null],
    [color, now.color, before?.color ?? null],
    [clarity, now.clarity, before?.clarity ?? null],
  ];
}
