import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Paper, VendorView } from '@loupe/contract';
import { PAPER_WORD } from '@loupe/contract/words';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { endOfDay } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { day } from '../../parts/time.ts';

const KINDS = [
  ['pci-aoc', 'PCI attestation of compliance'],
  ['soc2', 'SOC 2 report'],
  ['iso27001', 'ISO 27001 certificate'],
  ['dpa', 'Data-processing terms'],
  ['insurance', 'Insurance certificate'],
  ['pen-test', 'Penetration test letter'],
  ['other', 'Other paper'],
] as const;

/** Papers on file, with their dates; and what is worth asking for. */
export function Papers({ shop, view }: { readonly shop: string; readonly view: VendorView }) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['vendor', shop, view.vendor.id] });
  const file = useMutation({
    mutationFn: (form: FormData) => api.filePaper(shop, view.vendor.id, form),
    onSuccess: refresh,
  });
  return (
    <section>
      <h2>Papers</h2>
      {view.wanted.length === 0 ? null : (
        <p className="soft">Worth asking for: {view.wanted.map((one) => one.title).join(', ')}.</p>
      )}
      <ul className="cards">
        {view.papers.map((paper) => (
          <PaperItem key={paper.id} shop={shop} paper={paper} onChange={() => void refresh()} />
        ))}
      </ul>
      <details className="part">
        <summary>File a paper</summary>
        <form action={(form) => file.mutate(form)}>
          <Select label="What it is" name="kind" options={KINDS} />
          <Field
            label="File"
            name="file"
            type="file"
            accept=".pdf,.png,.jpg,.jpeg,.txt"
            required
            help="10 MB at most. It is kept sealed; its dates are read out of a PDF."
          />
          <button type="submit" disabled={file.isPending}>
            File it
          </button>
          <ProblemNote error={file.error} />
        </form>
      </details>
    </section>
  );
}

interface PaperItemProps {
  readonly shop: string;
  readonly paper: Paper;
  readonly onChange: () => void;
}

function PaperItem({ shop, paper, onChange }: PaperItemProps) {
  const [dating, setDating] = useState(false);
  const dates = useMutation({
    mutationFn: (form: FormData) =>
      api.paperDates(shop, paper.id, { issuedAt: null, validUntil: endOfDay(form, 'until') ?? 0 }),
    onSuccess: () => {
      setDating(false);
      onChange();
    },
  });
  const remove = useMutation({ mutationFn: () => api.removePaper(shop, paper.id), onSuccess: onChange });
  const attention = paper.standing !== 'in-date' && paper.standing !== 'waiting';
  return (
    <li className="card">
      <strong>{paper.title}</strong>:{' '}
      {paper.state === 'kept' ? (
        <a href={`/api/v1/shops/${shop}/files/${paper.file}`}>{paper.name}</a>
      ) : (
        paper.name
      )}
      <p className={attention ? 'warn' : 'soft'}>
        {PAPER_WORD[paper.standing]}
        {paper.validUntil === null ? '' : `, until ${day(paper.validUntil)}`}
        {paper.dates === 'typed' ? ' (typed)' : ''}
        {paper.dates === 'read' && paper.readFrom !== null ? ` (read from “${paper.readFrom}”)` : ''}
      </p>
      <p className="actions">
        {paper.state === 'kept' ? (
          <button type="button" className="quiet small" onClick={() => setDating(!dating)}>
            Type the date
          </button>
        ) : null}
        <button type="button" className="quiet small" onClick={() => remove.mutate()}>
          Take off the file
        </button>
      </p>
      {dating ? (
        <form className="inline" action={(form) => dates.mutate(form)}>
          <Field label="Good until" name="until" type="date" required />
          <button type="submit" className="small">
            Save
          </button>
        </form>
      ) : null}
      <ProblemNote error={dates.error ?? remove.error} />
    </li>
  );
}
