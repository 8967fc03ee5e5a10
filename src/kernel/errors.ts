/** Values that may stand in an error's details: never a secret, never personal data. */
export type ErrorDetail = string | number | boolean | null;

/** What one error code means: a sentence for whoever meets it, and what the operator can do about it. */
export interface ErrorMeaning {
  readonly says: string;
  readonly hint: string;
}

export interface ErrorOptionsWithDetails {
  readonly details?: Readonly<Record<string, ErrorDetail>>;
  readonly cause?: unknown;
}

/**
 * A broken promise, with a stable code. Expected outcomes are returned, not thrown.
 *
 * `code` is `room/what`, drawn from the closed table of one room. `details` hold only what may be
 * logged. Nothing may branch on `message`.
 */
export class LoupeError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string;
  readonly details: Readonly<Record<string, ErrorDetail>>;

  constructor(code: Code, meaning: ErrorMeaning, options: ErrorOptionsWithDetails = {}) {
    const details = options.details ?? {};
    const shown = Object.entries(details).map(([name, value]) => `${name}=${String(value)}`);
    super(
      shown.length === 0 ? meaning.says : `${meaning.says} (${shown.join(', ')})`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'LoupeError';
    this.code = code;
    this.hint = meaning.hint;
    this.details = details;
  }
}

/** A room's table of errors; its keys are the room's closed union of codes. */
export type ErrorTable = Readonly<Record<string, ErrorMeaning>>;

/**
 * Makes the thrower of one room from its table, so that a code cannot exist without its meaning.
 *
 * `const fail = errorsOf(TABLE); throw fail('room/what', { details })`.
 */
export function errorsOf<Table extends ErrorTable>(
  table: Table,
): (code: keyof Table & string, options?: ErrorOptionsWithDetails) => LoupeError<keyof Table & string> {
  return (code, options) => {
    const meaning = table[code];
    if (meaning === undefined) throw new TypeError(`no meaning for error code ${code}`);
    return new LoupeError(code, meaning, options);
  };
}

/** Whether `error` is a LoupeError with this code. */
export function hasCode(error: unknown, code: string): error is LoupeError {
  return error instanceof LoupeError && error.code === code;
}

/** The system's own short code of an error (`ENOENT`, `ERR_SQLITE_ERROR`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
