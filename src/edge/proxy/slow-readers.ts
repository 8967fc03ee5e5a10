// Clients that take an answer slower than anybody reads. What an upstream has sent waits in memory, so that its connection is free again; whoever then takes less
// than a trickle is cut off, and when too much waits altogether, less is taken in advance.
import { SECOND_MS } from '#kernel';

const MIB = 1024 * 1024;

/** An answer on its way out. */
export interface Outgoing {
  /** Bytes that were handed over and wait in memory. */
  waiting(): number;
  /** Bytes that were handed over in all. */
  handed(): number;
  cut(): void;
  /** Whose answer it is: an address, as it is counted. */
  readonly unit: string;
}

export interface SlowReaders {
  /** How much of one answer may wait. */
  room(): number;
  /** Watches an answer until the returned function is called. */
  watch(outgoing: Outgoing): () => void;
  close(): void;
}

/** A reader that takes less than this in `PATIENCE_MS` is no reader. */
const TRICKLE_BYTES = 8 * 1024;
const PATIENCE_MS = 10 * SECOND_MS;
const ROOM_BYTES = 4 * MIB;
const TIGHT_BYTES = MIB / 16;
const MAX_WAITING_BYTES = 256 * MIB;
/** So much may wait for one address; what is beyond is cut off. */
const MAX_WAITING_UNIT = 48 * MIB;

export function openSlowReaders(): SlowReaders {
  const watched = new Map<Outgoing, { taken: number; since: number }>();
  let tight = false;

  const timer = setInterval(() => {
    const now = performance.now();
    let waiting = 0;
    const byUnit = new Map<string, number>();
    for (const [outgoing, seen] of watched) {
      const left = outgoing.waiting();
      waiting += left;
      const own = (byUnit.get(outgoing.unit) ?? 0) + left;
      byUnit.set(outgoing.unit, own);
      if (own > MAX_WAITING_UNIT) {
        outgoing.cut();
        continue;
      }
      const taken = outgoing.handed() - left;
      if (left === 0 || taken - seen.taken >= TRICKLE_BYTES) {
        seen.taken = taken;
        seen.since = now;
      } else if (now - seen.since > PATIENCE_MS) outgoing.cut();
    }
    tight = waiting > MAX_WAITING_BYTES;
  }, SECOND_MS);
  timer.unref();

  return {
    room: () => (tight ? TIGHT_BYTES : ROOM_BYTES),
    watch(outgoing) {
      watched.set(outgoing, { taken: 0, since: performance.now() });
      return () => void watched.delete(outgoing);
    },
    close: () => clearInterval(timer),
  };
}
