// What is known of a shop's platform: the items of the last reading of each kind.
import type { Kysely, Transaction } from 'kysely';
import { canonicalJson } from '#kernel';
import type { Item, ItemKind } from '#platform';
import type { StateTables } from '../state.ts';

/** Rows written by one statement: below SQLite's limit of bound values. */
const AT_ONCE = 200;

export async function knownItems(
  db: Kysely<StateTables>,
  shopId: string,
  kinds: readonly ItemKind[],
): Promise<readonly Item[]> {
  if (kinds.length === 0) return [];
  const rows = await db
    .selectFrom('item')
    .selectAll()
    .where('shop_id', '=', shopId)
    .where('kind', 'in', [...kinds])
    .execute();
  return rows.map(({ kind, key, name, facts, text, mark }) => ({
    kind,
    key,
    name,
    facts: JSON.parse(facts),
    text,
    mark,
  }));
}

/** Brings what is known to what was read: what differs is written, what a whole reading of its kind did not bring is forgotten. */
export async function replaceItems(
  tx: Transaction<StateTables>,
  shopId: string,
  known: readonly Item[],
  read: readonly Item[],
  covered: readonly ItemKind[],
): Promise<void> {
  const before = new Map(known.map((item) => [`${item.kind} ${item.key}`, signOf(item)]));
  const fresh = new Map<string, Item>();
  for (const item of read) {
    const id = `${item.kind} ${item.key}`;
    if (before.get(id) !== signOf(item)) fresh.set(id, item);
    before.delete(id);
  }
  const rows = [...fresh.values()].map(({ kind, key, name, facts, text, mark }) => ({
    shop_id: shopId,
    kind,
    key,
    name,
    facts: canonicalJson({ ...facts }),
    text,
    mark,
  }));
  for (let at = 0; at < rows.length; at += AT_ONCE)
    await tx
      .insertInto('item')
      .values(rows.slice(at, at + AT_ONCE))
      .onConflict((conflict) =>
        conflict.columns(['shop_id', 'kind', 'key']).doUpdateSet((eb) => ({
          name: eb.ref('excluded.name'),
          facts: eb.ref('excluded.facts'),
          text: eb.ref('excluded.text'),
          mark: eb.ref('excluded.mark'),
        })),
      )
      .execute();
  const gone = known.filter((item) => covered.includes(item.kind) && before.has(`${item.kind} ${item.key}`));
  for (const [kind, same] of Map.groupBy(gone, (item) => item.kind))
    for (let at = 0; at < same.length; at += AT_ONCE)
      await tx
        .deleteFrom('item')
        .where('shop_id', '=', shopId)
        .where('kind', '=', kind)
        .where(
          'key',
          'in',
          same.slice(at, at + AT_ONCE).map((item) => item.key),
        )
        .execute();
}

function signOf({ name, facts, text, mark }: Item): string {
  return canonicalJson({ name, facts: { ...facts }, text, mark });
}
