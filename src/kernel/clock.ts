/** Milliseconds since 1970-01-01T00:00:00Z, an integer. */
export type Millis = number;

/** Where time comes from. Everything that judges freshness or expiry takes one, so tests can step it. */
export interface Clock {
  /** The time of day. Never goes back while the process lives. */
  now(): Millis;
  /** How far the system's clock has been seen to jump, or 0. Positive: forward; negative: back. */
  steppedMs(): number;
}

export interface ClockSource {
  wallMs(): number;
  monotonicMs(): number;
}

const SYSTEM: ClockSource = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A wall clock that differs from the monotonic one by more than this has been stepped, not slewed. */
const STEP_MS = 5_000;

/**
 * A clock that notices steps.
 *
 * A system clock set back would make a stale observation fresh again, and an expired exception valid.
 * So `now()` follows the system's clock forward, but when that is set back it goes on from where it
 * was at the monotonic rate until the system has caught up.
 */
export function steadyClock(source: ClockSource = SYSTEM): Clock {
  let lastWall = source.wallMs();
  let lastMono = source.monotonicMs();
  let lastNow = lastWall;
  let stepped = 0;
  return {
    now() {
      const wall = source.wallMs();
      const mono = source.monotonicMs();
      const elapsed = mono - lastMono;
      const drift = wall - lastWall - elapsed;
      if (Math.abs(drift) > STEP_MS) stepped += Math.round(drift);
      lastNow = Math.max(wall, lastNow + elapsed);
      if (wall >= lastNow) lastNow = wall;
      lastWall = wall;
      lastMono = mono;
      return Math.floor(lastNow);
    },
    steppedMs: () => stepped,
  };
}

/** A clock that stands still until it is moved: for tests and for replays. */
export function fixedClock(startMs: Millis): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    steppedMs: () => 0,
    advance(ms) {
      nowMs += ms;
    },
  };
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
