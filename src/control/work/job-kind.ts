import type { Json } from '#kernel';
import type { JsonObject } from '#plane';
import type { Claim, Job } from '#storage';

/** How often a worker says that it lives, whatever it does; and hears that nobody wants its work any more. */
export const ALIVE_MS = 5_000;

/**
 * A kind of job that the worker does: what it is handed, and what becomes of its result. A worker has read what strangers sent, so `record` believes
 * nothing that it says beyond the job's own matter.
 */
export interface JobKind {
  readonly kind: string;
  /** How long a worker may go without a word. */
  readonly leaseMs: number;
  /** What the worker is told; null where the matter is gone, and the job with it. */
  task(job: Job): Promise<JsonObject | null>;
  /** Takes a result. False where the claim is void. Throws `plane/malformed` for a result of another shape. */
  record(claim: Claim, job: Job, result: Json): Promise<boolean>;
}
