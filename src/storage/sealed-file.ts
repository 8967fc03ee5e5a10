// Files too big to be sealed in one piece: written as they come, read again from any place. An attacker who holds the disk controls every byte; what holds: what is
// read is what was written at that place of that file, or it is not read; a file that was cut short, or put together from two, does not open.
//
// Shape: pieces of PIECE_BYTES plain bytes each (the last one may be shorter), packed with Zstandard and sealed, one after another; then the sealed index (JSON: how many plain bytes, their SHA-256,
// where each piece ends); then the index's length in 4 bytes. Each piece is bound to the file's context and its own number.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { seal, type SealContext, unseal } from '#crypto';
import { canonicalBytes, type Json, systemCode, textOf } from '#kernel';
import { syncFolder } from './data-folder.ts';
import { storageCause, storageError } from './errors.ts';

/** How many plain bytes are sealed together. */
export const PIECE_BYTES: number = 1024 * 1024;
const MAX_INDEX_BYTES = 16 * 1024 * 1024;
const pack = promisify(zstdCompress);
const unpack = promisify(zstdDecompress);
// What a piece becomes fits one block of memory each way: many small ones would keep the garbage collector busy.
const PACKING = {
  chunkSize: PIECE_BYTES / 4,
  params: { [constants.ZSTD_c_compressionLevel]: -1, [constants.ZSTD_c_windowLog]: 18 },
};
const UNPACKING = { chunkSize: PIECE_BYTES, maxOutputLength: PIECE_BYTES };

export interface SealedWriter {
  /** Takes bytes; fulfilled when more may come. The caller may reuse them then. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the file: whole and on disk under its name when fulfilled. */
  finish(): Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** Gives up: nothing is left. */
  abandon(): Promise<void>;
}

export interface SealedReader {
  readonly bytes: number;
  /** SHA-256 of all plain bytes, in hexadecimal; checked by whoever reads them all. */
  readonly sha256: string;
  /** Reads `length` bytes from `offset` on, or fewer where the file ends. Throws `storage/damaged`. */
  read(offset: number, length: number): Uint8Array;
  /** The bytes from `offset` on, as far as they lie in one piece; good until the piece after the next is read. Empty at the end. Throws `storage/damaged`. */
  rest(offset: number): Uint8Array;
  /** All bytes, in pieces. */
  pieces(): Generator<Uint8Array>;
  close(): void;
}

/** Sealed files, by whoever does the work. */
export interface SealedFiles {
  /** As `writeSealedFile`. */
  write(path: string, key: Uint8Array, context: SealContext): Promise<SealedWriter>;
  /** As `openSealedFile`. */
  open(path: string, key: Uint8Array, context: SealContext, keep?: number): SealedReader | null;
}

/** Sealed files as whoever asks writes and reads them. */
export const sealedFiles: SealedFiles = {
  write: (path, key, context) => writeSealedFile(path, key, context),
  open: (path, key, context, keep) => openSealedFile(path, key, context, keep),
};

/** An open file's pieces. */
export interface SealedPieces {
  readonly fd: number;
  /** Plain bytes, of all of them. */
  readonly bytes: number;
  readonly key: Uint8Array;
  readonly context: SealContext;
  /** Where each piece ends in the file. */
  readonly ends: readonly number[];
}

/** Somebody who opens pieces before they are asked for. */
export interface PiecesAhead {
  /** A piece, good until the one after the next is taken; null where whoever opens them cannot. */
  take(number: number): Uint8Array | null;
  /** Nothing is read from the file any more when this returns. */
  close(): void;
}

/** Begins a file at `path` under a 32-byte key that seals this file alone; folders are made. One that is there is replaced when it is finished. */
export async function writeSealedFile(
  path: string,
  key: Uint8Array,
  context: SealContext,
): Promise<SealedWriter> {
  const temporary = `${path}.${process.pid}.tmp`;
  let file: FileHandle;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    file = await open(temporary, 'w', 0o600);
  } catch (error) {
    throw storageCause(error);
  }
  const hash: Hash = createHash('sha256');
  // One piece is filled while two are packed and written.
  const spare = [Buffer.alloc(PIECE_BYTES), Buffer.alloc(PIECE_BYTES)];
  let piece = Buffer.alloc(PIECE_BYTES);
  let sealed: Promise<void> = Promise.resolve();
  let before = sealed;
  const ends: number[] = [];
  let begun = 0;
  let filled = 0;
  let bytes = 0;
  let written = 0;

  async function put(part: Uint8Array): Promise<void> {
    try {
      await file.writev([part]);
    } catch (error) {
      throw storageCause(error);
    }
    written += part.byteLength;
  }

  /** Packs a piece at once, and writes it after the one before. */
  async function sealPiece(plain: Buffer, number: number, last: Promise<void>): Promise<void> {
    const packed = await pack(plain, PACKING);
    await last;
    await put(seal(key, packed, pieceContext(context, number)));
    ends.push(written);
  }

  /** Begins to seal what was filled; fulfilled when there is a piece to fill. */
  async function flush(): Promise<void> {
    if (filled === 0) return;
    const full = piece;
    const next = sealPiece(full.subarray(0, filled), begun++, sealed);
    // Its failure is told by whoever waits for it next.
    next.catch(() => undefined);
    filled = 0;
    const older = before;
    [before, sealed] = [sealed, next];
    await older;
    piece = spare.shift() ?? Buffer.alloc(PIECE_BYTES);
    spare.push(full);
  }

  return {
    async write(given) {
      hash.update(given);
      bytes += given.byteLength;
      for (let at = 0; at < given.byteLength; ) {
        const taken = Math.min(PIECE_BYTES - filled, given.byteLength - at);
        piece.set(given.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled === PIECE_BYTES) await flush();
      }
    },
    async finish() {
      await flush();
      await sealed;
      const sha256 = hash.digest('hex');
      const index = seal(key, canonicalBytes({ bytes, sha256, ends }), [...context, 'index']);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(index.byteLength);
      await put(index);
      await put(length);
      try {
        await file.sync();
        await file.close();
        renameSync(temporary, path);
        syncFolder(dirname(path));
      } catch (error) {
        throw storageCause(error);
      }
      return { bytes, sha256 };
    },
    async abandon() {
      await sealed.catch(() => undefined); // it is given up anyway
      await file.close().catch(() => undefined); // it may be closed already
      rmSync(temporary, { force: true });
    },
  };
}

