// Links to one order that a shopper can open without signing in. Shops that put the order's number into the address alone let everybody count upwards; here the
// link is signed and ends. `/orders/1042?exp=1790000000&sig=…`: HMAC-SHA256, base64url, over path, `?` and the query before `&sig=`.
import type { Proof } from '#plane';
import { SECOND_MS } from '#kernel';
import { refusal } from '../refusal.ts';
import type { Prover } from './caller.ts';
import { hmac, signedBy } from './signatures.ts';

/** A link may not be good for longer than this. */
const MAX_AHEAD_MS = 400 * 24 * 3600 * SECOND_MS;

const FORM = /^(\?(?:[^&]+&)*?exp=(\d{1,12}))&sig=([A-Za-z0-9_-]{43})$/u;

/** Signs a link; `pathAndQuery` must not hold `exp` or `sig`, and its path be in canonical form. */
export function signOrderLink(secret: string, pathAndQuery: string, expiresAtMs: number): string {
  const joint = pathAndQuery.includes('?') ? '&' : '?';
  const text = `${pathAndQuery}${joint}exp=${Math.floor(expiresAtMs / SECOND_MS)}`;
  return `${text}&sig=${hmac(secret, text).toString('base64url')}`;
}

export function orderLinkProver(
  rule: Extract<Proof, { kind: 'order-link' }>,
  secrets: readonly string[],
): Prover {
  return {
    kind: rule.kind,
    prove({ head, now }) {
      if (!/[?&]sig=/u.test(head.query)) return null;
      const [, signed, exp, signature] = FORM.exec(head.query) ?? [];
      if (signed === undefined || signature === undefined) return refusal('bad-proof', 'form');
      if (!signedBy(secrets, 'base64url', signature, head.path, signed))
        return refusal('bad-proof', 'signature');
      const until = Number(exp) * SECOND_MS;
      if (until <= now) return refusal('stale-proof', 'expired');
      if (until > now + MAX_AHEAD_MS) return refusal('bad-proof', 'endless');
      return { kind: 'order-link', id: 'order-link', account: null, scopes: [] };
    },
  };
}
