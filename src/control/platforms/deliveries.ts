// Webhooks in: checked, kept durably, answered; handled after. What a delivery says is a hint, never a fact.
import {
  base64Of,
  type Clock,
  DAY_MS,
  fromBase64,
  HOUR_MS,
  type Json,
  MINUTE_MS,
  newId,
  sha256Hex,
  textOf,
} from '#kernel';
import { isObject } from '#plane';
import { COMPLIANCE_TOPICS, type ComplianceTopic, type ItemKind, rereadsOf, verifyDelivery } from '#platform';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { State } from '../state.ts';
import type { HookupRow, Hookups, HookupView } from './hookups.ts';
import type { Readings } from './readings.ts';

/** Why a delivery was not taken. `busy` is sent again by the platform; the others are wrong. */
export type Refused =
  | 'bad-signature'
  | 'bad-headers'
  | 'other-shop'
  | 'stale'
  | 'future'
  | 'unknown-topic'
  | 'busy';

export type Taken =
  | { readonly ok: true; readonly repeated: boolean }
  | { readonly ok: false; readonly why: Refused };

export interface Deliveries {
  /** Takes one delivery: durable when this is fulfilled. */
  take(hookup: HookupView, headers: Headers, body: Uint8Array): Promise<Taken>;
  /** Handles what waits; returns how many were handled. */
  handle(): Promise<number>;
}

export interface DeliveriesOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly hookups: Hookups;
  readonly readings: Readings;
  readonly clock: Clock;
  onHandled(shopId: string): Promise<void>;
}

/** Shopify tries eight times within four hours; one more for clocks and queues. */
const OLDEST_MS = 5 * HOUR_MS;
const FUTURE_MS = 5 * MINUTE_MS;
/** Longer than a delivery may be old: what was forgotten is refused as stale. */
const REMEMBER_MS = 7 * DAY_MS;
const MAX_WAITING = 10_000;
const BATCH = 200;
/** So many batches at one go: others want the processor, too. */
const MAX_BATCHES = 10;
/** Shopify's own time for the compliance topics. */
const PRIVACY_MS = 30 * DAY_MS;

const sealedFor = (row: HookupRow) => ['hookup', row.shop_id, row.id, 'delivery'];

