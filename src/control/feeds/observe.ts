// Feeds, observed: what loads left behind, judged and signed, with what it was judged from as its evidence.
import { canonicalBytes, type Clock, HOUR_MS, type Json } from '#kernel';
import { isLive, type Loaded, type SupplierList } from '#feeds';
import type { CheckDefinition, Observation } from '#plane';
import type { BlobStore } from '#storage';
import { newsOf, type Observations, recordObservations } from '../looks/observations.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import type { BookVendor, VendorBook } from '../vendors/book.ts';
import { vendorFor } from '../vendors/connections.ts';
import { FEED_CHECKS } from './checks.ts';
import type { Feed, FeedBook } from './feed-book.ts';
import type { FeedLoads } from './feed-loads.ts';
import { type LiveSeen, seenOf } from './live-feeds.ts';
import { type FeedFacts, type FeedInput, judgeFeeds, type JudgedFeed } from './judge.ts';

export interface FeedWatch {
  /** Judges a shop's feeds now; records what came out differently, and what would soon be stale. */
  observe(shopId: string): Promise<void>;
}

export interface FeedWatchOptions {
  readonly state: State;
  readonly shops: Shops;
  readonly blobs: BlobStore;
  readonly feedBook: FeedBook;
  readonly feedLoads: FeedLoads;
  readonly vendorBook: VendorBook;
  readonly observations: Observations;
  readonly clock: Clock;
}

const CHECKS: ReadonlyMap<string, CheckDefinition> = new Map(FEED_CHECKS.map((check) => [check.id, check]));
/** An observation older than this is made again though nothing changed, so that it stays fresh. */
const RENEW_MS = 12 * HOUR_MS;
/** Among how many of the newest loads the last good one and one that waits are looked for. */
const LOOKED_AT = 100;

export function openFeedWatch(options: FeedWatchOptions): FeedWatch {
  const { state, clock, feedBook, feedLoads, observations } = options;

  async function factsOf(
    { row, provider, list, plain }: Feed,
    vendor: BookVendor | undefined,
  ): Promise<FeedFacts> {
    const seen = isLive(provider) ? seenOf(row.live_seen) : null;
    const loads = await feedLoads.list(row.shop_id, row.id, LOOKED_AT);
    const good = row.good_load === null ? null : await feedLoads.get(row.shop_id, row.good_load);
    const loaded: Loaded | null = good === null ? null : JSON.parse(good.loaded ?? 'null');
    return {
      provider: list === null ? provider.name : placeOf(list),
      on: row.state === 'on',
      everyMs: row.every_ms,
      failures: seen?.failures ?? row.failures,
      credentialsAt: provider.credentials.length === 0 ? null : row.credentials_at,
      signsInBy: provider.signsInBy,
      replacedBy: provider.replacedBy,
      plainUntil: plain?.until ?? null,
      hosts: [...provider.hosts],
      switchTestedAt: row.switch_tested_at,
      reached: JSON.parse(row.reached),
      good:
        seen !== null
          ? passedThrough(seen)
          : good === null || loaded === null
            ? null
            : {
                at: good.ended_at ?? good.started_at,
                rows: loaded.comparison.rows,
                quarantined: loaded.comparison.quarantined,
              },
      heldSince: loads.find((load) => load.state === 'held')?.ended_at ?? null,
      assessed: vendor === undefined ? 'unknown-party' : isAssessed(vendor) ? 'in-date' : 'not-decided',
    };
  }

  /** What is passed through is of this moment as long as it comes. */
  function passedThrough(seen: LiveSeen): FeedFacts['good'] {
    if (seen.answers === 0) return null;
    const at = seen.failures === 0 ? clock.now() : seen.at;
    return { at, rows: seen.stones + seen.keptOut, quarantined: seen.keptOut };
  }

  async function inputOf(shopId: string): Promise<FeedInput> {
    const [shop, feeds, { vendors }] = await Promise.all([
      options.shops.get(shopId),
      feedBook.list(shopId),
      options.vendorBook.of(shopId),
    ]);
    const rows = vendors.map((vendor) => vendor.row);
    const vendorOf = (feed: Feed): BookVendor | undefined => {
      const row = feed.provider.hosts.map((host) => vendorFor(host, rows)).find((found) => found !== null);
      return vendors.find((vendor) => vendor.row === row);
    };
    const own = new Set(feeds.map((feed) => vendorOf(feed)?.row.id));
    return {
      shop: shop.host,
      feeds: await Promise.all(feeds.map((feed) => factsOf(feed, vendorOf(feed)))),
      beside: rows
        .filter((row) => row.kind === 'feed' && row.retired_at === null && !own.has(row.id))
        .map((row) => row.id),
    };
  }

  return {
    async observe(shopId) {
      const now = clock.now();
      const [input, newest] = await Promise.all([inputOf(shopId), observations.newest(shopId)]);
      const all = judgeFeeds(input, now);
      // What was observed of a feed that is gone, or of there being none, must not stay as it was.
      const gone = newest
        .filter(
          (o) =>
            CHECKS.has(o.check) && !all.some((one) => one.check === o.check && one.subject === o.subject),
        )
        .map(
          ({ check, subject }): JudgedFeed => ({
            check,
            subject,
            outcome: 'not-applicable',
            figure: null,
            facts: { why: 'no-longer-plugged' },
          }),
        );
      const judged = newsOf([...all, ...gone], newest, RENEW_MS, now);
      if (judged.length === 0) return;
      const evidence: Json = JSON.parse(JSON.stringify({ at: now, ...input }));
      const hash = await options.blobs.put(shopId, canonicalBytes(evidence));
      const fresh = judged.map(
        (one): Omit<Observation, 'id'> => ({
          ...one,
          shop: shopId,
          source: 'seen',
          observedAt: now,
          validUntil: now + (CHECKS.get(one.check)?.freshForMs ?? 0),
          evidence: hash,
        }),
      );
      await state.transaction(async (tx) => void (await recordObservations(tx, fresh, 'control', now)));
    },
  };
}

function isAssessed({ view }: BookVendor): boolean {
  return view.standing === 'approved' || view.standing === 'conditions' || view.standing === 'excepted';
}

/** What a supplier's list is called in the ledger: people call it by a name, which may be a person's. */
function placeOf({ url }: SupplierList): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
