import type { Kysely } from 'kysely';

/** `on`: loaded by schedule. `off`: somebody threw the switch; nothing of it is shown. `ended`: removed. */
export type FeedState = 'on' | 'off' | 'ended';

/**
 * `running`; `failed`: it never was a load; `held`: a person is asked; `declined`: a person kept what was there; `overtaken`: a newer load came before anybody answered; `good`: accepted by itself or by
 * a person, and compared with from then on.
 */
export type LoadState = 'running' | 'failed' | 'held' | 'declined' | 'overtaken' | 'good';

/** Feeds of a shop, their loads, and what people said about them. */
export interface FeedTables {
  feed: {
    id: string;
    shop_id: string;
    provider: string;
    /** JSON: PlainException; null: none. */
    plain: string | null;
    /** JSON: SupplierList; null for a provider that Loupe knows. */
    list: string | null;
    state: FeedState;
    /** JSON of credentials, sealed; null once ended. */
    credentials_sealed: string | null;
    credentials_at: number;
    /** The key that ids are hashed under, sealed. */
    hash_key_sealed: string;
    /** JSON: Entitlement. */
    entitlement: string;
    every_ms: number;
    /** The last good load. */
    good_load: string | null;
    /** Failed loads since the last that was none. */
    failures: number;
    /** JSON: the line to the provider as it was last seen. */
    reached: string;
    /** JSON: PriceRules; null: none, and so nothing has a price. */
    price: string | null;
    /** JSON: Choice. */
    choice: string;
    /** What GIA is asked with about reports, sealed; null: nobody is. */
    report_key_sealed: string | null;
    /** The public name that its stones are passed through under; null for a feed that is loaded. */
    live_name: string | null;
    /** JSON: LiveSeen. */
    live_seen: string | null;
    /** When its switch was last thrown and thrown back, to see that it works. */
    switch_tested_at: number | null;
    made_at: number;
    made_by: string;
    changed_at: number;
  };
  feed_load: {
    id: string;
    feed_id: string;
    shop_id: string;
    state: LoadState;
    /** Opens its files; null once they are forgotten. */
    key_wrapped: string | null;
    /** The load that it was compared with. */
    before_load: string | null;
    started_at: number;
    ended_at: number | null;
    bytes: number;
    /** JSON: Loaded, Decision, counts by finding, row errors; null until it ended well. */
    loaded: string | null;
    decision: string | null;
    findings: string;
    errors: string;
    /** Hash of the sealed report. */
    report: string | null;
    /** JSON: why it failed. */
    failure: string | null;
    verdict_by: string | null;
    verdict_at: number | null;
    note: string;
    /** A person said that its prices are right, too. */
    prices_accepted: number;
  };
  /** What was made of a load for shoppers. A feed has one that counts: the newest. */
  feed_catalogue: {
    id: string;
    feed_id: string;
    shop_id: string;
    load_id: string;
    made_at: number;
    rows: number;
    /** JSON: how many stones were left out, by why. */
    left_out: string;
    stones_sha256: string;
    texts_sha256: string;
    bytes: number;
  };
  /** The public name of a shop's window. */
  feed_window: {
    shop_id: string;
    name: string;
    /** The newest pointer, and when it was signed. */
    version: number;
    published_at: number | null;
  };
  /** Addresses that are told of each new pointer. */
  window_hook: {
    id: string;
    shop_id: string;
    url: string;
    /** What messages are signed with, sealed. */
    secret_sealed: string;
    made_at: number;
    made_by: string;
    delivered_at: number | null;
    /** Messages in vain since the last that was taken, or since the window last changed. */
    failures: number;
    /** JSON: why the last one was not taken. */
    last_failure: string | null;
  };
  /** Lists that people handed in and nobody has read yet. */
  feed_drop: {
    id: string;
    shop_id: string;
    key_wrapped: string;
    /** 0 while it comes. */
    bytes: number;
    made_at: number;
    made_by: string;
  };
  feed_release: {
    id: string;
    feed_id: string;
    shop_id: string;
    key_high: number;
    key_low: number;
    /** JSON: the figures that it is good for. */
    figures: string;
    reason: string;
    made_by: string;
    made_at: number;
    ended_at: number | null;
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- a migration sees every shape the tables ever had
export async function createFeedTables(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('feed')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('credentials_sealed', 'text')
    .addColumn('credentials_at', 'bigint', (c) => c.notNull())
    .addColumn('hash_key_sealed', 'text', (c) => c.notNull())
    .addColumn('entitlement', 'text', (c) => c.notNull())
    .addColumn('every_ms', 'bigint', (c) => c.notNull())
    .addColumn('good_load', 'text')
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('reached', 'text', (c) => c.notNull())
    .addColumn('price', 'text')
    .addColumn('choice', 'text', (c) => c.notNull())
    .addColumn('switch_tested_at', 'bigint')
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('feed_of_shop').on('feed').columns(['shop_id']).execute();
  await db.schema
    .createTable('feed_load')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('feed_id', 'text', (c) => c.notNull().references('feed.id'))
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('key_wrapped', 'text')
    .addColumn('before_load', 'text')
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('loaded', 'text')
    .addColumn('decision', 'text')
    .addColumn('findings', 'text', (c) => c.notNull())
    .addColumn('errors', 'text', (c) => c.notNull())
    .addColumn('report', 'text')
    .addColumn('failure', 'text')
    .addColumn('verdict_by', 'text')
    .addColumn('verdict_at', 'bigint')
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('prices_accepted', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('feed_load_newest')
    .on('feed_load')
    .columns(['feed_id', 'started_at'])
    .execute();
  await db.schema
    .createTable('feed_catalogue')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('feed_id', 'text', (c) => c.notNull().references('feed.id'))
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('load_id', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('rows', 'bigint', (c) => c.notNull())
    .addColumn('left_out', 'text', (c) => c.notNull())
    .addColumn('stones_sha256', 'text', (c) => c.notNull())
    .addColumn('texts_sha256', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('feed_catalogue_newest')
    .on('feed_catalogue')
    .columns(['feed_id', 'made_at'])
    .execute();
  await db.schema
    .createTable('feed_window')
    .addColumn('shop_id', 'text', (c) => c.primaryKey().references('shop.id'))
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('published_at', 'bigint')
    .execute();
  await db.schema
    .createTable('feed_release')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('feed_id', 'text', (c) => c.notNull().references('feed.id'))
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('key_high', 'bigint', (c) => c.notNull())
    .addColumn('key_low', 'bigint', (c) => c.notNull())
    .addColumn('figures', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema.createIndex('feed_release_of').on('feed_release').columns(['feed_id']).execute();
}

export async function addListsExceptionsAndHooks(db: Kysely<FeedTables>): Promise<void> {
  await db.schema.alterTable('feed').addColumn('list', 'text').execute();
  await db.schema.alterTable('feed').addColumn('plain', 'text').execute();
  await db.schema
    .createTable('window_hook')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('secret_sealed', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .addColumn('delivered_at', 'bigint')
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('last_failure', 'text')
    .execute();
  await db.schema.createIndex('window_hook_of').on('window_hook').columns(['shop_id']).execute();
}

export async function addDropsAndLiveFeeds(db: Kysely<FeedTables>): Promise<void> {
  await db.schema.alterTable('feed').addColumn('report_key_sealed', 'text').execute();
  await db.schema.alterTable('feed').addColumn('live_name', 'text').execute();
  await db.schema.alterTable('feed').addColumn('live_seen', 'text').execute();
  await db.schema
    .createTable('feed_drop')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text', (c) => c.notNull().references('shop.id'))
    .addColumn('key_wrapped', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('feed_drop_of').on('feed_drop').columns(['shop_id']).execute();
}
