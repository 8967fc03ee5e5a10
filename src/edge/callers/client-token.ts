// Our own short tokens for machines: OAuth 2.0 client credentials (RFC 6749, section 4.4) with JWT access tokens (RFC 9068), signed with Ed25519. A client that is
// changed or ended takes its tokens along at once.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { MachineClient, Proof, TokenIssuer } from '#plane';
import { equalBytes, randomToken, SECOND_MS, sha256, utf8 } from '#kernel';
import { type Refusal, refusal } from '../refusal.ts';
import { bearerOf, hasScopes, type Prover } from './caller.ts';
import { challenge, MAX_TOKEN_CHARS, refusedFor, type TokenFacts } from './jwt.ts';
import { openKnownTokens } from './known-tokens.ts';
import type { Revocations } from './revocations.ts';

const TYPE = 'at+jwt';

export interface TokenAuthority {
  /** A token for a client and its secret; null: not these. `asked` narrows the scopes. */
  grant(
    clientId: string,
    secret: string,
    asked: readonly string[] | null,
    now: number,
  ): Promise<Granted | null>;
  prover(rule: Extract<Proof, { kind: 'client-token' }>): Prover;
}

export interface Granted {
  readonly token: string;
  readonly expiresInS: number;
  readonly scopes: readonly string[];
}

/** Opens the authority with its private key (JWK). Throws where that is no Ed25519 key. */
export function openTokenAuthority(
  issuer: TokenIssuer,
  jwk: { readonly [name: string]: unknown },
  clients: readonly MachineClient[],
  revoked: Revocations,
): TokenAuthority {
  const privateKey: KeyObject = createPrivateKey({ key: jwk, format: 'jwk' });
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new RangeError('not an Ed25519 key');
  const publicKey = createPublicKey(privateKey);
  const byId = new Map(clients.map((client) => [client.id, client]));
  const known = openKnownTokens<TokenFacts>();

  async function verify(token: string, now: number): Promise<TokenFacts | Refusal> {
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        issuer: issuer.issuer,
        audience: issuer.issuer,
        algorithms: ['EdDSA'],
        typ: TYPE,
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
        maxTokenAge: Math.ceil(issuer.lifetimeMs / SECOND_MS),
        currentDate: new Date(now),
      });
      const facts: TokenFacts = {
        kind: 'client-token',
        id: payload.sub ?? '',
        account: null,
        scopes: typeof payload['scope'] === 'string' ? payload['scope'].split(' ') : [],
        jti: payload.jti ?? null,
        madeAtMs: (payload.iat ?? 0) * SECOND_MS,
      };
      known.keep(token, facts, (payload.exp ?? 0) * SECOND_MS, now);
      return facts;
    } catch (error) {
      return refusedFor(error);
    }
  }

  return {
    async grant(clientId, secret, asked, now) {
      const client = byId.get(clientId);
      const hash = sha256(utf8(secret));
      let good = false;
      for (const one of client?.secretHashes ?? []) good = equalBytes(hash, Buffer.from(one, 'hex')) || good;
      if (client === undefined || !good || (client.until !== null && client.until <= now)) return null;
      const scopes = asked === null ? client.scopes : client.scopes.filter((scope) => asked.includes(scope));
      const lifetimeS = Math.floor(Math.min(issuer.lifetimeMs, (client.until ?? Infinity) - now) / SECOND_MS);
      const madeAtS = Math.floor(now / SECOND_MS);
      const token = await new SignJWT({ scope: scopes.join(' ') })
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE })
        .setIssuer(issuer.issuer)
        .setAudience(issuer.issuer)
        .setSubject(client.id)
        .setIssuedAt(madeAtS)
        .setExpirationTime(madeAtS + lifetimeS)
        .setJti(randomToken(16))
        .sign(privateKey);
      return { token, expiresInS: lifetimeS, scopes };
    },
    prover: (rule) => ({
      kind: 'client-token',
      async prove({ head, now }) {
        const token = bearerOf(head);
        if (token === null || !token.includes('.')) return null;
        if (token.length > MAX_TOKEN_CHARS) return refusal('bad-proof', 'too long');
        const facts = known.get(token, now) ?? (await verify(token, now));
        if ('refused' in facts) return facts;
        const client = byId.get(facts.id);
        // Second-grained: a token of the very second in which its client was changed is made anew.
        const void_ =
          client === undefined ||
          facts.madeAtMs < client.since ||
          (client.until !== null && client.until <= now) ||
          revoked.has(facts.jti, facts.id, facts.madeAtMs);
        if (void_) return refusal('bad-proof', 'revoked', { headers: challenge('invalid_token') });
        const scopes = facts.scopes.filter((scope) => client.scopes.includes(scope));
        if (!hasScopes(scopes, rule.scopes))
          return refusal('scope-missing', `client ${facts.id}`, {
            headers: challenge('insufficient_scope', rule.scopes),
          });
        return { ...facts, scopes };
      },
    }),
  };
}
