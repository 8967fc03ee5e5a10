// Lists kept by hand, where the platform's interface is closed: which apps are installed, who has a staff account.
import type { Selectable } from 'kysely';
import { type Clock, type Json, newId } from '#kernel';
import { MAX_FILE_BYTES } from '#intake';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import { type UploadRow, type Uploads } from '../uploads/uploads.ts';
import type { Connections } from '../vendors/connections.ts';
import { INVENTORY_MS } from './checks.ts';

export type InventoryRow = Selectable<StateTables['inventory']>;
export type InventoryWhat = InventoryRow['what'];

export interface Entry {
  readonly name: string;
  /** What it may do: scopes of an app, a role of a person. */
  readonly may: string;
}

export interface Inventory {
  readonly row: InventoryRow;
  readonly entries: readonly Entry[];
  readonly shots: readonly Pick<UploadRow, 'id' | 'name' | 'state' | 'why'>[];
}

export interface Inventories {
  /** The newest of each kind. */
  newest(shopId: string): Promise<readonly InventoryRow[]>;
  /** One with its entries opened. */
  open(shopId: string, id: string): Promise<Inventory>;
  /** Takes stock anew: the whole list, and the screenshots that show it. */
  take(
    shopId: string,
    what: InventoryWhat,
    entries: readonly Entry[],
    shots: readonly { readonly name: string; readonly bytes: Uint8Array }[],
    by: string,
  ): Promise<string>;
}

const MAX_ENTRIES = 100;
const MAX_SHOTS = 6;

export interface InventoriesOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly uploads: Uploads;
  readonly clock: Clock;
  readonly connections: Connections;
  onTaken(shopId: string): Promise<void>;
}

const sealedFor = (shopId: string, id: string) => ['inventory', shopId, id];

export function openInventories(options: InventoriesOptions): Inventories {
  const { state, keeper, uploads, connections, clock } = options;
  const db = state.kysely;

  async function entriesOf(row: InventoryRow): Promise<readonly Entry[]> {
    const text =
      row.sealed === 1 ? await keeper.openSecret(row.entries, sealedFor(row.shop_id, row.id)) : row.entries;
    const entries: readonly Entry[] = JSON.parse(text);
    return entries;
  }

  return {
    async newest(shopId) {
      const rows = await db
        .selectFrom('inventory')
        .selectAll()
        .where('shop_id', '=', shopId)
        .orderBy('id', 'desc')
        .limit(50)
        .execute();
      return (['apps', 'staff'] as const).flatMap((what) => rows.find((row) => row.what === what) ?? []);
    },
    async open(shopId, id) {
      const row = await db
        .selectFrom('inventory')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) throw controlError('control/not-found');
      const shots = await db
        .selectFrom('inventory_shot')
        .innerJoin('upload', 'upload.id', 'inventory_shot.upload_id')
        .select(['upload.id', 'upload.name', 'upload.state', 'upload.why'])
        .where('inventory_shot.inventory_id', '=', id)
        .execute();
      return { row, entries: await entriesOf(row), shots };
    },
    async take(shopId, what, entries, shots, by) {
      if (entries.length > MAX_ENTRIES || shots.length > MAX_SHOTS) throw controlError('control/too-many');
      // Before anything is written down: a list without its picture would look like one that never had any.
      if (shots.some((shot) => shot.bytes.byteLength > MAX_FILE_BYTES))
        throw controlError('control/too-large');
      const now = clock.now();
      const id = newId('inv', now);
      const list: Json = entries.map(({ name, may }) => ({ name, may }));
      const text = JSON.stringify(list);
      // Names of people lie sealed; names of apps are names of firms.
      const sealed = what === 'staff';
      const kept = sealed ? await keeper.sealSecret(text, sealedFor(shopId, id)) : text;
      await state.transaction(async (tx) => {
        await tx
          .insertInto('inventory')
          .values({
            id,
            shop_id: shopId,
            what,
            entries: kept,
            sealed: sealed ? 1 : 0,
            count: entries.length,
            taken_by: by,
            taken_at: now,
            valid_until: now + INVENTORY_MS,
          })
          .execute();
        const body = { inventory: id, what, count: entries.length, until: now + INVENTORY_MS };
        await recordChange(tx, { kind: 'inventory-taken', shop: shopId, by, body }, now);
      });
      for (const shot of shots)
        await uploads.add(
          { shopId, askId: null, item: null, ...shot, paperKind: null },
          async (tx, upload) => {
            await tx
              .insertInto('inventory_shot')
              .values({ inventory_id: id, upload_id: upload.id })
              .execute();
          },
        );
      // What a person lists as installed is plugged in, said by that person: the gate asks for its ground as for anything else.
      if (what === 'apps') {
        const there = new Set(
          (await connections.list(shopId)).filter(({ kind }) => kind === 'app').map(({ name }) => name),
        );
        for (const name of new Set(entries.map((entry) => entry.name)))
          if (!there.has(name)) await connections.declare(shopId, 'app', name, null, by, 'said');
      }
      await options.onTaken(shopId);
      return id;
    },
  };
}
