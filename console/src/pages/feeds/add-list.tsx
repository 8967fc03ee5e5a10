import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ListPlace } from '@loupe/contract';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { ListMeaning } from './list-meaning.tsx';

type SignIn = ListPlace['signIn'];
type Format = ListPlace['format'];

const SIGN_INS: readonly (readonly [SignIn, string])[] = [
  ['basic', 'User name and password'],
  ['bearer', 'A token'],
  ['header', 'A key in a header'],
  ['query', 'A key in the address'],
  ['none', 'Nothing: anybody may read it'],
];
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
export interface Asked {
  readonly list: ListPlace;
  readonly credentials: Readonly<Record<string, string>>;
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
  const [signIn, choose] = useState<SignIn>(sample === undefined ? 'basic' : 'bearer');
  const [format, pick] = useState<Format>(sample === undefined ? 'csv' : 'json');
  const look = useMutation({
    mutationFn: async (form: FormData) => {
      const [list, credentials] = [placeIn(form), credentialsIn(form)];
      return { list, credentials, ...(await api.askFirstRows(shop, { list, credentials })) };
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
        <Field
          label="Address of the list"
          name="url"
          type="url"
          pattern="https://.*"
          placeholder="https://"
          help="It begins with https, and has nothing secret in it."
          maxLength={1000}
          defaultValue={sample?.['url']}
          required
        />
        <Select
          label="What signs in"
          name="signIn"
          value={signIn}
          onChange={(event) =>
            choose(SIGN_INS.find(([one]) => one === event.currentTarget.value)?.[0] ?? 'none')
          }
          options={SIGN_INS}
        />
        {signIn === 'header' || signIn === 'query' ? (
          <Field
            label={signIn === 'header' ? 'Name of the header' : 'Name of the parameter'}
            name="signInName"
            maxLength={60}
            required
          />
        ) : null}
        {signIn === 'none' ? null : signIn === 'basic' ? (
          <>
            <Field label="User name" name="credential-username" autoComplete="off" required />
            <Field label="Password" name="credential-password" type="password" autoComplete="off" required />
          </>
        ) : (
          <Field
            label={signIn === 'bearer' ? 'Token' : 'Key'}
            name="credential-secret"
            type="password"
            autoComplete="off"
            defaultValue={sample?.['secret']}
            required
          />
        )}
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

function placeIn(form: FormData): ListPlace {
  const format = FORMATS.find(([one]) => one === form.get('format'))?.[0] ?? 'csv';
  return {
    name: textOf(form, 'name'),
    url: textOf(form, 'url'),
    signIn: SIGN_INS.find(([one]) => one === form.get('signIn'))?.[0] ?? 'none',
    signInName: textOf(form, 'signInName'),
    format,
    separator: SEPARATORS.find(([one]) => one === form.get('separator'))?.[0] ?? ',',
    path: textOf(form, 'path')
      .split('/')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  };
}

function credentialsIn(form: FormData): Record<string, string> {
  const names = ['username', 'password', 'secret'];
  return Object.fromEntries(
    names
      .map((name) => [name, textOf(form, `credential-${name}`)] as const)
      .filter(([, text]) => text !== ''),
  );
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
