import { createLocalJWKSet, type CryptoKey, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** Finds the key that a token's header names (RFC 7517, section 5). */
export type KeySet = JWTVerifyGetKey;

/** Names and algorithms are few where an issuer is honest; a token names what it likes. */
const MAX_REMEMBERED = 100;

/** jose's look-up in a set of public keys, which goes over all of them each time, with what was found for a name kept. */
export function keySet(keys: JSONWebKeySet): KeySet {
  const find = createLocalJWKSet(keys);
  const found = new Map<string, CryptoKey>();
  return async (header, token) => {
    const { alg, kid } = header;
    const name = typeof kid === 'string' ? `${alg} ${kid}` : null;
    const known = name === null ? undefined : found.get(name);
    if (known !== undefined) return known;
    const key = await find(header, token);
    if (name !== null && found.size < MAX_REMEMBERED) found.set(name, key);
    return key;
  };
}
