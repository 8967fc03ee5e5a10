import { useState } from 'react';
import type { ListPlace } from '@loupe/contract';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { Select } from '../../parts/select.tsx';

type SignIn = ListPlace['signIn'];
type Way = 'https' | 'sftp' | 'by-hand';

const WAYS: readonly (readonly [Way, string])[] = [
  ['https', 'fetched from an address (https)'],
  ['sftp', 'fetched from an SFTP server'],
  ['by-hand', 'handed in here, as a file'],
];
const SIGN_INS: Readonly<Record<Way, readonly (readonly [SignIn, string])[]>> = {
  https: [
    ['basic', 'User name and password'],
    ['bearer', 'A token'],
    ['header', 'A key in a header'],
    ['query', 'A key in the address'],
    ['none', 'Nothing: anybody may read it'],
  ],
  sftp: [
    ['ssh-password', 'User name and password'],
    ['ssh-key', 'User name and a private key'],
  ],
  'by-hand': [['none', 'Nothing']],
};
/** What each way of signing in asks for, by the name it is sealed under. */
const SECRETS: Readonly<
  Record<SignIn, readonly (readonly [name: string, label: string, isSecret: boolean])[]>
> = {
  none: [],
  basic: [
    ['username', 'User name', false],
    ['password', 'Password', true],
  ],
  bearer: [['secret', 'Token', true]],
  header: [['secret', 'Key', true]],
  query: [['secret', 'Key', true]],
  'ssh-password': [
    ['username', 'User name', false],
    ['password', 'Password', true],
  ],
  'ssh-key': [
    ['username', 'User name', false],
    ['secret', 'Private key (PEM, RSA or ECDSA)', true],
  ],
};

interface PlaceFieldsProps {
  /** Of a sample shop: where a simulated supplier’s list lies, and what signs in. */
  readonly sample: Readonly<Record<string, string>> | undefined;
}

/** How a supplier’s list comes here, and what signs in where it lies. */
export function PlaceFields({ sample }: PlaceFieldsProps) {
  const [way, go] = useState<Way>('https');
  const [signIn, choose] = useState<SignIn>(sample === undefined ? 'basic' : 'bearer');
  const known = SIGN_INS[way].some(([one]) => one === signIn) ? signIn : (SIGN_INS[way][0]?.[0] ?? 'none');
  return (
    <>
      <Select
        label="The list is"
        name="way"
        value={way}
        onChange={(event) => go(WAYS.find(([one]) => one === event.currentTarget.value)?.[0] ?? 'https')}
        options={WAYS}
      />
      {way === 'by-hand' ? (
        <Field
          label="The file"
          name="file"
          type="file"
          help="As the supplier sent it, or packed as ZIP or gzip. Later ones need the same columns."
          required
        />
      ) : (
        <>
          <Field
            key={way}
            label="Address of the list"
            name="url"
            type="url"
            pattern={`${way}://.*`}
            placeholder={`${way}://`}
            help={`It begins with ${way}, and has nothing secret in it.`}
            maxLength={1000}
            defaultValue={way === 'https' ? sample?.['url'] : undefined}
            required
          />
          {way === 'sftp' ? (
            <Field
              label="Host key of the server"
              name="hostKey"
              pattern="SHA256:[A-Za-z0-9+\/]{43}"
              placeholder="SHA256:"
              help="As the supplier tells it (RSA or ECDSA). Leave it empty to see which one the server shows."
            />
          ) : null}
          <Select
            label="What signs in"
            name="signIn"
            value={known}
            onChange={(event) =>
              choose(SIGN_INS[way].find(([one]) => one === event.currentTarget.value)?.[0] ?? 'none')
            }
            options={SIGN_INS[way]}
          />
        </>
      )}
      {known === 'header' || known === 'query' ? (
        <Field
          label={known === 'header' ? 'Name of the header' : 'Name of the parameter'}
          name="signInName"
          maxLength={60}
          required
        />
      ) : null}
      {SECRETS[known].map(([name, label, isSecret]) => (
        <Field
          key={`${known}-${name}`}
          label={label}
          name={`credential-${name}`}
          type={isSecret ? 'password' : 'text'}
          autoComplete="off"
          defaultValue={sample?.[name]}
          required
        />
      ))}
    </>
  );
}

/** What was filled in of a place, less its form. */
export function placeIn(form: FormData): Pick<ListPlace, 'url' | 'hostKey' | 'signIn' | 'signInName'> & {
  readonly credentials: Readonly<Record<string, string>>;
} {
  const signIn = Object.values(SIGN_INS)
    .flat()
    .find(([one]) => one === form.get('signIn'))?.[0];
  const names = SECRETS[signIn ?? 'none'].map(([name]) => name);
  return {
    url: form.get('way') === 'by-hand' ? 'by-hand:' : textOf(form, 'url'),
    hostKey: textOf(form, 'hostKey'),
    signIn: signIn ?? 'none',
    signInName: textOf(form, 'signInName'),
    credentials: Object.fromEntries(names.map((name) => [name, textOf(form, `credential-${name}`)])),
  };
}

/** The file that somebody hands in; null where it is fetched. */
export function fileIn(form: FormData): File | null {
  const file = form.get('file');
  return file instanceof File ? file : null;
}
