// Calls that carried customer fields out, in the ledger: which fields, whose (a pseudonym), to whom. The edge has told it before the call left.
import type { Clock } from '#kernel';
import { fieldsOf, type PlaneEvent } from '#plane';
import { recordChange } from '../leaves.ts';
import type { State } from '../state.ts';

/** Writes a leaf for each disclosure, once, however often it is told. */
export async function recordDisclosures(
  state: State,
  events: readonly PlaneEvent[],
  clock: Clock,
): Promise<void> {
  for (const event of events) {
    if (event.kind !== 'disclosure') continue;
    const { edge, boot, seq } = event;
    await state.transaction(async (tx) => {
      // A log that is not there takes no leaf.
      const shop = await tx.selectFrom('shop').select('id').where('id', '=', event.shop).executeTakeFirst();
      if (shop === undefined) return;
      const added = await tx
        .insertInto('edge_disclosure')
        .values({ edge, boot, seq })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (added.numInsertedOrUpdatedRows === 0n) return;
      const told = fieldsOf(event.body);
      const body = {
        integration: told.text('integration'),
        to: told.text('to'),
        fields: [...told.texts('fields')],
        subject: told.textOrNull('subject'),
        at: event.at,
        event: `${edge}.${boot}.${seq}`,
      };
      await recordChange(
        tx,
        { kind: 'customer-data-disclosed', shop: event.shop, by: edge, body },
        clock.now(),
      );
    });
  }
}
