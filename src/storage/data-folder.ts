import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { storageCause, storageError } from './errors.ts';

/** A lock on a data folder, held until released or until the process ends in whatever way. */
export interface FolderLock {
  release(): void;
}

/**
 * Makes the folder where it is missing (mode 0700) and locks it for one instance.
 *
 * The lock is an exclusive transaction on an empty SQLite file: the system drops it when the process dies, so
 * no stale lock is ever left. Errors: `storage/in-use`, `storage/read-only`.
 */
export function lockDataFolder(folder: string): FolderLock {
  try {
    makeFolder(folder);
    const db = new DatabaseSync(join(folder, 'instance.lock'), { timeout: 0 });
    try {
      db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    } catch (error) {
      db.close();
      if (isBusy(error)) throw storageError('storage/in-use', { details: { folder }, cause: error });
      throw error;
    }
    return { release: () => db.close() };
  } catch (error) {
    throw storageCause(error);
  }
}

/**
 * Makes a folder and its missing parents one by one: `mkdir` with `recursive` never ends on file systems that answer ENOENT for
 * a folder whose parent is there, as /proc does.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    throw storageError('storage/read-only', { details: { folder }, cause: error });
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === SQLITE_BUSY
  );
}

/**
 * Writes a file so that it is either the old one or the whole new one, on disk before this returns:
 * a temporary name, fsync, rename, fsync of the folder.
 */
export function writeFileDurably(path: string, bytes: Uint8Array | string, mode = 0o600): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, 'w', mode);
    try {
      writeAll(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw storageCause(error);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at);
}

/** Makes names that were given or taken in a folder durable. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // a folder cannot be opened there; NTFS journals the rename
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
