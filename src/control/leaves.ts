import { type Json, newId } from '#kernel';
import { type Leaf, leafJson, type LeafKind, type JsonObject } from '#plane';
import { post } from '#storage';
import type { Transaction } from 'kysely';
import type { State, StateTables } from './state.ts';

/** The outbox topic whose messages become leaves of the ledger. */
export const LEAF_TOPIC = 'leaf';

/** The log of what concerns the installation and no one shop. */
export const INSTALLATION_LOG = 'installation';

/** Throws where leaves that were written before a message are not in the ledger yet: what follows from a change takes effect after its leaf, and its message is delivered again. */
export async function demandLeavesAppended(state: State, before: number): Promise<void> {
  const leaf = await state.kysely
    .selectFrom('outbox')
    .select('seq')
    .where('topic', '=', LEAF_TOPIC)
    .where('seq', '<', before)
    .executeTakeFirst();
  if (leaf !== undefined) throw new Error('leaves of this change are not in the ledger yet');
}

/** A change of policy or people, as the ledger records it: ids only, in the transaction of the change itself. */
export async function recordChange(
  tx: Transaction<StateTables>,
  change: {
    readonly kind: LeafKind;
    readonly shop: string | null;
    readonly by: string;
    readonly body: JsonObject;
  },
  nowMs: number,
): Promise<void> {
  const leaf: Leaf = { v: 1, id: newId('chg', nowMs), at: nowMs, ...change };
  const payload: Json = leafJson(leaf);
  await post(tx, { topic: LEAF_TOPIC, shopId: change.shop, payload }, nowMs);
}
