// Asks and their links, and what is due about them. Who may see what is decided above (staff by their part in the shop, respondents by their
// link); here everything carries its shop.
import type { AskSummary, Questionnaire } from '@loupe/contract';
import type { Selectable, Transaction } from 'kysely';
import { type Clock, DAY_MS, newId, randomToken, sha256Hex } from '#kernel';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import type { Questionnaires } from './questionnaires.ts';

export type AskRow = Selectable<StateTables['ask']>;
/** Who came by a link: the respondent, or a delegate for some sections. */
export interface Visitor {
  readonly ask: AskRow;
  readonly delegate: { readonly name: string; readonly sections: readonly string[] } | null;
}

export interface NewAsk {
  readonly questionnaire: string;
  readonly to: string;
  readonly email: string | null;
  readonly vendorId: string | null;
  /** How long the link is good for. */
  readonly days: number;
  /** Asked again so long after it was answered; null: once. */
  readonly everyDays: number | null;
  /** The ask that this one is in place of, whose time has come again; null: none. */
  readonly insteadOf: string | null;
}

export interface Asks {
  create(shopId: string, ask: NewAsk, by: string): Promise<{ readonly id: string; readonly token: string }>;
  list(shopId: string): Promise<readonly AskRow[]>;
  get(shopId: string, id: string): Promise<AskRow>;
  formOf(ask: AskRow): Promise<Questionnaire>;
  /** A fresh link, good for `days`; any earlier one, and its delegates', ends. */
  newLink(shopId: string, id: string, days: number): Promise<string>;
  withdraw(shopId: string, id: string, by: string): Promise<void>;
  /** Who a link's token lets in; null where it is unknown, late, replaced, or the ask was withdrawn. */
  visit(token: string): Promise<Visitor | null>;
  /** The token of the link that is in force: for a reminder. Throws `control/not-found` where there is none. */
  tokenOf(ask: AskRow): Promise<string>;
  noteOpened(ask: AskRow): Promise<void>;
  delegate(ask: AskRow, name: string, sections: readonly string[]): Promise<string>;
  /** Sets when a reminder is due next; counts the one that was sent. */
  noteReminder(ask: AskRow, nextAt: number | null): Promise<void>;
  dueReminders(): Promise<readonly AskRow[]>;
  dueAgain(): Promise<readonly AskRow[]>;
  askAgainAt(tx: Transaction<StateTables>, shopId: string, vendorId: string, at: number): Promise<void>;
  clearAgain(ask: AskRow): Promise<void>;
}

const MAX_OPEN_ASKS = 200;
const MAX_DELEGATES = 20;
const REMIND_AFTER_MS = 5 * DAY_MS;

/** How an ask stands at a moment. */
export function askStateOf(ask: AskRow, now: number): AskSummary['state'] {
  if (ask.withdrawn_at !== null) return 'withdrawn';
  if (ask.answered_at !== null) return 'answered';
  if (ask.expires_at <= now) return 'expired';
  return ask.answered_items > 0 ? 'begun' : 'open';
}

function isOver(ask: AskRow, now: number): boolean {
  return ask.withdrawn_at !== null || ask.expires_at <= now;
}

/** The place that what is sealed belongs to. */
export function placeOf(ask: AskRow, what: string): string[] {
  return [what, ask.shop_id, ask.id];
}

export interface AsksOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly questionnaires: Questionnaires;
  readonly clock: Clock;
}

