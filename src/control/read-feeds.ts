import type { Clock } from '#kernel';
import type { Loaded } from '#feeds';
import type { DatabasePlace } from '#storage';
import { feedOf, type FeedRow } from './feeds/feed-book.ts';
import type { LoadRow } from './feeds/feed-loads.ts';
import { failureText, LOAD_TEXT } from './messages/feeds.ts';
import { readShops } from './read-shops.ts';
import type { State } from './state.ts';

/** The feeds of a shop with their newest loads, for a terminal or a script. */
export interface FeedListing {
  readonly shop: string;
  readonly host: string;
  readonly feeds: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: 'on' | 'off';
    /** Newest first. */
    readonly loads: readonly {
      readonly id: string;
      readonly state: LoadRow['state'];
      readonly says: string;
      readonly startedAt: number;
      /** Null for one that never was a load. */
      readonly stones: number | null;
      readonly quarantined: number | null;
    }[];
  }[];
}

const NEWEST = 5;

/** The feeds of all shops (or of one, by id or host), read beside a running control. */
export async function readFeeds(
  place: DatabasePlace,
  wanted: string | undefined,
  clock: Clock,
): Promise<readonly FeedListing[]> {
  return await readShops(place, wanted, clock, (state) => async (shop) => {
    const rows = await state.kysely
      .selectFrom('feed')
      .selectAll()
      .where('shop_id', '=', shop.id)
      .where('state', '!=', 'ended')
      .orderBy('id')
      .execute();
    return {
      shop: shop.id,
      host: shop.host,
      feeds: await Promise.all(rows.map((row) => listed(state, row, clock))),
    };
  });
}

async function listed(state: State, row: FeedRow, clock: Clock): Promise<FeedListing['feeds'][number]> {
  const loads = await state.kysely
    .selectFrom('feed_load')
    .selectAll()
    .where('feed_id', '=', row.id)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(NEWEST)
    .execute();
  return {
    id: row.id,
    name: feedOf(row, clock.now()).provider.name,
    state: row.state === 'on' ? 'on' : 'off',
    loads: loads.map((load) => {
      const loaded: Loaded | null = JSON.parse(load.loaded ?? 'null');
      return {
        id: load.id,
        state: load.state,
        says: load.failure === null ? LOAD_TEXT[load.state] : failureText(JSON.parse(load.failure)),
        startedAt: load.started_at,
        stones: loaded?.comparison.rows ?? null,
        quarantined: loaded?.comparison.quarantined ?? null,
      };
    }),
  };
}
