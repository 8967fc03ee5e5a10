import { type Clock, newId } from '#kernel';
import { readTarget } from '#look';
import type { ShopKind } from '#plane';
import type { Selectable } from 'kysely';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import { eraseHookup } from '../platforms/erase.ts';
import type { State, StateTables } from '../state.ts';

export type ShopRow = Selectable<StateTables['shop']>;

export interface Shops {
  /** Adds a shop by its address and makes the person its owner. The same address twice is `control/conflict`. */
  add(shop: {
    readonly address: string;
    readonly name: string | null;
    readonly sample: boolean;
    readonly by: string;
  }): Promise<ShopRow>;
  /** Throws `control/not-found`, for a removed shop too. */
  get(id: string): Promise<ShopRow>;
  /** The shops in which a person has a part now, oldest first, after `cursor`. */
  listFor(personId: string, cursor: string | null, limit: number): Promise<readonly ShopRow[]>;
  all(): Promise<readonly ShopRow[]>;
  change(
    id: string,
    change: { readonly name?: string; readonly kind?: ShopKind; readonly timeZone?: string },
    by: string,
  ): Promise<ShopRow>;
  remove(id: string, by: string): Promise<void>;
}

export function openShops(state: State, keeper: KeeperClient, clock: Clock): Shops {
  const db = state.kysely;
  const present = () => db.selectFrom('shop').selectAll().where('removed_at', 'is', null);

  async function get(id: string): Promise<ShopRow> {
    const row = await present().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  return {
    get,
    async add({ address, name, sample, by }) {
      const target = readTarget(address);
      const now = clock.now();
      const id = newId('shp', now);
      const grantId = newId('grt', now);
      await state.transaction(async (tx) => {
        const taken = await tx
          .selectFrom('shop')
          .select('id')
          .where('address', '=', target.url.href)
          .where('removed_at', 'is', null)
          .executeTakeFirst();
        if (taken !== undefined) throw controlError('control/conflict');
        await keeper.ensureLog(id, sample);
        await tx
          .insertInto('shop')
          .values({
            id,
            name: name ?? target.host,
            address: target.url.href,
            host: target.host,
            kind: null,
            platform: null,
            sample: sample ? 1 : 0,
            time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
            locale: 'en',
            currency: 'EUR',
            looked_at: null,
            made_at: now,
            removed_at: null,
          })
          .execute();
        await tx
          .insertInto('grant')
          .values({
            id: grantId,
            person_id: by,
            shop_id: id,
            role: 'owner',
            from_at: now,
            until_at: null,
            ended_at: null,
            made_by: by,
          })
          .execute();
        await recordChange(
          tx,
          { kind: 'shop-added', shop: id, by, body: { host: target.host, sample } },
          now,
        );
        await recordChange(
          tx,
          {
            kind: 'grant-added',
            shop: id,
            by,
            body: { grant: grantId, person: by, role: 'owner', until: null },
          },
          now,
        );
      });
      return await get(id);
    },
    async listFor(personId, cursor, limit) {
      const now = clock.now();
      return await db
        .selectFrom('shop')
        .selectAll('shop')
        .where('shop.removed_at', 'is', null)
        .where('shop.id', '>', cursor ?? '')
        .where((where) =>
          where.exists(
            where
              .selectFrom('grant')
              .select('grant.id')
              .whereRef('grant.shop_id', '=', 'shop.id')
              .where('grant.person_id', '=', personId)
              .where('grant.from_at', '<=', now)
              .where('grant.ended_at', 'is', null)
              .where((g) => g.or([g('grant.until_at', 'is', null), g('grant.until_at', '>', now)])),
          ),
        )
        .orderBy('shop.id')
        .limit(limit)
        .execute();
    },
    all: () => present().orderBy('id').execute(),
    async change(id, change, by) {
      const now = clock.now();
      await state.transaction(async (tx) => {
        await tx
          .updateTable('shop')
          .set({
            ...(change.name === undefined ? {} : { name: change.name }),
            ...(change.kind === undefined ? {} : { kind: change.kind }),
            ...(change.timeZone === undefined ? {} : { time_zone: change.timeZone }),
          })
          .where('id', '=', id)
          .where('removed_at', 'is', null)
          .execute();
        await recordChange(
          tx,
          { kind: 'shop-changed', shop: id, by, body: { what: Object.keys(change).toSorted() } },
          now,
        );
      });
      return await get(id);
    },
    async remove(id, by) {
      const now = clock.now();
      await state.transaction(async (tx) => {
        await tx.updateTable('shop').set({ removed_at: now }).where('id', '=', id).execute();
        await tx.deleteFrom('schedule').where('shop_id', '=', id).execute();
        const hookups = await tx
          .selectFrom('hookup')
          .select(['id', 'shop_id'])
          .where('shop_id', '=', id)
          .where('state', '!=', 'left')
          .execute();
        for (const hookup of hookups) await eraseHookup(tx, hookup, now);
        await recordChange(tx, { kind: 'shop-changed', shop: id, by, body: { what: ['removed'] } }, now);
      });
    },
  };
}
