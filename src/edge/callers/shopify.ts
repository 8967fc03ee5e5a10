// Shopify's signatures, read without its library, which weighs 45 MB and answers in promises: an edge checks them at every request. A test holds
// these verdicts equal to the library's.
import { createSecretKey } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { Proof } from '#plane';
import { SECOND_MS } from '#kernel';
import { refusal } from '../refusal.ts';
import { bearerOf, type Prover } from './caller.ts';
import { MAX_TOKEN_CHARS, refusedFor } from './jwt.ts';
import { openKnownTokens } from './known-tokens.ts';
import { signedBy } from './signatures.ts';

const PROXY_TOLERANCE_MS = 90 * SECOND_MS;

/** Named once, or it is not clear which of them was signed. */
const PROXY_ONCE = ['signature', 'shop', 'timestamp', 'path_prefix', 'logged_in_customer_id'] as const;

/** The text that an app proxy signs: `key=value` sorted and without anything between, repeats joined by commas. */
function proxyText(query: URLSearchParams): string {
  const values = Map.groupBy(query.entries(), ([key]) => key);
  return [...values]
    .filter(([key]) => key !== 'signature')
    .map(([key, pairs]) => `${key}=${pairs.map(([, value]) => value).join(',')}`)
    .toSorted()
    .join('');
}

/**
 * A request that came through the shop's app proxy: signed query, this shop, within 90 s. A signature that came before is not refused: it covers neither body nor
 * visitor, so two shoppers in the same second honestly bring the same one.
 */
export function shopifyProxyProver(
  rule: Extract<Proof, { kind: 'shopify-proxy' }>,
  secrets: readonly string[],
): Prover {
  return {
    kind: 'shopify-proxy',
    prove({ head, now }) {
      const query = new URLSearchParams(head.query);
      const signature = query.get('signature');
      if (signature === null) return null;
      if (PROXY_ONCE.some((name) => query.getAll(name).length > 1)) return refusal('bad-proof', 'repeated');
      const stamp = query.get('timestamp') ?? '';
      if (!/^\d{1,12}$/u.test(stamp)) return refusal('bad-proof', 'timestamp');
      if (!signedBy(secrets, 'hex', signature, proxyText(query))) return refusal('bad-proof', 'signature');
      if (Math.abs(now - Number(stamp) * SECOND_MS) > PROXY_TOLERANCE_MS)
        return refusal('stale-proof', 'timestamp');
      if (query.get('shop') !== rule.domain) return refusal('bad-proof', 'other shop');
      const customer = query.get('logged_in_customer_id') ?? '';
      return {
        kind: 'shopify-proxy',
        id: rule.domain,
        account: customer === '' ? null : customer,
        scopes: [],
      };
    },
  };
}

/**
 * A session token of an embedded page (JWT, HS256 with the app's secret): signature, times and audience, and that issuer and destination are this very shop.
 */
export function shopifySessionProver(
  rule: Extract<Proof, { kind: 'shopify-session' }>,
  secrets: readonly string[],
): Prover {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret, 'utf8')));
  const known = openKnownTokens();
  return {
    kind: 'shopify-session',
    async prove({ head, now }) {
      const token = bearerOf(head);
      if (token === null || !token.includes('.')) return null;
      if (token.length > MAX_TOKEN_CHARS) return refusal('bad-proof', 'too long');
      const before = known.get(token, now);
      if (before !== undefined) return before;
      let failed: unknown = null;
      for (const key of keys) {
        try {
          const { payload } = await jwtVerify(token, key, {
            algorithms: ['HS256'],
            audience: rule.clientId,
            issuer: `https://${rule.domain}/admin`,
            requiredClaims: ['exp', 'nbf', 'sub', 'dest'],
            clockTolerance: 10,
            currentDate: new Date(now),
          });
          if (payload['dest'] !== `https://${rule.domain}`) return refusal('bad-proof', 'other shop');
          const caller = {
            kind: 'shopify-session',
            id: rule.domain,
            account: payload.sub ?? null,
            scopes: [],
          } as const;
          known.keep(token, caller, (payload.exp ?? 0) * SECOND_MS, now);
          return caller;
        } catch (error) {
          failed = error;
          // A rotated secret still signs for a while: only a signature that fits no secret tries the next.
          if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
        }
      }
      return refusedFor(failed);
    },
  };
}
