import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '#kernel';
import { EMPTY_ROOT, leafHash, nodeHash } from './merkle.ts';
import { consistencyPath, hashReader, inclusionPath, verifyConsistency, verifyInclusion } from './proof.ts';
import { bundlePath, decodeBundle, encodeBundle, tilePath } from './tile.ts';
import { type FullTile, Tree } from './tree.ts';

/** RFC 6962, section 2.1, word for word: the oracle. */
function mth(leaves: readonly Uint8Array[]): Buffer {
  const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

// The inputs and roots of the reference implementation of certificate transparency (merkletree tests).
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const CT_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function grow(leaves: readonly Uint8Array[]) {
  const tree = new Tree();
  const full = new Map<string, FullTile>();
  for (const leaf of leaves) tree.append(leaf, (tile) => full.set(`${tile.level}/${tile.index}`, tile));
  const tiles = { tile: (level: number, index: number) => full.get(`${level}/${index}`)!.hashes };
  return { tree, tiles };
}

const numbered = (n: number) => Array.from({ length: n }, (_, i) => utf8(`leaf ${i}`));

describe('the tree', () => {
  it('has the published roots', () => {
    expect(EMPTY_ROOT.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    CT_ROOTS.forEach((root, i) => {
      expect(
        grow(CT_LEAVES.slice(0, i + 1))
          .tree.root()
          .toString('hex'),
      ).toBe(root);
    });
  });

  it.each([0, 1, 2, 255, 256, 257, 511, 512, 700, 65_536 + 300])('of %d leaves is the RFC’s', (n) => {
    const leaves = numbered(n);
    const { tree, tiles } = grow(leaves);
    expect(tree.root()).toEqual(mth(leaves));
    const tail = leaves.slice(n - (n % 256));
    const restored = Tree.restore(n, tail, tiles);
    expect(restored.root()).toEqual(tree.root());
    expect(restored.size).toBe(n);
  });
});

describe('proofs', () => {
  it('of inclusion verify, for every leaf, and for nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.nat(), fc.nat(), (n, pick, bend) => {
        const leaves = numbered(n);
        const { tree, tiles } = grow(leaves);
        const index = pick % n;
        const path = inclusionPath(hashReader(tree, tiles), index, n);
        const root = tree.root();
        const leaf = leafHash(leaves[index]!);
        expect(verifyInclusion(leaf, index, n, path, root)).toBe(true);
        expect(verifyInclusion(leafHash(utf8('other')), index, n, path, root)).toBe(false);
        expect(verifyInclusion(leaf, index + 1, n, path, root)).toBe(false);
        expect(verifyInclusion(leaf, index, n, [...path, leaf], root)).toBe(false);
        if (path.length > 0) {
          expect(verifyInclusion(leaf, index, n, path.slice(1), root)).toBe(false);
          const bent = path.map((hash) => Buffer.from(hash));
          const hash = bent[bend % bent.length]!;
          hash[bend % 32]! ^= 1 << (bend % 8);
          expect(verifyInclusion(leaf, index, n, bent, root)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of consistency verify between every two sizes, and for nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.nat(), fc.nat(), (n, pick, bend) => {
        const leaves = numbered(n);
        const { tree, tiles } = grow(leaves);
        const m = pick % (n + 1);
        const path = consistencyPath(hashReader(tree, tiles), m, n);
        const oldRoot = mth(leaves.slice(0, m));
        expect(verifyConsistency(m, oldRoot, n, tree.root(), path)).toBe(true);
        if (m > 0) {
          expect(
            verifyConsistency(m, mth([...leaves.slice(0, m - 1), utf8('other')]), n, tree.root(), path),
          ).toBe(false);
        }
        if (path.length > 0) {
          const bent = path.map((hash) => Buffer.from(hash));
          bent[bend % bent.length]![bend % 32]! ^= 1 << (bend % 8);
          expect(verifyConsistency(m, oldRoot, n, tree.root(), bent)).toBe(false);
          expect(verifyConsistency(m, oldRoot, n, tree.root(), path.slice(0, -1))).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('refuse sizes that are no sizes', () => {
    const leaf = leafHash(utf8('x'));
    for (const [index, size] of [
      [-1, 1],
      [1, 1],
      [0.5, 2],
      [0, 0],
      [Number.NaN, 1],
    ] as const) {
      expect(verifyInclusion(leaf, index, size, [], leaf)).toBe(false);
    }
    expect(verifyConsistency(2, leaf, 1, leaf, [])).toBe(false);
    expect(nodeHash(leaf, leaf)).not.toEqual(leaf);
  });
});

describe('tiles', () => {
  it('are named as the specification names them', () => {
    expect(tilePath(0, 1_234_067)).toBe('tile/0/x001/x234/067');
    expect(tilePath(3, 5)).toBe('tile/3/005');
    expect(tilePath(1, 0, 17)).toBe('tile/1/000.p/17');
    expect(bundlePath(1_000)).toBe('tile/entries/x001/000');
  });

  it('bundle leaves and give them back; anything cut short is refused', () => {
    const leaves = [utf8(''), utf8('a'), Buffer.alloc(65_535, 1)];
    const bundle = encodeBundle(leaves);
    expect(decodeBundle(bundle)?.map((leaf) => leaf.byteLength)).toEqual([0, 1, 65_535]);
    expect(decodeBundle(bundle.subarray(0, -1))).toBeNull();
    expect(decodeBundle(Buffer.of(0))).toBeNull();
  });
});
