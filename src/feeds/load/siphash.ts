// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012) over 64 bits in halves of 32. Keyed, because whoever writes a feed chooses the ids that are
// hashed, and must not be able to choose two that fall together.

export interface KeyedHash {
  /** Hashes bytes; the halves stand in `high` and `low` until the next call. */
  of(bytes: Uint8Array, start: number, end: number): void;
  readonly high: number;
  readonly low: number;
}

/** Makes a hash under a key of 16 bytes. */
export function keyedHash(key: Uint8Array): KeyedHash {
  if (key.byteLength !== 16) throw new RangeError('a key of 16 bytes');
  const view = new DataView(key.buffer, key.byteOffset, 16);
  const [k0l, k0h] = [view.getInt32(0, true), view.getInt32(4, true)];
  const [k1l, k1h] = [view.getInt32(8, true), view.getInt32(12, true)];
  let v0h = 0;
  let v0l = 0;
  let v1h = 0;
  let v1l = 0;
  let v2h = 0;
  let v2l = 0;
  let v3h = 0;
  let v3l = 0;

  function rounds(count: number): void {
    for (let i = 0; i < count; i++) {
      let t = 0;
      // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
      let sum = (v0l >>> 0) + (v1l >>> 0);
      v0h = (v0h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      t = (v1h << 13) | (v1l >>> 19);
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = t ^ v0h;
      t = v0h;
      v0h = v0l;
      v0l = t;
      // v2 += v3; v3 = rotl(v3, 16) ^ v2
      sum = (v2l >>> 0) + (v3l >>> 0);
      v2h = (v2h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      t = (v3h << 16) | (v3l >>> 16);
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = t ^ v2h;
      // v0 += v3; v3 = rotl(v3, 21) ^ v0
      sum = (v0l >>> 0) + (v3l >>> 0);
      v0h = (v0h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      t = (v3h << 21) | (v3l >>> 11);
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = t ^ v0h;
      // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
      sum = (v2l >>> 0) + (v1l >>> 0);
      v2h = (v2h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      t = (v1h << 17) | (v1l >>> 15);
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = t ^ v2h;
      t = v2h;
      v2h = v2l;
      v2l = t;
    }
  }

  const hash = {
    high: 0,
    low: 0,
    of(bytes: Uint8Array, start: number, end: number): void {
      v0h = k0h ^ 0x736f6d65;
      v0l = k0l ^ 0x70736575;
      v1h = k1h ^ 0x646f7261;
      v1l = k1l ^ 0x6e646f6d;
      v2h = k0h ^ 0x6c796765;
      v2l = k0l ^ 0x6e657261;
      v3h = k1h ^ 0x74656462;
      v3l = k1l ^ 0x79746573;
      const length = end - start;
      let i = start;
      const word = (at: number): number =>
        (bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24);
      for (const whole = end - (length % 8); i < whole; i += 8) {
        const [low, high] = [word(i), word(i + 4)];
        v3h ^= high;
        v3l ^= low;
        rounds(2);
        v0h ^= high;
        v0l ^= low;
      }
      let [low, high] = [0, (length & 0xff) << 24];
      for (let n = 0; i + n < end; n++) {
        const byte = bytes[i + n] ?? 0;
        if (n < 4) low |= byte << (8 * n);
        else high |= byte << (8 * (n - 4));
      }
      v3h ^= high;
      v3l ^= low;
      rounds(2);
      v0h ^= high;
      v0l ^= low;
      v2l ^= 0xff;
      rounds(4);
      hash.high = (v0h ^ v1h ^ v2h ^ v3h) >>> 0;
      hash.low = (v0l ^ v1l ^ v2l ^ v3l) >>> 0;
    },
  };
  return hash;
}
