// Feeds whose stones are passed through: what the process that passes them is told of them, and what it tells. What signs in leaves the keeper for that process alone, when something changed.
import { base64Of, type Clock, type Json, sha256Hex } from '#kernel';
import { isLive } from '#feeds';
import { fieldsOf, type JsonObject, type Methods } from '#plane';
import { type ReachOf, reachJson } from '../looks/reach.ts';
import type { State } from '../state.ts';
import { type Feed, type FeedBook, feedOf } from './feed-book.ts';
import { readReached } from './load-record.ts';
import { rulesOf, showingOf } from './showing.ts';

/** What was seen of a live feed since it was plugged in. */
export interface LiveSeen {
  /** When it last answered. */
  readonly at: number;
  readonly answers: number;
  readonly stones: number;
  readonly keptOut: number;
  /** Questions in vain, one after another, and why the newest was. */
  readonly failures: number;
  readonly why: string | null;
}

export interface LiveFeedsOptions {
  readonly state: State;
  readonly book: FeedBook;
  readonly reachOf: ReachOf;
  readonly clock: Clock;
  /** Told of each shop of which something else is seen now. */
  onSeen(shopId: string): Promise<void>;
}

const MAX_TOLD = 1_000;
const MAX_WHY = 60;

/** What control offers the process that passes stones through. */
export function liveMethods(options: LiveFeedsOptions): Methods {
  const { state, book, reachOf, clock } = options;
  const db = state.kysely;

  async function liveFeeds(): Promise<readonly Feed[]> {
    const rows = await db
      .selectFrom('feed')
      .selectAll()
      .where('state', '=', 'on')
      .where('live_name', 'is not', null)
      .orderBy('id')
      .execute();
    return rows.map((row) => feedOf(row, clock.now())).filter(({ provider }) => isLive(provider));
  }

  async function told({ row, provider, entitlement }: Feed): Promise<JsonObject> {
    const [credentials, hashKey] = await Promise.all([book.credentials(row), book.hashKey(row)]);
    return {
      feed: row.id,
      name: row.live_name,
      provider: provider.id,
      credentials: { ...credentials },
      hashKey: base64Of(hashKey),
      showing: JSON.stringify({ entitlement, ...rulesOf(showingOf(row)) }),
      reach: reachJson(reachOf(provider.hosts)),
    };
  }

  /** Adds what was seen to what is known of each feed. */
  async function note(given: Json): Promise<void> {
    if (!Array.isArray(given)) return;
    for (const one of given.slice(0, MAX_TOLD)) {
      const fields = fieldsOf(one);
      const row = await db
        .selectFrom('feed')
        .select(['id', 'shop_id', 'live_seen'])
        .where('id', '=', fields.text('feed'))
        .where('live_name', 'is not', null)
        .executeTakeFirst();
      if (row === undefined) continue;
      const before = seenOf(row.live_seen);
      const [answers, failures] = [fields.integer('answers'), fields.integer('failures')];
      const why = fields.textOrNull('why')?.slice(0, MAX_WHY) ?? null;
      const seen: LiveSeen = {
        at: answers > 0 ? clock.now() : before.at,
        answers: before.answers + answers,
        stones: before.stones + fields.integer('stones'),
        keptOut: before.keptOut + fields.integer('keptOut'),
        failures: why === null ? 0 : (answers > 0 ? 0 : before.failures) + failures,
        why,
      };
      await db
        .updateTable('feed')
        .set({
          live_seen: JSON.stringify(seen),
          reached: JSON.stringify(readReached(fields.json('reached'))),
        })
        .where('id', '=', row.id)
        .execute();
      if ((seen.why === null) !== (before.why === null) || before.answers === 0)
        await options.onSeen(row.shop_id);
    }
  }

  return {
    'live.feeds': async (params) => {
      const fields = fieldsOf(params);
      await note(fields.json('seen'));
      const feeds = await liveFeeds();
      // Any change of a feed is another mark; what was seen of it is none.
      const mark = sha256Hex(
        JSON.stringify(feeds.map(({ row }) => ({ ...row, live_seen: null, reached: '' }))),
      );
      if (mark === fields.text('mark')) return { mark, feeds: [] };
      return { mark, feeds: await Promise.all(feeds.map(told)) };
    },
  };
}

const UNSEEN: LiveSeen = { at: 0, answers: 0, stones: 0, keptOut: 0, failures: 0, why: null };

/** What was seen of a feed, out of its row. */
export function seenOf(text: string | null): LiveSeen {
  const seen: LiveSeen | null = JSON.parse(text ?? 'null');
  return seen ?? UNSEEN;
}
