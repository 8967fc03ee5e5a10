// Kept loads, looked at once more by a worker: judged again, to see that the same bytes come to the same; or every stone of their quarantine listed. Lists are in memory alone, for some minutes: they are the provider's stones, and the contract's days count for them, too.
import { base64Of, canonicalJson, type Clock, MINUTE_MS, SECOND_MS } from '#kernel';
import { decide, readLoaded } from '#feeds';
import { fieldsOf, planeError } from '#plane';
import type { Jobs } from '#storage';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { State } from '../state.ts';
import type { JobKind } from '../work/job-kind.ts';
import type { FeedBook } from './feed-book.ts';
import type { FeedLoads, LoadRow } from './feed-loads.ts';
import { goodLoadsBefore, keptKey, releasesAt } from './load-files.ts';
import { readFailure } from './load-record.ts';

const INSPECT_JOB = 'feed-inspect';
const LEASE_MS = 45 * SECOND_MS;
const MAX_WAITING = 10;
const MAX_SHEET_BYTES = 16 * 1024 * 1024;
/** How many lists are at hand, the newest. */
const MAX_SHEETS = 4;
const SHEET_MS = 10 * MINUTE_MS;

export const INSPECTIONS = ['repeat', 'quarantine'] as const;
export type Inspection = (typeof INSPECTIONS)[number];

export type Inspected =
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly failure: Readonly<Record<string, string | number>> }
  /** Whether figures and decision were those that were recorded. */
  | { readonly state: 'repeated'; readonly same: boolean; readonly sha256: string }
  | { readonly state: 'listed'; readonly stones: number; readonly of: number };

export interface Inspections extends JobKind {
  /** Has a kept load inspected; what to ask for. Throws `control/not-entitled` where its files may not be read again, `control/not-found` where they are not kept. */
  request(shopId: string, loadId: string, what: Inspection, by: string): Promise<string>;
  get(shopId: string, id: string): Promise<Inspected>;
  /** The list of a quarantine, CSV. Throws `control/not-found`, also some minutes later. */
  sheet(shopId: string, id: string): Promise<string>;
}

export interface InspectionsOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly keeper: KeeperClient;
  readonly book: FeedBook;
  readonly loads: FeedLoads;
  /** Where loads lie; a folder a feed. */
  readonly folder: string;
  readonly clock: Clock;
}

