// API keys: `lk_ID_SECRET`. The id finds the key, so that the secret is compared with one hash in constant time; both are shown once, when it is made.
import type { ApiKey, Proof } from '#plane';
import { equalBytes, sha256, utf8 } from '#kernel';
import { refusal } from '../refusal.ts';
import { hasScopes, type Prover } from './caller.ts';

const FORM = /^lk_([a-z0-9]{12})_[A-Za-z0-9_-]{43}$/u;

export function apiKeyProver(rule: Extract<Proof, { kind: 'api-key' }>, keys: readonly ApiKey[]): Prover {
  const byId = new Map(keys.map((key) => [key.id, { key, hash: Buffer.from(key.hash, 'hex') }]));
  const header = rule.header.toLowerCase();
  return {
    kind: 'api-key',
    prove({ head, now }) {
      const sent = head.by.get(header);
      const presented = header === 'authorization' ? sent?.replace(/^(?:Bearer|Basic|ApiKey) /iu, '') : sent;
      if (presented === undefined || !presented.startsWith('lk_')) return null;
      const found = byId.get(FORM.exec(presented)?.[1] ?? '');
      // An unknown id costs as much as a known one.
      const hash = sha256(utf8(presented));
      if (found === undefined || !equalBytes(hash, found.hash)) return refusal('bad-proof', 'key');
      const { key } = found;
      if (key.until !== null && key.until <= now) return refusal('stale-proof', `key ${key.id} ended`);
      if (!hasScopes(key.scopes, rule.scopes)) return refusal('scope-missing', `key ${key.id}`);
      return { kind: 'api-key', id: key.id, account: null, scopes: key.scopes };
    },
  };
}
