import type { EdgePolicy, Proof, SecretId } from '#plane';
import { apiKeyProver } from '../callers/api-key.ts';
import { bearerOf, type Prover } from '../callers/caller.ts';
import { clientCertificateProver } from '../callers/client-certificate.ts';
import type { TokenAuthority } from '../callers/client-token.ts';
import type { IssuerKeys, KeyPlace } from '../callers/issuer-keys.ts';
import { jwtProver } from '../callers/jwt.ts';
import { orderLinkProver } from '../callers/order-link.ts';
import { PUBLIC } from '../callers/public.ts';
import type { Revocations } from '../callers/revocations.ts';
import { shopifyProxyProver, shopifySessionProver } from '../callers/shopify.ts';
import { webhookProver } from '../callers/webhook.ts';
import { refusal } from '../refusal.ts';

export interface ProverParts {
  readonly policy: EdgePolicy;
  readonly secrets: ReadonlyMap<SecretId, string>;
  readonly authority: TokenAuthority | null;
  readonly revoked: Revocations;
  issuerKeys(place: KeyPlace): IssuerKeys;
}

/** A shared secret shorter than this can be guessed. */
const MIN_SECRET_CHARS = 16;

/** What cannot be decided lets nobody in. */
function undecided(kind: Proof['kind'], detail: string): Prover {
  return { kind, prove: () => refusal('proof-undecided', detail) };
}

/** Makes the prover of one proof; where a secret of it cannot be opened, or its kind is not known here, one that refuses. */
export function proverOf(proof: Proof, parts: ProverParts): Prover {
  /** The secrets of a proof, or null where one is missing or too short to be one. */
  const secretsOf = (ids: readonly SecretId[]): readonly string[] | null => {
    const opened = ids.map((id) => parts.secrets.get(id));
    const usable = opened.filter((one) => one !== undefined && one.length >= MIN_SECRET_CHARS);
    return usable.length === ids.length && ids.length > 0 ? usable.map((one) => one ?? '') : null;
  };
  switch (proof.kind) {
    case 'public':
      return PUBLIC;
    case 'jwt': {
      const { keys } = proof;
      const place =
        keys.from === 'policy'
          ? null
          : { from: keys.from, url: keys.from === 'address' ? keys.url : proof.issuer };
      return jwtProver(proof, place === null ? null : parts.issuerKeys(place), parts.revoked);
    }
    case 'client-token':
      return (
        parts.authority?.prover(proof) ?? {
          kind: proof.kind,
          prove: ({ head }) =>
            bearerOf(head) === null ? null : refusal('proof-undecided', 'no token endpoint'),
        }
      );
    case 'api-key':
      return apiKeyProver(proof, parts.policy.keys);
    case 'client-certificate':
      return clientCertificateProver(proof);
    case 'shopify-proxy': {
      const secrets = secretsOf(proof.secrets);
      return secrets === null ? undecided(proof.kind, 'secret') : shopifyProxyProver(proof, secrets);
    }
    case 'shopify-session': {
      const secrets = secretsOf(proof.secrets);
      return secrets === null ? undecided(proof.kind, 'secret') : shopifySessionProver(proof, secrets);
    }
    case 'webhook': {
      const secrets = secretsOf(proof.secrets);
      return secrets === null ? undecided(proof.kind, 'secret') : webhookProver(proof, secrets);
    }
    case 'order-link': {
      const secrets = secretsOf(proof.secrets);
      return secrets === null ? undecided(proof.kind, 'secret') : orderLinkProver(proof, secrets);
    }
    default:
      // A newer control may know kinds that this edge does not.
      return undecided('public', 'unknown kind');
  }
}
