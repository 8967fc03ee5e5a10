// What is published, as pointers and files say; taken in when it was checked, and kept when what comes after it cannot be.
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { NoteVerifier } from '#crypto';
import { type Catalogue, openCatalogue } from '#feeds';
import { SECOND_MS, systemCode } from '#kernel';
import { type Pointer, readPointer, storageError } from '#storage';

export interface Window {
  readonly version: number;
  readonly catalogues: readonly Catalogue[];
}

export interface Published {
  /** The window of that public name; null where nothing was ever published under it. */
  of(name: string): Window | null;
  /** Takes in what is new; returns how many windows changed. */
  refresh(): Promise<number>;
  close(): void;
}

/** What could not be checked is tried again after so long. */
const RETRY_MS = 30 * SECOND_MS;

interface Opened {
  readonly catalogue: Catalogue;
  readonly hashes: string;
}

/** Opens the windows below `folder`, one folder each, as `openPublication` makes them. */
export function openPublished(
  folder: string,
  verifier: NoteVerifier,
  onError: (error: unknown) => void,
): Published {
  const windows = new Map<string, Window>();
  const notes = new Map<string, string>();
  const failed = new Map<string, { readonly note: string; readonly at: number }>();
  const opened = new Map<string, Map<string, Opened>>();

  async function take(name: string): Promise<boolean> {
    const note = readText(join(folder, name, 'pointer'));
    if (note === null || notes.get(name) === note) return false;
    const last = failed.get(name);
    if (last?.note === note && performance.now() - last.at < RETRY_MS) return false;
    failed.set(name, { note, at: performance.now() });
    const pointer = readPointer(note, verifier);
    const before = windows.get(name);
    if (pointer?.name !== `window/${name}` || (before !== undefined && pointer.version <= before.version))
      throw storageError('storage/damaged', { details: { pointer: name } });
    windows.set(name, { version: pointer.version, catalogues: await catalogues(name, pointer) });
    notes.set(name, note);
    failed.delete(name);
    return true;
  }

  /** The catalogues of a pointer: those that are open already, and those that are new, checked and opened; the others are closed. */
  async function catalogues(name: string, pointer: Pointer): Promise<readonly Catalogue[]> {
    const old = opened.get(name) ?? new Map<string, Opened>();
    const now = new Map<string, Opened>();
    for (const { path, sha256: stones } of pointer.files) {
      const [feed, part] = path.split('/');
      if (feed === undefined || part !== 'stones') continue;
      const texts = pointer.files.find((file) => file.path === `${feed}/texts`)?.sha256 ?? '';
      const hashes = `${stones} ${texts}`;
      const there = old.get(feed);
      if (there?.hashes === hashes) {
        now.set(feed, there);
        continue;
      }
      const paths = [stones, texts].map((hash) => join(folder, name, 'files', hash));
      await Promise.all([check(paths[0] ?? '', stones), check(paths[1] ?? '', texts)]);
      now.set(feed, { hashes, catalogue: openCatalogue(paths[0] ?? '', paths[1] ?? '') });
    }
    for (const [feed, { catalogue }] of old) if (now.get(feed)?.catalogue !== catalogue) catalogue.close();
    opened.set(name, now);
    return [...now.values()].map((one) => one.catalogue);
  }

  return {
    of: (name) => windows.get(name) ?? null,
    async refresh() {
      let changed = 0;
      for (const name of namesIn(folder)) {
        try {
          if (await take(name)) changed++;
        } catch (error) {
          onError(error);
        }
      }
      return changed;
    },
    close() {
      for (const feeds of opened.values()) for (const { catalogue } of feeds.values()) catalogue.close();
    },
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^[A-Za-z0-9_-]{16,64}$/u.test(name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function check(path: string, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  const pieces: AsyncIterable<Uint8Array> = createReadStream(path, { highWaterMark: 1024 * 1024 });
  for await (const piece of pieces) hash.update(piece);
  if (hash.digest('hex') !== sha256) throw storageError('storage/damaged', { details: { file: sha256 } });
}
