import { type Clock, MINUTE_MS, sha256Hex } from '#kernel';
import { controlError } from '../errors.ts';
import type { State } from '../state.ts';

const MAX_TRIES = 10;
const LOCK_MS = 30 * MINUTE_MS;

/**
 * Counts failed tries by account. The tenth locks it for 30 minutes (PCI DSS 8.3.4); names nobody has are counted the same, so
 * that a lock does not tell who has an account. Durable: a restart unlocks nothing.
 */
export interface Lockout {
  /** Throws `control/locked` while the account is locked. */
  assertOpen(account: string): Promise<void>;
  failed(account: string): Promise<void>;
  succeeded(account: string): Promise<void>;
}

function keyOf(account: string): string {
  return sha256Hex(account.trim().toLowerCase());
}

export function openLockout(state: State, clock: Clock): Lockout {
  return {
    async assertOpen(account) {
      const row = await state.kysely
        .selectFrom('lockout')
        .selectAll()
        .where('key', '=', keyOf(account))
        .executeTakeFirst();
      if (row !== undefined && row.locked_until !== null && row.locked_until > clock.now())
        throw controlError('control/locked');
    },
    async failed(account) {
      const key = keyOf(account);
      const now = clock.now();
      await state.transaction(async (tx) => {
        // Rows that no longer count go, so that guessing at names does not fill the disk.
        await tx
          .deleteFrom('lockout')
          .where('first_at', '<', now - 2 * LOCK_MS)
          .execute();
        const row = await tx.selectFrom('lockout').selectAll().where('key', '=', key).executeTakeFirst();
        const lapsed = row === undefined || now - row.first_at > LOCK_MS || row.locked_until !== null;
        const tries = lapsed ? 1 : row.tries + 1;
        const values = {
          tries,
          first_at: lapsed ? now : row.first_at,
          locked_until: tries >= MAX_TRIES ? now + LOCK_MS : null,
        };
        await tx
          .insertInto('lockout')
          .values({ key, ...values })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
          .execute();
      });
    },
    async succeeded(account) {
      await state.kysely.deleteFrom('lockout').where('key', '=', keyOf(account)).execute();
    },
  };
}
