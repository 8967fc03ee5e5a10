import type { Clock } from '#kernel';
import type { DatabasePlace } from '#storage';
import type { ShopRow } from './shops/shops.ts';
import { openState, type State } from './state.ts';

/** Reads of all shops (or of one, by id or host) beside a running control, without asking it; changes nothing. */
export async function readShops<T>(
  place: DatabasePlace,
  wanted: string | undefined,
  clock: Clock,
  read: (state: State, clock: Clock) => (shop: ShopRow) => Promise<T>,
): Promise<readonly T[]> {
  const state = await openState(place.engine === 'sqlite' ? { ...place, readOnly: true } : place);
  try {
    const shops = await state.kysely
      .selectFrom('shop')
      .selectAll()
      .where('removed_at', 'is', null)
      .orderBy('id')
      .execute();
    const chosen = shops.filter((shop) => wanted === undefined || shop.id === wanted || shop.host === wanted);
    return await Promise.all(chosen.map(read(state, clock)));
  } finally {
    await state.close();
  }
}
