import { canonicalBytes, type Clock, DAY_MS, type Json, MINUTE_MS, SECOND_MS } from '#kernel';
import { type EvidenceName, LOOK_CHECKS, type LookResult } from '#look';
import { fieldsOf, type Observation, type ShopKind } from '#plane';
import type { BlobStore, Jobs } from '#storage';
import { controlError } from '../errors.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import { recordObservations } from './observations.ts';

export const LOOK_JOB = 'look';

/** How long a worker may go without a word. A look ends within 15 s. */
export const LOOK_LEASE_MS: number = 40 * SECOND_MS;

/** How a host is reached where the public internet is not enough: allowed networks, authorities, a name server. */
export interface Reach {
  readonly allowNetworks: readonly string[];
  readonly extraCa: readonly string[];
  readonly resolver: string | null;
  readonly connectTo: Readonly<Record<string, string>>;
}

export const PUBLIC_REACH: Reach = { allowNetworks: [], extraCa: [], resolver: null, connectTo: {} };

export interface LookNow {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly parts: readonly string[];
}

/** Looks as jobs: asked for, done by a worker, recorded here. */
export interface Looks {
  request(shopId: string): Promise<string>;
  /** A look of this shop; another shop's is `control/not-found`. */
  get(shopId: string, id: string): Promise<LookNow>;
  /** The kind of shop that a look is to judge by, or null: the look recognises it itself. */
  kindOf(shopId: string): Promise<ShopKind | null>;
  /** Takes a worker's result: evidence is sealed, observations and their leaves are written, in one transaction. */
  record(
    claim: { readonly id: string; readonly fence: number },
    shopId: string,
    result: LookResult,
  ): Promise<boolean>;
}

export function openLooks(state: State, jobs: Jobs, blobs: BlobStore, shops: Shops, clock: Clock): Looks {
  return {
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
    kindOf: async (shopId) => (await shops.get(shopId)).kind,
    async record(claim, shopId, result) {
      const hashes = new Map<EvidenceName, string>();
      for (const [name, piece] of Object.entries(result.evidence)) {
        const json: Json = JSON.parse(
          JSON.stringify({ evidence: name, target: result.target, at: result.at, piece }),
        );
        const hash = await blobs.put(shopId, canonicalBytes(json));
        if (isEvidenceName(name, result)) hashes.set(name, hash);
      }
      const shop = await shops.get(shopId);
      // A worker cannot date its findings ahead, keep them fresh longer than the check allows, or make up checks.
      const observedAt = Math.min(result.at, clock.now());
      const observations = result.findings.flatMap(
        ({ evidenceName, ...finding }): Omit<Observation, 'id'>[] => {
          const check = LOOK_CHECKS.find((known) => known.id === finding.check);
          if (check === undefined) return [];
          const validUntil = observedAt + check.freshForMs;
          return [
            { ...finding, observedAt, validUntil, shop: shopId, evidence: hashes.get(evidenceName) ?? null },
          ];
        },
      );
      return await state.transaction(async (tx) => {
        if (!(await jobs.complete(tx, claim, { findings: observations.length, ms: result.ms }))) return false;
        await recordObservations(tx, observations, clock.now());
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
    },
  };
}

function isEvidenceName(name: string, result: LookResult): name is EvidenceName {
  return Object.hasOwn(result.evidence, name);
}

function partsOf(progress: Json): readonly string[] {
  return progress === null ? [] : fieldsOf(progress).texts('parts');
}
