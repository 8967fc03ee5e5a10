// An attacker who holds the disk controls every file here. What holds: a blob is read back whole and unaltered
// under its hash, or not at all.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seal, unseal } from '#crypto';
import { concat, equalBytes, hexOf, sha256, systemCode } from '#kernel';
import { writeFileDurably } from './data-folder.ts';
import { storageCause, storageError } from './errors.ts';

/** Whoever holds the keys: makes a data key for one blob and opens it again. The blob store keeps neither. */
export interface BlobKeys {
  /** A fresh 32-byte key, and the same key wrapped for keeping beside the blob. */
  makeKey(context: readonly string[]): Promise<{ readonly key: Uint8Array; readonly wrapped: Uint8Array }>;
  openKey(wrapped: Uint8Array, context: readonly string[]): Promise<Uint8Array>;
}

export interface BlobStore {
  /** Stores bytes and returns their name, the SHA-256 of the plain bytes in hexadecimal. Durable on return. */
  put(shopId: string, bytes: Uint8Array): Promise<string>;
  /** The bytes of that name, or null where this shop has none. Throws `storage/damaged`. */
  get(shopId: string, hash: string): Promise<Uint8Array | null>;
}

const MAX_BLOB_BYTES = 64 * 1024 * 1024;

/**
 * Sealed, content-addressed files below `folder`, one folder a shop: the same bytes of two shops are two files,
 * so that no shop learns what another holds.
 *
 * Shape of a file: length of the wrapped key (2 bytes), wrapped key, sealed bytes.
 */
export function openBlobStore(folder: string, keys: BlobKeys): BlobStore {
  const pathOf = (shopId: string, hash: string) => join(folder, shopId, hash.slice(0, 2), hash);
  return {
    async put(shopId, bytes) {
      if (bytes.byteLength > MAX_BLOB_BYTES) throw new RangeError('a blob holds 64 MiB at most');
      assertShopId(shopId);
      const hash = hexOf(sha256(bytes));
      const path = pathOf(shopId, hash);
      if (existsSync(path)) return hash;
      const context = ['blob', shopId, hash];
      const { key, wrapped } = await keys.makeKey(context);
      const head = new Uint8Array(2);
      new DataView(head.buffer).setUint16(0, wrapped.byteLength);
      try {
        mkdirSync(join(folder, shopId, hash.slice(0, 2)), { recursive: true, mode: 0o700 });
      } catch (error) {
        throw storageCause(error);
      }
      writeFileDurably(path, concat(head, wrapped, seal(key, bytes, context)));
      return hash;
    },
    async get(shopId, hash) {
      assertShopId(shopId);
      if (!/^[0-9a-f]{64}$/u.test(hash)) return null;
      let file: Buffer;
      try {
        file = readFileSync(pathOf(shopId, hash));
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return null;
        throw storageCause(error);
      }
      const context = ['blob', shopId, hash];
      const keyEnd = file.byteLength < 2 ? 0 : 2 + file.readUInt16BE(0);
      try {
        const key = await keys.openKey(file.subarray(2, keyEnd), context);
        const bytes = unseal(key, file.subarray(keyEnd), context);
        if (equalBytes(sha256(bytes), Buffer.from(hash, 'hex'))) return bytes;
      } catch (error) {
        throw storageError('storage/damaged', { details: { blob: hash }, cause: error });
      }
      throw storageError('storage/damaged', { details: { blob: hash } });
    },
  };
}

function assertShopId(shopId: string): void {
  if (!/^[a-z]{3}_[0-9a-f]{32}$/u.test(shopId)) throw new TypeError('not a shop id');
}
