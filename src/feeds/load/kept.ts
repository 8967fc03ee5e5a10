// What is kept of a load: its raw bytes, its table, what certificates had gone, and what reports were known to say; sealed under a key of its own. Forgetting the key forgets them all.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sealedFiles, type SealedFiles, type SealedReader, type SealedWriter } from '#storage';
import { feedError } from '../errors.ts';
import { type GoneCertificates, NOBODY, readGone } from './gone.ts';
import { type Column, type LoadTable, readTable } from './table.ts';

const PARTS = ['raw', 'table', 'gone', 'reports'] as const;
type Part = (typeof PARTS)[number];

/** Where a load's files lie, and what opens them. */
export interface KeptLoad {
  readonly id: string;
  readonly folder: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Who seals and opens them, where somebody does it for whoever asks. */
  readonly files?: SealedFiles;
}

const contextOf = (load: KeptLoad, part: Part): string[] => ['load', load.id, part];
const pathOf = ({ folder, id }: Pick<KeptLoad, 'folder' | 'id'>, part: Part): string => {
  if (!/^[a-z]{3}_[0-9a-f]{32}$/u.test(id)) throw new TypeError('not a load id');
  return join(folder, `${id}.${part}`);
};

export async function writeKept(load: KeptLoad, part: Part): Promise<SealedWriter> {
  const { files = sealedFiles } = load;
  return await files.write(pathOf(load, part), load.key, contextOf(load, part));
}

/** Opens a part that need not be there; null where it is not. Throws `storage/damaged` where it was changed. */
export function openIfKept(load: KeptLoad, part: Part, keep = 1): SealedReader | null {
  const { files = sealedFiles } = load;
  return files.open(pathOf(load, part), load.key, contextOf(load, part), keep);
}

/** Opens a kept part. Throws `feeds/unreadable` where it is no longer kept, `storage/damaged` where it was changed. */
export function openKept(load: KeptLoad, part: Part, keep = 1): SealedReader {
  const reader = openIfKept(load, part, keep);
  if (reader === null)
    throw feedError('feeds/unreadable', { details: { why: 'no longer kept', load: load.id } });
  return reader;
}

/** The raw bytes of what is kept, in pieces. Throws as `openKept` does. */
export function* keptBytes(load: KeptLoad): Generator<Uint8Array> {
  const reader = openKept(load, 'raw');
  try {
    yield* reader.pieces();
  } finally {
    reader.close();
  }
}

/** Keeps a part: all of it, or nothing. */
export async function keepPart(load: KeptLoad, part: Part, pieces: Iterable<Uint8Array>): Promise<void> {
  const writer = await writeKept(load, part);
  try {
    for (const piece of pieces) await writer.write(piece);
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** The certificates that had gone by a load; none where no list was kept. Throws `storage/damaged`, `feeds/unreadable`. */
export function readKeptGone(load: KeptLoad): GoneCertificates {
  const reader = openIfKept(load, 'gone');
  try {
    return reader === null ? NOBODY : readGone(reader);
  } finally {
    reader?.close();
  }
}

export function readKeptTable(
  load: KeptLoad,
  only?: readonly Column[],
  hasCertificates?: boolean,
): LoadTable {
  const reader = openKept(load, 'table');
  try {
    return readTable(reader, only, hasCertificates);
  } finally {
    reader.close();
  }
}

/** Takes a load's files away, whole or begun. */
export function forgetLoad(load: Pick<KeptLoad, 'folder' | 'id'>): void {
  if (!existsSync(load.folder)) return;
  // Parts that somebody was writing when it died, too.
  for (const name of readdirSync(load.folder))
    if (name.startsWith(`${load.id}.`)) rmSync(join(load.folder, name), { force: true });
}
