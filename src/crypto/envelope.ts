// An attacker who holds the disk controls every sealed byte. What holds: bytes open only under the key and
// in the place (context) they were sealed for, unaltered; nothing is released before the tag is checked.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { concat, utf8 } from '#kernel';
import { cryptoError } from './errors.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How many bytes sealing adds. */
export const SEAL_OVERHEAD_BYTES: number = 1 + NONCE_BYTES + TAG_BYTES;

/**
 * Where sealed bytes belong, from the outside in (say log, table, row). Encoded with lengths, so that
 * ('ab','c') and ('a','bc') differ.
 */
export type SealContext = readonly string[];

/** The unambiguous encoding of a context: each part preceded by its length in 4 bytes. */
export function encodeContext(context: SealContext): Uint8Array {
  return concat(
    ...context.flatMap((part) => {
      const bytes = utf8(part);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, bytes.byteLength);
      return [length, bytes];
    }),
  );
}

/**
 * Seals bytes under a 32-byte key, bound to their place: AES-256-GCM (NIST SP 800-38D), random 96-bit
 * nonce, 128-bit tag. At most 2^32 seals a key.
 *
 * Shape: version (1 byte), nonce (12), ciphertext, tag (16).
 */
export function seal(key: Uint8Array, plain: Uint8Array, context: SealContext): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(concat(Uint8Array.of(VERSION), encodeContext(context)));
  return concat(Uint8Array.of(VERSION), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag());
}

/** Opens what `seal` made. Throws `crypto/cannot-open`, which never says why. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: SealContext): Uint8Array {
  if (sealed.byteLength < SEAL_OVERHEAD_BYTES || sealed[0] !== VERSION)
    throw cryptoError('crypto/cannot-open');
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(concat(Uint8Array.of(VERSION), encodeContext(context)));
  decipher.setAuthTag(sealed.subarray(sealed.byteLength - TAG_BYTES));
  try {
    const body = sealed.subarray(1 + NONCE_BYTES, sealed.byteLength - TAG_BYTES);
    return concat(decipher.update(body), decipher.final());
  } catch {
    throw cryptoError('crypto/cannot-open');
  }
}
