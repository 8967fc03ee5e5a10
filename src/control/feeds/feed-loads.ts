// Loads of feeds, as jobs: asked for by schedule or by a person, done by a worker that reads what the provider sends, decided and recorded here. A held load waits for a person, and yesterday's stones stay.
import { rmSync } from 'node:fs';
import type { Selectable, Transaction } from 'kysely';
import {
  base64Of,
  canonicalBytes,
  type Clock,
  DAY_MS,
  HOUR_MS,
  type Json,
  MINUTE_MS,
  SECOND_MS,
  textOf,
} from '#kernel';
import { type Decision, decide, forgetLoad, GIA_HOSTS, isLive } from '#feeds';
import { fieldsOf, isObject, planeError } from '#plane';
import type { BlobStore, Jobs } from '#storage';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import { type ReachOf, reachJson } from '../looks/reach.ts';
import type { State, StateTables } from '../state.ts';
import type { JobKind } from '../work/job-kind.ts';
import { goodLoadsBefore, keptKey, keyContext, releasesAt } from './load-files.ts';
import { decidedBody, readFailure, readReport } from './load-record.ts';
import type { Drops } from './drops.ts';
import { entitlementOf, type Feed, type FeedBook, feedOf, type FeedRow } from './feed-book.ts';

const LOAD_JOB = 'feed-load';

/** A worker says every few seconds that it lives; two million stones keep it from that for some ten. */
const LEASE_MS = 45 * SECOND_MS;
/** A failed load is tried again after this, doubled with each failure, until the schedule comes. */
const RETRY_MS = 5 * MINUTE_MS;
const LONGEST_RETRY_MS = 6 * HOUR_MS;
const MAX_REPORT_BYTES = 8 * 1024 * 1024;

export type LoadRow = Selectable<StateTables['feed_load']>;

export interface FeedLoads extends JobKind {
  /** Has a feed loaded now, or soon: one load at a time; of what was handed in, or of what is fetched. Throws `control/conflict` where it is switched off, `control/bad-request` where it comes the other way. */
  request(shopId: string, feedId: string, drop: string | null): Promise<void>;
  /** The schedule of a feed, and a load now where there is reason for one; none for one that is off or ended. */
  follow(tx: Transaction<StateTables>, feed: FeedRow, load: boolean): Promise<void>;
  /** Newest first. */
  list(shopId: string, feedId: string, limit: number): Promise<readonly LoadRow[]>;
  get(shopId: string, loadId: string): Promise<LoadRow>;
  /** How far the load of a feed is that is running now; null where none is. */
  progress(feedId: string): Promise<readonly string[] | null>;
  /** The sealed report of a load: stones with findings, rows that were none. Null where there is none. */
  report(load: LoadRow): Promise<Json>;
  /** A person's word about a held load. `prices`: they are right as they are. Throws `control/conflict` where it is not held. */
  accept(
    shopId: string,
    loadId: string,
    word: { readonly prices: boolean; readonly note: string },
    by: string,
  ): Promise<void>;
  decline(shopId: string, loadId: string, note: string, by: string): Promise<void>;
  /** Forgets what may no longer be kept: files and keys of loads older than their contracts allow, and of feeds that were taken away. */
  forget(): Promise<void>;
}

export interface FeedLoadsOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly blobs: BlobStore;
  readonly keeper: KeeperClient;
  readonly book: FeedBook;
  readonly drops: Drops;
  /** Where loads lie; a folder a feed. */
  readonly folder: string;
  readonly reachOf: ReachOf;
  readonly clock: Clock;
  /** Told, in its transaction, of each load that became good. */
  onGood(tx: Transaction<StateTables>, feed: FeedRow): Promise<void>;
  /** Told of each feed whose load ended, however it did. */
  onLoaded(shopId: string): Promise<void>;
}

/** The id of a job's load: the same however often the job is tried. */
const loadOf = (jobId: string): string => jobId.replace(/^job_/u, 'lod_');

