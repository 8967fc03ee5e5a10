import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ListPlace, ListWare } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { ListMeaning } from './list-meaning.tsx';
import { fileIn, PlaceFields, placeIn } from './list-place.tsx';

type Format = ListPlace['format'];

const FORMATS: readonly (readonly [Format, string])[] = [
  ['csv', 'CSV, also packed'],
  ['json', 'JSON or JSON Lines'],
  ['xml', 'XML'],
  ['xlsx', 'Excel workbook (XLSX)'],
];
const SEPARATORS: readonly (readonly [ListPlace['separator'], string])[] = [
  [',', 'comma'],
  [';', 'semicolon'],
  ['\t', 'tab'],
  ['|', 'bar'],
];
/** What a list can be of. */
const WARES: readonly (readonly [ListWare, string])[] = [
  ['stones', 'diamonds'],
  ['settings', 'settings'],
  ['pieces', 'finished pieces'],
  ['watches', 'watches'],
];

export interface Asked {
  readonly of: ListWare;
  readonly list: ListPlace;
  readonly credentials: Readonly<Record<string, string>>;
  /** What was handed in. */
  readonly drop?: string;
  readonly sample: string;
}

interface AddListProps {
  readonly shop: string;
  /** Of a sample shop: where a simulated supplier’s list lies, and what signs in. */
  readonly sample: Readonly<Record<string, string>> | undefined;
}

/** A supplier that Loupe has no adapter for: first its list is looked at, then people say what its columns mean. */
export function AddList({ shop, sample }: AddListProps) {
  const [asked, ask] = useState<Asked | null>(null);
  const [format, pick] = useState<Format>(sample === undefined ? 'csv' : 'json');
  const look = useMutation({
    mutationFn: async (form: FormData) => {
      const file = fileIn(form);
      const drop = file === null ? {} : await api.handIn(shop, file);
      const asked = { ...listIn(form), ...drop };
      const of = WARES.find(([one]) => one === form.get('of'))?.[0] ?? 'stones';
      return { of, ...asked, ...(await api.askFirstRows(shop, asked)) };
    },
    onSuccess: ask,
  });
  return (
    <details className="part">
      <summary>Plug in another supplier, by its list</summary>
      <form
        // An action would empty the fields: what was looked at is what is plugged in.
        onSubmit={(event) => {
          event.preventDefault();
          look.mutate(new FormData(event.currentTarget));
        }}
      >
        <Field
          label="Supplier"
          name="name"
          maxLength={60}
          defaultValue={sample && 'Sample supplier'}
          required
        />
        <Select label="It has a list of" name="of" options={WARES} />
        <PlaceFields sample={sample} />
        <Select
          label="Form of the list"
          name="format"
          value={format}
          onChange={(event) => pick(FORMATS.find(([one]) => one === event.currentTarget.value)?.[0] ?? 'csv')}
          options={FORMATS}
        />
        {format === 'csv' ? <Select label="Between cells" name="separator" options={SEPARATORS} /> : null}
        {format === 'json' || format === 'xml' ? (
          <Field
            label="Names that lead to the stones"
            name="path"
            placeholder={format === 'xml' ? 'list / stone' : 'response / stones'}
            help={
              format === 'xml'
                ? 'Elements from the outermost to the one that is a stone, with / between.'
                : 'From the outermost, with / between; empty where the document is the list itself.'
            }
            defaultValue={sample && 'response / stones'}
            required={format === 'xml'}
          />
        ) : null}
        <button type="submit" disabled={look.isPending}>
          Look at it
        </button>
        <ProblemNote error={look.error} />
      </form>
      {asked === null ? null : (
        <FirstRows
          key={asked.sample}
          shop={shop}
          asked={asked}
          isSample={sample !== undefined}
          onDone={() => ask(null)}
        />
      )}
    </details>
  );
}

function listIn(form: FormData): Pick<Asked, 'list' | 'credentials'> {
  const { credentials, ...place } = placeIn(form);
  const list: ListPlace = {
    ...place,
    name: textOf(form, 'name'),
    format: FORMATS.find(([one]) => one === form.get('format'))?.[0] ?? 'csv',
    separator: SEPARATORS.find(([one]) => one === form.get('separator'))?.[0] ?? ',',
    path: textOf(form, 'path')
      .split('/')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  };
  return { list, credentials };
}

export interface FirstRowsProps {
  readonly shop: string;
  readonly asked: Asked;
  readonly isSample: boolean;
  readonly onDone: () => void;
}

function FirstRows({ shop, asked, isSample, onDone }: FirstRowsProps) {
  const found = useQuery({
    queryKey: ['first-rows', shop, asked.sample],
    queryFn: () => api.firstRows(shop, asked.sample),
    refetchInterval: (query) =>
      query.state.data?.first === null && query.state.data.failure === null ? 500 : false,
  });
  const failure = found.data?.failure ?? null;
  const first = found.data?.first ?? null;
  if (first !== null)
    return <ListMeaning shop={shop} asked={asked} first={first} isSample={isSample} onDone={onDone} />;
  return (
    <p role="status" className={failure === null ? '' : 'warn'}>
      {failure ?? (found.error === null ? 'Looking …' : '')}
      <ProblemNote error={found.error} />
    </p>
  );
}
