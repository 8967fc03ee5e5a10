import { equalBytes } from '#kernel';
import { foldRight, HASH_BYTES, nodeHash, perfectRoot, splitPoint } from './merkle.ts';
import { TILE_HEIGHT, TILE_WIDTH, type TileReader } from './tile.ts';
import type { Tree } from './tree.ts';

/** Gives the hash of any perfect subtree of a log: level 0 are the leaves' own hashes. */
export interface HashReader {
  hash(level: number, index: number): Buffer;
}

/** Reads subtree hashes from full tiles, and from the tree's right edge where a tile is still partial. */
export function hashReader(tree: Pick<Tree, 'size' | 'partial'>, tiles: TileReader): HashReader {
  const cache = new Map<string, Buffer>();
  const tileAt = (level: number, index: number): Buffer => {
    const key = `${level}/${index}`;
    let tile = cache.get(key);
    if (tile === undefined) {
      const full = Math.floor(tree.size / TILE_WIDTH ** (level + 1));
      tile = index < full ? tiles.tile(level, index) : tree.partial(level);
      cache.set(key, tile);
    }
    return tile;
  };
  return {
    hash(level, index) {
      const tileLevel = Math.floor(level / TILE_HEIGHT);
      const count = 2 ** (level % TILE_HEIGHT);
      const first = index * count;
      const tile = tileAt(tileLevel, Math.floor(first / TILE_WIDTH));
      return perfectRoot(tile, (first % TILE_WIDTH) * HASH_BYTES, count);
    },
  };
}

/** The root of leaves [start, end), where start is a multiple of the largest power of two in the range. */
function rangeRoot(hashes: HashReader, start: number, end: number): Buffer {
  const peaks: Buffer[] = [];
  for (let at = start; at < end; ) {
    const level = Math.floor(Math.log2(end - at));
    peaks.push(hashes.hash(level, at / 2 ** level));
    at += 2 ** level;
  }
  return foldRight(peaks);
}

/** The inclusion path of leaf `index` in a tree of `size` leaves (RFC 6962, section 2.1.1), leaf first. */
export function inclusionPath(hashes: HashReader, index: number, size: number): Buffer[] {
  if (!(index >= 0 && index < size)) throw new RangeError('no such leaf');
  const path: Buffer[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push(rangeRoot(hashes, middle, end));
      end = middle;
    } else {
      path.push(rangeRoot(hashes, start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/** The proof that the tree of `oldSize` leaves is a prefix of the tree of `newSize` (RFC 6962, section 2.1.2). */
export function consistencyPath(hashes: HashReader, oldSize: number, newSize: number): Buffer[] {
  if (!(oldSize >= 0 && oldSize <= newSize)) throw new RangeError('not an earlier size');
  if (oldSize === 0 || oldSize === newSize) return [];
  const path: Buffer[] = [];
  let start = 0;
  let end = newSize;
  let whole = true;
  while (oldSize !== end) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      path.push(rangeRoot(hashes, middle, end));
      end = middle;
    } else {
      path.push(rangeRoot(hashes, start, middle));
      start = middle;
      whole = false;
    }
  }
  if (!whole) path.push(rangeRoot(hashes, start, end));
  return path.reverse();
}

/** Checks an inclusion path (RFC 9162, section 2.1.3.2). */
export function verifyInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  path: readonly Buffer[],
  root: Uint8Array,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false;
  let node = index;
  let last = size - 1;
  let running = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      running = nodeHash(sibling, running);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      running = nodeHash(running, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(running, root);
}

/** Checks a consistency path (RFC 9162, section 2.1.4.2). */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  newRoot: Uint8Array,
  path: readonly Buffer[],
): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (oldSize === newSize) return path.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return path.length === 0;
  let node = oldSize - 1;
  let last = newSize - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  // A power of two is its own first node; otherwise the proof begins with it.
  const steps = node === 0 ? [Buffer.from(oldRoot), ...path] : [...path];
  const first = steps.shift();
  if (first === undefined) return false;
  let oldRunning = first;
  let newRunning = first;
  for (const sibling of steps) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldRunning = nodeHash(sibling, oldRunning);
      newRunning = nodeHash(sibling, newRunning);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newRunning = nodeHash(newRunning, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(oldRunning, oldRoot) && equalBytes(newRunning, newRoot);
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}
