// From two readings to what changed. Pure: the same two readings always give the same changes.
import type { Item, ItemFacts, ItemKind } from './item.ts';

export type ChangeAction = 'added' | 'changed' | 'removed';

/** One item that is not as it was. */
export interface ItemChange {
  readonly kind: ItemKind;
  readonly action: ChangeAction;
  readonly key: string;
  readonly name: string;
  /** The facts that differ, as they were and as they are; empty where there was, or is, no item. */
  readonly before: ItemFacts;
  readonly after: ItemFacts;
  readonly textBefore: string | null;
  readonly textAfter: string | null;
}

/** What differs between what was known of the covered kinds and what was read, in the order of the reading, gone ones last. */
export function compareItems(
  known: readonly Item[],
  read: readonly Item[],
  covered: readonly ItemKind[],
): readonly ItemChange[] {
  const before = new Map(known.map((item) => [idOf(item), item]));
  const changes: ItemChange[] = [];
  for (const item of read) {
    const was = before.get(idOf(item));
    before.delete(idOf(item));
    if (was === undefined) {
      changes.push({
        ...headOf(item),
        action: 'added',
        before: {},
        after: item.facts,
        textBefore: null,
        textAfter: item.text,
      });
      continue;
    }
    const differing = [...new Set([...Object.keys(was.facts), ...Object.keys(item.facts)])].filter(
      (name) => was.facts[name] !== item.facts[name],
    );
    const renamed = was.name !== item.name;
    if (differing.length === 0 && was.text === item.text && !renamed) continue;
    changes.push({
      ...headOf(item),
      action: 'changed',
      before: { ...only(was.facts, differing), ...(renamed ? { name: was.name } : {}) },
      after: { ...only(item.facts, differing), ...(renamed ? { name: item.name } : {}) },
      textBefore: was.text,
      textAfter: item.text,
    });
  }
  for (const was of before.values()) {
    if (!covered.includes(was.kind)) continue;
    changes.push({
      ...headOf(was),
      action: 'removed',
      before: was.facts,
      after: {},
      textBefore: was.text,
      textAfter: null,
    });
  }
  return changes;
}

function idOf(item: Item): string {
  return `${item.kind} ${item.key}`;
}

function headOf({ kind, key, name }: Item): Pick<Item, 'kind' | 'key' | 'name'> {
  return { kind, key, name };
}

function only(facts: ItemFacts, names: readonly string[]): ItemFacts {
  return Object.fromEntries(
    names.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])),
  );
}
