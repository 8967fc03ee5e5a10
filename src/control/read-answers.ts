import type { Answers } from '@loupe/contract';
import type { Clock } from '#kernel';
import type { DatabasePlace } from '#storage';
import { openObservations } from './looks/observations.ts';
import { openAnswerBook } from './questions/answers.ts';
import { readShops } from './read-shops.ts';
import { openConnections } from './vendors/connections.ts';
import { openRegister } from './vendors/register.ts';

/** The answers of all shops (or of one, by id or host), read beside a running control. */
export async function readAnswers(
  place: DatabasePlace,
  wanted: string | undefined,
  clock: Clock,
): Promise<readonly Answers[]> {
  return await readShops(place, wanted, clock, (state) => {
    const register = openRegister(state, clock);
    const book = openAnswerBook(openObservations(state), register, openConnections(state, clock), clock);
    return (shop) => book.all(shop);
  });
}
