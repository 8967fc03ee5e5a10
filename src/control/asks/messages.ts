// Questions back and their replies, by item. Sealed, and in the order in which they were said.
import { type Clock, newId } from '#kernel';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import type { State } from '../state.ts';
import { type AskRow, type Asks, placeOf } from './asks.ts';
import { itemsOf } from './questionnaires.ts';

export interface Message {
  readonly item: string;
  readonly fromUs: boolean;
  readonly text: string;
  readonly at: number;
}

export interface Messages {
  of(ask: AskRow): Promise<readonly Message[]>;
  /** Throws `control/not-found` for an item that the ask does not have, `control/too-many`. */
  say(ask: AskRow, item: string, text: string, fromUs: boolean): Promise<void>;
}

const MAX_MESSAGES = 500;

export function openMessages(state: State, keeper: KeeperClient, asks: Asks, clock: Clock): Messages {
  const db = state.kysely;
  return {
    async of(ask) {
      const rows = await db
        .selectFrom('ask_message')
        .selectAll()
        .where('ask_id', '=', ask.id)
        .orderBy('id')
        .execute();
      return await Promise.all(
        rows.map(async (row) => ({
          item: row.item,
          fromUs: row.from_us === 1,
          text: await keeper.openSecret(row.text_sealed, placeOf(ask, 'ask-message')),
          at: row.at,
        })),
      );
    },
    async say(ask, item, text, fromUs) {
      const form = await asks.formOf(ask);
      if (!itemsOf(form).some((known) => known.id === item)) throw controlError('control/not-found');
      const text_sealed = await keeper.sealSecret(text, placeOf(ask, 'ask-message'));
      const now = clock.now();
      await state.transaction(async (tx) => {
        const there = await tx
          .selectFrom('ask_message')
          .select('at')
          .where('ask_id', '=', ask.id)
          .limit(MAX_MESSAGES)
          .execute();
        if (there.length >= MAX_MESSAGES) throw controlError('control/too-many');
        await tx
          .insertInto('ask_message')
          .values({
            id: newId('msg', now),
            shop_id: ask.shop_id,
            ask_id: ask.id,
            item,
            from_us: fromUs ? 1 : 0,
            text_sealed,
            at: now,
          })
          .execute();
      });
    },
  };
}