export function openDeliveries(options: DeliveriesOptions): Deliveries {
  const { state, keeper, hookups, readings, clock } = options;
  const db = state.kysely;
  /** How many wait, by hookup, as counted since the start; none once the queue was found empty. */
  const waiting = new Map<string, number>();

  /**
   * Refused since the last handling, by hookup and why: written then, and judged by nothing, so that whoever sends rubbish makes neither a write of
   * each nor a leaf in the ledger.
   */
  const refusals = new Map<string, Map<Refused, number>>();

  function refuse(row: HookupRow, why: Refused): Taken {
    const own = refusals.get(row.id) ?? new Map<Refused, number>();
    own.set(why, (own.get(why) ?? 0) + 1);
    refusals.set(row.id, own);
    return { ok: false, why };
  }

  async function noteRefusals(): Promise<void> {
    for (const [id, counts] of refusals) {
      const row = await db.selectFrom('hookup').select('refused').where('id', '=', id).executeTakeFirst();
      refusals.delete(id);
      if (row === undefined) continue;
      const sums: Record<string, number> = JSON.parse(row.refused);
      for (const [why, count] of counts) sums[why] = (sums[why] ?? 0) + count;
      await db
        .updateTable('hookup')
        .set({ refused: JSON.stringify({ ...sums, at: clock.now() }) })
        .where('id', '=', id)
        .execute();
    }
  }

  return {
    async take({ row }, headers, body) {
      const now = clock.now();
      const verdict = await verifyDelivery(await hookups.secrets(row), headers, body);
      if (!verdict.ok) return refuse(row, verdict.why === 'bad-headers' ? 'bad-headers' : 'bad-signature');
      const { topic, domain, id, triggeredAt } = verdict.claims;
      if (domain !== row.domain) return refuse(row, 'other-shop');
      if (triggeredAt === null || id.length > 100) return refuse(row, 'bad-headers');
      if (triggeredAt < now - OLDEST_MS) return refuse(row, 'stale');
      if (triggeredAt > now + FUTURE_MS) return refuse(row, 'future');
      if (rereadsOf(topic) === null) return refuse(row, 'unknown-topic');
      if ((waiting.get(row.id) ?? 0) >= MAX_WAITING) return { ok: false, why: 'busy' };
      // Whom a compliance topic is about is kept; of all others the id of a thing is all that is needed, and nothing is kept.
      const keep = isCompliance(topic) ? await keeper.sealSecret(base64Of(body), sealedFor(row)) : null;
      const added = await db
        .insertInto('delivery')
        .values({
          hookup_id: row.id,
          webhook_id: id,
          body_hash: sha256Hex(`${topic}\n${base64Of(body)}`),
          topic,
          triggered_at: triggeredAt,
          received_at: now,
          body_sealed: keep,
          handled_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      const repeated = added.numInsertedOrUpdatedRows === 0n;
      if (!repeated) waiting.set(row.id, (waiting.get(row.id) ?? 0) + 1);
      return { ok: true, repeated };
    },
    async handle() {
      await noteRefusals();
      let handled = 0;
      for (let batch = 0; batch < MAX_BATCHES; batch++) {
        const count = await handleBatch();
        handled += count;
        if (count < BATCH) break;
      }
      await forgetOld();
      return handled;
    },
  };

  async function handleBatch(): Promise<number> {
    const now = clock.now();
    const rows = await db
      .selectFrom('delivery')
      .selectAll()
      .where('handled_at', 'is', null)
      .orderBy('received_at')
      .limit(BATCH)
      .execute();
    if (rows.length === 0) waiting.clear();
    for (const [hookupId, own] of Map.groupBy(rows, (row) => row.hookup_id)) {
      const hookup = await hookups.byId(hookupId);
      if (hookup === null) {
        await db.deleteFrom('delivery').where('hookup_id', '=', hookupId).execute();
        continue;
      }
      const { row } = hookup;
      const bodies = new Map<string, string | null>();
      for (const one of own)
        if (one.body_sealed !== null)
          bodies.set(one.webhook_id, await keeper.openSecret(one.body_sealed, sealedFor(row)));
      await state.transaction(async (tx) => {
        const kinds = new Set<ItemKind>();
        let whole = false;
        let uninstalled = false;
        for (const one of own) {
          for (const kind of rereadsOf(one.topic) ?? []) kinds.add(kind);
          // What is gone shows only in a whole list.
          whole ||= one.topic === 'PRODUCTS_DELETE';
          uninstalled ||= one.topic === 'APP_UNINSTALLED';
          if (!isCompliance(one.topic)) continue;
          const body = bodies.get(one.webhook_id) ?? null;
          if (!speaksOf(body, row.domain)) continue;
          const id = newId('prv', now);
          await tx
            .insertInto('privacy_request')
            .values({
              id,
              shop_id: row.shop_id,
              hookup_id: row.id,
              topic: one.topic,
              body_sealed: one.body_sealed,
              received_at: one.received_at,
              due_at: one.received_at + PRIVACY_MS,
              done_at: null,
              done_by: null,
              note: '',
            })
            .execute();
          const leaf = { request: id, topic: one.topic, due: one.received_at + PRIVACY_MS };
          await recordChange(
            tx,
            { kind: 'privacy-asked', shop: row.shop_id, by: 'platform', body: leaf },
            now,
          );
        }
        await tx
          .updateTable('delivery')
          .set({ handled_at: now, body_sealed: null })
          .where('hookup_id', '=', hookupId)
          .where(
            'webhook_id',
            'in',
            own.map((one) => one.webhook_id),
          )
          .execute();
        await tx.updateTable('hookup').set({ delivered_at: now }).where('id', '=', hookupId).execute();
        // A hint, here too: the token decides. Where it is refused at the next reading the app is gone.
        if (uninstalled)
          await tx
            .updateTable('hookup')
            .set({ token_sealed: null, token_until: null })
            .where('id', '=', hookupId)
            .execute();
        if (kinds.size > 0)
          await readings.request(tx, row.shop_id, { kinds: [...kinds], whole, deep: false });
      });
      waiting.set(hookupId, Math.max(0, (waiting.get(hookupId) ?? 0) - own.length));
      // Of all deliveries only demands are judged by themselves; what the others lead to is judged once it was read.
      if (own.some((one) => isCompliance(one.topic))) await options.onHandled(row.shop_id);
    }
    return rows.length;
  }

  async function forgetOld(): Promise<void> {
    await db
      .deleteFrom('delivery')
      .where('received_at', '<', clock.now() - REMEMBER_MS)
      .where('handled_at', 'is not', null)
      .execute();
  }
}

function isCompliance(topic: string): topic is ComplianceTopic {
  return COMPLIANCE_TOPICS.some((known) => known === topic);
}

/** Whether a compliance body is about this very shop: it says so itself, under the signature. */
function speaksOf(body: string | null, domain: string): boolean {
  const bytes = body === null ? null : fromBase64(body);
  const text = bytes === null ? null : textOf(bytes);
  if (text === null) return false;
  const value = parse(text);
  return isObject(value) && value['shop_domain'] === domain;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null; // signed and yet no JSON: of no use to anybody
  }
}
