// A body under a content coding (RFC 9110, section 8.4.1) is inspected as what it is without.
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

export interface Decoded {
  readonly bytes: Buffer;
  /** It goes on beyond these. */
  readonly beyond: boolean;
}

/** Decodes at most `maxBytes`; null where the coding is not known, or the bytes are none of it. `ended`: whether they are all there are. */
export async function decoded(
  bytes: Buffer,
  coding: string,
  maxBytes: number,
  ended: boolean,
): Promise<Decoded | null> {
  const decoder = DECODERS.get(coding.trim().toLowerCase())?.();
  if (decoder === undefined) return null;
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = (result: Decoded | null): void => {
      decoder.destroy();
      resolve(result);
    };
    const sofar = (beyond: boolean): Decoded => ({
      bytes: Buffer.concat(chunks).subarray(0, maxBytes),
      beyond,
    });
    decoder.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length > maxBytes) done(sofar(true));
    });
    decoder.on('end', () => done(sofar(!ended)));
    // What was cut off by the limit ends in the middle: what came until then stands.
    decoder.on('error', () => done(ended || length === 0 ? null : sofar(true)));
    decoder.end(bytes);
  });
}
