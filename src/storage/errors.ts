import { errorsOf } from '#kernel';

export const STORAGE_ERRORS = {
  'storage/newer-database': {
    says: 'This database was written by a newer Loupe.',
    hint: 'Run the newer release, or restore the snapshot that was taken before it migrated.',
  },
  'storage/disk-full': {
    says: 'The disk is full.',
    hint: 'Nothing that was acknowledged is lost. Free space on the data folder; Loupe goes on by itself.',
  },
  'storage/read-only': {
    says: 'The data folder cannot be written.',
    hint: 'Give the account that runs Loupe write permission on it, or name another folder in the config (dataDir).',
  },
  'storage/in-use': {
    says: 'Another Loupe is running on this data folder.',
    hint: 'Stop it first, or name another folder in the config (dataDir).',
  },
  'storage/damaged': {
    says: 'A stored file does not hold what its name promises.',
    hint: 'The disk or somebody changed it. Restore it from a backup; run "loupe ledger verify".',
  },
  'storage/unreachable': {
    says: 'The database server does not answer.',
    hint: 'Check the address and the account in the config (storage.postgres).',
  },
} as const;

export const storageError: ReturnType<typeof errorsOf<typeof STORAGE_ERRORS>> = errorsOf(STORAGE_ERRORS);

/** SQLite's result codes that mean something to an operator (https://sqlite.org/rescode.html). */
const SQLITE_FULL = 13;
const SQLITE_READONLY = 8;
const SQLITE_CANTOPEN = 14;
const SQLITE_IOERR = 10;

/** PostgreSQL's (appendix A): disk_full, and the connection failures. */
const PG_DISK_FULL = '53100';

/**
 * Gives a driver's error its meaning where an operator can act on it, and returns any other unchanged.
 * Works on result codes, never on messages.
 */
export function storageCause(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const errcode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (errcode === SQLITE_FULL || code === PG_DISK_FULL || code === 'ENOSPC' || code === 'EDQUOT') {
    return storageError('storage/disk-full', { cause: error });
  }
  if (errcode === SQLITE_READONLY || errcode === SQLITE_CANTOPEN || code === 'EACCES' || code === 'EROFS') {
    return storageError('storage/read-only', { cause: error });
  }
  if (errcode === SQLITE_IOERR)
    return storageError('storage/disk-full', { cause: error, details: { io: true } });
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT') {
    return storageError('storage/unreachable', { cause: error });
  }
  return error;
}
