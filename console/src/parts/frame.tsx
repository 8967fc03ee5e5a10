import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api } from '../api.ts';

interface FrameProps {
  readonly title: string;
  /** Whether to remind somebody without a password of it: not where one other thing is asked, nor where it is set. */
  readonly remind?: boolean;
  readonly children: ReactNode;
}

/** Every page's frame: where you are, who you are, and what is still to do about your account. */
export function Frame({ title, remind = true, children }: FrameProps) {
  const me = useQuery({ queryKey: ['me'], queryFn: api.me });
  return (
    <>
      <header className="top">
        <Link to="/" className="brand">
          Loupe
        </Link>
        {me.data?.complete === true ? (
          <Link to="/account">{me.data.name === '' ? 'Account' : me.data.name}</Link>
        ) : null}
      </header>
      <main>
        <h1>{title}</h1>
        {remind && me.data?.complete === true && !(me.data.password && me.data.secondFactor) ? (
          <p className="notice">
            You came in by the set-up link, which works once.{' '}
            <Link to="/account">Set your mail, a password and a second factor</Link>, so that you can come
            back.
          </p>
        ) : null}
        {children}
      </main>
    </>
  );
}
