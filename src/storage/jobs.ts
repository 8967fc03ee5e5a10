import { type ColumnType, type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type Clock, canonicalJson, DAY_MS, type Json, newId, SECOND_MS } from '#kernel';
import type { Database, Engine } from './database.ts';

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/**
 * Work that outlives a process: done at least once, by one worker at a time.
 *
 * A worker holds a *lease*; when it dies the lease runs out and another takes over. Every claim raises the *fence*,
 * and a result is taken only with the newest fence, so a worker that slept through its lease changes nothing.
 */
export interface JobTables {
  job: {
    id: string;
    shop_id: string | null;
    kind: string;
    payload: string;
    state: JobState;
    run_at: number;
    attempts: ColumnType<number, number | undefined, number>;
    fence: ColumnType<number, number | undefined, number>;
    lease_until: number | null;
    progress: string | null;
    result: string | null;
    made_at: number;
    ended_at: number | null;
  };
  schedule: {
    id: string;
    shop_id: string | null;
    kind: string;
    payload: string;
    every_ms: number;
    next_at: number;
  };
}

export interface Job {
  readonly id: string;
  readonly shopId: string | null;
  readonly kind: string;
  readonly payload: Json;
  readonly state: JobState;
  readonly attempts: number;
  readonly fence: number;
  readonly progress: Json;
  readonly result: Json;
  readonly madeAt: number;
  readonly endedAt: number | null;
}

export interface NewJob {
  readonly kind: string;
  readonly shopId: string | null;
  readonly payload: Json;
  /** Not before this time; now where absent. */
  readonly runAt?: number;
}

/** A job's claim: what every word about its progress must show. */
export interface Claim {
  readonly id: string;
  readonly fence: number;
}

export interface Jobs {
  /** Puts a job in the queue, in the caller's transaction. */
  enqueue(tx: Transaction<JobTables>, job: NewJob): Promise<string>;
  /** Takes the oldest due job of these kinds, or one whose lease ran out; null where there is none. */
  claim(kinds: readonly string[], leaseMs: number): Promise<Job | null>;
  /** Renews the lease and notes progress. False: the claim is no longer valid (lost or cancelled); stop working. */
  renew(claim: Claim, leaseMs: number, progress: Json): Promise<boolean>;
  /** Ends a job well, in the caller's transaction. False, and nothing happened, where the claim is void. */
  complete(tx: Transaction<JobTables>, claim: Claim, result: Json): Promise<boolean>;
  /** Reports a failed try: another follows after a back-off, up to `MAX_ATTEMPTS`. */
  fail(claim: Claim, result: Json): Promise<boolean>;
  cancel(id: string): Promise<boolean>;
  get(id: string): Promise<Job | null>;
  /** Makes a kind of job recur; the same id changes its schedule. */
  schedule(tx: Transaction<JobTables>, id: string, job: NewJob, everyMs: number): Promise<void>;
  /** Enqueues what is due on schedule; missed turns are not made up for. Forgets what ended a month ago. Returns how many are due. */
  tick(): Promise<number>;
}

export const MAX_ATTEMPTS = 3;
const RETRY_MS = 5 * SECOND_MS;
/** Results hold what people of the shop looked at; longer than this nobody looks again. */
const KEPT_MS = 30 * DAY_MS;

