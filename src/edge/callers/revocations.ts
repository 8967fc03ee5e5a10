import type { RevokedToken } from '#plane';

/** Tokens that were taken back before their end. */
export interface Revocations {
  has(jti: string | null, subject: string | null, madeAtMs: number): boolean;
}

export function revocations(revoked: readonly RevokedToken[]): Revocations {
  const ids = new Set<string>();
  const subjects = new Map<string, number>();
  for (const one of revoked) {
    if (one.kind === 'jti') ids.add(one.value);
    else subjects.set(one.value, Math.max(one.before, subjects.get(one.value) ?? 0));
  }
  return {
    has(jti, subject, madeAtMs) {
      if (jti !== null && ids.has(jti)) return true;
      const before = subject === null ? undefined : subjects.get(subject);
      return before !== undefined && madeAtMs < before;
    },
  };
}
