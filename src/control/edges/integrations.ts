// Third parties that the shop's software calls through the broker. Each stands in the register as a connection: it is let out while it is switched on and the
// register's gate is open for it, so that an assessment that ends or is withdrawn stops the calls.
import type { Selectable, Transaction } from 'kysely';
import type { IntegrationGiven } from '@loupe/contract';
import { integrationGiven } from '@loupe/contract';
import { type Clock, newId, randomToken, sha256Hex } from '#kernel';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import type { VendorBook } from '../vendors/book.ts';
import type { Connections } from '../vendors/connections.ts';
import { postPolicy } from './policy-topic.ts';

export type IntegrationRow = Selectable<StateTables['edge_integration']>;

export interface IntegrationView {
  readonly row: IntegrationRow;
  readonly rule: IntegrationGiven;
  /** Whether calls are let out at this moment. */
  readonly open: boolean;
  /** Why not, where the gate of the register is shut. */
  readonly gateShut: boolean;
}

export interface EdgeIntegrations {
  list(shopId: string): Promise<readonly IntegrationView[]>;
  /** Adds one, switched off. Throws `control/conflict` where the name is taken. */
  add(shopId: string, rule: IntegrationGiven, by: string): Promise<string>;
  change(shopId: string, id: string, rule: IntegrationGiven, by: string): Promise<void>;
  /** The kill switch. On: `control/gate-shut` where the register does not allow it. Off: always, at once. */
  turn(shopId: string, id: string, on: boolean, by: string): Promise<void>;
  end(shopId: string, id: string, by: string): Promise<void>;
  /** A token for the shop's software, shown once; the one before is good until the next. */
  newToken(shopId: string, by: string): Promise<string>;
  tokenMadeAt(shopId: string): Promise<number | null>;
}

const MAX_INTEGRATIONS = 100;

export interface EdgeIntegrationsOptions {
  readonly state: State;
  readonly connections: Connections;
  readonly vendorBook: VendorBook;
  readonly clock: Clock;
  readonly onChanged: () => void;
}

async function demand(tx: Transaction<StateTables>, shopId: string, id: string): Promise<IntegrationRow> {
  const row = await tx
    .selectFrom('edge_integration')
    .selectAll()
    .where('shop_id', '=', shopId)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw controlError('control/not-found');
  return row;
}

async function check(
  tx: Transaction<StateTables>,
  shopId: string,
  own: string | null,
  rule: IntegrationGiven,
): Promise<void> {
  const others = await tx
    .selectFrom('edge_integration')
    .selectAll()
    .where('shop_id', '=', shopId)
    .where('ended_at', 'is', null)
    .execute();
  if (others.length >= MAX_INTEGRATIONS) throw controlError('control/too-many');
  if (others.some((row) => row.id !== own && row.name === rule.name)) throw controlError('control/conflict');
  const secrets = await tx
    .selectFrom('edge_secret')
    .select('id')
    .where('shop_id', '=', shopId)
    .where('purpose', '=', 'shared')
    .where('ended_at', 'is', null)
    .execute();
  const known = new Set(secrets.map((row) => row.id));
  if (!rule.inject.every((one) => known.has(one.secret)))
    throw controlError('control/bad-request', {
      details: { field: 'inject.secret', expected: 'a secret of this shop' },
    });
}

