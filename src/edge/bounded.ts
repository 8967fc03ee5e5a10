/** Puts a key last in a table, so that the first is the one longest untouched; where the table is full, that one goes. */
export function touch<V>(table: Map<string, V>, key: string, value: V, most: number): void {
  table.delete(key);
  if (table.size >= most) {
    const first = table.keys().next();
    if (!(first.done ?? false)) table.delete(first.value);
  }
  table.set(key, value);
}
