import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { Frame } from '../parts/frame.tsx';
import { ProblemNote } from '../parts/problem.tsx';

/** One's own mail, password and second factor. */
export function AccountPage() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const me = useQuery({ queryKey: ['me'], queryFn: api.me });
  const out = useMutation({
    mutationFn: api.signOut,
    onSuccess: async () => {
      queries.clear();
      await navigate({ to: '/sign-in' });
    },
  });
  return (
    <Frame title="Your account" remind={false}>
      <ProblemNote error={me.error} />
      {me.data === undefined ? null : me.data.password ? (
        <p>
          {me.data.name}, {me.data.email}
        </p>
      ) : (
        <Credentials />
      )}
      {me.data?.password === true ? (
        me.data.secondFactor ? (
          <p>The second factor is set up.</p>
        ) : (
          <SecondFactor />
        )
      ) : null}
      {me.data?.password === true && me.data.secondFactor ? (
        <p>
          <button type="button" className="quiet" onClick={() => out.mutate()}>
            Sign out
          </button>
        </p>
      ) : null}
    </Frame>
  );
}

function Credentials() {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (form: FormData) =>
      api.setCredentials({
        name: value(form, 'name'),
        email: value(form, 'email'),
        password: value(form, 'password'),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['me'] }),
  });
  return (
    <form action={(form) => save.mutate(form)}>
      <Field label="Name" name="name" autoComplete="name" required maxLength={100} />
      <Field label="Mail" name="email" type="email" autoComplete="username" required />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        help="Twelve characters or more; a few words in a row are good."
      />
      <button type="submit" disabled={save.isPending}>
        Save
      </button>
      <ProblemNote error={save.error} />
    </form>
  );
}

function SecondFactor() {
  const queries = useQueryClient();
  const begin = useMutation({ mutationFn: api.beginSecondFactor });
  const give = useMutation({ mutationFn: (form: FormData) => api.giveSecondFactor(value(form, 'code')) });
  if (give.data !== undefined) {
    return (
      <section>
        <h2>Recovery codes</h2>
        <p>
          Each works once, for the day your telephone is gone. They are shown now and never again: print them.
        </p>
        <ul className="codes">
          {give.data.recoveryCodes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <button type="button" onClick={() => void queries.invalidateQueries({ queryKey: ['me'] })}>
          I have kept them
        </button>
      </section>
    );
  }
  if (begin.data === undefined) {
    return (
      <section>
        <h2>Second factor</h2>
        <p>A code from an app on your telephone, beside the password.</p>
        <button type="button" disabled={begin.isPending} onClick={() => begin.mutate()}>
          Set up
        </button>
        <ProblemNote error={begin.error} />
      </section>
    );
  }
  return (
    <section>
      <h2>Second factor</h2>
      <p>Read this with an authenticator app, then type the six digits it shows.</p>
      <img
        className="qr"
        alt="QR code for the authenticator app"
        src={`data:image/svg+xml,${encodeURIComponent(begin.data.svg)}`}
      />
      <p className="soft">
        No camera? Type this key: <code>{begin.data.secret}</code>
      </p>
      <form action={(form) => give.mutate(form)}>
        <Field label="Six digits" name="code" inputMode="numeric" autoComplete="one-time-code" required />
        <button type="submit" disabled={give.isPending}>
          Confirm
        </button>
        <ProblemNote error={give.error} />
      </form>
    </section>
  );
}

function value(form: FormData, name: string): string {
  const found = form.get(name);
  return typeof found === 'string' ? found : '';
}
