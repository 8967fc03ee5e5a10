import type { Answers } from '@loupe/contract';
import type { Clock } from '#kernel';
import { type DatabasePlace } from '#storage';
import { openObservations } from './looks/observations.ts';
import { openAnswerBook } from './questions/answers.ts';
import { openState } from './state.ts';
import { openConnections } from './vendors/connections.ts';
import { openRegister } from './vendors/register.ts';

/** The answers of all shops (or of one, by id or host), read beside a running control without asking it. */
export async function readAnswers(
  place: DatabasePlace,
  wanted: string | undefined,
  clock: Clock,
): Promise<readonly Answers[]> {
  const state = await openState(place.engine === 'sqlite' ? { ...place, readOnly: true } : place);
  try {
    const book = openAnswerBook(
      openObservations(state),
      openRegister(state, clock),
      openConnections(state, clock),
      clock,
    );
    const shops = await state.kysely
      .selectFrom('shop')
      .selectAll()
      .where('removed_at', 'is', null)
      .orderBy('id')
      .execute();
    const chosen = shops.filter((shop) => wanted === undefined || shop.id === wanted || shop.host === wanted);
    return await Promise.all(chosen.map((shop) => book.all(shop)));
  } finally {
    await state.close();
  }
}
