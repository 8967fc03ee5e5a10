// Connections of an upstream that wait for a client to take an answer which is too large to wait in memory. Readers may hold some of them for long, but never so many
// that others wait for a connection because of them.

export interface HeldConnections {
  /** A connection waits for a reader from now on, until the returned function is called. */
  hold(held: Held): () => void;
  /** Somebody waits for a connection: cuts a reader off where readers hold more than half of them. */
  wanted(): void;
}

export interface Held {
  /** Whose answer it is: an address, as it is counted. */
  readonly unit: string;
  cut(): void;
}

export function heldConnections(connections: number): HeldConnections {
  /** Longest held first. */
  const held = new Set<Held>();
  const most = Math.floor(connections / 2);

  /** The longest held of the address that holds most. */
  function first(): Held | null {
    const counts = new Map<string, number>();
    for (const { unit } of held) counts.set(unit, (counts.get(unit) ?? 0) + 1);
    let chosen: Held | null = null;
    for (const one of held)
      if (chosen === null || (counts.get(one.unit) ?? 0) > (counts.get(chosen.unit) ?? 0)) chosen = one;
    return chosen;
  }

  return {
    hold(one) {
      held.add(one);
      return () => void held.delete(one);
    },
    wanted() {
      if (held.size <= most) return;
      const one = first();
      if (one === null) return;
      held.delete(one);
      one.cut();
    },
  };
}
