// Tiles: C2SP tlog-tiles (https://c2sp.org/tlog-tiles). A tile holds up to 256 hashes of one level; level L of
// tiles is level 8·L of the tree. An entry bundle holds up to 256 leaves, each preceded by its length.
import { asBuffer } from '#kernel';
import { HASH_BYTES, perfectRoot } from './merkle.ts';

export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;
export const TILE_BYTES: number = TILE_WIDTH * HASH_BYTES;

/** The longest leaf: its length is written in 16 bits. */
export const MAX_LEAF_BYTES = 65_535;

/** Where full tiles are read from. */
export interface TileReader {
  /** The full tile `index` of tile level `level`: 8,192 bytes. Throws where it is missing. */
  tile(level: number, index: number): Buffer;
}

/** The root over a full tile: the hash that stands for it one tile level up. */
export function tileRoot(tile: Buffer): Buffer {
  return perfectRoot(tile, 0, TILE_WIDTH);
}

/** `x123/x456/789`: the path of the Nth tile or bundle. */
function indexPath(index: number): string {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return groups.join('/');
}

/** The path of a tile below the log's prefix; `width` under 256 names a partial tile. */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The path of an entry bundle below the log's prefix. */
export function bundlePath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Writes leaves as an entry bundle. */
export function encodeBundle(leaves: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const leaf of leaves) length += 2 + leaf.byteLength;
  const bundle = Buffer.allocUnsafe(length);
  let at = 0;
  for (const leaf of leaves) {
    bundle.writeUInt16BE(leaf.byteLength, at);
    bundle.set(leaf, at + 2);
    at += 2 + leaf.byteLength;
  }
  return bundle;
}

/** Reads an entry bundle; null where it does not hold whole leaves. */
export function decodeBundle(bytes: Uint8Array): Buffer[] | null {
  const bundle = asBuffer(bytes);
  const leaves: Buffer[] = [];
  for (let at = 0; at < bundle.byteLength; ) {
    if (at + 2 > bundle.byteLength) return null;
    const end = at + 2 + bundle.readUInt16BE(at);
    if (end > bundle.byteLength) return null;
    leaves.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return leaves;
}
