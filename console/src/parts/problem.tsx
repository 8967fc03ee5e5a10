import { ApiError } from '../api.ts';

/** What went wrong and what to do, where something did. */
export function ProblemNote({ error }: { readonly error: unknown }) {
  if (error === null || error === undefined) return null;
  const known = error instanceof ApiError;
  return (
    <p className="problem" role="alert">
      <strong>{known ? error.message : 'Something went wrong.'}</strong>{' '}
      {known ? error.hint : 'Load the page again.'}
    </p>
  );
}