export function openFeedLoads(options: FeedLoadsOptions): FeedLoads {
  const { state, jobs, blobs, keeper, book, drops, clock } = options;
  const db = state.kysely;

  /** Has a feed loaded now: one that waits for its next try or its turn is brought forward, one that runs is left alone. */
  async function enqueue(tx: Transaction<StateTables>, feed: FeedRow): Promise<void> {
    const rows = await tx
      .selectFrom('job')
      .select(['id', 'payload'])
      .where('shop_id', '=', feed.shop_id)
      .where('kind', '=', LOAD_JOB)
      .where('state', 'in', ['queued', 'running'])
      .execute();
    const own = rows.filter((row) => feedIn(JSON.parse(row.payload)) === feed.id).map((row) => row.id);
    if (own.length === 0)
      await jobs.enqueue(tx, { kind: LOAD_JOB, shopId: feed.shop_id, payload: { feed: feed.id } });
    else
      await tx
        .updateTable('job')
        .set({ run_at: clock.now() })
        .where('id', 'in', own)
        .where('state', '=', 'queued')
        .execute();
  }

  /** A load's row, made with a key of its own where a job begins, taken again where it is tried again. */
  async function begin(loadId: string, { row: feed }: Feed): Promise<{ key: Uint8Array }> {
    const there = await db.selectFrom('feed_load').selectAll().where('id', '=', loadId).executeTakeFirst();
    if (there?.key_wrapped !== undefined && there.key_wrapped !== null)
      return { key: await keeper.openKey(Buffer.from(there.key_wrapped, 'base64'), keyContext(loadId)) };
    const { key, wrapped } = await keeper.makeKey(keyContext(loadId));
    await db
      .insertInto('feed_load')
      .values({
        id: loadId,
        feed_id: feed.id,
        shop_id: feed.shop_id,
        state: 'running',
        key_wrapped: base64Of(wrapped),
        before_load: feed.good_load,
        started_at: clock.now(),
        ended_at: null,
        bytes: 0,
        loaded: null,
        decision: null,
        findings: '{}',
        errors: '[]',
        report: null,
        failure: null,
        verdict_by: null,
        verdict_at: null,
        note: '',
        prices_accepted: 0,
      })
      .execute();
    return { key };
  }

  /** Loads whose job ended without a word, as when its worker died each time. */
  async function endOrphans(): Promise<void> {
    const running = await db
      .selectFrom('feed_load')
      .select(['id', 'feed_id'])
      .where('state', '=', 'running')
      .execute();
    for (const { id, feed_id: feed } of running) {
      const job = await jobs.get(id.replace(/^lod_/u, 'job_'));
      if (job?.state === 'queued' || job?.state === 'running') continue;
      forgetLoad({ id, folder: `${options.folder}/${feed}` });
      await db
        .updateTable('feed_load')
        .set({
          state: 'failed',
          ended_at: clock.now(),
          failure: JSON.stringify({ why: 'worker' }),
          key_wrapped: null,
        })
        .where('id', '=', id)
        .where('state', '=', 'running')
        .execute();
    }
  }

  async function verdict(
    shopId: string,
    loadId: string,
    by: string,
    word: { readonly accept: boolean; readonly prices: boolean; readonly note: string },
  ): Promise<void> {
    const load = await loads.get(shopId, loadId);
    const { row: feed } = await book.get(shopId, load.feed_id);
    const now = clock.now();
    await state.transaction(async (tx) => {
      const done = await tx
        .updateTable('feed_load')
        .set({
          state: word.accept ? 'good' : 'declined',
          verdict_by: by,
          verdict_at: now,
          note: word.note,
          prices_accepted: word.prices ? 1 : 0,
        })
        .where('id', '=', loadId)
        .where('state', '=', 'held')
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n) throw controlError('control/conflict');
      await recordChange(
        tx,
        {
          kind: 'load-judged',
          shop: shopId,
          by,
          body: {
            feed: feed.id,
            load: loadId,
            verdict: word.accept ? 'accepted' : 'declined',
            prices: word.prices,
          },
        },
        now,
      );
      if (word.accept) await becomeGood(tx, feed, loadId);
    });
    await options.onLoaded(shopId);
  }

  async function becomeGood(tx: Transaction<StateTables>, feed: FeedRow, loadId: string): Promise<void> {
    await tx.updateTable('feed').set({ good_load: loadId }).where('id', '=', feed.id).execute();
    await options.onGood(tx, { ...feed, good_load: loadId });
  }

  const loads: FeedLoads = {
    kind: LOAD_JOB,
    leaseMs: LEASE_MS,
    async request(shopId, feedId, drop) {
      const feed = await book.get(shopId, feedId);
      if (feed.row.state !== 'on') throw controlError('control/conflict');
      if (comes(feed) !== (drop === null ? 'fetched' : 'handed-in'))
        throw controlError('control/bad-request', { details: { field: 'drop' } });
      if (drop === null) {
        await state.transaction((tx) => enqueue(tx, feed.row));
        return;
      }
      await drops.demand(shopId, drop);
      const payload = { feed: feedId, drop };
      await state.transaction((tx) => jobs.enqueue(tx, { kind: LOAD_JOB, shopId, payload }));
    },
    async follow(tx, feed, load) {
      const job = { kind: LOAD_JOB, shopId: feed.shop_id, payload: { feed: feed.id } };
      if (feed.state !== 'on' || comes(feedOf(feed, clock.now())) !== 'fetched') {
        await tx.deleteFrom('schedule').where('id', '=', `feed/${feed.id}`).execute();
        return;
      }
      if (!load) return;
      await jobs.schedule(tx, `feed/${feed.id}`, job, feed.every_ms);
      await enqueue(tx, feed);
    },
    async list(shopId, feedId, limit) {
      return await db
        .selectFrom('feed_load')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('feed_id', '=', feedId)
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
    },
    async get(shopId, loadId) {
      const row = await db
        .selectFrom('feed_load')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('id', '=', loadId)
        .executeTakeFirst();
      if (row === undefined) throw controlError('control/not-found');
      return row;
    },
    async progress(feedId) {
      const rows = await db
        .selectFrom('job')
        .select(['payload', 'progress'])
        .where('kind', '=', LOAD_JOB)
        .where('state', '=', 'running')
        .execute();
      const own = rows.find((row) => feedIn(JSON.parse(row.payload)) === feedId);
      if (own === undefined) return null;
      const said: Json = own.progress === null ? null : JSON.parse(own.progress);
      return said === null ? [] : fieldsOf(said).texts('parts');
    },
    async report(load) {
      if (load.report === null) return null;
      const bytes = await blobs.get(load.shop_id, load.report);
      const value: Json = bytes === null ? null : JSON.parse(textOf(bytes) ?? 'null');
      return value;
    },
    accept: (shopId, loadId, { prices, note }, by) =>
      verdict(shopId, loadId, by, { accept: true, prices, note }),
    decline: (shopId, loadId, note, by) =>
      verdict(shopId, loadId, by, { accept: false, prices: false, note }),

    async forget() {
      await endOrphans();
      await drops.forgetOld();
      const feeds = await db.selectFrom('feed').selectAll().execute();
      const due = feeds.map(async (feed) => {
        const { keepDays, replay } = entitlementOf(feed);
        const ended = feed.state === 'ended';
        // What the next load is compared with stays; where nothing may be read again, nothing else does.
        const keptSince = replay ? clock.now() - keepDays * DAY_MS : clock.now();
        const rows = await db
          .selectFrom('feed_load')
          .select(['id', 'state', 'ended_at'])
          .where('feed_id', '=', feed.id)
          .where('key_wrapped', 'is not', null)
          .execute();
        const old = rows.filter(
          (row) =>
            ended ||
            (row.id !== feed.good_load &&
              row.state !== 'held' &&
              row.state !== 'running' &&
              (row.ended_at ?? 0) <= keptSince),
        );
        const folder = `${options.folder}/${feed.id}`;
        for (const { id } of old) {
          // The key first: without it whatever is left of the files says nothing.
          await db.updateTable('feed_load').set({ key_wrapped: null }).where('id', '=', id).execute();
          forgetLoad({ id, folder });
        }
        if (ended) rmSync(folder, { recursive: true, force: true });
      });
      await Promise.all(due);
    },

    async task(job) {
      const shopId = job.shopId ?? '';
      const feed = await book.get(shopId, feedIn(job.payload)).catch(() => null);
      if (feed === null || feed.row.state !== 'on') return null;
      const dropId = dropIn(job.payload);
      const drop = dropId === null ? null : await drops.task(shopId, dropId);
      const loadId = loadOf(job.id);
      const [{ key }, credentials, hashKey, reportKey, before, releases] = await Promise.all([
        begin(loadId, feed),
        book.credentials(feed.row),
        book.hashKey(feed.row),
        book.reportKey(feed.row),
        feed.row.good_load === null ? null : keptKey(db, keeper, feed.row.good_load),
        releasesAt(db, feed.row.id, clock.now()),
      ]);
      return {
        provider: feed.provider.id,
        list: feed.list === null ? null : JSON.stringify(feed.list),
        plain: feed.plain !== null,
        drop,
        folder: `${options.folder}/${feed.row.id}`,
        load: { id: loadId, key: base64Of(key) },
        before: before === null ? null : { ...before },
        credentials: { ...credentials },
        hashKey: base64Of(hashKey),
        keepDays: entitlementOf(feed.row).keepDays,
        releases,
        reports: reportKey === null ? null : { key: reportKey, reach: reachJson(options.reachOf(GIA_HOSTS)) },
        reach: reachJson(options.reachOf(feed.provider.hosts)),
      };
    },
    async record(claim, job, value) {
      const shopId = job.shopId ?? '';
      const fields = fieldsOf(value);
      const feed = await book.get(shopId, feedIn(job.payload)).catch(() => null);
      if (feed === null) return await state.transaction((tx) => jobs.complete(tx, claim, { loaded: false }));
      const loadId = loadOf(job.id);
      const done = fields.flag('ok')
        ? await recordLoad(feed.row, fields.json('report'))
        : await recordFailure(feed.row, fields.json('failure'));
      const drop = dropIn(job.payload);
      if (done && drop !== null) await drops.forget(drop);
      if (done) await options.onLoaded(shopId);
      return done;

      async function recordFailure(of: FeedRow, given: Json): Promise<boolean> {
        const failure = readFailure(given);
        const now = clock.now();
        const isOurs = await state.transaction(async (tx) => {
          if (!(await jobs.complete(tx, claim, { loaded: false }))) return false;
          await tx
            .updateTable('feed_load')
            .set({ state: 'failed', ended_at: now, failure: JSON.stringify(failure), key_wrapped: null })
            .where('id', '=', loadId)
            .execute();
          const failures = of.failures + 1;
          await tx.updateTable('feed').set({ failures }).where('id', '=', of.id).execute();
          const runAt = now + Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** Math.min(failures - 1, 10));
          // Credentials that are refused are tried again when the schedule comes: locks of providers count tries.
          // What was handed in does not get better by being read again.
          if (
            dropIn(job.payload) === null &&
            failure['why'] !== 'credentials' &&
            RETRY_MS * 2 ** (failures - 1) < of.every_ms
          )
            await jobs.enqueue(tx, { kind: LOAD_JOB, shopId, payload: { feed: of.id }, runAt });
          return true;
        });
        // Not before: where the claim is void somebody else is at it.
        if (isOurs) forgetLoad({ id: loadId, folder: `${options.folder}/${of.id}` });
        return isOurs;
      }

      async function recordLoad(of: FeedRow, given: Json): Promise<boolean> {
        const bytes = canonicalBytes(given);
        if (bytes.byteLength > MAX_REPORT_BYTES) throw malformed('report');
        const report = readReport(given);
        const { loaded } = report;
        const now = clock.now();
        const decision: Decision = decide(loaded, await goodLoadsBefore(db, of.id, now, now), now);
        const hash = await blobs.put(shopId, bytes);
        const isGood = decision.outcome === 'publish';
        return await state.transaction(async (tx) => {
          if (!(await jobs.complete(tx, claim, { loaded: true, outcome: decision.outcome }))) return false;
          await tx
            .updateTable('feed_load')
            .set({ state: 'overtaken' })
            .where('feed_id', '=', of.id)
            .where('state', '=', 'held')
            .execute();
          await tx
            .updateTable('feed_load')
            .set({
              state: isGood ? 'good' : 'held',
              ended_at: now,
              bytes: report.bytes,
              loaded: JSON.stringify(loaded),
              decision: JSON.stringify(decision),
              findings: JSON.stringify(report.findings),
              errors: JSON.stringify(report.errors),
              report: hash,
            })
            .where('id', '=', loadId)
            .execute();
          await tx
            .updateTable('feed')
            .set({ failures: 0, reached: JSON.stringify(report.reached) })
            .where('id', '=', of.id)
            .execute();
          await recordChange(
            tx,
            {
              kind: 'load-decided',
              shop: shopId,
              by: 'loupe',
              body: decidedBody(of, loadId, loaded, decision, hash),
            },
            now,
          );
          if (isGood) await becomeGood(tx, of, loadId);
          return true;
        });
      }
    },
  };
  return loads;
}

function feedIn(payload: Json): string {
  return fieldsOf(payload).text('feed');
}

/** What was handed in for a load; null where it is fetched. */
function dropIn(payload: Json): string | null {
  const drop = isObject(payload) ? payload['drop'] : null;
  return typeof drop === 'string' ? drop : null;
}

/** How stones of a feed come to be here; `live`: they do not. */
function comes({ provider }: Pick<Feed, 'provider'>): 'fetched' | 'handed-in' | 'live' {
  if (isLive(provider)) return 'live';
  return provider.signsInBy === 'person' ? 'handed-in' : 'fetched';
}

function malformed(field: string): Error {
  return planeError('plane/malformed', { details: { field } });
}
