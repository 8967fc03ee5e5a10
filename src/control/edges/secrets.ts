// Shared secrets of a shop's routes, and Loupe's own keys at the edge. Sealed by the keeper when they come, and sent sealed to each edge: they are not opened here.
import type { Selectable, Transaction } from 'kysely';
import { type Clock, newId, randomToken } from '#kernel';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import { postPolicy } from './policy-topic.ts';

export type EdgeSecretRow = Selectable<StateTables['edge_secret']>;

export interface EdgeSecrets {
  list(shopId: string): Promise<readonly EdgeSecretRow[]>;
  /** Files a secret; without one a random one is made, which the answer shows once. */
  add(
    shopId: string,
    given: { readonly name: string; readonly secret: string | null },
    by: string,
  ): Promise<{ readonly id: string; readonly secret: string | null }>;
  /** Throws `control/conflict` where a route still needs it. */
  end(shopId: string, id: string, usedBy: readonly string[], by: string): Promise<void>;
  /** The shop's key of one purpose, made where there is none. */
  own(
    tx: Transaction<StateTables>,
    shopId: string,
    purpose: 'token-key' | 'pseudonym-key',
    by: string,
  ): Promise<string>;
}

/** What a secret is sealed for: it opens nowhere else. */
export const secretContext = (shopId: string, id: string): string[] => ['edge-secret', shopId, id];

export function openEdgeSecrets(
  state: State,
  keeper: KeeperClient,
  clock: Clock,
  onChanged: () => void,
): EdgeSecrets {
  async function insert(
    tx: Transaction<StateTables>,
    row: Pick<EdgeSecretRow, 'id' | 'shop_id' | 'name' | 'purpose' | 'sealed' | 'made_by'>,
  ): Promise<void> {
    const now = clock.now();
    await tx
      .insertInto('edge_secret')
      .values({ ...row, made_at: now, ended_at: null })
      .execute();
    const body = { what: row.purpose, id: row.id, action: 'added' };
    await recordChange(tx, { kind: 'policy-changed', shop: row.shop_id, by: row.made_by, body }, now);
  }

  return {
    list: (shopId) =>
      state.kysely
        .selectFrom('edge_secret')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('ended_at', 'is', null)
        .where('purpose', '=', 'shared')
        .orderBy('made_at')
        .execute(),
    async add(shopId, given, by) {
      const secret = given.secret ?? randomToken(32);
      const id = newId('sec', clock.now());
      const sealed = await keeper.sealSecret(secret, secretContext(shopId, id));
      await state.transaction((tx) =>
        insert(tx, { id, shop_id: shopId, name: given.name, purpose: 'shared', sealed, made_by: by }),
      );
      return { id, secret: given.secret === null ? secret : null };
    },
    async end(shopId, id, usedBy, by) {
      if (usedBy.length > 0) throw controlError('control/conflict');
      await state.transaction(async (tx) => {
        const now = clock.now();
        const ended = await tx
          .updateTable('edge_secret')
          .set({ ended_at: now, sealed: '' })
          .where('shop_id', '=', shopId)
          .where('id', '=', id)
          .where('purpose', '=', 'shared')
          .where('ended_at', 'is', null)
          .executeTakeFirst();
        if (ended.numUpdatedRows === 0n) throw controlError('control/not-found');
        await recordChange(
          tx,
          { kind: 'policy-changed', shop: shopId, by, body: { what: 'shared', id, action: 'ended' } },
          now,
        );
        await postPolicy(tx, now);
      });
      onChanged();
    },
    async own(tx, shopId, purpose, by) {
      const found = await tx
        .selectFrom('edge_secret')
        .select('id')
        .where('shop_id', '=', shopId)
        .where('purpose', '=', purpose)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (found !== undefined) return found.id;
      const id = newId('sec', clock.now());
      const kind = purpose === 'token-key' ? 'ed25519' : 'random';
      const sealed = await keeper.makeSecret(kind, secretContext(shopId, id));
      await insert(tx, { id, shop_id: shopId, name: purpose, purpose, sealed, made_by: by });
      return id;
    },
  };
}
