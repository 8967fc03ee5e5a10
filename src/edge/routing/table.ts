// Host and path → what stands there.

export interface Place {
  readonly hosts: readonly string[];
  /** A path, or a prefix where it ends with a slash. */
  readonly path: string;
}

interface HostTable<T> {
  readonly exact: Map<string, T>;
  /** Prefixes, the longest first. */
  readonly prefixes: { readonly path: string; readonly value: T }[];
}

export interface RouteTable<T> {
  /** What was added first keeps its place. */
  add(place: Place, value: T): void;
  find(host: string, path: string): T | 'unknown-host' | 'no-route';
  hosts(): Iterable<string>;
}

export function routeTable<T>(): RouteTable<T> {
  const tables = new Map<string, HostTable<T>>();
  return {
    add({ hosts, path }, value) {
      // Many servers take `/Admin` for `/admin`, and `/login/` for `/login`: spelling must not lead round a stricter route.
      const plain = path.toLowerCase();
      for (const host of hosts) {
        const table = tables.get(host) ?? { exact: new Map<string, T>(), prefixes: [] };
        tables.set(host, table);
        if (!plain.endsWith('/')) {
          if (!table.exact.has(plain)) table.exact.set(plain, value);
          continue;
        }
        if (table.prefixes.some((one) => one.path === plain)) continue;
        const shorter = table.prefixes.findIndex((one) => one.path.length < plain.length);
        table.prefixes.splice(shorter === -1 ? table.prefixes.length : shorter, 0, { path: plain, value });
      }
    },
    find(host, path) {
      const table = tables.get(host);
      if (table === undefined) return 'unknown-host';
      const plain = path.toLowerCase();
      if (table.exact.size > 0) {
        const exact = table.exact.get(plain) ?? table.exact.get(plain.replace(/\/$/u, ''));
        if (exact !== undefined) return exact;
      }
      for (const one of table.prefixes) if (plain.startsWith(one.path)) return one.value;
      return 'no-route';
    },
    hosts: () => tables.keys(),
  };
}
