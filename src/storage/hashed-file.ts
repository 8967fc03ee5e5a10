// Files that never change, by the name of what is in them. Writing one twice is writing it once.
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { randomToken } from '#kernel';
import { syncFolder } from './data-folder.ts';
import { storageCause } from './errors.ts';

export interface HashedFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** Writes a file into `folder` under the SHA-256 of its bytes; whole and on disk when fulfilled. Each piece is taken before the next is asked for. */
export async function writeHashedFile(
  folder: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<HashedFile> {
  const temporary = join(folder, `${randomToken(16)}.tmp`);
  const hash = createHash('sha256');
  let bytes = 0;
  let file: FileHandle | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    file = await open(temporary, 'wx', 0o600);
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.byteLength;
      await file.writev([piece]);
    }
    await file.sync();
    await file.close();
    const sha256 = hash.digest('hex');
    renameSync(temporary, join(folder, sha256));
    syncFolder(folder);
    return { sha256, bytes };
  } catch (error) {
    await file?.close().catch(() => undefined); // it may be closed already
    rmSync(temporary, { force: true });
    throw storageCause(error);
  }
}
