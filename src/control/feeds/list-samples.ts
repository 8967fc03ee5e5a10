// The first rows of a supplier's list, read before anybody has said what its columns mean. What signs in and what was read is in memory alone, for some minutes: nobody has said yet that anything may be kept.
import { hostsOf } from '#feeds';
import { firstRows, type FirstRowsAsked, type FirstRowsTold } from '@loupe/contract';
import { type Clock, type Json, MINUTE_MS } from '#kernel';
import { fieldsOf } from '#plane';
import type { Jobs } from '#storage';
import { controlError } from '../errors.ts';
import { type ReachOf, reachJson } from '../looks/reach.ts';
import type { State } from '../state.ts';
import type { JobKind } from '../work/job-kind.ts';
import type { Drops } from './drops.ts';
import { readFailure } from './load-record.ts';

const SAMPLE_JOB = 'feed-sample';
const LEASE_MS = MINUTE_MS;
/** Lists of one installation that wait to be looked at. */
const MAX_WAITING = 20;
/** Lists that were read and are at hand, the newest. */
const MAX_TOLD = 20;
/** One that nobody came to in this time is forgotten, with what signs in. */
const FORGOTTEN_MS = 10 * MINUTE_MS;

export type ListSample =
  | { readonly state: 'waiting' }
  | { readonly state: 'read'; readonly first: FirstRowsTold }
  | { readonly state: 'failed'; readonly failure: Readonly<Record<string, string | number>> };

export interface ListSamples extends JobKind {
  /** Has a worker read the beginning of a list; what to ask for. Throws `control/too-many`. */
  request(shopId: string, asked: FirstRowsAsked): Promise<string>;
  /** What came of it. Throws `control/not-found`, also where control was started anew meanwhile. */
  get(shopId: string, id: string): Promise<ListSample>;
}

export interface ListSamplesOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly drops: Drops;
  readonly reachOf: ReachOf;
  readonly clock: Clock;
}

export function openListSamples({ state, jobs, drops, reachOf, clock }: ListSamplesOptions): ListSamples {
  const waiting = new Map<string, FirstRowsAsked & { readonly at: number }>();
  const told = new Map<string, { readonly outcome: ListSample; readonly at: number }>();

  return {
    kind: SAMPLE_JOB,
    leaseMs: LEASE_MS,
    async request(shopId, asked) {
      for (const known of [waiting, told])
        for (const [id, { at }] of known) if (at < clock.now() - FORGOTTEN_MS) known.delete(id);
      if (waiting.size >= MAX_WAITING) throw controlError('control/too-many');
      if (asked.drop !== undefined) await drops.demand(shopId, asked.drop);
      return await state.transaction(async (tx) => {
        const id = await jobs.enqueue(tx, { kind: SAMPLE_JOB, shopId, payload: {} });
        // Before anybody can take the job.
        waiting.set(id, { ...asked, at: clock.now() });
        return id;
      });
    },
    async get(shopId, id) {
      const job = await jobs.get(id);
      if (job === null || job.shopId !== shopId || job.kind !== SAMPLE_JOB)
        throw controlError('control/not-found');
      if (job.state === 'queued' || job.state === 'running') return { state: 'waiting' };
      return told.get(id)?.outcome ?? { state: 'failed', failure: { why: 'worker' } };
    },
    async task(job) {
      const asked = waiting.get(job.id);
      if (asked === undefined) return null;
      const list: Json = JSON.parse(JSON.stringify(asked.list));
      return {
        list,
        credentials: { ...asked.credentials },
        drop: asked.drop === undefined ? null : await drops.task(job.shopId ?? '', asked.drop),
        reach: reachJson(reachOf(hostsOf(asked.list))),
      };
    },
    async record(claim, job, value) {
      waiting.delete(job.id);
      const fields = fieldsOf(value);
      const outcome: ListSample = fields.flag('ok')
        ? { state: 'read', first: firstRows.parse(fields.json('first')) }
        : { state: 'failed', failure: readFailure(fields.json('failure')) };
      const [oldest] = told.keys();
      if (told.size >= MAX_TOLD && oldest !== undefined) told.delete(oldest);
      // Before anybody can see that it is done.
      told.set(job.id, { outcome, at: clock.now() });
      const done = await state.transaction((tx) => jobs.complete(tx, claim, {}));
      if (!done) told.delete(job.id);
      return done;
    },
  };
}
