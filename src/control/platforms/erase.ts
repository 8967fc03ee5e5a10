import type { Transaction } from 'kysely';
import type { StateTables } from '../state.ts';

/** The kind of job that reads a hookup. */
export const READING_JOB = 'reading';

/** Erases what a hookup needed: secrets, token, what was known of the shop, deliveries. Whether a reading was under way, which its worker ends within seconds. */
export async function eraseHookup(
  tx: Transaction<StateTables>,
  row: { readonly id: string; readonly shop_id: string },
  nowMs: number,
): Promise<boolean> {
  await tx
    .updateTable('hookup')
    .set({
      state: 'left',
      secret_sealed: null,
      old_secret_sealed: null,
      old_secret_until: null,
      token_sealed: null,
      token_until: null,
      left_at: nowMs,
    })
    .where('id', '=', row.id)
    .execute();
  // A reading that is under way is of no hookup any more: its result is not taken, least of all for the next one.
  const readings = { shop_id: row.shop_id, kind: READING_JOB };
  const underWay = await tx
    .selectFrom('job')
    .select('id')
    .where((is) => is.and({ ...readings, state: 'running' }))
    .executeTakeFirst();
  await tx
    .updateTable('job')
    .set({ state: 'cancelled', ended_at: nowMs, lease_until: null })
    .where((is) => is.and(readings))
    .where('state', 'in', ['queued', 'running'])
    .execute();
  await tx.deleteFrom('item').where('shop_id', '=', row.shop_id).execute();
  await tx.deleteFrom('delivery').where('hookup_id', '=', row.id).execute();
  await tx.deleteFrom('proxy_seen').where('hookup_id', '=', row.id).execute();
  await tx
    .deleteFrom('schedule')
    .where('id', 'in', [`reading/${row.shop_id}`, `deep/${row.shop_id}`])
    .execute();
  return underWay !== undefined;
}