export function openAsks({ state, keeper, questionnaires, clock }: AsksOptions): Asks {
  const db = state.kysely;
  const presentShops = () => db.selectFrom('shop').select('id').where('removed_at', 'is', null);

  async function get(shopId: string, id: string): Promise<AskRow> {
    const row = await db
      .selectFrom('ask')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  return {
    get,
    formOf: (ask) => questionnaires.byHash(ask.questionnaire_hash),
    async create(shopId, given, by) {
      const offer = await questionnaires.take(shopId, given.questionnaire);
      const now = clock.now();
      const id = newId('ask', now);
      const token = randomToken(32);
      const link_sealed = await keeper.sealSecret(token, ['ask-link', shopId, id]);
      await state.transaction(async (tx) => {
        const there = await tx
          .selectFrom('ask')
          .select('made_at')
          .where('shop_id', '=', shopId)
          .where('withdrawn_at', 'is', null)
          .where('answered_at', 'is', null)
          .where('expires_at', '>', now)
          .limit(MAX_OPEN_ASKS)
          .execute();
        if (there.length >= MAX_OPEN_ASKS) throw controlError('control/too-many');
        await tx
          .insertInto('ask')
          .values({
            id,
            shop_id: shopId,
            questionnaire_hash: offer.hash,
            vendor_id: given.vendorId,
            to_name: given.to,
            to_email: given.email,
            link_hash: sha256Hex(token),
            link_sealed,
            expires_at: now + given.days * DAY_MS,
            opened_at: null,
            draft_sealed: null,
            draft_at: null,
            answered_items: 0,
            differs_items: 0,
            reply_hash: null,
            reply_by: null,
            reply_key: null,
            answered_at: null,
            withdrawn_at: null,
            reminders: 0,
            remind_at: now + REMIND_AFTER_MS,
            every_days: given.everyDays,
            again_at: null,
            made_at: now,
            made_by: by,
          })
          .execute();
        // In one with the new ask: an ask whose time has come is neither forgotten nor put twice.
        if (given.insteadOf !== null)
          await tx.updateTable('ask').set({ again_at: null }).where('id', '=', given.insteadOf).execute();
        const body = { ask: id, form: offer.hash, vendor: given.vendorId };
        await recordChange(tx, { kind: 'ask-sent', shop: shopId, by, body }, now);
      });
      return { id, token };
    },
    async list(shopId) {
      return await db
        .selectFrom('ask')
        .selectAll()
        .where('shop_id', '=', shopId)
        .orderBy('id', 'desc')
        .limit(500)
        .execute();
    },
    async newLink(shopId, id, days) {
      const ask = await get(shopId, id);
      if (ask.withdrawn_at !== null) throw controlError('control/not-found');
      const token = randomToken(32);
      const now = clock.now();
      const link_sealed = await keeper.sealSecret(token, placeOf(ask, 'ask-link'));
      await state.transaction(async (tx) => {
        await tx.deleteFrom('ask_delegate').where('ask_id', '=', id).execute();
        await tx
          .updateTable('ask')
          .set({
            link_hash: sha256Hex(token),
            link_sealed,
            expires_at: now + days * DAY_MS,
            remind_at: now + REMIND_AFTER_MS,
          })
          .where('id', '=', id)
          .execute();
      });
      return token;
    },
    async withdraw(shopId, id, by) {
      await get(shopId, id);
      const now = clock.now();
      await state.transaction(async (tx) => {
        await tx
          .updateTable('ask')
          .set({ withdrawn_at: now, link_hash: null, link_sealed: null, remind_at: null, again_at: null })
          .where('id', '=', id)
          .execute();
        await tx.deleteFrom('ask_delegate').where('ask_id', '=', id).execute();
        await recordChange(tx, { kind: 'ask-withdrawn', shop: shopId, by, body: { ask: id } }, now);
      });
    },
    async visit(token) {
      const hash = sha256Hex(token);
      const own = await db.selectFrom('ask').selectAll().where('link_hash', '=', hash).executeTakeFirst();
      if (own !== undefined) return isOver(own, clock.now()) ? null : { ask: own, delegate: null };
      const delegate = await db
        .selectFrom('ask_delegate')
        .selectAll()
        .where('link_hash', '=', hash)
        .executeTakeFirst();
      if (delegate === undefined) return null;
      const ask = await get(delegate.shop_id, delegate.ask_id);
      if (isOver(ask, clock.now())) return null;
      const sections: string[] = JSON.parse(delegate.sections);
      return { ask, delegate: { name: delegate.name, sections } };
    },
    async tokenOf(ask) {
      if (ask.link_sealed === null || isOver(ask, clock.now())) throw controlError('control/not-found');
      return await keeper.openSecret(ask.link_sealed, placeOf(ask, 'ask-link'));
    },
    async noteOpened(ask) {
      if (ask.opened_at === null)
        await db.updateTable('ask').set({ opened_at: clock.now() }).where('id', '=', ask.id).execute();
    },
    async delegate(ask, name, sections) {
      const token = randomToken(32);
      await state.transaction(async (tx) => {
        const there = await tx
          .selectFrom('ask_delegate')
          .select('made_at')
          .where('ask_id', '=', ask.id)
          .limit(MAX_DELEGATES)
          .execute();
        if (there.length >= MAX_DELEGATES) throw controlError('control/too-many');
        await tx
          .insertInto('ask_delegate')
          .values({
            link_hash: sha256Hex(token),
            shop_id: ask.shop_id,
            ask_id: ask.id,
            name,
            sections: JSON.stringify(sections),
            made_at: clock.now(),
          })
          .execute();
      });
      return token;
    },
    async noteReminder(ask, nextAt) {
      await db
        .updateTable('ask')
        .set({ reminders: ask.reminders + 1, remind_at: nextAt })
        .where('id', '=', ask.id)
        .execute();
    },
    async dueReminders() {
      return await db
        .selectFrom('ask')
        .selectAll()
        .where('remind_at', '<=', clock.now())
        .where('expires_at', '>', clock.now())
        .where('withdrawn_at', 'is', null)
        .where('answered_at', 'is', null)
        .where('shop_id', 'in', presentShops())
        .limit(100)
        .execute();
    },
    async dueAgain() {
      return await db
        .selectFrom('ask')
        .selectAll()
        .where('again_at', '<=', clock.now())
        .where('withdrawn_at', 'is', null)
        .where('shop_id', 'in', presentShops())
        .limit(100)
        .execute();
    },
    async askAgainAt(tx, shopId, vendorId, at) {
      const last = await tx
        .selectFrom('ask')
        .select(['id', 'again_at'])
        .where('shop_id', '=', shopId)
        .where('vendor_id', '=', vendorId)
        .where('answered_at', 'is not', null)
        .where('withdrawn_at', 'is', null)
        .orderBy('id', 'desc')
        .executeTakeFirst();
      if (last === undefined || (last.again_at !== null && last.again_at <= at)) return;
      await tx.updateTable('ask').set({ again_at: at }).where('id', '=', last.id).execute();
    },
    async clearAgain(ask) {
      await db.updateTable('ask').set({ again_at: null }).where('id', '=', ask.id).execute();
    },
  };
}
