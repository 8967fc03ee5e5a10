import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api.ts';
import { ProblemNote } from '../parts/problem.tsx';

/** Where the set-up link leads. The link works once, so it is used by a click and not by merely being opened. */
export function ClaimPage() {
  const navigate = useNavigate();
  const token = globalThis.location.hash.slice(1);
  const claim = useMutation({
    mutationFn: () => api.claim(token),
    onSuccess: async () => {
      await navigate({ to: '/', replace: true });
    },
  });
  return (
    <main className="narrow">
      <h1>Welcome to Loupe</h1>
      <p>
        It asks your shop the ten security questions a jeweler should ask, and shows you the answers with
        their proof.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          claim.mutate();
        }}
      >
        <button type="submit" disabled={claim.isPending || token === ''}>
          Begin
        </button>
      </form>
      {token === '' ? (
        <p className="problem">This link is not whole. Copy all of it from the terminal.</p>
      ) : null}
      <ProblemNote error={claim.error} />
    </main>
  );
}
