import type { Selectable, Transaction } from 'kysely';
import { canonicalJson, type Json, newId } from '#kernel';
import { type Figure, leafJson, type Observation, observationLeaf } from '#plane';
import { post } from '#storage';
import { LEAF_TOPIC } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';

/**
 * Those of what was judged that say something new: never observed before, other than the newest of the same check and subject, or older than `renewMs`, so that what does not change stays fresh.
 */
export function newsOf<One extends Pick<Observation, 'check' | 'subject' | 'outcome' | 'figure' | 'facts'>>(
  judged: readonly One[],
  newest: readonly Observation[],
  renewMs: number,
  now: number,
): One[] {
  return judged.filter((one) => {
    const last = newest.find((o) => o.check === one.check && o.subject === one.subject);
    return last === undefined || last.observedAt + renewMs <= now || signOf(last) !== signOf(one);
  });
}

/** What two observations of the same thing have in common when nothing changed. A judge that says no source has seen it itself. */
function signOf(
  one: Pick<Observation, 'outcome' | 'figure' | 'facts'> & Partial<Pick<Observation, 'source'>>,
): string {
  return canonicalJson({
    outcome: one.outcome,
    source: one.source ?? 'seen',
    figure: one.figure === null ? null : { ...one.figure },
    facts: { ...one.facts },
  });
}

/** Stores observations and, in the same transaction, what makes them leaves of the ledger. */
export async function recordObservations(
  tx: Transaction<StateTables>,
  observations: readonly Omit<Observation, 'id'>[],
  by: 'worker' | 'control',
  nowMs: number,
): Promise<readonly Observation[]> {
  const recorded: Observation[] = [];
  for (const given of observations) {
    const observation: Observation = { id: newId('obs', nowMs), ...given };
    await tx
      .insertInto('observation')
      .values({
        id: observation.id,
        shop_id: observation.shop,
        check_id: observation.check,
        subject: observation.subject,
        outcome: observation.outcome,
        source: observation.source,
        figure: observation.figure === null ? null : JSON.stringify(observation.figure),
        facts: JSON.stringify(observation.facts),
        observed_at: observation.observedAt,
        valid_until: observation.validUntil,
        evidence: observation.evidence,
        leaf: null,
      })
      .execute();
    const payload: Json = leafJson(observationLeaf(observation, by));
    await post(tx, { topic: LEAF_TOPIC, shopId: observation.shop, payload }, nowMs);
    recorded.push(observation);
  }
  return recorded;
}

function fromRow(row: Selectable<StateTables['observation']>): Observation {
  const figure: Figure | null = row.figure === null ? null : JSON.parse(row.figure);
  const facts: Observation['facts'] = JSON.parse(row.facts);
  return {
    id: row.id,
    shop: row.shop_id,
    check: row.check_id,
    subject: row.subject,
    outcome: row.outcome,
    source: row.source,
    figure,
    facts,
    observedAt: row.observed_at,
    validUntil: row.valid_until,
    evidence: row.evidence,
  };
}

export interface Observations {
  /** The newest observation of every check and subject of a shop. */
  newest(shopId: string): Promise<readonly Observation[]>;
  /** One observation of a shop and its number in the ledger (null: not there yet); null where the shop has none such. */
  get(
    shopId: string,
    id: string,
  ): Promise<{ readonly observation: Observation; readonly leaf: number | null } | null>;
  list(shopId: string, cursor: string | null, limit: number): Promise<readonly Observation[]>;
}

export function openObservations(state: State): Observations {
  const db = state.kysely;
  return {
    async newest(shopId) {
      const rows = await db
        .selectFrom('observation as o')
        .selectAll('o')
        .where('o.shop_id', '=', shopId)
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('observation as later')
                .select('later.id')
                .whereRef('later.shop_id', '=', 'o.shop_id')
                .whereRef('later.check_id', '=', 'o.check_id')
                .whereRef('later.subject', '=', 'o.subject')
                // Of two of the same moment the one written last counts: ids grow.
                .where((either) =>
                  either.or([
                    either('later.observed_at', '>', either.ref('o.observed_at')),
                    either.and([
                      either('later.observed_at', '=', either.ref('o.observed_at')),
                      either('later.id', '>', either.ref('o.id')),
                    ]),
                  ]),
                ),
            ),
          ),
        )
        .execute();
      return rows.map(fromRow);
    },
    async get(shopId, id) {
      const row = await db
        .selectFrom('observation')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row === undefined ? null : { observation: fromRow(row), leaf: row.leaf };
    },
    async list(shopId, cursor, limit) {
      const rows = await db
        .selectFrom('observation')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('id', '<', cursor ?? '~')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },
  };
}
