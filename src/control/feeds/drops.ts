// Lists that people hand in, in place of being fetched: kept sealed as they come, and forgotten once they were looked at or loaded, or nobody came to them for two days. Nothing of them is read here.
import { base64Of, type Clock, DAY_MS, HOUR_MS, newId } from '#kernel';
import type { SealedWriter } from '#storage';
import { forgetLoad, writeKept } from '#feeds';
import type { JsonObject } from '#plane';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import type { State } from '../state.ts';

const MAX_BYTES = 1024 ** 3;
/** Of one shop, at a time. */
const MAX_WAITING = 5;
const FORGOTTEN_MS = 2 * DAY_MS;
/** Nothing takes that long to come: whoever received it died. */
const UNFINISHED_MS = 6 * HOUR_MS;

export interface Drops {
  /** Keeps what comes; whole when fulfilled. Throws `control/too-large`, `control/too-many`, `control/bad-request` where nothing came. */
  receive(shopId: string, pieces: AsyncIterable<Uint8Array>, by: string): Promise<string>;
  /** Throws `control/not-found`, also for another shop's. */
  demand(shopId: string, id: string): Promise<void>;
  /** What a worker opens it by; null where it is forgotten. */
  task(shopId: string, id: string): Promise<JsonObject | null>;
  forget(id: string): Promise<void>;
  /** Forgets those that nobody came to. */
  forgetOld(): Promise<void>;
}

export interface DropsOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly folder: string;
  readonly clock: Clock;
}

const keyContext = (id: string): string[] => ['feed-drop', id];

export function openDrops({ state, keeper, folder, clock }: DropsOptions): Drops {
  const db = state.kysely;

  const drops: Drops = {
    async receive(shopId, pieces, by) {
      const waiting = await db.selectFrom('feed_drop').select('id').where('shop_id', '=', shopId).execute();
      if (waiting.length >= MAX_WAITING) throw controlError('control/too-many');
      const id = newId('drp', clock.now());
      const { key, wrapped } = await keeper.makeKey(keyContext(id));
      // Before anything lies on the disk, so that it is forgotten whatever happens.
      await db
        .insertInto('feed_drop')
        .values({
          id,
          shop_id: shopId,
          key_wrapped: base64Of(wrapped),
          bytes: 0,
          made_at: clock.now(),
          made_by: by,
        })
        .execute();
      let file: SealedWriter | null = null;
      let bytes = 0;
      try {
        file = await writeKept({ id, folder, key }, 'raw');
        for await (const piece of pieces) {
          bytes += piece.byteLength;
          if (bytes > MAX_BYTES) throw controlError('control/too-large');
          await file.write(piece);
        }
        if (bytes === 0) throw controlError('control/bad-request', { details: { field: 'body' } });
        await file.finish();
      } catch (error) {
        await file?.abandon();
        await drops.forget(id);
        throw error;
      }
      await db.updateTable('feed_drop').set({ bytes }).where('id', '=', id).execute();
      return id;
    },
    async demand(shopId, id) {
      if ((await rowOf(shopId, id)) === undefined) throw controlError('control/not-found');
    },
    async task(shopId, id) {
      const row = await rowOf(shopId, id);
      if (row === undefined) return null;
      const key = await keeper.openKey(Buffer.from(row.key_wrapped, 'base64'), keyContext(id));
      return { id, folder, key: base64Of(key) };
    },
    async forget(id) {
      // The key first: without it whatever is left of the file says nothing.
      await db.deleteFrom('feed_drop').where('id', '=', id).execute();
      forgetLoad({ id, folder });
    },
    async forgetOld() {
      const old = await db
        .selectFrom('feed_drop')
        .select('id')
        .where((where) =>
          where.or([
            where('made_at', '<', clock.now() - FORGOTTEN_MS),
            where.and([where('bytes', '=', 0), where('made_at', '<', clock.now() - UNFINISHED_MS)]),
          ]),
        )
        .execute();
      for (const { id } of old) await drops.forget(id);
    },
  };
  return drops;

  async function rowOf(shopId: string, id: string) {
    return await db
      .selectFrom('feed_drop')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      // One that is not whole yet is none.
      .where('bytes', '>', 0)
      .executeTakeFirst();
  }
}
