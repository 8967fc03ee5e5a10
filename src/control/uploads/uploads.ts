// Files that people hand in. Kept sealed at once, looked into by the worker, and only then offered, as downloads.
import type { Selectable, Transaction } from 'kysely';
import { type Clock, newId, SECOND_MS, sha256Hex } from '#kernel';
import { MAX_FILE_BYTES } from '#intake';
import type { BlobStore, Claim, Jobs } from '#storage';
import { controlError } from '../errors.ts';
import type { State, StateTables } from '../state.ts';

export const UPLOAD_JOB = 'upload';
export const UPLOAD_LEASE_MS: number = 30 * SECOND_MS;

export type UploadRow = Selectable<StateTables['upload']>;

export interface NewUpload {
  readonly shopId: string;
  readonly askId: string | null;
  readonly item: string | null;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The kind of paper whose dates are to be read out of it, or null. */
  readonly paperKind: string | null;
}

/** What is to happen in the transaction that adds an upload. */
type AlsoDo = (
  tx: Transaction<StateTables>,
  upload: { readonly id: string; readonly hash: string },
) => Promise<void>;

export interface Uploads {
  /** Keeps a file sealed and has it looked into. Throws `control/too-large`, `control/too-many`, `control/bad-request` for a name that is none. */
  add(upload: NewUpload, also?: AlsoDo): Promise<string>;
  get(shopId: string, id: string): Promise<UploadRow>;
  ofAsk(shopId: string, askId: string): Promise<readonly UploadRow[]>;
  /** A file's bytes, once it was looked into and kept; else `control/not-found`. */
  read(shopId: string, id: string): Promise<{ readonly row: UploadRow; readonly bytes: Uint8Array }>;
  /** Takes a file off an ask, for one of these items; a file of another item, ask or shop stays where it is. */
  remove(shopId: string, askId: string, id: string, items: readonly string[]): Promise<void>;
  /** What the worker is to look into; null where the file was taken off meanwhile. */
  bytesFor(shopId: string, id: string): Promise<{ readonly name: string; readonly bytes: Uint8Array } | null>;
  /** Notes what the worker found, in one transaction with `also`. */
  settle(
    claim: Claim,
    shopId: string,
    id: string,
    found: { readonly kind: string } | { readonly why: string },
    also: (tx: Transaction<StateTables>) => Promise<void>,
  ): Promise<boolean>;
}

const MAX_NAME = 120;
const MAX_FILES_OF_ASK = 20;

/** A file's own name without its path, without what could mislead whoever reads it. */
export function safeName(name: string): string {
  const bare = name.split(/[/\\]/u).at(-1) ?? '';
  // Letters, digits and a few signs of any script; directions, controls and quotes are what misleads.
  const plain = bare
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N} ._()+-]/gu, '_')
    .trim();
  return plain.length <= MAX_NAME ? plain : `${plain.slice(0, MAX_NAME - 20)}…${plain.slice(-18)}`;
}

export function openUploads(state: State, blobs: BlobStore, jobs: Jobs, clock: Clock): Uploads {
  const db = state.kysely;

  async function get(shopId: string, id: string): Promise<UploadRow> {
    const row = await db
      .selectFrom('upload')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  async function ofAsk(shopId: string, askId: string): Promise<readonly UploadRow[]> {
    return await db
      .selectFrom('upload')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('ask_id', '=', askId)
      .orderBy('id')
      .execute();
  }

  return {
    get,
    ofAsk,
    async add({ shopId, askId, item, name, bytes, paperKind }, also) {
      if (bytes.byteLength > MAX_FILE_BYTES) throw controlError('control/too-large');
      const plain = safeName(name);
      if (plain === '' || bytes.byteLength === 0) throw controlError('control/bad-request');
      const there = askId === null ? [] : await ofAsk(shopId, askId);
      const known = there.find((row) => row.item === item && row.hash === sha256Hex(bytes));
      // The same file for the same item once more, as a corrected reply brings it, is the file that is there.
      if (known !== undefined) return known.id;
      if (there.length >= MAX_FILES_OF_ASK) throw controlError('control/too-many');
      const hash = await blobs.put(shopId, bytes);
      const id = newId('fil', clock.now());
      await state.transaction(async (tx) => {
        await tx
          .insertInto('upload')
          .values({
            id,
            shop_id: shopId,
            ask_id: askId,
            item,
            name: plain,
            hash,
            bytes: bytes.byteLength,
            kind: null,
            state: 'waiting',
            why: null,
            made_at: clock.now(),
          })
          .execute();
        await also?.(tx, { id, hash });
        await jobs.enqueue(tx, { kind: UPLOAD_JOB, shopId, payload: { upload: id, paperKind } });
      });
      return id;
    },
    async read(shopId, id) {
      const row = await get(shopId, id);
      const bytes = row.state === 'kept' ? await blobs.get(shopId, row.hash) : null;
      if (bytes === null) throw controlError('control/not-found');
      return { row, bytes };
    },
    async remove(shopId, askId, id, items) {
      if (items.length === 0) return;
      await db
        .deleteFrom('upload')
        .where('shop_id', '=', shopId)
        .where('ask_id', '=', askId)
        .where('id', '=', id)
        .where('item', 'in', [...items])
        .execute();
    },
    async bytesFor(shopId, id) {
      const row = await get(shopId, id).catch(() => null);
      const bytes = row === null ? null : await blobs.get(shopId, row.hash);
      return row === null || bytes === null ? null : { name: row.name, bytes };
    },
    async settle(claim, shopId, id, found, also) {
      return await state.transaction(async (tx) => {
        if (!(await jobs.complete(tx, claim, { upload: id }))) return false;
        const kept = 'kind' in found;
        await tx
          .updateTable('upload')
          .set(kept ? { state: 'kept', kind: found.kind, why: null } : { state: 'refused', why: found.why })
          .where('shop_id', '=', shopId)
          .where('id', '=', id)
          .execute();
        await also(tx);
        return true;
      });
    },
  };
}
