// The three compliance topics: what a customer may demand, with the platform's clock on it.
import type { Selectable } from 'kysely';
import { type Clock, fromBase64, textOf } from '#kernel';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';

export type PrivacyRow = Selectable<StateTables['privacy_request']>;

export interface PrivacyRequests {
  list(shopId: string): Promise<readonly PrivacyRow[]>;
  /** Whom it is about, as the platform said; opened for whoever carries it out, and that is a leaf. */
  reveal(shopId: string, id: string, by: string): Promise<string>;
  /** Done, by whom and how. What it was about is erased with it. */
  finish(shopId: string, id: string, note: string, by: string): Promise<void>;
}

export function openPrivacyRequests(state: State, keeper: KeeperClient, clock: Clock): PrivacyRequests {
  const db = state.kysely;

  async function get(shopId: string, id: string): Promise<PrivacyRow> {
    const row = await db
      .selectFrom('privacy_request')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  return {
    async list(shopId) {
      return await db
        .selectFrom('privacy_request')
        .selectAll()
        .where('shop_id', '=', shopId)
        .orderBy('id', 'desc')
        .limit(500)
        .execute();
    },
    async reveal(shopId, id, by) {
      const row = await get(shopId, id);
      const hookup = await db
        .selectFrom('hookup')
        .select('id')
        .where('shop_id', '=', shopId)
        .where('id', '=', row.hookup_id)
        .executeTakeFirst();
      if (row.body_sealed === null || hookup === undefined) throw controlError('control/not-found');
      // The leaf before the words: a reading that is not recorded does not happen.
      await state.transaction(
        async (tx) =>
          await recordChange(
            tx,
            { kind: 'privacy-revealed', shop: shopId, by, body: { request: id } },
            clock.now(),
          ),
      );
      const opened = await keeper.openSecret(row.body_sealed, ['hookup', shopId, hookup.id, 'delivery']);
      const bytes = fromBase64(opened);
      return (bytes === null ? null : textOf(bytes)) ?? '';
    },
    async finish(shopId, id, note, by) {
      const row = await get(shopId, id);
      if (row.done_at !== null) throw controlError('control/conflict');
      const now = clock.now();
      await state.transaction(async (tx) => {
        await tx
          .updateTable('privacy_request')
          .set({ done_at: now, done_by: by, note, body_sealed: null })
          .where('id', '=', row.id)
          .execute();
        await recordChange(tx, { kind: 'privacy-done', shop: shopId, by, body: { request: id } }, now);
      });
    },
  };
}
