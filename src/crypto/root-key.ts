import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { base64Of, fromBase64, systemCode } from '#kernel';
import { cryptoError } from './errors.ts';

const HEADER = 'loupe-root-key-v1';
const KEY_BYTES = 32;

/** How the root key is kept. A bare file is the weakest way, and is reported as such. */
export type Custody = 'file';

export interface RootKey {
  readonly key: Uint8Array;
  readonly custody: Custody;
  /** When the key file was last written. */
  readonly madeAt: number;
}

/**
 * Reads the root key from its file, which only its owner may read.
 *
 * Errors: `crypto/root-key-missing`, `crypto/root-key-unsafe`, `crypto/root-key-malformed`.
 */
export function readRootKey(path: string): RootKey {
  let text: string;
  let madeAt: number;
  try {
    const fd = openSync(path, 'r');
    try {
      const stat = fstatSync(fd);
      if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
        throw cryptoError('crypto/root-key-unsafe', { details: { path } });
      }
      madeAt = Math.floor(stat.mtimeMs);
      text = readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      throw cryptoError('crypto/root-key-missing', { details: { path }, cause: error });
    }
    throw error;
  }
  const [header, encoded, ...rest] = text.trimEnd().split(' ');
  const key = header === HEADER && encoded !== undefined && rest.length === 0 ? fromBase64(encoded) : null;
  if (key === null || key.byteLength !== KEY_BYTES) {
    throw cryptoError('crypto/root-key-malformed', { details: { path } });
  }
  return { key, custody: 'file', madeAt };
}

/** Makes a root key file (mode 0600) that must not exist yet, on disk before this returns. */
export function makeRootKey(path: string): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    writeSync(fd, `${HEADER} ${base64Of(randomBytes(KEY_BYTES))}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
