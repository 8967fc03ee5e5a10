import { type Clock, DAY_MS, MINUTE_MS, newId, SECOND_MS } from '#kernel';
import { VENDOR_CHECKS } from '#look';
import { fieldsOf, type Observation, OUTCOMES } from '#plane';
import type { BlobStore, Jobs } from '#storage';
import { keepEvidence, observationsOf, readFindings } from '../looks/findings.ts';
import { type Observations, recordObservations } from '../looks/observations.ts';
import { type ReachOf, reachJson } from '../looks/reach.ts';
import type { State } from '../state.ts';
import type { JobKind } from '../work/job-kind.ts';
import type { Register, VendorRow } from './register.ts';

const VENDOR_JOB = 'vendor-look';
const VENDOR_LEASE_MS = 30 * SECOND_MS;
const EVERY_MS = 7 * DAY_MS;

/** One check that came out differently than the time before. */
export interface VendorChange {
  readonly vendor: string;
  readonly check: string;
  readonly subject: string;
  readonly before: Observation['outcome'];
  readonly after: Observation['outcome'];
  readonly observation: string;
  readonly at: number;
}

/** Looks at third parties from outside: weekly, and when asked for. Only what changed is reported. */
export interface VendorLooks extends JobKind {
  request(shopId: string, vendor: VendorRow): Promise<string | null>;
  changes(shopId: string, vendorId: string): Promise<readonly VendorChange[]>;
}

export interface VendorLooksOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly blobs: BlobStore;
  readonly register: Register;
  readonly observations: Observations;
  readonly reachOf: ReachOf;
  readonly clock: Clock;
  /** Told of what changed, once it is recorded; an empty list where nothing did. */
  onLooked(shopId: string, changes: readonly VendorChange[]): Promise<void>;
}

export function openVendorLooks(options: VendorLooksOptions): VendorLooks {
  const { state, jobs, blobs, register, observations, clock } = options;
  return {
    kind: VENDOR_JOB,
    leaseMs: VENDOR_LEASE_MS,
    async request(shopId, vendor) {
      if (vendor.hosts.length + vendor.apiHosts.length === 0) return null;
      const job = { kind: VENDOR_JOB, shopId, payload: { vendor: vendor.id } };
      return await state.transaction(async (tx) => {
        const waiting = await tx
          .selectFrom('job')
          .select(['id', 'payload'])
          .where('shop_id', '=', shopId)
          .where('kind', '=', VENDOR_JOB)
          .where('state', 'in', ['queued', 'running'])
          .execute();
        const same = waiting.find((row) => fieldsOf(JSON.parse(row.payload)).text('vendor') === vendor.id);
        if (same !== undefined) return same.id;
        const runAt = clock.now() + EVERY_MS - 5 * MINUTE_MS;
        await jobs.schedule(tx, `vendor-look/${vendor.id}`, { ...job, runAt }, EVERY_MS);
        return await jobs.enqueue(tx, job);
      });
    },
    async changes(shopId, vendorId) {
      const rows = await state.kysely
        .selectFrom('vendor_change')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('vendor_id', '=', vendorId)
        .orderBy('id', 'desc')
        .limit(50)
        .execute();
      return rows.map((row) => ({
        vendor: row.vendor_id,
        check: row.check_id,
        subject: row.subject,
        before: outcomeOf(row.before),
        after: outcomeOf(row.after),
        observation: row.observation,
        at: row.at,
      }));
    },
    async task(job) {
      const vendor = await register
        .get(job.shopId ?? '', fieldsOf(job.payload).text('vendor'))
        .catch(() => null);
      if (vendor === null || vendor.retired_at !== null) return null;
      const hosts = [...vendor.hosts];
      const apiHosts = [...vendor.apiHosts];
      const bare = [...hosts, ...apiHosts].map((host) => host.replace(/:\d+$/u, ''));
      return { hosts, apiHosts, reach: reachJson(options.reachOf(bare)) };
    },
    async record(claim, job, value) {
      const shopId = job.shopId ?? '';
      const fields = fieldsOf(value);
      const vendor = await register.get(shopId, fieldsOf(job.payload).text('vendor'));
      const at = Math.min(fields.integer('at'), clock.now());
      const own = new Set([...vendor.hosts, ...vendor.apiHosts]);
      // A worker speaks of the hosts it was given, and of no others.
      const findings = readFindings(fields.json('findings')).filter((finding) => own.has(finding.subject));
      const hashes = await keepEvidence(blobs, shopId, { target: vendor.id, at }, fields.object('evidence'));
      const fresh = observationsOf(findings, VENDOR_CHECKS, shopId, at, hashes);
      const before = await observations.newest(shopId);
      const changes: VendorChange[] = [];
      const done = await state.transaction(async (tx) => {
        if (!(await jobs.complete(tx, claim, { findings: fresh.length, ms: fields.integer('ms') })))
          return false;
        for (const observation of await recordObservations(tx, fresh, 'worker', clock.now())) {
          const earlier = before.find(
            (b) => b.check === observation.check && b.subject === observation.subject,
          );
          if (earlier === undefined || earlier.outcome === observation.outcome) continue;
          const change = {
            vendor: vendor.id,
            check: observation.check,
            subject: observation.subject,
            before: earlier.outcome,
            after: observation.outcome,
            observation: observation.id,
            at,
          };
          changes.push(change);
          const { vendor: vendor_id, check: check_id, ...rest } = change;
          await tx
            .insertInto('vendor_change')
            .values({ id: newId('vch', clock.now()), shop_id: shopId, vendor_id, check_id, ...rest })
            .execute();
        }
        await register.noteLook(tx, vendor.id, at);
        return true;
      });
      if (done) await options.onLooked(shopId, changes);
      return done;
    },
  };
}

function outcomeOf(word: string): Observation['outcome'] {
  return OUTCOMES.find((known) => known === word) ?? 'unknown';
}