export function openEdgeIntegrations(options: EdgeIntegrationsOptions): EdgeIntegrations {
  const { state, connections, vendorBook, clock } = options;
  const db = state.kysely;

  async function record(
    tx: Transaction<StateTables>,
    shopId: string,
    id: string,
    action: string,
    by: string,
  ): Promise<void> {
    const now = clock.now();
    await recordChange(
      tx,
      { kind: 'policy-changed', shop: shopId, by, body: { what: 'integration', id, action } },
      now,
    );
    await postPolicy(tx, now);
  }

  /** The register's entry for the host, named where there is none yet. */
  async function connectionFor(shopId: string, rule: IntegrationGiven, by: string): Promise<string> {
    const host = new URL(rule.origin).hostname;
    const known = (await connections.list(shopId)).find(
      (one) => one.kind === 'outbound-host' && one.name === host,
    );
    return known?.id ?? (await connections.declare(shopId, 'outbound-host', host, null, by));
  }

  return {
    async list(shopId) {
      const [rows, page] = await Promise.all([
        db
          .selectFrom('edge_integration')
          .selectAll()
          .where('shop_id', '=', shopId)
          .where('ended_at', 'is', null)
          .orderBy('name')
          .execute(),
        vendorBook.of(shopId),
      ]);
      return rows.map((row) => {
        const connection = page.connections.find((one) => one.id === row.connection_id);
        const gateShut = connection === undefined || !connection.gate.open;
        return {
          row,
          rule: integrationGiven.parse(JSON.parse(row.rule)),
          open: row.is_on === 1 && !gateShut && connection.state === 'enabled',
          gateShut,
        };
      });
    },
    async add(shopId, rule, by) {
      const now = clock.now();
      const id = newId('int', now);
      const connectionId = await connectionFor(shopId, rule, by);
      await state.transaction(async (tx) => {
        await check(tx, shopId, null, rule);
        await tx
          .insertInto('edge_integration')
          .values({
            id,
            shop_id: shopId,
            name: rule.name,
            rule: JSON.stringify(rule),
            connection_id: connectionId,
            is_on: 0,
            made_at: now,
            turned_at: now,
            turned_by: by,
            ended_at: null,
          })
          .execute();
        await record(tx, shopId, id, 'added', by);
      });
      options.onChanged();
      return id;
    },
    async change(shopId, id, rule, by) {
      const connectionId = await connectionFor(shopId, rule, by);
      await state.transaction(async (tx) => {
        const row = await demand(tx, shopId, id);
        await check(tx, shopId, id, rule);
        // Another third party is another decision: it begins switched off.
        const moved = connectionId !== row.connection_id;
        await tx
          .updateTable('edge_integration')
          .set({
            name: rule.name,
            rule: JSON.stringify(rule),
            connection_id: connectionId,
            ...(moved ? { is_on: 0 } : {}),
          })
          .where('id', '=', id)
          .execute();
        await record(tx, shopId, id, 'changed', by);
      });
      options.onChanged();
    },
    async turn(shopId, id, on, by) {
      if (on) {
        const row = await state.transaction((tx) => demand(tx, shopId, id));
        const connection = (await vendorBook.of(shopId)).connections.find(
          (one) => one.id === row.connection_id,
        );
        if (connection === undefined || !connection.gate.open) throw controlError('control/gate-shut');
        if (connection.state !== 'enabled')
          await connections.set(shopId, connection.id, 'enabled', connection.gate.why, by);
      }
      await state.transaction(async (tx) => {
        await demand(tx, shopId, id);
        await tx
          .updateTable('edge_integration')
          .set({ is_on: on ? 1 : 0, turned_at: clock.now(), turned_by: by })
          .where('id', '=', id)
          .execute();
        await record(tx, shopId, id, on ? 'on' : 'off', by);
      });
      options.onChanged();
    },
    async end(shopId, id, by) {
      await state.transaction(async (tx) => {
        await demand(tx, shopId, id);
        await tx
          .updateTable('edge_integration')
          .set({ ended_at: clock.now(), is_on: 0 })
          .where('id', '=', id)
          .execute();
        await record(tx, shopId, id, 'ended', by);
      });
      options.onChanged();
    },
    async newToken(shopId, by) {
      const token = `lb_${randomToken(32)}`;
      await state.transaction(async (tx) => {
        const now = clock.now();
        const before = await tx
          .selectFrom('edge_broker_token')
          .selectAll()
          .where('shop_id', '=', shopId)
          .executeTakeFirst();
        const [newest]: string[] = before === undefined ? [] : JSON.parse(before.hashes);
        const values = {
          hashes: JSON.stringify([sha256Hex(token), ...(newest === undefined ? [] : [newest])]),
          made_at: now,
        };
        await tx
          .insertInto('edge_broker_token')
          .values({ shop_id: shopId, ...values })
          .onConflict((conflict) => conflict.column('shop_id').doUpdateSet(values))
          .execute();
        await recordChange(
          tx,
          { kind: 'policy-changed', shop: shopId, by, body: { what: 'broker-token', action: 'renewed' } },
          now,
        );
        await postPolicy(tx, now);
      });
      options.onChanged();
      return token;
    },
    async tokenMadeAt(shopId) {
      const row = await db
        .selectFrom('edge_broker_token')
        .select('made_at')
        .where('shop_id', '=', shopId)
        .executeTakeFirst();
      return row?.made_at ?? null;
    },
  };
}
