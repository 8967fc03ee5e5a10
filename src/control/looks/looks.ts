import { type Clock, DAY_MS, type Json, MINUTE_MS, SECOND_MS } from '#kernel';
import { connectionsIn, LOOK_CHECKS, type LookResult, readTarget } from '#look';
import { fieldsOf, planeError, SHOP_KINDS } from '#plane';
import type { BlobStore, Jobs } from '#storage';
import { controlError } from '../errors.ts';
import type { Changes } from '../platforms/changes.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import type { Connections } from '../vendors/connections.ts';
import type { Register } from '../vendors/register.ts';
import type { JobKind } from '../work/job-kind.ts';
import { keepEvidence, observationsOf, readFindings } from './findings.ts';
import { recordObservations } from './observations.ts';
import { type ReachOf, reachJson } from './reach.ts';

const LOOK_JOB = 'look';

/** A look ends within 15 s. */
const LOOK_LEASE_MS = 40 * SECOND_MS;

export interface LookNow {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly parts: readonly string[];
}

/** Looks as jobs: asked for, done by a worker, recorded here. */
export interface Looks extends JobKind {
  request(shopId: string): Promise<string>;
  /** A look of this shop; another shop's is `control/not-found`. */
  get(shopId: string, id: string): Promise<LookNow>;
}

export interface LooksOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly blobs: BlobStore;
  readonly shops: Shops;
  readonly register: Register;
  readonly connections: Connections;
  readonly changes: Changes;
  readonly reachOf: ReachOf;
  readonly clock: Clock;
  /** Told of each shop that was looked at, once it is recorded. */
  onLooked(shopId: string): Promise<void>;
}

export function openLooks(options: LooksOptions): Looks {
  const { state, jobs, blobs, shops, register, connections, changes, clock } = options;
  return {
    kind: LOOK_JOB,
    leaseMs: LOOK_LEASE_MS,
    async request(shopId) {
      const shop = await shops.get(shopId);
      const job = { kind: LOOK_JOB, shopId, payload: { address: shop.address, host: shop.host } };
      return await state.transaction(async (tx) => {
        const waiting = await tx
          .selectFrom('job')
          .select('id')
          .where('shop_id', '=', shopId)
          .where('kind', '=', LOOK_JOB)
          .where('state', 'in', ['queued', 'running'])
          .executeTakeFirst();
        if (waiting !== undefined) return waiting.id;
        // Once a day from now on, at about this hour.
        await jobs.schedule(
          tx,
          `look/${shopId}`,
          { ...job, runAt: clock.now() + DAY_MS - 5 * MINUTE_MS },
          DAY_MS,
        );
        return await jobs.enqueue(tx, job);
      });
    },
    async get(shopId, id) {
      const job = await jobs.get(id);
      if (job === null || job.shopId !== shopId || job.kind !== LOOK_JOB)
        throw controlError('control/not-found');
      return { id, state: job.state, parts: partsOf(job.progress) };
    },
    async task(job) {
      const payload = fieldsOf(job.payload);
      const shop = await shops.get(job.shopId ?? '').catch(() => null);
      if (shop === null) return null;
      return {
        address: payload.text('address'),
        // The kind as a person said it, or an earlier look found; null: the look recognises it itself.
        kind: shop.kind,
        reach: reachJson(options.reachOf([payload.text('host')])),
      };
    },
    async record(claim, job, value) {
      const shopId = job.shopId ?? '';
      const result = readResult(value);
      const about = { target: result.target, at: result.at };
      const hashes = await keepEvidence(blobs, shopId, about, fieldsOf(value).object('evidence'));
      const shop = await shops.get(shopId);
      const observedAt = Math.min(result.at, clock.now());
      const observations = observationsOf(result.findings, LOOK_CHECKS, shopId, observedAt, hashes);
      const plugged = connectionsIn(result.evidence, readTarget(shop.address));
      const vendors = await register.list(shopId);
      const done = await state.transaction(async (tx) => {
        if (!(await jobs.complete(tx, claim, { findings: observations.length, ms: result.ms }))) return false;
        await recordObservations(tx, observations, 'worker', clock.now());
        const fresh = await connections.note(
          tx,
          shopId,
          plugged,
          vendors,
          (c) => hashes.get(c.evidence) ?? null,
          observedAt,
        );
        // At the first look everything is new, and nothing has changed.
        if (shop.looked_at !== null)
          await changes.record(
            tx,
            shopId,
            changes.seen(fresh, (c) => hashes.get(c.evidence) ?? null),
            observedAt,
          );
        await tx
          .updateTable('shop')
          .set({
            looked_at: observedAt,
            ...(result.platform === null ? {} : { platform: result.platform }),
            // What a person said, or an earlier look found, stays: only a person changes it.
            ...(result.kind === null || shop.kind !== null ? {} : { kind: result.kind }),
          })
          .where('id', '=', shopId)
          .execute();
        return true;
      });
      if (done) await options.onLooked(shopId);
      return done;
    },
  };
}

function partsOf(progress: Json): readonly string[] {
  return progress === null ? [] : fieldsOf(progress).texts('parts');
}

const MAX_PLATFORM = 60;

/**
 * Reads a worker's result. Every finding has the shape of an observation that was seen; which checks there are and how long they stay fresh is not the
 * worker's to say.
 */
function readResult(value: Json): LookResult {
  const fields = fieldsOf(value);
  fields.integer('at');
  fields.integer('ms');
  fields.text('target');
  if (fields.textOrNull('kind') !== null) fields.oneOf('kind', SHOP_KINDS);
  if ((fields.textOrNull('platform') ?? '').length > MAX_PLATFORM)
    throw planeError('plane/malformed', { details: { field: 'platform' } });
  const evidence = fieldsOf(fields.object('evidence'));
  fieldsOf(evidence.object('page')).json('pages');
  fieldsOf(evidence.object('dns')).json('lookups');
  evidence.object('platform');
  readFindings(fields.json('findings'));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that are used were checked above
  return value as unknown as LookResult;
}
