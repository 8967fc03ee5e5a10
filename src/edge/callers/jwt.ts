// Bearer tokens of an issuer (RFC 6750; RFC 7519; RFC 8725 on what goes wrong). Verified by jose; what jose leaves to its caller is decided here: algorithms
// from the route and never from the token, a bound on size, an age, and taken-back tokens.
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Proof } from '#plane';
import { type Refusal, refusal } from '../refusal.ts';
import { bearerOf, type Caller, hasScopes, type Prover, type Verdict } from './caller.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { keySet } from './key-set.ts';
import { openKnownTokens } from './known-tokens.ts';
import type { Revocations } from './revocations.ts';

export const MAX_TOKEN_CHARS = 8_192;

/** Clocks may differ by this much. */
const LEEWAY_S = 30;

export interface TokenFacts extends Caller {
  readonly jti: string | null;
  readonly madeAtMs: number;
}

export function challenge(error: string, scopes: readonly string[] = []): Readonly<Record<string, string>> {
  const scope = scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`;
  return { 'www-authenticate': error === '' ? 'Bearer' : `Bearer error="${error}"${scope}` };
}

export function jwtProver(
  rule: Extract<Proof, { kind: 'jwt' }>,
  keys: IssuerKeys | null,
  revoked: Revocations,
): Prover {
  const known = openKnownTokens<TokenFacts>();
  const own = rule.keys.from === 'policy' ? keySet({ keys: [...rule.keys.jwks.keys] }) : null;

  async function verify(token: string, now: number): Promise<TokenFacts | Refusal> {
    for (const again of [false, true]) {
      const set = own ?? (await keys?.set(again)) ?? null;
      if (set === null) return refusal('proof-undecided', 'issuer keys');
      try {
        const { payload } = await jwtVerify(token, set, {
          issuer: rule.issuer,
          audience: rule.audience,
          algorithms: [...rule.algorithms],
          clockTolerance: LEEWAY_S,
          maxTokenAge: Math.ceil(rule.maxAgeMs / 1000),
          requiredClaims: ['exp', 'iat', 'sub'],
          currentDate: new Date(now),
        });
        const facts = factsOf(payload, rule);
        known.keep(token, facts, (payload.exp ?? 0) * 1000, now);
        return facts;
      } catch (error) {
        const missing = error instanceof errors.JWKSNoMatchingKey && own === null;
        if (missing && !again) continue;
        return refusedFor(error);
      }
    }
    return refusal('bad-proof', 'key');
  }

  return {
    kind: 'jwt',
    async prove({ head, now }): Promise<Verdict> {
      const token = bearerOf(head);
      if (token === null || !token.includes('.')) return null;
      if (token.length > MAX_TOKEN_CHARS)
        return refusal('bad-proof', 'too long', { headers: challenge('invalid_token') });
      const facts = known.get(token, now) ?? (await verify(token, now));
      if ('refused' in facts) return facts;
      if (revoked.has(facts.jti, facts.account, facts.madeAtMs))
        return refusal('bad-proof', 'revoked', { headers: challenge('invalid_token') });
      if (!hasScopes(facts.scopes, rule.scopes))
        return refusal('scope-missing', 'scope', { headers: challenge('insufficient_scope', rule.scopes) });
      return facts;
    },
  };
}

function factsOf(payload: JWTPayload, rule: Extract<Proof, { kind: 'jwt' }>): TokenFacts {
  const { scope, scp } = payload;
  const scopes =
    typeof scope === 'string'
      ? scope.split(' ')
      : Array.isArray(scp)
        ? scp.filter((one): one is string => typeof one === 'string')
        : [];
  return {
    kind: 'jwt',
    id: rule.issuer,
    account: payload.sub ?? null,
    scopes: scopes.filter((one) => one !== ''),
    jti: payload.jti ?? null,
    madeAtMs: (payload.iat ?? 0) * 1000,
  };
}

/** jose's messages can repeat parts of a token: only its codes are read. */
export function refusedFor(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired)
    return refusal('stale-proof', 'expired', { headers: challenge('invalid_token') });
  const detail = error instanceof errors.JOSEError ? error.code : 'unreadable';
  return refusal('bad-proof', detail, { headers: challenge('invalid_token') });
}
