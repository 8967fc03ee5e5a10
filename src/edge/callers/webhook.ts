// Signed deliveries, over the body as it came. Shopify: base64 of HMAC-SHA256 over the body. Standard Webhooks 1.0: `v1,` and base64 of HMAC-SHA256 over
// `id.timestamp.body`, with a secret written as `whsec_` and base64.
import type { Proof } from '#plane';
import { SECOND_MS } from '#kernel';
import { isRefusal, refusal } from '../refusal.ts';
import type { Caller, Prover } from './caller.ts';
import { signedBy } from './signatures.ts';

/** A delivery is one thing, however often it is sent. */
export interface DeliveryCaller extends Caller {
  readonly deliveryId: string;
  readonly rememberMs: number;
}

type Rule = Extract<Proof, { kind: 'webhook' }>;

export function webhookProver(rule: Rule, secrets: readonly string[]): Prover {
  const read = rule.scheme === 'shopify' ? readShopify : readStandard;
  const keys = rule.scheme === 'shopify' ? secrets : secrets.map(standardSecret);
  return {
    kind: 'webhook',
    async prove({ head, now, body }) {
      const claim = read((name) => head.by.get(name));
      if (claim === null) return null;
      if (claim.at === null || claim.id === '' || claim.id.length > 200)
        return refusal('bad-proof', 'headers');
      if (claim.signatures.length > MAX_SIGNATURES) return refusal('bad-proof', 'signatures');
      const bytes = await body();
      if (isRefusal(bytes)) return bytes;
      const good = claim.signatures.some((one) => signedBy(keys, 'base64', one, claim.before, bytes));
      if (!good) return refusal('bad-proof', 'signature');
      if (Math.abs(now - claim.at) > rule.toleranceMs) return refusal('stale-proof', 'timestamp');
      const caller: DeliveryCaller = {
        kind: 'webhook',
        id: rule.scheme,
        account: null,
        scopes: [],
        deliveryId: claim.id,
        rememberMs: 2 * rule.toleranceMs,
      };
      return caller;
    },
  };
}

const MAX_SIGNATURES = 8;

interface Claim {
  readonly id: string;
  readonly at: number | null;
  readonly signatures: readonly string[];
  /** What is signed before the body. */
  readonly before: string;
}

type Named = (name: string) => string | undefined;

/** Shopify signs the body alone: its id and time are a claim, good enough to drop what comes twice or late. */
function readShopify(header: Named): Claim | null {
  const signature = header('x-shopify-hmac-sha256') ?? header('shopify-hmac-sha256');
  if (signature === undefined) return null;
  const at = Date.parse(header('x-shopify-triggered-at') ?? header('shopify-triggered-at') ?? '');
  return {
    id: header('x-shopify-webhook-id') ?? header('shopify-webhook-id') ?? '',
    at: Number.isNaN(at) ? null : at,
    signatures: [signature],
    before: '',
  };
}

function readStandard(header: Named): Claim | null {
  const signature = header('webhook-signature');
  if (signature === undefined) return null;
  const id = header('webhook-id') ?? '';
  const stamp = header('webhook-timestamp') ?? '';
  return {
    id,
    at: /^\d{1,12}$/u.test(stamp) ? Number(stamp) * SECOND_MS : null,
    signatures: signature.split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : [])),
    before: `${id}.${stamp}.`,
  };
}

function standardSecret(secret: string): Uint8Array {
  return Buffer.from(secret.replace(/^whsec_/u, ''), 'base64');
}
