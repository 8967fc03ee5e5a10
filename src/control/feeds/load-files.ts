// What a worker needs to read kept loads: their keys, the words of people that were good at a time, and the loads that a decision looked back on.
import type { Kysely } from 'kysely';
import { base64Of, DAY_MS, type Millis } from '#kernel';
import { type GoodLoad, readLoaded, remembered } from '#feeds';
import type { JsonObject } from '#plane';
import type { KeeperClient } from '../keeper-client.ts';
import type { StateTables } from '../state.ts';

/** How many good loads a decision looks back on; drift is seen over eight weeks. */
const REMEMBERED = 400;
const REMEMBERED_MS = 60 * DAY_MS;

export const keyContext = (loadId: string): string[] => ['feed-load', loadId];

export interface KeptKey {
  readonly id: string;
  /** Base64. */
  readonly key: string;
  readonly pricesAccepted: boolean;
}

/** What opens a load's files, with whether its prices had been accepted by then; null where they are forgotten. */
export async function keptKey(
  db: Kysely<StateTables>,
  keeper: KeeperClient,
  loadId: string,
  at: Millis = Number.MAX_SAFE_INTEGER,
): Promise<KeptKey | null> {
  const row = await db
    .selectFrom('feed_load')
    .select(['key_wrapped', 'prices_accepted', 'verdict_at'])
    .where('id', '=', loadId)
    .executeTakeFirst();
  if (row?.key_wrapped === undefined || row.key_wrapped === null) return null;
  const key = await keeper.openKey(Buffer.from(row.key_wrapped, 'base64'), keyContext(loadId));
  const pricesAccepted = row.prices_accepted === 1 && (row.verdict_at ?? 0) <= at;
  return { id: loadId, key: base64Of(key), pricesAccepted };
}

/** People's words for single stones that were good at a time. */
export async function releasesAt(db: Kysely<StateTables>, feedId: string, at: Millis): Promise<JsonObject[]> {
  const rows = await db
    .selectFrom('feed_release')
    .selectAll()
    .where('feed_id', '=', feedId)
    .where('made_at', '<=', at)
    .where((where) => where.or([where('ended_at', 'is', null), where('ended_at', '>', at)]))
    .orderBy('id')
    .execute();
  return rows.map((one) => ({
    keyHigh: one.key_high,
    keyLow: one.key_low,
    figures: JSON.parse(one.figures),
  }));
}

/** The good loads of a feed that had begun before a time, oldest first, as a decision made at `at` looked back on them. */
export async function goodLoadsBefore(
  db: Kysely<StateTables>,
  feedId: string,
  begun: Millis,
  at: Millis,
): Promise<readonly GoodLoad[]> {
  const rows = await db
    .selectFrom('feed_load')
    .select(['loaded', 'ended_at', 'verdict_by'])
    .where('feed_id', '=', feedId)
    .where('state', '=', 'good')
    .where('started_at', '<', begun)
    .where('started_at', '>', at - REMEMBERED_MS)
    .orderBy('started_at', 'desc')
    .limit(REMEMBERED)
    .execute();
  return rows
    .toReversed()
    .flatMap((row) =>
      row.loaded === null
        ? []
        : [remembered(readLoaded(JSON.parse(row.loaded)), row.ended_at ?? 0, row.verdict_by !== null)],
    );
}
