import type { Prover } from './caller.ts';

/** Anybody may call; that this is meant, and by whom, stands in the policy. */
export const PUBLIC: Prover = {
  kind: 'public',
  prove: () => ({ kind: 'public', id: 'public', account: null, scopes: [] }),
};
