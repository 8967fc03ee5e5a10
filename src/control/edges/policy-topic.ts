import type { Transaction } from 'kysely';
import { post } from '#storage';
import type { StateTables } from '../state.ts';

/** The outbox topic that has a new snapshot published. */
export const POLICY_TOPIC = 'edge-policy';

/** Asks for a new snapshot, in the transaction of what it follows from and after its leaf. */
export async function postPolicy(tx: Transaction<StateTables>, nowMs: number): Promise<void> {
  await post(tx, { topic: POLICY_TOPIC, shopId: null, payload: {} }, nowMs);
}
