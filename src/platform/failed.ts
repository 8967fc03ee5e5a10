import { LoupeError } from '#kernel';
import { FetchFailed } from './fetch.ts';
import type { ReadFailure } from './item.ts';

/** Ends a reading: nothing more will come. */
export class ReadFailed extends Error {
  readonly why: ReadFailure;

  constructor(why: ReadFailure) {
    super(`the platform could not be read: ${why}`);
    this.why = why;
  }
}

/** One part may not be read with this token, or on this plan. */
export class AccessDenied extends Error {}

/** The word for whatever ended a reading. */
export function readFailureOf(error: unknown): ReadFailure {
  if (error instanceof ReadFailed) return error.why;
  if (error instanceof AccessDenied) return 'not-allowed';
  if (error instanceof LoupeError && error.code === 'plane/malformed') return 'bad-answer';
  // Aborted, or not reached.
  return error instanceof FetchFailed || error instanceof Error ? 'unreachable' : 'bad-answer';
}
