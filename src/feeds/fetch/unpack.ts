// What a provider sends packed, unpacked as it comes. An attacker chooses every byte: sizes that lie, bombs, archives in archives, names that lead elsewhere. What holds: names are never
// used; one file of an archive is read, the first; what is inside is not unpacked again; no more comes out than the bounds allow, and no more than is being read is in memory.
import { Readable } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { systemCode } from '#kernel';
import { feedError } from '../errors.ts';

export interface UnpackBounds {
  /** Plain bytes in all. */
  readonly maxBytes: number;
  /** Plain bytes for each packed one. Text of feeds packs ten- to thirtyfold; a bomb a thousandfold. */
  readonly maxRatio: number;
}

const UNPACK_BOUNDS: UnpackBounds = { maxBytes: 4 * 1024 ** 3, maxRatio: 200 };

/** A ratio says something from so many plain bytes on: a short file of blanks is no bomb. */
const RATIO_FROM = 8 * 1024 * 1024;

/**
 * The plain bytes of what came packed: the first file of a ZIP archive (APPNOTE.TXT 6.3, stored or deflated), or a gzip file (RFC 1952). Throws
 * `feeds/unreadable` where it is neither, is damaged or cut short, or passes a bound.
 */
export function unpacked(
  packed: AsyncIterable<Uint8Array>,
  bounds: UnpackBounds = UNPACK_BOUNDS,
): AsyncGenerator<Uint8Array> {
  return plain(packed, bounds, () => {
    throw unreadable('not-packed');
  });
}

/** The same of what may have come packed or not: that is told by how it begins, and by nothing that the sender says. */
export function plainBytes(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return plain(bytes, UNPACK_BOUNDS, (source) => source.rest());
}

async function* plain(
  packed: AsyncIterable<Uint8Array>,
  bounds: UnpackBounds,
  notPacked: (source: ByteSource) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const came = { bytes: 0 };
  // How much came is counted where it comes in: what the ratio is of.
  const source = new ByteSource(packed, came);
  const magic = await source.begins(4);
  let unpackedBytes: AsyncIterable<Uint8Array>;
  if (magic.readUInt16BE(0) === 0x1f8b) unpackedBytes = inflated(source.rest(), createGunzip());
  else if (magic.readUInt32LE(0) === LOCAL_FILE) unpackedBytes = await firstFile(source);
  else unpackedBytes = notPacked(source);
  let bytes = 0;
  for await (const piece of unpackedBytes) {
    bytes += piece.byteLength;
    if (bytes > bounds.maxBytes) throw unreadable(`more than ${bounds.maxBytes} bytes`);
    if (bytes > RATIO_FROM && bytes > came.bytes * bounds.maxRatio) throw unreadable('bomb');
    yield piece;
  }
}

function unreadable(why: string, cause?: unknown): Error {
  return feedError('feeds/unreadable', { details: { why }, cause });
}

const LOCAL_FILE = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const ENCRYPTED = 0x1;
const SIZES_FOLLOW = 0x8;
const STORED = 0;
const DEFLATED = 8;

/** The first file of an archive. */
async function firstFile(source: ByteSource): Promise<AsyncIterable<Uint8Array>> {
  const header = await source.take(LOCAL_HEADER_BYTES);
  const flags = header.readUInt16LE(6);
  const method = header.readUInt16LE(8);
  const size = header.readUInt32LE(18);
  await source.take(header.readUInt16LE(26) + header.readUInt16LE(28)); // the name, and extra fields
  if ((flags & ENCRYPTED) !== 0) throw unreadable('encrypted');
  if (method === DEFLATED) return inflated(source.rest(), createInflateRaw());
  // A stored file whose size follows it ends where only its end could say.
  if (method !== STORED || (flags & SIZES_FOLLOW) !== 0 || size === 0xffffffff)
    throw unreadable('unknown-packing');
  return source.rest(size);
}

/** What zlib makes of bytes. What comes after the end of the stream is not looked at. */
async function* inflated(
  packed: AsyncIterable<Uint8Array>,
  inflate: ReturnType<typeof createInflateRaw> | ReturnType<typeof createGunzip>,
): AsyncGenerator<Uint8Array> {
  const input = Readable.from(packed, { objectMode: false });
  // An error of the sender is the reader's to see, and none of zlib's.
  input.once('error', (error) => inflate.destroy(error));
  input.pipe(inflate);
  try {
    const plain: AsyncIterable<Uint8Array> = inflate;
    for await (const piece of plain) yield piece;
  } catch (error) {
    if (systemCode(error)?.startsWith('Z_') === true) throw unreadable('damaged', error);
    throw error;
  } finally {
    input.destroy();
    inflate.destroy();
  }
}

/** Bytes that come in pieces, taken in the lengths that a format has. */
class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #came: { bytes: number };
  #held: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Uint8Array>, came: { bytes: number }) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#came = came;
  }

  /** The first bytes, which stay; zeros where there are fewer. */
  async begins(length: number): Promise<Buffer> {
    await this.#fill(length);
    return Buffer.concat([this.#held.subarray(0, length)], length);
  }

  async take(length: number): Promise<Buffer> {
    if (!(await this.#fill(length))) throw unreadable('cut-short');
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  /** Whether so many bytes are there. */
  async #fill(length: number): Promise<boolean> {
    while (this.#held.byteLength < length) {
      const next = await this.#next();
      if (next === null) return false;
      this.#held = Buffer.concat([this.#held, next]);
    }
    return true;
  }

  /** Everything else, or so many bytes of it. */
  async *rest(length = Infinity): AsyncGenerator<Uint8Array> {
    let left = length;
    try {
      for (let piece: Uint8Array | null = this.#held; left > 0; piece = await this.#next()) {
        if (piece === null) {
          if (left !== Infinity) throw unreadable('cut-short');
          return;
        }
        if (piece.byteLength > 0) yield piece.subarray(0, left);
        left -= piece.byteLength;
      }
    } finally {
      await this.#pieces.return?.();
    }
  }

  async #next(): Promise<Uint8Array | null> {
    const { value, done } = await this.#pieces.next();
    if (done === true) return null;
    this.#came.bytes += value.byteLength;
    return value;
  }
}
