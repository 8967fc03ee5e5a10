import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { VendorView } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { dayAhead, endOfDay, textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { TextArea } from '../../parts/text-area.tsx';

const VERDICTS = [
  ['approved', 'Let in'],
  ['conditions', 'Let in, with conditions'],
  ['rejected', 'Do not let in'],
] as const;

/** A person's verdict, with an end; signed into the ledger with the score as it stands. */
export function Decide({ shop, view }: { readonly shop: string; readonly view: VendorView }) {
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (form: FormData) =>
      api.decide(shop, view.vendor.id, {
        verdict: textOf(form, 'verdict'),
        conditions: textOf(form, 'conditions'),
        until: endOfDay(form, 'until'),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['vendor', shop, view.vendor.id] });
      await queries.invalidateQueries({ queryKey: ['vendors', shop] });
      await queries.invalidateQueries({ queryKey: ['connections', shop] });
      await queries.invalidateQueries({ queryKey: ['answers', shop] });
    },
  });
  return (
    <details className="part">
      <summary>{view.vendor.decision === null ? 'Decide' : 'Decide anew'}</summary>
      <form action={(form) => decide.mutate(form)}>
        <Select label="Verdict" name="verdict" options={VERDICTS} />
        <TextArea label="Conditions, in words" name="conditions" maxLength={1_000} />
        <Field label="Good until" name="until" type="date" defaultValue={dayAhead(365)} required />
        <p className="soft">
          It is signed into the ledger with the score as it stands: {view.score.earned} earned,{' '}
          {view.score.lost} lost, {view.score.unknown} unknown.
        </p>
        <button type="submit" disabled={decide.isPending}>
          Decide
        </button>
        <ProblemNote error={decide.error} />
      </form>
    </details>
  );
}
