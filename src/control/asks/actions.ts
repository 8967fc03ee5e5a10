import type { Action } from '@loupe/contract';
import type { Selectable } from 'kysely';
import { type Clock, DAY_MS, newId } from '#kernel';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { Observations } from '../looks/observations.ts';
import type { State, StateTables } from '../state.ts';

type Row = Selectable<StateTables['action']>;

export interface NewAction {
  readonly text: string;
  readonly person: string;
  readonly dueAt: number;
  readonly askId: string | null;
  readonly item: string | null;
  readonly vendorId: string | null;
  /** The check that will show it, and of what; null where nothing does. */
  readonly check: string | null;
  readonly subject: string | null;
}

/** What was agreed, with a person and a date. */
export interface Actions {
  list(
    shopId: string,
    of?: { readonly askId?: string; readonly vendorId?: string },
  ): Promise<readonly Action[]>;
  agree(shopId: string, action: NewAction, by: string): Promise<string>;
  /** Ends one by a person's word: done (where no check shows it), or dropped. */
  end(
    shopId: string,
    id: string,
    how: { readonly outcome: 'said-done' | 'dropped'; readonly why: string },
    by: string,
  ): Promise<void>;
  /**
   * Judges the actions whose date has come: those with a check by an observation made since the day before, kept or missed; the others become due, and
   * wait for a person's word. Returns the shops and vendors that must be looked at for it.
   */
  judgeDue(
    observations: Observations,
  ): Promise<readonly { readonly shopId: string; readonly vendorId: string | null }[]>;
}

const MAX_OPEN = 500;
const MAX_AHEAD_MS = 731 * DAY_MS;

/** The place that what is sealed belongs to. */
const context = (shopId: string, id: string, what: string): string[] => [what, shopId, id];

export function openActions(state: State, keeper: KeeperClient, clock: Clock): Actions {
  const db = state.kysely;
  async function view(row: Row): Promise<Action> {
    return {
      id: row.id,
      ask: row.ask_id,
      item: row.item,
      vendor: row.vendor_id,
      text: await keeper.openSecret(row.text_sealed, context(row.shop_id, row.id, 'action-text')),
      person: await keeper.openSecret(row.person_sealed, context(row.shop_id, row.id, 'action-person')),
      dueAt: row.due_at,
      check: row.check_id,
      state: row.state,
      endedAt: row.ended_at,
      observation: row.observation,
      why: row.why,
    };
  }

  async function settle(
    row: Row,
    to: Row['state'],
    observation: string | null,
    why: string | null,
    by: string,
  ): Promise<void> {
    const now = clock.now();
    await state.transaction(async (tx) => {
      const changed = await tx
        .updateTable('action')
        .set({ state: to, observation, why, ended_at: to === 'due' ? null : now })
        .where('id', '=', row.id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (changed.numUpdatedRows === 0n || to === 'due') return;
      const body = { action: row.id, outcome: to, observation };
      await recordChange(tx, { kind: 'action-ended', shop: row.shop_id, by, body }, now);
    });
  }

  return {
    async list(shopId, of = {}) {
      let query = db.selectFrom('action').selectAll().where('shop_id', '=', shopId);
      if (of.askId !== undefined) query = query.where('ask_id', '=', of.askId);
      if (of.vendorId !== undefined) query = query.where('vendor_id', '=', of.vendorId);
      return await Promise.all((await query.orderBy('due_at').orderBy('id').execute()).map(view));
    },
    async agree(shopId, given, by) {
      const now = clock.now();
      if (given.dueAt <= now || given.dueAt > now + MAX_AHEAD_MS) throw controlError('control/bad-date');
      const id = newId('act', now);
      const text_sealed = await keeper.sealSecret(given.text, context(shopId, id, 'action-text'));
      const person_sealed = await keeper.sealSecret(given.person, context(shopId, id, 'action-person'));
      await state.transaction(async (tx) => {
        const there = await tx
          .selectFrom('action')
          .select('made_at')
          .where('shop_id', '=', shopId)
          .where('ended_at', 'is', null)
          .limit(MAX_OPEN)
          .execute();
        if (there.length >= MAX_OPEN) throw controlError('control/too-many');
        await tx
          .insertInto('action')
          .values({
            id,
            shop_id: shopId,
            ask_id: given.askId,
            item: given.item,
            vendor_id: given.vendorId,
            text_sealed,
            person_sealed,
            due_at: given.dueAt,
            check_id: given.check,
            subject: given.subject,
            state: 'open',
            observation: null,
            why: null,
            made_at: now,
            made_by: by,
            ended_at: null,
          })
          .execute();
        const body = {
          action: id,
          ask: given.askId,
          item: given.item,
          vendor: given.vendorId,
          check: given.check,
          due: given.dueAt,
        };
        await recordChange(tx, { kind: 'action-agreed', shop: shopId, by, body }, now);
      });
      return id;
    },
    async end(shopId, id, { outcome, why }, by) {
      const row = await db
        .selectFrom('action')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (row === undefined) throw controlError('control/not-found');
      // Where a check can see it, a word does not end it well.
      if (outcome === 'said-done' && row.check_id !== null) throw controlError('control/conflict');
      await settle(row, outcome, null, why, by);
    },
    async judgeDue(observations) {
      const rows = await db
        .selectFrom('action')
        .selectAll()
        .where('due_at', '<=', clock.now())
        .where('state', 'in', ['open', 'due'])
        .orderBy('due_at')
        .limit(200)
        .execute();
      const toLookAt = new Map<string, { shopId: string; vendorId: string | null }>();
      for (const row of rows) {
        if (row.check_id === null) {
          if (row.state === 'open') await settle(row, 'due', null, null, 'control');
          continue;
        }
        const seen = (await observations.newest(row.shop_id))
          .filter((o) => o.check === row.check_id && (row.subject === null || o.subject === row.subject))
          .filter((o) => o.observedAt >= row.due_at - DAY_MS && o.outcome !== 'unknown');
        const [first] = seen;
        if (first === undefined) {
          if (row.state === 'open') await settle(row, 'due', null, null, 'control');
          toLookAt.set(`${row.shop_id} ${row.vendor_id ?? ''}`, {
            shopId: row.shop_id,
            vendorId: row.vendor_id,
          });
          continue;
        }
        const short = seen.find((o) => o.outcome === 'falls-short');
        // A look after the date that still finds it wrong is a missed promise; one before the date decides only for the better.
        if (short !== undefined && short.observedAt < row.due_at) {
          toLookAt.set(`${row.shop_id} ${row.vendor_id ?? ''}`, {
            shopId: row.shop_id,
            vendorId: row.vendor_id,
          });
          continue;
        }
        await settle(row, short === undefined ? 'kept' : 'missed', (short ?? first).id, null, 'control');
      }
      return [...toLookAt.values()];
    },
  };
}