// oxlint-disable-next-line typescript/no-explicit-any -- part of an owner's migration, see Migration
export async function createJobTables(db: Kysely<any>, _engine: Engine): Promise<void> {
  await db.schema
    .createTable('job')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('run_at', 'bigint', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('fence', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('lease_until', 'bigint')
    .addColumn('progress', 'text')
    .addColumn('result', 'text')
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema.createIndex('job_waiting').on('job').columns(['state', 'run_at']).execute();
  await db.schema
    .createTable('schedule')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('shop_id', 'text')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('every_ms', 'bigint', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .execute();
}

export function openJobs(database: Database<JobTables>, clock: Clock): Jobs {
  const db = database.kysely;

  async function enqueue(tx: Transaction<JobTables>, job: NewJob): Promise<string> {
    const id = newId('job', clock.now());
    await tx
      .insertInto('job')
      .values({
        id,
        shop_id: job.shopId,
        kind: job.kind,
        payload: canonicalJson(job.payload),
        state: 'queued',
        run_at: job.runAt ?? clock.now(),
        lease_until: null,
        progress: null,
        result: null,
        made_at: clock.now(),
        ended_at: null,
      })
      .execute();
    return id;
  }

  function held(tx: Kysely<JobTables>, claim: Claim) {
    return tx
      .updateTable('job')
      .where('id', '=', claim.id)
      .where('fence', '=', claim.fence)
      .where('state', '=', 'running');
  }

  return {
    enqueue,
    async claim(kinds, leaseMs) {
      if (kinds.length === 0) return null;
      const now = clock.now();
      return await database.transaction(async (tx) => {
        const due = tx
          .selectFrom('job')
          .selectAll()
          .where('kind', 'in', kinds)
          .where((where) =>
            where.or([
              where.and([where('state', '=', 'queued'), where('run_at', '<=', now)]),
              where.and([where('state', '=', 'running'), where('lease_until', '<=', now)]),
            ]),
          )
          .orderBy('run_at')
          .limit(1);
        const row = await (database.engine === 'postgres'
          ? due.forUpdate().skipLocked()
          : due
        ).executeTakeFirst();
        if (row === undefined) return null;
        if (row.attempts >= MAX_ATTEMPTS) {
          await tx
            .updateTable('job')
            .set({ state: 'failed', ended_at: now, lease_until: null })
            .where('id', '=', row.id)
            .execute();
          return null;
        }
        const claimed = await tx
          .updateTable('job')
          .set({
            state: 'running',
            attempts: row.attempts + 1,
            fence: row.fence + 1,
            lease_until: now + leaseMs,
            progress: null,
          })
          .where('id', '=', row.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return toJob(claimed);
      });
    },
    async renew(claim, leaseMs, progress) {
      const done = await held(db, claim)
        .set({ lease_until: clock.now() + leaseMs, progress: canonicalJson(progress) })
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
    async complete(tx, claim, result) {
      const done = await held(tx, claim)
        .set({ state: 'done', result: canonicalJson(result), ended_at: clock.now(), lease_until: null })
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
    async fail(claim, result) {
      return await database.transaction(async (tx) => {
        const row = await tx
          .selectFrom('job')
          .select('attempts')
          .where('id', '=', claim.id)
          .executeTakeFirst();
        if (row === undefined) return false;
        const last = row.attempts >= MAX_ATTEMPTS;
        const done = await held(tx, claim)
          .set({
            state: last ? 'failed' : 'queued',
            result: canonicalJson(result),
            lease_until: null,
            run_at: clock.now() + RETRY_MS * row.attempts,
            ended_at: last ? clock.now() : null,
          })
          .executeTakeFirst();
        return done.numUpdatedRows > 0n;
      });
    },
    async cancel(id) {
      const done = await db
        .updateTable('job')
        .set({ state: 'cancelled', ended_at: clock.now(), lease_until: null })
        .where('id', '=', id)
        .where('state', 'in', ['queued', 'running'])
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
    async get(id) {
      const row = await db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : toJob(row);
    },
    async schedule(tx, id, job, everyMs) {
      const values = {
        shop_id: job.shopId,
        kind: job.kind,
        payload: canonicalJson(job.payload),
        every_ms: everyMs,
        next_at: job.runAt ?? clock.now() + everyMs,
      };
      await tx
        .insertInto('schedule')
        .values({ id, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute();
    },
    async tick() {
      const now = clock.now();
      return await database.transaction(async (tx) => {
        await tx
          .deleteFrom('job')
          .where('state', 'in', ['done', 'failed', 'cancelled'])
          .where('run_at', '<', now - KEPT_MS)
          .execute();
        const due = await tx.selectFrom('schedule').selectAll().where('next_at', '<=', now).execute();
        for (const row of due) {
          await tx
            .updateTable('schedule')
            .set({ next_at: sql<number>`${now} + every_ms` })
            .where('id', '=', row.id)
            .execute();
          const payload: Json = JSON.parse(row.payload);
          await enqueue(tx, { kind: row.kind, shopId: row.shop_id, payload });
        }
        return due.length;
      });
    },
  };
}

function readJson(text: string | null): Json {
  return text === null ? null : JSON.parse(text);
}

function toJob(row: Selectable<JobTables['job']>): Job {
  return {
    id: row.id,
    shopId: row.shop_id,
    kind: row.kind,
    payload: readJson(row.payload),
    state: row.state,
    attempts: row.attempts,
    fence: row.fence,
    progress: readJson(row.progress),
    result: readJson(row.result),
    madeAt: row.made_at,
    endedAt: row.ended_at,
  };
}
