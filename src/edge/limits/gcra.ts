// The generic cell rate algorithm (ITU-T I.371, appendix I; as a virtual schedule). One number a key, exact to the request, and no window whose edge can
// be straddled: over any stretch of time t no more than `burst + t / interval` requests pass.

export interface Rate {
  /** Milliseconds a request takes of the rate. */
  readonly intervalMs: number;
  /** How far ahead of its time a request may come. */
  readonly toleranceMs: number;
  readonly burst: number;
}

export function rateOf(amount: number, windowMs: number, burst: number): Rate {
  if (!(amount >= 1 && windowMs > 0 && burst >= 1))
    throw new RangeError('a rate needs amount, window and burst');
  const intervalMs = windowMs / amount;
  return { intervalMs, toleranceMs: intervalMs * (burst - 1), burst };
}

export type Taken =
  | { readonly ok: true; readonly arrivalMs: number; readonly remaining: number; readonly resetMs: number }
  | { readonly ok: false; readonly retryAfterMs: number };

/** Takes one request at `nowMs`; `arrivalMs` is what the last one left (its theoretical arrival time), undefined for the first. */
export function take(rate: Rate, arrivalMs: number | undefined, nowMs: number): Taken {
  const due = Math.max(arrivalMs ?? nowMs, nowMs);
  const early = due - nowMs;
  if (early > rate.toleranceMs) return { ok: false, retryAfterMs: early - rate.toleranceMs };
  const next = due + rate.intervalMs;
  return {
    ok: true,
    arrivalMs: next,
    remaining: Math.floor((rate.toleranceMs - early) / rate.intervalMs),
    resetMs: next - nowMs,
  };
}
