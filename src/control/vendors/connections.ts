import type { Connection } from '@loupe/contract';
import type { Selectable, Transaction } from 'kysely';
import { type Clock, newId } from '#kernel';
import { partyOf } from '#look';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import type { VendorRow } from './register.ts';

export type ConnectionRow = Selectable<StateTables['connection']>;

const MAX_CONNECTIONS = 2_000;

/** One thing that was seen to be plugged in: by a look, or through the platform. */
export interface Seen {
  readonly kind: Connection['kind'];
  readonly name: string;
}

/** What is plugged into each shop: seen by looks, or declared by people. */
export interface Connections {
  list(shopId: string): Promise<readonly ConnectionRow[]>;
  get(shopId: string, id: string): Promise<ConnectionRow>;
  /** Notes what a look saw, in its transaction, and returns what was not there before; what is not there any more is marked gone. */
  note<One extends Seen>(
    tx: Transaction<StateTables>,
    shopId: string,
    look: { readonly seen: readonly One[]; readonly looked: readonly Seen['kind'][] },
    vendors: readonly VendorRow[],
    evidenceOf: (connection: One) => string | null,
    at: number,
  ): Promise<readonly One[]>;
  declare(
    shopId: string,
    kind: Connection['kind'],
    name: string,
    vendorId: string | null,
    by: string,
    /** `said` where it is plugged in already, by a person's word. */
    origin?: 'said' | 'declared',
  ): Promise<string>;
  /** Says whose it is (null: nobody's yet). */
  assign(shopId: string, id: string, vendorId: string | null, by: string): Promise<void>;
  /** Sets the state, as the caller's gate allowed. */
  set(shopId: string, id: string, to: ConnectionRow['state'], ground: string, by: string): Promise<void>;
}

/** Whether a name is a vendor's: one of its hosts, or below one. */
function belongsTo(name: string, vendor: Pick<VendorRow, 'hosts' | 'apiHosts' | 'name'>): boolean {
  const bare = name.toLowerCase().replace(/:\d+$/u, '');
  if (bare === vendor.name.toLowerCase()) return true;
  return [...vendor.hosts, ...vendor.apiHosts].some((given) => {
    const host = given.replace(/:\d+$/u, '');
    return bare === host || bare.endsWith(`.${host}`);
  });
}

/** The vendor of the register that a name belongs to: by its hosts, else by the directory's name for it. */
export function vendorFor(name: string, vendors: readonly VendorRow[]): VendorRow | null {
  const present = vendors.filter((vendor) => vendor.retired_at === null);
  const known = partyOf(name)?.name.toLowerCase();
  return (
    present.find((vendor) => belongsTo(name, vendor)) ??
    present.find((vendor) => vendor.name.toLowerCase() === known) ??
    null
  );
}

export function openConnections(state: State, clock: Clock): Connections {
  const db = state.kysely;

  async function get(shopId: string, id: string): Promise<ConnectionRow> {
    const row = await db
      .selectFrom('connection')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  return {
    get,
    async list(shopId) {
      return await db
        .selectFrom('connection')
        .selectAll()
        .where('shop_id', '=', shopId)
        .orderBy('kind')
        .orderBy('name')
        .execute();
    },
    async note(tx, shopId, { seen, looked }, vendors, evidenceOf, at) {
      const rows = await tx.selectFrom('connection').selectAll().where('shop_id', '=', shopId).execute();
      const known = new Map(rows.map((row) => [`${row.kind} ${row.name}`, row]));
      let room = MAX_CONNECTIONS - rows.length;
      const fresh: (typeof seen)[number][] = [];
      for (const connection of seen) {
        const row = known.get(`${connection.kind} ${connection.name}`);
        const evidence = evidenceOf(connection);
        if (row === undefined || row.gone_at !== null) fresh.push(connection);
        if (row !== undefined) {
          await tx
            .updateTable('connection')
            .set({ last_seen_at: at, gone_at: null, evidence })
            .where('id', '=', row.id)
            .execute();
        } else if (room > 0) {
          room -= 1;
          await tx
            .insertInto('connection')
            .values({
              id: newId('con', clock.now()),
              shop_id: shopId,
              kind: connection.kind,
              name: connection.name,
              vendor_id: vendorFor(connection.name, vendors)?.id ?? null,
              origin: 'seen',
              state: 'new',
              first_seen_at: at,
              last_seen_at: at,
              gone_at: null,
              evidence,
            })
            .execute();
        }
      }
      const here = new Set(seen.map((connection) => `${connection.kind} ${connection.name}`));
      const reached: readonly string[] = looked;
      for (const row of rows) {
        const missing = row.origin === 'seen' && row.gone_at === null && reached.includes(row.kind);
        if (missing && !here.has(`${row.kind} ${row.name}`))
          await tx.updateTable('connection').set({ gone_at: at }).where('id', '=', row.id).execute();
      }
      return fresh;
    },
    async declare(shopId, kind, name, vendorId, by, origin = 'declared') {
      const now = clock.now();
      const id = newId('con', now);
      await state.transaction(async (tx) => {
        const there = await tx
          .selectFrom('connection')
          .select('id')
          .where('shop_id', '=', shopId)
          .limit(MAX_CONNECTIONS)
          .execute();
        if (there.length >= MAX_CONNECTIONS) throw controlError('control/too-many');
        const taken = await tx
          .selectFrom('connection')
          .select('id')
          .where('shop_id', '=', shopId)
          .where('kind', '=', kind)
          .where('name', '=', name)
          .executeTakeFirst();
        if (taken !== undefined) throw controlError('control/conflict');
        await tx
          .insertInto('connection')
          .values({
            id,
            shop_id: shopId,
            kind,
            name,
            vendor_id: vendorId,
            origin,
            state: 'new',
            first_seen_at: now,
            last_seen_at: now,
            gone_at: null,
            evidence: null,
          })
          .execute();
        const body = { connection: id, kind, vendor: vendorId, state: 'new' };
        await recordChange(tx, { kind: 'connection-changed', shop: shopId, by, body }, now);
      });
      return id;
    },
    async assign(shopId, id, vendorId, by) {
      const row = await get(shopId, id);
      await state.transaction(async (tx) => {
        await tx.updateTable('connection').set({ vendor_id: vendorId }).where('id', '=', row.id).execute();
        const body = { connection: id, kind: row.kind, vendor: vendorId, state: row.state };
        await recordChange(tx, { kind: 'connection-changed', shop: shopId, by, body }, clock.now());
      });
    },
    async set(shopId, id, to, ground, by) {
      const row = await get(shopId, id);
      await state.transaction(async (tx) => {
        await tx.updateTable('connection').set({ state: to }).where('id', '=', row.id).execute();
        const body = { connection: id, kind: row.kind, vendor: row.vendor_id, state: to, ground };
        await recordChange(tx, { kind: 'connection-changed', shop: shopId, by, body }, clock.now());
      });
    },
  };
}
