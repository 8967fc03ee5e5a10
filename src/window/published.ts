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
  /** Names exactly what is shown: of one version there can be less for a while, where a file could not be checked. */
  readonly content: string;
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

/** A window as it was taken in. */
interface Taken extends Window {
  readonly note: string;
  readonly at: number;
  /** Whether all that the pointer names could be checked. */
  readonly isWhole: boolean;
  readonly feeds: ReadonlyMap<string, Opened>;
}

function contentOf(feeds: ReadonlyMap<string, Opened>): string {
  const hash = createHash('sha256');
  for (const [feed, { hashes }] of feeds) hash.update(`${feed} ${hashes}\n`);
  return hash.digest('base64url').slice(0, 22);
}

/** Opens the windows below `folder`, one folder each, as `openPublication` makes them. */
export function openPublished(
  folder: string,
  verifier: NoteVerifier,
  onError: (error: unknown) => void,
): Published {
  const windows = new Map<string, Taken>();
  /** Pointers that are none. */
  const refusals = new Map<string, string>();

  /** Takes in a pointer that is new, or whose files could not all be checked a while ago. */
  async function take(name: string): Promise<boolean> {
    const note = readText(join(folder, name, 'pointer'));
    const before = windows.get(name);
    const refused = refusals.get(name);
    if (note === null) return false;
    if (before?.note === note && (before.isWhole || performance.now() - before.at < RETRY_MS)) return false;
    if (refused === note) return false;
    const pointer = readPointer(note, verifier);
    const isOlder = before !== undefined && before.note !== note && (pointer?.version ?? 0) <= before.version;
    if (pointer?.name !== `window/${name}` || isOlder) {
      // Told once: it does not get better by being read again.
      refusals.set(name, note);
      throw storageError('storage/damaged', { details: { pointer: name } });
    }
    refusals.delete(name);
    const feeds = await opened(name, pointer, before?.feeds ?? new Map());
    for (const [feed, { catalogue }] of before?.feeds ?? [])
      if (feeds.now.get(feed)?.catalogue !== catalogue) catalogue.close();
    windows.set(name, {
      version: pointer.version,
      content: contentOf(feeds.now),
      catalogues: [...feeds.now.values()].map((one) => one.catalogue),
      note,
      at: performance.now(),
      isWhole: feeds.isWhole,
      feeds: feeds.now,
    });
    return true;
  }

  /**
   * The catalogues that a pointer names: those that are open already, and those that are new, checked and opened. One that cannot be checked is told, and stays as it was before, or out; it keeps none of the others from
   * coming, and none that the pointer no longer names from going.
   */
  async function opened(
    name: string,
    pointer: Pointer,
    old: ReadonlyMap<string, Opened>,
  ): Promise<{ readonly now: ReadonlyMap<string, Opened>; readonly isWhole: boolean }> {
    const now = new Map<string, Opened>();
    let isWhole = true;
    for (const { path, sha256: stones } of pointer.files) {
      const [feed, part] = path.split('/');
      if (feed === undefined || part !== 'stones') continue;
      const texts = pointer.files.find((file) => file.path === `${feed}/texts`)?.sha256 ?? '';
      const hashes = `${stones} ${texts}`;
      const there = old.get(feed);
      try {
        now.set(
          feed,
          there?.hashes === hashes ? there : { hashes, catalogue: await checked(name, stones, texts) },
        );
      } catch (error) {
        onError(error);
        isWhole = false;
        if (there !== undefined) now.set(feed, there);
      }
    }
    return { now, isWhole };
  }

  async function checked(name: string, stones: string, texts: string): Promise<Catalogue> {
    const pathOf = (hash: string): string => join(folder, name, 'files', hash);
    await Promise.all([check(pathOf(stones), stones), check(pathOf(texts), texts)]);
    return openCatalogue(pathOf(stones), pathOf(texts));
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
      for (const { catalogues } of windows.values()) for (const catalogue of catalogues) catalogue.close();
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
