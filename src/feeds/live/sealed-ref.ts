// The public name of a stone that is only passed through. A catalogue can look a name up; here nothing is kept, so the name has to hold the provider's own id, and nobody but this installation may read it out: the id
// is one of a provider's that shoppers are not to know. One block under AES is a permutation: the same offer has the same name, and another is not found from it.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { deriveKey } from '#crypto';

const BLOCK = 16;
const CIPHER = 'aes-128-ecb';

export interface SealedRefs {
  /** 32 hexadecimal digits; null for an id that is too long for one block. */
  of(offerId: string): string | null;
  /** The id of a name that was made here; null for any other text. */
  read(ref: string): string | null;
}

/** Names under a feed's own key. */
export function sealedRefs(hashKey: Uint8Array): SealedRefs {
  const key = deriveKey(hashKey, 'feeds/live-ref', BLOCK);
  return {
    of(offerId) {
      const id = Buffer.from(offerId, 'latin1');
      if (id.length >= BLOCK) return null;
      const block = Buffer.alloc(BLOCK);
      block.writeUInt8(id.length, 0);
      id.copy(block, 1);
      return createCipheriv(CIPHER, key, null).setAutoPadding(false).update(block).toString('hex');
    },
    read(ref) {
      if (!/^[0-9a-f]{32}$/u.test(ref)) return null;
      const block = createDecipheriv(CIPHER, key, null).setAutoPadding(false).update(Buffer.from(ref, 'hex'));
      const length = block.readUInt8(0);
      if (length >= BLOCK || block.subarray(1 + length).some((byte) => byte !== 0)) return null;
      const id = block.toString('latin1', 1, 1 + length);
      return /^[\x21-\x7e]+$/u.test(id) ? id : null;
    },
  };
}
