// Immutable files plus a signed pointer: the one way to publish a version of something and to go back to an earlier
// one. An attacker who holds the disk can swap files and pointers; what holds: a pointer counts only under its
// signature and with a version no lower than any seen, and a file only under the hash that the pointer names.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NoteVerifier, openNote } from '#crypto';
import { canonicalJson, equalBytes, type Json, sha256, sha256Hex, systemCode } from '#kernel';
import { writeFileDurably } from './data-folder.ts';
import { storageCause, storageError } from './errors.ts';

export interface Pointer {
  /** What is published: `policy`, `rules/crs` … */
  readonly name: string;
  /** Grows by one with every publication, going back included: a pointer is never reused. */
  readonly version: number;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  readonly madeAt: number;
}

/** Signs a text as a note: the keeper does, for whoever publishes. */
export type SignNote = (text: string) => Promise<string>;

export interface Publication {
  /** Publishes files as the next version. They and the pointer are durable on return. */
  publish(files: readonly { readonly path: string; readonly bytes: Uint8Array }[]): Promise<Pointer>;
  /** Publishes files that lie in the folder `files` under their hashes already (`writeHashedFile`). Throws `storage/damaged` where one is not there. */
  publishThere(files: Pointer['files']): Promise<Pointer>;
  /** Points again at the files of an earlier pointer, as a new version. */
  rollBack(to: Pointer): Promise<Pointer>;
  /** The pointer in force, or null before the first publication. Throws `storage/damaged`. */
  current(): Pointer | null;
  /** The signed note of the pointer in force: what others verify it by. Null before the first publication. */
  note(): string | null;
  read(pointer: Pointer, path: string): Uint8Array;
}

export function openPublication(
  folder: string,
  name: string,
  signing: { readonly sign: SignNote; readonly verifier: NoteVerifier },
  now: () => number,
): Publication {
  const pointerPath = join(folder, 'pointer');
  const filePath = (hash: string) => join(folder, 'files', hash);

  async function point(files: Pointer['files']): Promise<Pointer> {
    const version = (current()?.version ?? 0) + 1;
    const pointer: Pointer = { name, version, files, madeAt: now() };
    const text = `loupe-pointer-v1\n${canonicalJson({ name, version, madeAt: pointer.madeAt, files: files.map((f) => ({ ...f })) })}\n`;
    writeFileDurably(pointerPath, await signing.sign(text));
    return pointer;
  }

  function current(): Pointer | null {
    let note: string;
    try {
      note = readFileSync(pointerPath, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw storageCause(error);
    }
    const pointer = readPointer(note, signing.verifier);
    if (pointer?.name !== name) throw storageError('storage/damaged', { details: { pointer: name } });
    return pointer;
  }

  return {
    current,
    note: () => (current() === null ? null : readFileSync(pointerPath, 'utf8')),
    async publish(files) {
      try {
        mkdirSync(join(folder, 'files'), { recursive: true, mode: 0o700 });
      } catch (error) {
        throw storageCause(error);
      }
      const named = files.map((file) => ({ path: file.path, sha256: sha256Hex(file.bytes) }));
      files.forEach((file, i) => writeFileDurably(filePath(named[i]?.sha256 ?? ''), file.bytes));
      return await point(named);
    },
    async publishThere(files) {
      for (const file of files)
        if (!existsSync(filePath(file.sha256)))
          throw storageError('storage/damaged', { details: { file: file.path, pointer: name } });
      return await point(files);
    },
    async rollBack(to) {
      for (const file of to.files) this.read(to, file.path);
      return await point(to.files);
    },
    read(pointer, path) {
      const file = pointer.files.find((f) => f.path === path);
      if (file === undefined) throw new RangeError(`no file ${path} in ${pointer.name}`);
      const bytes = readFileSync(filePath(file.sha256));
      if (!equalBytes(sha256(bytes), Buffer.from(file.sha256, 'hex'))) {
        throw storageError('storage/damaged', { details: { file: path, pointer: pointer.name } });
      }
      return bytes;
    },
  };
}

/** Reads a signed pointer; null where it is malformed or not signed by that key. */
export function readPointer(note: string, verifier: NoteVerifier): Pointer | null {
  const opened = openNote(note, [verifier]);
  const [header, body] = opened === null ? [] : opened.text.split('\n');
  if (header !== 'loupe-pointer-v1' || body === undefined) return null;
  // Signed by our own key over canonical JSON that this file wrote: the shape is ours.
  const value: Json = JSON.parse(body);
  return isPointer(value) ? value : null;
}

function isPointer(value: unknown): value is Pointer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'version' in value &&
    typeof value.version === 'number' &&
    'madeAt' in value &&
    typeof value.madeAt === 'number' &&
    'files' in value &&
    Array.isArray(value.files)
  );
}
