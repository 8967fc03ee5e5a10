// Changes an input as an attacker or a broken program would: bits, bytes, words of the format, pieces moved, repeated, cut, and spliced from another input.

/** A generator of numbers in [0, 1). */
export type Random = () => number;

const INTERESTING = [
  0x00, 0x09, 0x0a, 0x0d, 0x22, 0x27, 0x2c, 0x3b, 0x3c, 0x5b, 0x5c, 0x7b, 0x7f, 0x80, 0xbf, 0xc0, 0xed, 0xef,
  0xf4, 0xff,
];
const MAX_BYTES = 256 * 1024;
const MOST_CHANGES = 6;

/** One to six changes of an input. `words` are the format's own; `other` another input to take from. */
export function mutated(input: Buffer, other: Buffer, words: readonly Buffer[], random: Random): Buffer {
  const below = (count: number): number => Math.floor(random() * count);
  let bytes = input;
  for (let left = 1 + below(MOST_CHANGES); left > 0; left--) bytes = change(bytes);
  return bytes.length > MAX_BYTES ? bytes.subarray(0, MAX_BYTES) : bytes;

  function change(from: Buffer): Buffer {
    const at = below(from.length + 1);
    const length = below(Math.min(from.length - at, 64) + 1);
    const [before, piece, after] = [
      from.subarray(0, at),
      from.subarray(at, at + length),
      from.subarray(at + length),
    ];
    switch (below(9)) {
      case 0:
        return flipped(from, at);
      case 1:
        return Buffer.concat([before, Buffer.from([INTERESTING[below(INTERESTING.length)] ?? 0]), after]);
      case 2:
        return Buffer.concat([before, words[below(words.length)] ?? piece, after]);
      case 3:
        return Buffer.concat([before, words[below(words.length)] ?? piece, piece, after]);
      case 4:
        return Buffer.concat([before, after]);
      case 5:
        return Buffer.concat([before, ...Array.from({ length: 2 + below(40) }, () => piece), after]);
      case 6: {
        const from2 = below(other.length + 1);
        return Buffer.concat([before, other.subarray(from2, from2 + below(200)), after]);
      }
      case 7:
        return before;
      default:
        return Buffer.concat([
          before,
          Buffer.from(Array.from({ length: 1 + below(8) }, () => below(256))),
          after,
        ]);
    }
  }

  function flipped(from: Buffer, at: number): Buffer {
    const bytes2 = Buffer.from(from);
    bytes2[at] = (bytes2[at] ?? 0) ^ (1 << below(8));
    return bytes2.subarray(0, from.length);
  }
}
