// "What changed in my shop": one list, whatever noticed it, and a person's word on each.
import type { Selectable, Transaction } from 'kysely';
import { canonicalBytes, type Clock, type Json, newId, textOf } from '#kernel';
import type { SeenConnection } from '#look';
import { type ItemChange, type Trace, weighGroup } from '#platform';
import type { BlobStore } from '#storage';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';

export type ChangeRow = Selectable<StateTables['change']>;
type NewChange = Omit<ChangeRow, 'id' | 'shop_id' | 'at' | 'verdict' | 'verdict_by' | 'verdict_at' | 'note'>;

export const VERDICTS = ['mine', 'not-mine', 'dealt-with'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** More than this of one kind in one reading is one change with a list. */
const SINGLE = 3;
const MAX_LISTED = 2_000;
const MAX_FACT = 120;

export interface Changes {
  list(shopId: string, cursor: string | null, limit: number): Promise<readonly ChangeRow[]>;
  get(shopId: string, id: string): Promise<ChangeRow>;
  /** What a change was made of, out of its evidence. */
  itemsOf(shopId: string, id: string): Promise<readonly ItemChange[]>;
  /** A kept text, or null. */
  text(shopId: string, hash: string | null): Promise<string | null>;
  /** Makes changes ready to be written: seals their lists. Done before the transaction, since it takes a while. */
  prepare(
    shopId: string,
    target: string,
    changes: readonly ItemChange[],
    traces: readonly Trace[],
    at: number,
  ): Promise<readonly NewChange[]>;
  /** What a look saw plugged in that was not there before. */
  seen(
    connections: readonly SeenConnection[],
    evidenceOf: (one: SeenConnection) => string | null,
  ): readonly NewChange[];
  record(
    tx: Transaction<StateTables>,
    shopId: string,
    changes: readonly NewChange[],
    at: number,
  ): Promise<void>;
  judge(shopId: string, id: string, verdict: Verdict, note: string, by: string): Promise<void>;
  /** Those that wait for somebody, of the weights that must not wait. */
  open(shopId: string): Promise<readonly ChangeRow[]>;
}

function short(facts: ItemChange['before']): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'string' && value.length > MAX_FACT ? `${value.slice(0, MAX_FACT - 1)}…` : value,
    ]),
  );
}

export function openChanges(state: State, blobs: BlobStore, clock: Clock): Changes {
  const db = state.kysely;

  async function get(shopId: string, id: string): Promise<ChangeRow> {
    const row = await db
      .selectFrom('change')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  return {
    get,
    async list(shopId, cursor, limit) {
      return await db
        .selectFrom('change')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('id', '<', cursor ?? '~')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
    },
    async open(shopId) {
      return await db
        .selectFrom('change')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('verdict', 'in', ['open', 'not-mine'])
        .where('weight', 'in', ['warn', 'alarm'])
        .orderBy('id')
        .execute();
    },
    async itemsOf(shopId, id) {
      const row = await get(shopId, id);
      const bytes = row.evidence === null ? null : await blobs.get(shopId, row.evidence);
      const text = bytes === null ? null : textOf(bytes);
      if (text === null) return [];
      // Written by `prepare`, and read back whole and unaltered or not at all. A look's evidence holds no list.
      const kept: { readonly items?: readonly ItemChange[] } = JSON.parse(text);
      return kept.items ?? [];
    },
    async text(shopId, hash) {
      const bytes = hash === null ? null : await blobs.get(shopId, hash);
      return bytes === null ? null : textOf(bytes);
    },
    async prepare(shopId, target, changes, traces, at) {
      const prepared: NewChange[] = [];
      for (const [kind, same] of Map.groupBy(changes, (change) => change.kind)) {
        const groups = same.length > SINGLE ? [same] : same.map((change) => [change]);
        for (const group of groups) {
          const [first] = group;
          if (first === undefined) continue;
          const { weight, why } = weighGroup(group);
          const actions = new Set(group.map((change) => change.action));
          const who = new Set(group.map((change) => doneBy(change, traces)));
          const items: Json = JSON.parse(JSON.stringify(group.slice(0, MAX_LISTED)));
          const evidence = await blobs.put(
            shopId,
            canonicalBytes({ evidence: 'change', at, target, total: group.length, items }),
          );
          prepared.push({
            kind,
            action: actions.size === 1 ? first.action : 'changed',
            weight,
            why,
            count: group.length,
            name: first.name,
            facts: JSON.stringify(
              group.length === 1
                ? { before: short(first.before), after: short(first.after) }
                : { before: {}, after: {} },
            ),
            done_by: who.size === 1 ? ([...who][0] ?? null) : null,
            evidence,
          });
        }
      }
      return prepared;
    },
    seen: (connections, evidenceOf) =>
      connections
        .filter(({ kind }) => kind === 'script' || kind === 'frame' || kind === 'form')
        .map((connection) => ({
          kind: 'script',
          action: 'added',
          // A form that sends somewhere new takes what customers type along.
          weight: connection.kind === 'form' ? 'alarm' : 'warn',
          why: `seen-${connection.kind}`,
          count: 1,
          name: connection.name,
          facts: '{"after":{},"before":{}}',
          done_by: null,
          evidence: evidenceOf(connection),
        })),
    async record(tx, shopId, changes, at) {
      for (const change of changes) {
        const id = newId('cng', clock.now());
        await tx
          .insertInto('change')
          .values({
            ...change,
            id,
            shop_id: shopId,
            at,
            verdict: 'open',
            verdict_by: null,
            verdict_at: null,
            note: '',
          })
          .execute();
        const { kind, action, weight, count, evidence } = change;
        const body = { change: id, what: kind, action, weight, count, evidence };
        await recordChange(tx, { kind: 'change-noticed', shop: shopId, by: 'control', body }, clock.now());
      }
    },
    async judge(shopId, id, verdict, note, by) {
      const row = await get(shopId, id);
      // What was not ours is dealt with by saying how, not by having been ours after all.
      if (verdict === 'dealt-with' && (row.verdict !== 'not-mine' || note === ''))
        throw controlError('control/say-how');
      const now = clock.now();
      await state.transaction(async (tx) => {
        await tx
          .updateTable('change')
          .set({ verdict, verdict_by: by, verdict_at: now, note })
          .where('id', '=', row.id)
          .execute();
        await recordChange(
          tx,
          { kind: 'change-judged', shop: shopId, by, body: { change: id, verdict } },
          now,
        );
      });
    },
  };
}

function doneBy(change: ItemChange, traces: readonly Trace[]): string | null {
  const own = traces.filter((trace) => trace.kind === change.kind && trace.key === change.key);
  return own.toSorted((a, b) => b.at - a.at)[0]?.by ?? null;
}
