// Load shedding by queue time: when work waits longer than it should, and goes on doing so, the newest is refused at once, strangers first, so that what is let in
// is answered in time (after CoDel, RFC 8289: not how long the queue is, but how long nothing in it was quick).
import { SECOND_MS } from '#kernel';

/** 0: everything is served. 1: only callers who proved themselves. 2: nobody new. */
export type ShedLevel = 0 | 1 | 2;

export interface Shedder {
  level(): ShedLevel;
  close(): void;
}

const TICK_MS = 20;
const TICKS = 5;

export interface ShedBounds {
  readonly anonymousMs: number;
  readonly everybodyMs: number;
}

const SHED_BOUNDS: ShedBounds = { anonymousMs: 60, everybodyMs: 250 };

/** Watches how late this process comes to its work. `waits` are the latest delays, the newest last; for tests it can be fed. */
export function openShedder(bounds: ShedBounds = SHED_BOUNDS): Shedder & { feed(waitMs: number): void } {
  const waits: number[] = [];
  let level: ShedLevel = 0;
  let due = performance.now() + TICK_MS;

  function feed(waitMs: number): void {
    waits.push(waitMs);
    if (waits.length > TICKS) waits.shift();
    const least = waits.length < TICKS ? 0 : Math.min(...waits);
    level = least > bounds.everybodyMs ? 2 : least > bounds.anonymousMs ? 1 : 0;
  }

  const timer = setInterval(() => {
    const now = performance.now();
    // A process that was stopped for long has no queue but its own sleep.
    feed(Math.min(Math.max(0, now - due), 10 * SECOND_MS));
    due = now + TICK_MS;
  }, TICK_MS);
  timer.unref();
  return { level: () => level, feed, close: () => clearInterval(timer) };
}