/** Opens a file; null where there is none. `keep`: how many pieces stay in memory, for who reads from several places in turn. `openAhead`: has pieces opened by somebody else. Throws `storage/damaged`. */
export function openSealedFile(
  path: string,
  key: Uint8Array,
  context: SealContext,
  keep = 1,
  openAhead: ((pieces: SealedPieces) => PiecesAhead) | null = null,
): SealedReader | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw storageCause(error);
  }
  const damaged = (cause?: unknown): Error =>
    storageError('storage/damaged', { details: { file: context.at(-1) ?? '' }, cause });
  const index = readIndex(fd, key, context);
  if (index === null) {
    closeSync(fd);
    throw damaged();
  }
  const { bytes, sha256, ends } = index;
  const pieces: SealedPieces = { fd, bytes, key, context, ends };
  const ahead = openAhead?.(pieces) ?? null;
  /** Pieces that were read last, the oldest first. */
  const known = new Map<number, Uint8Array>();

  function pieceOf(number: number): Uint8Array {
    const there = known.get(number);
    if (there !== undefined) {
      // The one that was used last goes last.
      known.delete(number);
      known.set(number, there);
      return there;
    }
    const taken = ahead?.take(number);
    if (taken !== null && taken !== undefined) return taken;
    try {
      const plain = openPiece(pieces, number);
      const [oldest] = known.keys();
      if (known.size >= keep && oldest !== undefined) known.delete(oldest);
      known.set(number, plain);
      return plain;
    } catch (error) {
      throw damaged(error);
    }
  }

  return {
    bytes,
    sha256,
    read(offset, length) {
      const end = Math.min(bytes, offset + length);
      const read = Buffer.alloc(Math.max(0, end - offset));
      for (let at = offset; at < end; ) {
        const number = Math.floor(at / PIECE_BYTES);
        const within = at - number * PIECE_BYTES;
        const part = pieceOf(number).subarray(within, within + end - at);
        if (part.byteLength === 0) throw damaged();
        read.set(part, at - offset);
        at += part.byteLength;
      }
      return read;
    },
    rest(offset) {
      if (offset >= bytes) return new Uint8Array(0);
      const number = Math.floor(offset / PIECE_BYTES);
      return pieceOf(number).subarray(offset - number * PIECE_BYTES);
    },
    *pieces() {
      for (let number = 0; number < ends.length; number++) yield pieceOf(number);
    },
    close() {
      ahead?.close();
      closeSync(fd);
    },
  };
}

/** Reads and opens one piece. Throws whatever is wrong with it. */
function openPiece(pieces: SealedPieces, number: number): Uint8Array {
  return zstdDecompressSync(packedPiece(pieces, number), UNPACKING);
}

/** The same, unpacked on another thread of Node's. */
export async function openPieceAside(pieces: SealedPieces, number: number): Promise<Uint8Array> {
  return await unpack(packedPiece(pieces, number), UNPACKING);
}

function packedPiece({ fd, key, context, ends }: SealedPieces, number: number): Uint8Array {
  const from = number === 0 ? 0 : (ends[number - 1] ?? 0);
  const sealed = Buffer.alloc((ends[number] ?? 0) - from);
  readSync(fd, sealed, 0, sealed.byteLength, from);
  return unseal(key, sealed, pieceContext(context, number));
}

function pieceContext(context: SealContext, number: number): SealContext {
  return [...context, 'piece', String(number)];
}

interface Index {
  readonly bytes: number;
  readonly sha256: string;
  readonly ends: readonly number[];
}

/** The index at a file's end; null where there is none that this key sealed for this place. */
function readIndex(fd: number, key: Uint8Array, context: SealContext): Index | null {
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(4);
  if (size < 4) return null;
  readSync(fd, tail, 0, 4, size - 4);
  const length = tail.readUInt32BE(0);
  if (length > MAX_INDEX_BYTES || length + 4 > size) return null;
  const sealed = Buffer.alloc(length);
  readSync(fd, sealed, 0, length, size - 4 - length);
  try {
    // Sealed by our own key around JSON that this file wrote: the shape is ours.
    const value: Json = JSON.parse(textOf(unseal(key, sealed, [...context, 'index'])) ?? '');
    return isIndex(value) ? value : null;
  } catch {
    return null;
  }
}

function isIndex(value: unknown): value is Index {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bytes' in value &&
    'sha256' in value &&
    'ends' in value &&
    Array.isArray(value.ends)
  );
}
