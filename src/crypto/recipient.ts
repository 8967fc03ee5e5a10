import { CompactEncrypt, importJWK } from 'jose';

/** A process elsewhere that alone can open what is sealed to it, by its X25519 key (RFC 8037). */
export interface Recipient {
  /** RFC 7638 thumbprint of the key. */
  readonly id: string;
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string };
}

/** Seals bytes to a recipient: compact JWE (RFC 7516), ECDH-ES with A256GCM. Throws where the key is none. */
export async function sealTo(recipient: Recipient, plain: Uint8Array): Promise<string> {
  const key = await importJWK({ ...recipient.jwk }, 'ECDH-ES');
  return await new CompactEncrypt(plain)
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: recipient.id })
    .encrypt(key);
}
