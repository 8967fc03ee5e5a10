import { hkdfSync } from 'node:crypto';
import { utf8 } from '#kernel';

/**
 * Derives a key from a stronger or equal one: HKDF-SHA256 (RFC 5869), without salt, since every parent
 * here is uniformly random. `purpose` is part of the key: two purposes never share one.
 */
export function deriveKey(parent: Uint8Array, purpose: string, byteLength = 32): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', parent, new Uint8Array(0), utf8(`loupe/v1/${purpose}`), byteLength),
  );
}
