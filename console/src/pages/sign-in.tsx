import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { ProblemNote } from '../parts/problem.tsx';

/** Mail and password first, then the second factor. */
export function SignInPage() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [step, setStep] = useState<'password' | 'code'>('password');
  const home = async () => {
    await queries.invalidateQueries();
    await navigate({ to: '/' });
  };
  const password = useMutation({
    mutationFn: (form: FormData) => api.signIn(text(form, 'email'), text(form, 'password')),
    onSuccess: async () => {
      const me = await api.me();
      if (me.complete) await home();
      else if (me.secondFactor) setStep('code');
      else await navigate({ to: '/account' });
    },
  });
  const code = useMutation({
    mutationFn: (form: FormData) => api.giveSecondFactor(text(form, 'code')),
    onSuccess: home,
  });
  return (
    <main className="narrow">
      <h1>Sign in to Loupe</h1>
      {step === 'password' ? (
        <form key="password" action={(form) => password.mutate(form)}>
          <Field label="Mail" name="email" type="email" autoComplete="username" required autoFocus />
          <Field label="Password" name="password" type="password" autoComplete="current-password" required />
          <button type="submit" disabled={password.isPending}>
            Go on
          </button>
          <ProblemNote error={password.error} />
        </form>
      ) : (
        <form key="code" action={(form) => code.mutate(form)}>
          <Field
            label="Code"
            name="code"
            autoComplete="one-time-code"
            inputMode="text"
            required
            autoFocus
            help="Six digits from your app, or one of your recovery codes."
          />
          <button type="submit" disabled={code.isPending}>
            Sign in
          </button>
          <ProblemNote error={code.error} />
        </form>
      )}
    </main>
  );
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
