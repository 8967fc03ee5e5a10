// Keys and machine clients. A secret is shown once, when it is made; what is kept is its digest.
import { randomBytes } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import { type Clock, DAY_MS, newId, randomToken, SECOND_MS, sha256Hex } from '#kernel';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import { postPolicy } from './policy-topic.ts';

export type CredentialRow = Selectable<StateTables['edge_credential']>;

export interface NewCredential {
  readonly kind: 'key' | 'client';
  readonly name: string;
  readonly scopes: readonly string[];
  readonly until: number;
}

export interface EdgeCredentials {
  list(shopId: string): Promise<readonly CredentialRow[]>;
  /** Makes one; the secret is in the answer and nowhere else. Throws `control/bad-date` beyond a year. */
  make(
    shopId: string,
    given: NewCredential,
    by: string,
  ): Promise<{ readonly id: string; readonly secret: string }>;
  /** A new secret for a client; the one before is good until the next change. A key is made anew instead. */
  renew(shopId: string, id: string, by: string): Promise<{ readonly id: string; readonly secret: string }>;
  end(shopId: string, id: string, by: string): Promise<void>;
  /** Notes when each was last used, by what edges told. */
  used(at: ReadonlyMap<string, number>): Promise<void>;
}

const LONGEST_MS = 366 * DAY_MS;
const MAX_CREDENTIALS = 500;
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Twelve characters that can be read aloud. */
function plainId(): string {
  return Array.from(randomBytes(12), (byte) => LETTERS[byte % LETTERS.length]).join('');
}

async function demand(tx: Transaction<StateTables>, shopId: string, id: string): Promise<CredentialRow> {
  const row = await tx
    .selectFrom('edge_credential')
    .selectAll()
    .where('shop_id', '=', shopId)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw controlError('control/not-found');
  return row;
}

export function openEdgeCredentials(state: State, clock: Clock, onChanged: () => void): EdgeCredentials {
  async function record(
    tx: Transaction<StateTables>,
    shopId: string,
    row: Pick<CredentialRow, 'id' | 'kind'>,
    action: string,
    by: string,
  ): Promise<void> {
    const now = clock.now();
    await recordChange(
      tx,
      { kind: 'policy-changed', shop: shopId, by, body: { what: row.kind, id: row.id, action } },
      now,
    );
    await postPolicy(tx, now);
  }

  return {
    list: (shopId) =>
      state.kysely
        .selectFrom('edge_credential')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('ended_at', 'is', null)
        .orderBy('made_at')
        .execute(),
    async make(shopId, given, by) {
      const now = clock.now();
      if (given.until <= now || given.until > now + LONGEST_MS) throw controlError('control/bad-date');
      const id = given.kind === 'key' ? plainId() : newId('cli', now);
      const secret = given.kind === 'key' ? `lk_${id}_${randomToken(32)}` : randomToken(32);
      await state.transaction(async (tx) => {
        const { count } = await tx
          .selectFrom('edge_credential')
          .select((eb) => eb.fn.countAll<number | string>().as('count'))
          .where('shop_id', '=', shopId)
          .where('ended_at', 'is', null)
          .executeTakeFirstOrThrow();
        if (Number(count) >= MAX_CREDENTIALS) throw controlError('control/too-many');
        const row = {
          id,
          shop_id: shopId,
          kind: given.kind,
          name: given.name,
          hashes: JSON.stringify([sha256Hex(secret)]),
          scopes: JSON.stringify(given.scopes),
          made_at: now,
          made_by: by,
          secret_at: now,
          // Tokens say the second they were made in, and no less.
          since: now - (now % SECOND_MS),
          until_at: given.until,
          used_at: null,
          ended_at: null,
        };
        await tx.insertInto('edge_credential').values(row).execute();
        await record(tx, shopId, row, 'added', by);
      });
      onChanged();
      return { id, secret };
    },
    async renew(shopId, id, by) {
      const secret = randomToken(32);
      await state.transaction(async (tx) => {
        const row = await demand(tx, shopId, id);
        if (row.kind !== 'client') throw controlError('control/conflict');
        const [newest]: string[] = JSON.parse(row.hashes);
        const hashes = [sha256Hex(secret), ...(newest === undefined ? [] : [newest])];
        await tx
          .updateTable('edge_credential')
          .set({ hashes: JSON.stringify(hashes), secret_at: clock.now() })
          .where('id', '=', id)
          .execute();
        await record(tx, shopId, row, 'renewed', by);
      });
      onChanged();
      return { id, secret };
    },
    async end(shopId, id, by) {
      await state.transaction(async (tx) => {
        const row = await demand(tx, shopId, id);
        await tx.updateTable('edge_credential').set({ ended_at: clock.now() }).where('id', '=', id).execute();
        await record(tx, shopId, row, 'ended', by);
      });
      onChanged();
    },
    async used(at) {
      for (const [id, when] of at)
        await state.kysely
          .updateTable('edge_credential')
          .set({ used_at: when })
          .where('id', '=', id)
          .where((eb) => eb.or([eb('used_at', 'is', null), eb('used_at', '<', when)]))
          .execute();
    },
  };
}
