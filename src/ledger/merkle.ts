// The Merkle tree of RFC 6962, section 2.1 (the same tree as RFC 9162's): SHA-256, leaves prefixed 0x00,
// nodes 0x01, an unbalanced right edge. Hashing is nearly all the ledger's work, so it reuses one scratch
// buffer and asks for digests as one-byte strings, the cheapest form Node returns.
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

let leafScratch = Buffer.alloc(4096);
const nodeScratch = Buffer.alloc(1 + 2 * HASH_BYTES);
nodeScratch[0] = NODE_PREFIX;

/** Writes the hash of a leaf to `into` at `offset`. */
export function hashLeafInto(into: Buffer, offset: number, leaf: Uint8Array): void {
  const length = leaf.byteLength + 1;
  if (leafScratch.byteLength < length) leafScratch = Buffer.alloc(length * 2);
  leafScratch[0] = LEAF_PREFIX;
  leafScratch.set(leaf, 1);
  into.write(hash('sha256', leafScratch.subarray(0, length), 'latin1'), offset, HASH_BYTES, 'latin1');
}

/** Writes the hash of the node over `left` and `right` (32 bytes at each offset) to `into` at `offset`. */
function hashNodeInto(
  into: Buffer,
  offset: number,
  from: Buffer,
  leftOffset: number,
  rightFrom: Buffer,
  rightOffset: number,
): void {
  from.copy(nodeScratch, 1, leftOffset, leftOffset + HASH_BYTES);
  rightFrom.copy(nodeScratch, 1 + HASH_BYTES, rightOffset, rightOffset + HASH_BYTES);
  into.write(hash('sha256', nodeScratch, 'latin1'), offset, HASH_BYTES, 'latin1');
}

export function leafHash(leaf: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(HASH_BYTES);
  hashLeafInto(out, 0, leaf);
  return out;
}

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  const out = Buffer.allocUnsafe(HASH_BYTES);
  hashNodeInto(out, 0, left, 0, right, 0);
  return out;
}

/** The root of the empty tree: the hash of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/**
 * The root of `count` neighbouring hashes (a power of two) that start at `offset`: a perfect subtree.
 */
export function perfectRoot(hashes: Buffer, offset: number, count: number): Buffer {
  if (count === 1) return Buffer.from(hashes.subarray(offset, offset + HASH_BYTES));
  const work = Buffer.from(hashes.subarray(offset, offset + count * HASH_BYTES));
  for (let width = count; width > 1; width >>= 1) {
    for (let i = 0; i < width; i += 2) {
      hashNodeInto(work, (i >> 1) * HASH_BYTES, work, i * HASH_BYTES, work, (i + 1) * HASH_BYTES);
    }
  }
  return Buffer.from(work.subarray(0, HASH_BYTES));
}

/** Joins the roots of perfect subtrees, largest (leftmost) first, to the root of their tree. */
export function foldRight(peaks: readonly Buffer[]): Buffer {
  let root = peaks.at(-1);
  if (root === undefined) return EMPTY_ROOT;
  for (let i = peaks.length - 2; i >= 0; i--) {
    const left = peaks[i];
    if (left !== undefined) root = nodeHash(left, root);
  }
  return root;
}

/** The largest power of two smaller than `n` (n ≥ 2). Sizes pass 2^32, so no bit operators. */
export function splitPoint(n: number): number {
  return 2 ** Math.floor(Math.log2(n - 1));
}
