import type { Decision, Exception, Score } from '@loupe/contract';
import type { Selectable } from 'kysely';
import { type Clock, DAY_MS, newId } from '#kernel';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import type { Decided, Excepted } from './gate.ts';
import { CRITERIA } from './score.ts';

type DecisionRow = Selectable<StateTables['decision']>;
type ExceptionRow = Selectable<StateTables['exception']>;

/** Nothing is let in for longer than this without being looked at again. */
const MAX_DECISION_MS = 731 * DAY_MS;
const MAX_EXCEPTION_MS = 366 * DAY_MS;

/** What people decided about vendors, and what they let in without a decision. Each is signed into the ledger. */
export interface Decisions {
  /** All decisions of a shop, newest first. */
  list(shopId: string): Promise<readonly DecisionRow[]>;
  /** Decides until a date (a year from now where null). Throws `control/bad-date` for one that is past or too far. */
  decide(
    shopId: string,
    vendorId: string,
    given: {
      readonly verdict: Decision['verdict'];
      readonly conditions: string;
      readonly until: number | null;
    },
    score: Score,
    by: string,
  ): Promise<void>;
  /** Exceptions in force at this moment. */
  exceptions(shopId: string): Promise<readonly ExceptionRow[]>;
  except(
    shopId: string,
    given: Pick<Exception, 'about' | 'aboutId' | 'reason' | 'owner' | 'until'>,
    by: string,
  ): Promise<string>;
  endException(shopId: string, id: string, by: string): Promise<void>;
}

export function decidedOf(row: DecisionRow): Decided {
  return { verdict: row.verdict, at: row.at, until: row.until };
}

export function exceptedOf(row: ExceptionRow): Excepted {
  return { about: row.about, aboutId: row.about_id, until: row.until, endedAt: row.ended_at };
}

export function openDecisions(state: State, clock: Clock): Decisions {
  const db = state.kysely;

  function assertAhead(until: number, maxMs: number): void {
    const now = clock.now();
    if (until <= now || until > now + maxMs) throw controlError('control/bad-date');
  }

  return {
    async list(shopId) {
      return await db
        .selectFrom('decision')
        .selectAll()
        .where('shop_id', '=', shopId)
        .orderBy('id', 'desc')
        .execute();
    },
    async decide(shopId, vendorId, { verdict, conditions, until }, score, by) {
      const now = clock.now();
      const end = until ?? now + CRITERIA.goodForDays * DAY_MS;
      assertAhead(end, MAX_DECISION_MS);
      const id = newId('dec', now);
      await state.transaction(async (tx) => {
        await tx
          .insertInto('decision')
          .values({
            id,
            shop_id: shopId,
            vendor_id: vendorId,
            verdict,
            conditions,
            score: JSON.stringify(score),
            by,
            at: now,
            until: end,
            leaf: null,
          })
          .execute();
        const { earned, lost, unknown } = score;
        const body = {
          decision: id,
          vendor: vendorId,
          verdict,
          until: end,
          criteria: CRITERIA.version,
          earned,
          lost,
          unknown,
        };
        await recordChange(tx, { kind: 'vendor-decided', shop: shopId, by, body }, now);
      });
    },
    async exceptions(shopId) {
      return await db
        .selectFrom('exception')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('ended_at', 'is', null)
        .where('until', '>', clock.now())
        .orderBy('id')
        .execute();
    },
    async except(shopId, given, by) {
      assertAhead(given.until, MAX_EXCEPTION_MS);
      const table = given.about;
      const known = await db
        .selectFrom(table)
        .select('id')
        .where('shop_id', '=', shopId)
        .where('id', '=', given.aboutId)
        .executeTakeFirst();
      if (known === undefined) throw controlError('control/not-found');
      const now = clock.now();
      const id = newId('exc', now);
      await state.transaction(async (tx) => {
        await tx
          .insertInto('exception')
          .values({
            id,
            shop_id: shopId,
            about: given.about,
            about_id: given.aboutId,
            reason: given.reason,
            owner: given.owner,
            until: given.until,
            by,
            at: now,
            ended_at: null,
          })
          .execute();
        const body = { exception: id, about: given.about, id: given.aboutId, until: given.until };
        await recordChange(tx, { kind: 'exception-added', shop: shopId, by, body }, now);
      });
      return id;
    },
    async endException(shopId, id, by) {
      const now = clock.now();
      await state.transaction(async (tx) => {
        const ended = await tx
          .updateTable('exception')
          .set({ ended_at: now })
          .where('shop_id', '=', shopId)
          .where('id', '=', id)
          .where('ended_at', 'is', null)
          .executeTakeFirst();
        if (ended.numUpdatedRows === 0n) throw controlError('control/not-found');
        await recordChange(tx, { kind: 'exception-ended', shop: shopId, by, body: { exception: id } }, now);
      });
    },
  };
}
