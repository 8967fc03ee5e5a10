// What shoppers see: catalogues made of good loads by a worker, and the signed pointer of each shop's window. A catalogue counts once its load's decision is in the ledger and the pointer names it; a feed that is switched off is in no pointer.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Selectable, Transaction } from 'kysely';
import type { Showing } from '@loupe/contract';
import { readVerifier } from '#crypto';
import { LEFT_OUT, type LeftOut } from '#feeds';
import {
  canonicalJson,
  type Clock,
  DAY_MS,
  HOUR_MS,
  type Json,
  newId,
  randomToken,
  SECOND_MS,
} from '#kernel';
import { fieldsOf, type JsonObject, planeError } from '#plane';
import {
  type Jobs,
  openPublication,
  openRelay,
  type Pointer,
  post,
  type Publication,
  type Relay,
  storageError,
} from '#storage';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { demandLeavesAppended, recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import type { JobKind } from '../work/job-kind.ts';
import { entitlementOf, type FeedBook, type FeedRow } from './feed-book.ts';
import { keptKey } from './load-files.ts';
import { showingOf } from './showing.ts';

const PUBLISH_JOB = 'feed-publish';
const WINDOW_TOPIC = 'window';
/** As for a load. */
const LEASE_MS = 45 * SECOND_MS;
/** Files that no pointer names go after this: somebody may be writing or reading them. */
const UNUSED_MS = HOUR_MS;
/** Catalogues and previews of a shop that wait to be made. */
const MAX_WAITING = 30;

export type CatalogueRow = Selectable<StateTables['feed_catalogue']>;

export interface ShopWindows extends JobKind {
  /** Has the catalogue of a feed made anew, in the transaction of what changed. */
  request(tx: Transaction<StateTables>, feed: FeedRow): Promise<void>;
  /** A feed was switched, changed or taken away: its pointer follows at once. */
  follow(tx: Transaction<StateTables>, feed: FeedRow): Promise<void>;
  /** Has a worker say what would be shown; the job to ask for. Throws `control/conflict` where there is no good load. */
  preview(shopId: string, feedId: string, showing: Showing): Promise<string>;
  /** What a preview came to; null while it is being made. Throws `control/not-found`. */
  previewed(shopId: string, jobId: string): Promise<Json>;
  /** The newest catalogue of a feed. */
  newest(feedId: string): Promise<CatalogueRow | null>;
  /** The window's public name and when it was last published. */
  of(shopId: string): Promise<{ readonly name: string; readonly publishedAt: number | null } | null>;
  wake(): void;
  start(everyMs: number): void;
  /** Follows what time alone changes: contracts' days that ran out, a word on selling below cost. Removes files nobody needs. */
  tick(): Promise<void>;
  stop(): Promise<void>;
}

export interface ShopWindowsOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly keeper: KeeperClient;
  readonly book: FeedBook;
  /** Where windows are published, a folder each by public name. */
  readonly folder: string;
  readonly feedFolder: string;
  readonly clock: Clock;
  /** Told, in its transaction, of each pointer. */
  onPublished(tx: Transaction<StateTables>, shopId: string): Promise<void>;
  /** Has leaves appended that wait. */
  appendLeaves(): Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

export function openShopWindows(options: ShopWindowsOptions): ShopWindows {
  const { state, jobs, keeper, book, clock } = options;
  const db = state.kysely;

  async function nameOf(shopId: string): Promise<string> {
    const there = await db
      .selectFrom('feed_window')
      .select('name')
      .where('shop_id', '=', shopId)
      .executeTakeFirst();
    if (there !== undefined) return there.name;
    await db
      .insertInto('feed_window')
      .values({ shop_id: shopId, name: randomToken(18), version: 0, published_at: null })
      .onConflict((conflict) => conflict.column('shop_id').doNothing())
      .execute();
    return await nameOf(shopId);
  }

  async function newest(feedId: string): Promise<CatalogueRow | null> {
    const row = await db
      .selectFrom('feed_catalogue')
      .selectAll()
      .where('feed_id', '=', feedId)
      .orderBy('made_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  }

  /** The files that a shop's pointer is to name now. One whose files are gone is left out, told, and made again: it holds up no other. */
  async function filesOf(shopId: string, name: string): Promise<Pointer['files']> {
    const feeds = await db
      .selectFrom('feed')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('state', '=', 'on')
      .orderBy('id')
      .execute();
    const parts = await Promise.all(
      feeds.map(async (feed) => {
        const row = await newest(feed.id);
        if (row === null || !(await mayShow(feed))) return [];
        const lost = [row.stones_sha256, row.texts_sha256].some(
          (hash) => !existsSync(join(options.folder, name, 'files', hash)),
        );
        if (lost) {
          options.onError(storageError('storage/damaged', { details: { catalogue: row.id } }));
          await db.deleteFrom('feed_catalogue').where('id', '=', row.id).execute();
          await state.transaction((tx) => windows.request(tx, feed));
          return [];
        }
        return [
          { path: `${feed.id}/stones`, sha256: row.stones_sha256 },
          { path: `${feed.id}/texts`, sha256: row.texts_sha256 },
        ];
      }),
    );
    return parts.flat();
  }

  /** Whether the contract lets stones be shown that were last named when they were. */
  async function mayShow(feed: FeedRow): Promise<boolean> {
    const good = await db
      .selectFrom('feed_load')
      .select('ended_at')
      .where('id', '=', feed.good_load ?? '')
      .executeTakeFirst();
    return (good?.ended_at ?? 0) + entitlementOf(feed).keepDays * DAY_MS > clock.now();
  }

  async function publicationOf(name: string): Promise<Publication> {
    const verifier = readVerifier(await keeper.publicationKey());
    return openPublication(
      join(options.folder, name),
      `window/${name}`,
      { sign: (text) => keeper.signPublication(text), verifier },
      () => clock.now(),
    );
  }

  let turn: Promise<void> = Promise.resolve();

  /** Makes pointers say what is to be shown, one after another: two at once would be of one version. A shop whose pointer fails is told, holds up no other, and is tried again every minute. */
  async function publish(shopId: string): Promise<void> {
    turn = turn.then(() => publishNow(shopId)).catch(options.onError);
    await turn;
  }

  async function publishNow(shopId: string): Promise<void> {
    const name = await nameOf(shopId);
    const files = await filesOf(shopId, name);
    const publication = await publicationOf(name);
    const current = publication.current();
    if (current === null && files.length === 0) return;
    if (current !== null && JSON.stringify(current.files) === JSON.stringify(files)) return;
    const pointer = await publication.publishThere(files);
    const now = clock.now();
    await state.transaction(async (tx) => {
      await tx
        .updateTable('feed_window')
        .set({ version: pointer.version, published_at: now })
        .where('shop_id', '=', shopId)
        .execute();
      const body = { version: pointer.version, files: files.map((file) => ({ ...file })) };
      await recordChange(tx, { kind: 'window-published', shop: shopId, by: 'loupe', body }, now);
      await options.onPublished(tx, shopId);
    });
  }

  const relay: Relay = openRelay(state, {
    topic: WINDOW_TOPIC,
    clock,
    async deliver(messages) {
      // What a person or a decision changed takes effect once its leaf is in the ledger, and not before.
      await options.appendLeaves();
      await demandLeavesAppended(state, messages.at(-1)?.seq ?? 0);
      for (const shopId of new Set(messages.flatMap((message) => message.shopId ?? [])))
        await publish(shopId);
    },
    onFailure: options.onError,
  });

  async function waiting(tx: Transaction<StateTables>, shopId: string): Promise<readonly string[]> {
    const rows = await tx
      .selectFrom('job')
      .select('payload')
      .where('shop_id', '=', shopId)
      .where('kind', '=', PUBLISH_JOB)
      .where('state', '=', 'queued')
      .execute();
    return rows.map((row) => row.payload);
  }

  /** Has a catalogue made; one that waits already will be made by what is said when it begins. */
  async function enqueue(tx: Transaction<StateTables>, feed: FeedRow, load: string): Promise<void> {
    const payload = { feed: feed.id, load, preview: null };
    if ((await waiting(tx, feed.shop_id)).includes(canonicalJson(payload))) return;
    await jobs.enqueue(tx, { kind: PUBLISH_JOB, shopId: feed.shop_id, payload });
  }

  const windows: ShopWindows = {
    kind: PUBLISH_JOB,
    leaseMs: LEASE_MS,
    newest,
    async request(tx, feed) {
      if (feed.state === 'on' && feed.good_load !== null) await enqueue(tx, feed, feed.good_load);
    },
    async follow(tx, feed) {
      await post(tx, { topic: WINDOW_TOPIC, shopId: feed.shop_id, payload: { feed: feed.id } }, clock.now());
      await windows.request(tx, feed);
    },
    async preview(shopId, feedId, showing) {
      const { row } = await book.get(shopId, feedId);
      if (row.good_load === null) throw controlError('control/conflict');
      const payload = { feed: feedId, load: row.good_load, preview: JSON.stringify(showing) };
      return await state.transaction(async (tx) => {
        if ((await waiting(tx, shopId)).length >= MAX_WAITING) throw controlError('control/too-many');
        return await jobs.enqueue(tx, { kind: PUBLISH_JOB, shopId, payload });
      });
    },
    async previewed(shopId, jobId) {
      const job = await jobs.get(jobId);
      if (job === null || job.shopId !== shopId || job.kind !== PUBLISH_JOB || job.state === 'cancelled')
        throw controlError('control/not-found');
      return job.state === 'done' ? fieldsOf(job.result).json('preview') : null;
    },
    async of(shopId) {
      const row = await db
        .selectFrom('feed_window')
        .selectAll()
        .where('shop_id', '=', shopId)
        .executeTakeFirst();
      return row === undefined ? null : { name: row.name, publishedAt: row.published_at };
    },
    async task(job) {
      const payload = fieldsOf(job.payload);
      const feed = await book.get(job.shopId ?? '', payload.text('feed')).catch(() => null);
      const load = await keptKey(db, keeper, payload.text('load'));
      if (feed === null || load === null) return null;
      const given = payload.textOrNull('preview');
      const showing = given === null ? showingOf(feed.row) : given;
      return {
        feed: feed.row.id,
        provider: feed.provider.id,
        list: feed.list === null ? null : JSON.stringify(feed.list),
        load: { ...load, folder: `${options.feedFolder}/${feed.row.id}` },
        entitlement: { ...feed.entitlement, show: [...feed.entitlement.show] },
        showing: typeof showing === 'string' ? showing : JSON.stringify(showing),
        now: clock.now(),
        preview: given !== null,
        into: join(options.folder, await nameOf(feed.row.shop_id), 'files'),
      };
    },
    async record(claim, job, value) {
      const payload = fieldsOf(job.payload);
      const fields = fieldsOf(value);
      const shopId = job.shopId ?? '';
      if (payload.textOrNull('preview') !== null)
        return await state.transaction((tx) => jobs.complete(tx, claim, { preview: fields.json('preview') }));
      const feed = await book.get(shopId, payload.text('feed')).catch(() => null);
      // A job that was tried again late must not bring back the stones of a load before.
      if (feed?.row.good_load !== payload.text('load'))
        return await state.transaction((tx) => jobs.complete(tx, claim, { overtaken: true }));
      const made = fieldsOf(fields.object('made'));
      const [stones, texts] = [fieldsOf(made.object('stones')), fieldsOf(made.object('texts'))];
      const now = clock.now();
      const row: CatalogueRow = {
        id: newId('cat', now),
        feed_id: payload.text('feed'),
        shop_id: shopId,
        load_id: payload.text('load'),
        made_at: now,
        rows: made.integer('rows'),
        left_out: JSON.stringify(countsIn(made.object('leftOut'))),
        stones_sha256: hashIn(stones.text('sha256')),
        texts_sha256: hashIn(texts.text('sha256')),
        bytes: stones.integer('bytes') + texts.integer('bytes'),
      };
      const done = await state.transaction(async (tx) => {
        if (!(await jobs.complete(tx, claim, { rows: row.rows }))) return false;
        await tx.insertInto('feed_catalogue').values(row).execute();
        await post(tx, { topic: WINDOW_TOPIC, shopId, payload: { feed: row.feed_id } }, now);
        return true;
      });
      if (done) relay.wake();
      return done;
    },
    async tick() {
      const now = clock.now();
      const feeds = await db.selectFrom('feed').selectAll().where('state', '=', 'on').execute();
      for (const feed of feeds) {
        const until = showingOf(feed).price?.belowCostUntil ?? null;
        const made = await newest(feed.id);
        // Somebody's word has run out since the catalogue was made under it.
        if (until !== null && until <= now && made !== null && made.made_at < until)
          await state.transaction((tx) => windows.request(tx, feed));
      }
      const rows = await db.selectFrom('feed_window').selectAll().execute();
      for (const { shop_id: shopId, name } of rows) {
        await publish(shopId);
        sweep(join(options.folder, name, 'files'), (await publicationOf(name)).current()?.files ?? []);
      }
    },
    wake: () => relay.wake(),
    start: (everyMs) => relay.start(everyMs),
    stop: () => relay.stop(),
  };
  return windows;
}

function sweep(folder: string, needed: Pointer['files']): void {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return; // nothing was made yet
  }
  for (const name of names) {
    const path = join(folder, name);
    if (!needed.some((file) => file.sha256 === name) && Date.now() - statSync(path).mtimeMs > UNUSED_MS)
      rmSync(path, { force: true });
  }
}

/** How many stones were left out, by why. */
function countsIn(given: JsonObject): Readonly<Record<LeftOut, number>> {
  const fields = fieldsOf(given);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each reason
  return Object.fromEntries(LEFT_OUT.map((why) => [why, fields.integer(why)])) as Record<LeftOut, number>;
}

function hashIn(text: string): string {
  if (!/^[0-9a-f]{64}$/u.test(text)) throw planeError('plane/malformed', { details: { field: 'sha256' } });
  return text;
}
