// What a shop's policy holds besides routes and credentials: its token endpoint, tokens that were taken back, locks that were lifted.
import type { Transaction } from 'kysely';
import { type Clock, DAY_MS } from '#kernel';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import { postPolicy } from './policy-topic.ts';
import { ruleOf } from './routes.ts';
import type { EdgeSecrets } from './secrets.ts';

export interface TokensView {
  readonly issuer: string;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly lifetimeMs: number;
  readonly secretId: string;
}

export interface EdgeSettings {
  tokens(shopId: string): Promise<TokensView | null>;
  /** Sets where machine clients get their tokens; the hosts must be those of a route of this shop. */
  setTokens(
    shopId: string,
    given: { readonly hosts: readonly string[]; readonly path: string; readonly lifetimeMs: number },
    by: string,
  ): Promise<void>;
  /** Takes a token back by its id, or all that a subject has by now. */
  revoke(
    shopId: string,
    given: { readonly kind: 'jti' | 'subject'; readonly value: string },
    by: string,
  ): Promise<void>;
  /** Ends a lock. */
  lift(shopId: string, lock: string, by: string): Promise<void>;
  lifted(shopId: string): Promise<ReadonlyMap<string, number>>;
}

/** No token lives longer, so none needs to be remembered longer. */
const REMEMBER_MS = 2 * DAY_MS;

export function openEdgeSettings(
  state: State,
  secrets: EdgeSecrets,
  clock: Clock,
  onChanged: () => void,
): EdgeSettings {
  async function change(
    shopId: string,
    by: string,
    what: {
      readonly kind: 'policy-changed' | 'lock-lifted';
      readonly body: Readonly<Record<string, string>>;
    },
    act: (tx: Transaction<StateTables>, now: number) => Promise<void>,
  ): Promise<void> {
    await state.transaction(async (tx) => {
      const now = clock.now();
      await act(tx, now);
      await recordChange(tx, { kind: what.kind, shop: shopId, by, body: what.body }, now);
      await postPolicy(tx, now);
    });
    onChanged();
  }

  return {
    async tokens(shopId) {
      const row = await state.kysely
        .selectFrom('edge_tokens')
        .selectAll()
        .where('shop_id', '=', shopId)
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        issuer: row.issuer,
        hosts: JSON.parse(row.hosts),
        path: row.path,
        lifetimeMs: row.lifetime_ms,
        secretId: row.secret_id,
      };
    },
    async setTokens(shopId, given, by) {
      await change(
        shopId,
        by,
        { kind: 'policy-changed', body: { what: 'tokens', action: 'set' } },
        async (tx) => {
          const routes = await tx
            .selectFrom('edge_route')
            .select('rule')
            .where('shop_id', '=', shopId)
            .where('ended_at', 'is', null)
            .execute();
          const hosts = new Set(routes.flatMap((row) => ruleOf(row.rule).hosts));
          if (!given.hosts.every((host) => hosts.has(host)))
            throw controlError('control/bad-request', {
              details: { field: 'hosts', expected: 'a host of one of the routes' },
            });
          const values = {
            issuer: `https://${given.hosts[0] ?? ''}`,
            hosts: JSON.stringify(given.hosts),
            path: given.path,
            lifetime_ms: given.lifetimeMs,
            secret_id: await secrets.own(tx, shopId, 'token-key', by),
          };
          await tx
            .insertInto('edge_tokens')
            .values({ shop_id: shopId, ...values })
            .onConflict((conflict) => conflict.column('shop_id').doUpdateSet(values))
            .execute();
        },
      );
    },
    async revoke(shopId, given, by) {
      // What was taken back is told to edges and not to the ledger, which forgets nothing.
      await change(
        shopId,
        by,
        { kind: 'policy-changed', body: { what: 'revoked', action: given.kind } },
        async (tx, now) => {
          await tx
            .deleteFrom('edge_revoked')
            .where('before_at', '<', now - REMEMBER_MS)
            .execute();
          await tx
            .insertInto('edge_revoked')
            .values({ shop_id: shopId, kind: given.kind, value: given.value, before_at: now })
            .onConflict((conflict) =>
              conflict.columns(['shop_id', 'kind', 'value']).doUpdateSet({ before_at: now }),
            )
            .execute();
        },
      );
    },
    async lift(shopId, lock, by) {
      if (!/^[0-9a-f]{32}$/u.test(lock)) throw controlError('control/not-found');
      await change(shopId, by, { kind: 'lock-lifted', body: { lock } }, async (tx, now) => {
        await tx
          .deleteFrom('edge_lift')
          .where('at', '<', now - REMEMBER_MS)
          .execute();
        await tx
          .insertInto('edge_lift')
          .values({ shop_id: shopId, lock, at: now, by })
          .onConflict((conflict) => conflict.columns(['shop_id', 'lock']).doUpdateSet({ at: now, by }))
          .execute();
      });
    },
    async lifted(shopId) {
      const rows = await state.kysely
        .selectFrom('edge_lift')
        .selectAll()
        .where('shop_id', '=', shopId)
        .execute();
      return new Map(rows.map((row) => [row.lock, row.at]));
    },
  };
}
