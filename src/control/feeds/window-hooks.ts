// Addresses that are told when a shop's window shows something else: signed, again and again until they say that they have it, and always what is newest. A message says that there is something new; what it is stands in the window.
import { randomBytes } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import { type Clock, HOUR_MS, type Json, MINUTE_MS, newId, SECOND_MS, sha256Hex } from '#kernel';
import { fieldsOf } from '#plane';
import type { Jobs } from '#storage';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import { type ReachOf, reachJson } from '../looks/reach.ts';
import type { State, StateTables } from '../state.ts';
import type { JobKind } from '../work/job-kind.ts';
import { readFailure } from './load-record.ts';
import { webhookHeaders, webhookSecret } from './webhook.ts';

const HOOK_JOB = 'window-hook';
const LEASE_MS = 45 * SECOND_MS;
const MAX_HOOKS = 5;
const SECRET_BYTES = 32;
/** A message that nobody took is sent again after this, doubled each time. */
const RETRY_MS = MINUTE_MS;
const LONGEST_RETRY_MS = 6 * HOUR_MS;
/** So many in vain, which is some four days, and nothing more is sent until the window changes. */
const MAX_TRIES = 24;

export type HookRow = Selectable<StateTables['window_hook']>;

export interface WindowHooks extends JobKind {
  list(shopId: string): Promise<readonly HookRow[]>;
  /** Adds an address; its secret is shown this once. Throws `control/too-many`, `control/conflict`. */
  add(shopId: string, url: string, by: string): Promise<{ readonly hook: string; readonly secret: string }>;
  remove(shopId: string, id: string, by: string): Promise<void>;
  /** In the transaction of a pointer: all of the shop's addresses are to be told. */
  announce(tx: Transaction<StateTables>, shopId: string): Promise<void>;
}

export interface WindowHooksOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly keeper: KeeperClient;
  readonly reachOf: ReachOf;
  readonly clock: Clock;
}

const secretContext = (shopId: string, id: string): string[] => ['window-hook', shopId, id];

export function openWindowHooks({ state, jobs, keeper, reachOf, clock }: WindowHooksOptions): WindowHooks {
  const db = state.kysely;

  async function hookOf(shopId: string, id: string): Promise<HookRow | null> {
    const row = await db
      .selectFrom('window_hook')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .executeTakeFirst();
    return row ?? null;
  }

  async function enqueue(tx: Transaction<StateTables>, hook: HookRow, runAt: number): Promise<void> {
    await jobs.enqueue(tx, { kind: HOOK_JOB, shopId: hook.shop_id, payload: { hook: hook.id }, runAt });
  }

  /** Notes what came of a message, and has it sent again where nobody took it. */
  async function note(tx: Transaction<StateTables>, hook: HookRow, sent: Json): Promise<void> {
    const told = fieldsOf(sent);
    const now = clock.now();
    if (told.flag('ok')) {
      const set = { delivered_at: now, failures: 0, last_failure: null };
      await tx.updateTable('window_hook').set(set).where('id', '=', hook.id).execute();
      return;
    }
    const failures = hook.failures + 1;
    const set = { failures, last_failure: JSON.stringify(readFailure(told.json('failure'))) };
    await tx.updateTable('window_hook').set(set).where('id', '=', hook.id).execute();
    if (failures < MAX_TRIES)
      await enqueue(tx, hook, now + Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** (failures - 1)));
  }

  return {
    kind: HOOK_JOB,
    leaseMs: LEASE_MS,
    list: (shopId) =>
      db.selectFrom('window_hook').selectAll().where('shop_id', '=', shopId).orderBy('id').execute(),
    async add(shopId, url, by) {
      const now = clock.now();
      const id = newId('hok', now);
      const secret = webhookSecret(randomBytes(SECRET_BYTES));
      const sealed = await keeper.sealSecret(secret, secretContext(shopId, id));
      await state.transaction(async (tx) => {
        const there = await tx
          .selectFrom('window_hook')
          .select('url')
          .where('shop_id', '=', shopId)
          .execute();
        if (there.some((one) => one.url === url)) throw controlError('control/conflict');
        if (there.length >= MAX_HOOKS) throw controlError('control/too-many');
        const row: HookRow = {
          id,
          shop_id: shopId,
          url,
          secret_sealed: sealed,
          made_at: now,
          made_by: by,
          delivered_at: null,
          failures: 0,
          last_failure: null,
        };
        await tx.insertInto('window_hook').values(row).execute();
        const body = { hook: id, what: 'added', url: sha256Hex(url) };
        await recordChange(tx, { kind: 'window-hook-changed', shop: shopId, by, body }, now);
        await enqueue(tx, row, now);
      });
      return { hook: id, secret };
    },
    async remove(shopId, id, by) {
      if ((await hookOf(shopId, id)) === null) throw controlError('control/not-found');
      await state.transaction(async (tx) => {
        await tx.deleteFrom('window_hook').where('id', '=', id).execute();
        const body = { hook: id, what: 'removed' };
        await recordChange(tx, { kind: 'window-hook-changed', shop: shopId, by, body }, clock.now());
      });
    },
    async announce(tx, shopId) {
      const hooks = await tx.selectFrom('window_hook').selectAll().where('shop_id', '=', shopId).execute();
      const waiting = await tx
        .selectFrom('job')
        .select(['id', 'payload'])
        .where('shop_id', '=', shopId)
        .where('kind', '=', HOOK_JOB)
        .where('state', '=', 'queued')
        .execute();
      for (const hook of hooks) {
        await tx.updateTable('window_hook').set({ failures: 0 }).where('id', '=', hook.id).execute();
        // A message that waits to be sent again says what is newest when it is sent: now.
        const own = waiting.find((job) => hookIn(JSON.parse(job.payload)) === hook.id);
        if (own === undefined) await enqueue(tx, hook, clock.now());
        else await tx.updateTable('job').set({ run_at: clock.now() }).where('id', '=', own.id).execute();
      }
    },
    async task(job) {
      const shopId = job.shopId ?? '';
      const hook = await hookOf(shopId, hookIn(job.payload));
      const window = await db
        .selectFrom('feed_window')
        .selectAll()
        .where('shop_id', '=', shopId)
        .executeTakeFirst();
      // Nothing was ever shown: there is nothing to tell.
      if (hook === null || window === undefined || window.version === 0) return null;
      const seconds = Math.floor(clock.now() / SECOND_MS);
      const body = JSON.stringify({
        type: 'window.published',
        timestamp: new Date(window.published_at ?? clock.now()).toISOString(),
        data: { window: window.name, version: window.version },
      });
      const secret = await keeper.openSecret(hook.secret_sealed, secretContext(shopId, hook.id));
      return {
        url: hook.url,
        body,
        // Signed here: a worker, which has read what strangers sent, holds no secret of it.
        headers: { ...webhookHeaders(secret, `${hook.id}.${window.version}`, seconds, body) },
        reach: reachJson(reachOf([new URL(hook.url).hostname])),
      };
    },
    async record(claim, job, value) {
      const hook = await hookOf(job.shopId ?? '', hookIn(job.payload));
      return await state.transaction(async (tx) => {
        if (!(await jobs.complete(tx, claim, {}))) return false;
        if (hook !== null) await note(tx, hook, value);
        return true;
      });
    },
  };
}

function hookIn(payload: Json): string {
  return fieldsOf(payload).text('hook');
}
