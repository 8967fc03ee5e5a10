import type { JsonObject } from '#plane';

/** How a host is reached where the public internet is not enough: allowed networks, authorities, a name server. */
export interface Reach {
  readonly allowNetworks: readonly string[];
  readonly extraCa: readonly string[];
  readonly resolver: string | null;
  readonly connectTo: Readonly<Record<string, string>>;
}

export const PUBLIC_REACH: Reach = { allowNetworks: [], extraCa: [], resolver: null, connectTo: {} };

export function reachJson(reach: Reach): JsonObject {
  return { ...reach, connectTo: { ...reach.connectTo } };
}

/** The reach of a host, or of the first of several that the operator named one for. */
export type ReachOf = (hosts: readonly string[]) => Reach;
