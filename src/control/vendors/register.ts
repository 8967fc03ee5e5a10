import { type VendorGiven, vendorGiven } from '@loupe/contract';
import type { Selectable, Transaction } from 'kysely';
import { type Clock, newId } from '#kernel';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';

type Row = Selectable<StateTables['vendor']>;

/** A third party with its hosts. */
export interface VendorRow extends Row {
  readonly hosts: readonly string[];
  readonly apiHosts: readonly string[];
}

const MAX_VENDORS = 500;

/** The register of third parties of each shop. */
export interface Register {
  /** Everybody in it, the retired too, by name. */
  list(shopId: string): Promise<readonly VendorRow[]>;
  /** Throws `control/not-found`. */
  get(shopId: string, id: string): Promise<VendorRow>;
  /** Throws `control/conflict` where the name is taken, `control/too-many` where the register is full. */
  add(shopId: string, given: VendorGiven, by: string): Promise<VendorRow>;
  change(shopId: string, id: string, given: VendorGiven, by: string): Promise<VendorRow>;
  /** Ends a vendor's part in the shop; what was decided and said stays. */
  retire(shopId: string, id: string, by: string): Promise<void>;
  noteLook(tx: Transaction<StateTables>, id: string, at: number): Promise<void>;
}

function valuesOf(given: VendorGiven) {
  return {
    name: given.name,
    kind: given.kind,
    does: given.does,
    touches: JSON.stringify(given.touches),
    scopes: given.scopes,
    pages: given.pages,
    money: given.money ? 1 : 0,
    criticality: given.criticality,
    responsible: given.responsible,
    contact: given.contact,
    contract: given.contract,
    contract_until: given.contractUntil,
  };
}

/** What a person said of a vendor, as it stands. */
export function givenOf(row: VendorRow): VendorGiven {
  return vendorGiven.parse({
    name: row.name,
    kind: row.kind,
    does: row.does,
    hosts: row.hosts,
    apiHosts: row.apiHosts,
    touches: JSON.parse(row.touches),
    scopes: row.scopes,
    pages: row.pages,
    money: row.money === 1,
    criticality: row.criticality,
    responsible: row.responsible,
    contact: row.contact,
    contract: row.contract,
    contractUntil: row.contract_until,
  });
}

async function setHosts(
  tx: Transaction<StateTables>,
  shopId: string,
  id: string,
  given: VendorGiven,
): Promise<void> {
  await tx.deleteFrom('vendor_host').where('shop_id', '=', shopId).where('vendor_id', '=', id).execute();
  const rows = [
    ...given.hosts.map((host) => ({ host: host.toLowerCase(), api: 0 })),
    ...given.apiHosts.map((host) => ({ host: host.toLowerCase(), api: 1 })),
  ];
  const unique = new Map(rows.map((row) => [`${row.api} ${row.host}`, row]));
  for (const row of unique.values())
    await tx
      .insertInto('vendor_host')
      .values({ shop_id: shopId, vendor_id: id, ...row })
      .execute();
}

async function assertFree(
  tx: Transaction<StateTables>,
  shopId: string,
  name: string,
  own: string | null,
): Promise<void> {
  const rows = await tx
    .selectFrom('vendor')
    .select(['id', 'name'])
    .where('shop_id', '=', shopId)
    .where('retired_at', 'is', null)
    .execute();
  if (own === null && rows.length >= MAX_VENDORS) throw controlError('control/too-many');
  const taken = rows.some((row) => row.id !== own && row.name.toLowerCase() === name.toLowerCase());
  if (taken) throw controlError('control/conflict');
}

export function openRegister(state: State, clock: Clock): Register {
  const db = state.kysely;

  async function withHosts(rows: readonly Row[], shopId: string): Promise<VendorRow[]> {
    const hosts = await db
      .selectFrom('vendor_host')
      .selectAll()
      .where('shop_id', '=', shopId)
      .orderBy('host')
      .execute();
    const of = (id: string, api: number): string[] =>
      hosts.filter((host) => host.vendor_id === id && host.api === api).map((host) => host.host);
    return rows.map((row) => ({ ...row, hosts: of(row.id, 0), apiHosts: of(row.id, 1) }));
  }

  async function get(shopId: string, id: string): Promise<VendorRow> {
    const rows = await db
      .selectFrom('vendor')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .execute();
    const [row] = await withHosts(rows, shopId);
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  return {
    get,
    async list(shopId) {
      const rows = await db
        .selectFrom('vendor')
        .selectAll()
        .where('shop_id', '=', shopId)
        .orderBy('name')
        .execute();
      return await withHosts(rows, shopId);
    },
    async add(shopId, given, by) {
      const now = clock.now();
      const id = newId('ven', now);
      await state.transaction(async (tx) => {
        await assertFree(tx, shopId, given.name, null);
        await tx
          .insertInto('vendor')
          .values({
            id,
            shop_id: shopId,
            ...valuesOf(given),
            looked_at: null,
            made_at: now,
            retired_at: null,
          })
          .execute();
        await setHosts(tx, shopId, id, given);
        const body = { vendor: id, kind: given.kind, touches: given.touches, criticality: given.criticality };
        await recordChange(tx, { kind: 'vendor-added', shop: shopId, by, body }, now);
      });
      return await get(shopId, id);
    },
    async change(shopId, id, given, by) {
      await get(shopId, id);
      await state.transaction(async (tx) => {
        await assertFree(tx, shopId, given.name, id);
        await tx
          .updateTable('vendor')
          .set(valuesOf(given))
          .where('shop_id', '=', shopId)
          .where('id', '=', id)
          .execute();
        await setHosts(tx, shopId, id, given);
        const body = { vendor: id, kind: given.kind, touches: given.touches, criticality: given.criticality };
        await recordChange(tx, { kind: 'vendor-changed', shop: shopId, by, body }, clock.now());
      });
      return await get(shopId, id);
    },
    async retire(shopId, id, by) {
      const row = await get(shopId, id);
      if (row.retired_at !== null) return;
      const now = clock.now();
      await state.transaction(async (tx) => {
        await tx
          .updateTable('vendor')
          .set({ retired_at: now })
          .where('shop_id', '=', shopId)
          .where('id', '=', id)
          .execute();
        await tx.deleteFrom('schedule').where('id', '=', `vendor-look/${id}`).execute();
        await recordChange(tx, { kind: 'vendor-retired', shop: shopId, by, body: { vendor: id } }, now);
      });
    },
    async noteLook(tx, id, at) {
      await tx.updateTable('vendor').set({ looked_at: at }).where('id', '=', id).execute();
    },
  };
}