export function openInspections(options: InspectionsOptions): Inspections {
  const { state, jobs, keeper, book, loads, clock } = options;
  const db = state.kysely;
  const sheets = new Map<string, { readonly csv: string; readonly at: number }>();

  function keepSheet(id: string, csv: string): void {
    for (const [known, { at }] of sheets)
      if (at < clock.now() - SHEET_MS || sheets.size >= MAX_SHEETS) sheets.delete(known);
    sheets.set(id, { csv, at: clock.now() });
  }

  async function jobOf(shopId: string, id: string) {
    const job = await jobs.get(id);
    if (job === null || job.shopId !== shopId || job.kind !== INSPECT_JOB)
      throw controlError('control/not-found');
    return job;
  }

  return {
    kind: INSPECT_JOB,
    leaseMs: LEASE_MS,
    async request(shopId, loadId, what, by) {
      const load = await loads.get(shopId, loadId);
      const feed = await book.get(shopId, load.feed_id);
      if (!feed.entitlement.replay)
        throw controlError('control/not-entitled', { details: { why: 'no-replay' } });
      if (load.key_wrapped === null || load.loaded === null) throw controlError('control/not-found');
      const before = comparedWith(load);
      if (what === 'repeat' && before !== null && (await keptKey(db, keeper, before)) === null)
        throw controlError('control/not-found');
      return await state.transaction(async (tx) => {
        const waiting = await tx
          .selectFrom('job')
          .select('id')
          .where('shop_id', '=', shopId)
          .where('kind', '=', INSPECT_JOB)
          .where('state', 'in', ['queued', 'running'])
          .execute();
        if (waiting.length >= MAX_WAITING) throw controlError('control/too-many');
        return await jobs.enqueue(tx, { kind: INSPECT_JOB, shopId, payload: { load: loadId, what, by } });
      });
    },
    async get(shopId, id) {
      const job = await jobOf(shopId, id);
      if (job.state === 'queued' || job.state === 'running') return { state: 'waiting' };
      if (job.state !== 'done') return { state: 'failed', failure: { why: 'worker' } };
      const told = fieldsOf(job.result);
      if (!told.flag('ok')) return { state: 'failed', failure: readFailure(told.json('failure')) };
      return fieldsOf(job.payload).oneOf('what', INSPECTIONS) === 'repeat'
        ? { state: 'repeated', same: told.flag('same'), sha256: told.text('sha256') }
        : { state: 'listed', stones: told.integer('stones'), of: told.integer('of') };
    },
    async sheet(shopId, id) {
      await jobOf(shopId, id);
      const sheet = sheets.get(id);
      if (sheet === undefined || sheet.at < clock.now() - SHEET_MS) throw controlError('control/not-found');
      return sheet.csv;
    },
    async task(job) {
      const payload = fieldsOf(job.payload);
      const load = await loads.get(job.shopId ?? '', payload.text('load')).catch(() => null);
      const feed = load === null ? null : await book.get(job.shopId ?? '', load.feed_id).catch(() => null);
      if (load === null || feed === null) return null;
      const before = comparedWith(load);
      const [kept, beforeKept, hashKey, releases] = await Promise.all([
        keptKey(db, keeper, load.id),
        before === null ? null : keptKey(db, keeper, before, load.started_at),
        book.hashKey(feed.row),
        releasesAt(db, feed.row.id, load.started_at),
      ]);
      if (kept === null) return null;
      return {
        what: payload.oneOf('what', INSPECTIONS),
        provider: feed.provider.id,
        list: feed.list === null ? null : JSON.stringify(feed.list),
        folder: `${options.folder}/${feed.row.id}`,
        load: { ...kept },
        before: beforeKept === null ? null : { ...beforeKept },
        hashKey: base64Of(hashKey),
        releases,
      };
    },
    async record(claim, job, value) {
      const shopId = job.shopId ?? '';
      const fields = fieldsOf(value);
      const payload = fieldsOf(job.payload);
      if (!fields.flag('ok')) {
        const failure = readFailure(fields.json('failure'));
        return await state.transaction((tx) =>
          jobs.complete(tx, claim, { ok: false, failure: { ...failure } }),
        );
      }
      if (payload.oneOf('what', INSPECTIONS) === 'quarantine') {
        const csv = fields.text('csv');
        if (Buffer.byteLength(csv) > MAX_SHEET_BYTES)
          throw planeError('plane/malformed', { details: { field: 'csv' } });
        const result = { ok: true, stones: fields.integer('stones'), of: fields.integer('of') };
        // Before anybody can see that it is done.
        keepSheet(job.id, csv);
        const done = await state.transaction((tx) => jobs.complete(tx, claim, result));
        if (!done) sheets.delete(job.id);
        return done;
      }
      const load = await loads.get(shopId, payload.text('load'));
      const loaded = readLoaded(fields.json('loaded'));
      const at = load.ended_at ?? 0;
      const decision = decide(loaded, await goodLoadsBefore(db, load.feed_id, load.started_at, at), at);
      const same =
        asText(loaded) === asText(JSON.parse(load.loaded ?? 'null')) &&
        asText(decision) === asText(JSON.parse(load.decision ?? 'null'));
      return await state.transaction(async (tx) => {
        if (!(await jobs.complete(tx, claim, { ok: true, same, sha256: loaded.sha256 }))) return false;
        const body = { feed: load.feed_id, load: load.id, sha256: loaded.sha256, same };
        await recordChange(
          tx,
          { kind: 'load-repeated', shop: shopId, by: payload.text('by'), body },
          clock.now(),
        );
        return true;
      });
    },
  };
}

/** What a load was compared with; null where that was none, or could not be read even then. */
function comparedWith({ before_load: before, loaded }: LoadRow): string | null {
  return readLoaded(JSON.parse(loaded ?? 'null')).comparison.before === 0 ? null : before;
}

function asText(value: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(value)));
}
