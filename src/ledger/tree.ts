import { foldRight, HASH_BYTES, hashLeafInto, perfectRoot } from './merkle.ts';
import { TILE_BYTES, TILE_WIDTH, type TileReader, tileRoot } from './tile.ts';

/** A tile that became full, and so will never change. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
}

/**
 * The growing right edge of a tree: one partial tile a level, nothing else in memory.
 *
 * `append` is the only change. Full tiles are handed to `onFull` and forgotten.
 */
export class Tree {
  #size = 0;
  /** Partial tiles by level; the first `#size / 256^level % 256` hashes of each are set. */
  readonly #edges: Buffer[] = [];

  get size(): number {
    return this.#size;
  }

  /**
   * A tree of `size` leaves, its right edge read back from full tiles and from the leaves after the
   * last one of level 0 (`tail`, fewer than 256).
   */
  static restore(size: number, tail: readonly Uint8Array[], tiles: TileReader): Tree {
    const tree = new Tree();
    tree.#size = size - tail.length;
    let fullBelow = Math.floor(size / TILE_WIDTH);
    for (let level = 1; fullBelow > 0; level++) {
      const width = fullBelow % TILE_WIDTH;
      const edge = tree.#edge(level);
      for (let i = 0; i < width; i++) {
        tileRoot(tiles.tile(level - 1, fullBelow - width + i)).copy(edge, i * HASH_BYTES);
      }
      fullBelow = Math.floor(fullBelow / TILE_WIDTH);
    }
    for (const leaf of tail) tree.append(leaf, unexpectedFullTile);
    return tree;
  }

  append(leaf: Uint8Array, onFull: (tile: FullTile) => void): void {
    const at = this.#size % TILE_WIDTH;
    hashLeafInto(this.#edge(0), at * HASH_BYTES, leaf);
    this.#size += 1;
    if (at === TILE_WIDTH - 1) this.#close(onFull);
  }

  /** Hands on every tile that the last leaf filled, from the bottom up. */
  #close(onFull: (tile: FullTile) => void): void {
    let count = this.#size;
    for (let level = 0; count % TILE_WIDTH === 0; level++) {
      const hashes = Buffer.from(this.#edge(level));
      count /= TILE_WIDTH;
      onFull({ level, index: count - 1, hashes });
      tileRoot(hashes).copy(this.#edge(level + 1), ((count - 1) % TILE_WIDTH) * HASH_BYTES);
    }
  }

  /** The root over all leaves (RFC 6962, section 2.1). */
  root(): Buffer {
    const peaks: Buffer[] = [];
    for (let level = this.#edges.length - 1; level >= 0; level--) {
      const width = Math.floor(this.#size / TILE_WIDTH ** level) % TILE_WIDTH;
      let from = 0;
      for (let bit = TILE_WIDTH >> 1; bit > 0; bit >>= 1) {
        if ((width & bit) === 0) continue;
        peaks.push(perfectRoot(this.#edge(level), from * HASH_BYTES, bit));
        from += bit;
      }
    }
    return foldRight(peaks);
  }

  /** The partial tile of a level: its hashes so far (a copy). */
  partial(level: number): Buffer {
    const width = Math.floor(this.#size / TILE_WIDTH ** level) % TILE_WIDTH;
    return Buffer.from(this.#edge(level).subarray(0, width * HASH_BYTES));
  }

  #edge(level: number): Buffer {
    return (this.#edges[level] ??= Buffer.alloc(TILE_BYTES));
  }
}

function unexpectedFullTile(): never {
  throw new RangeError('a tail of 256 leaves or more is a full tile');
}
