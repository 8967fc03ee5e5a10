/**
 * Whether an optional suite runs. A missing part is said on stderr and skipped; where LOUPE_TEST_NO_SKIP is set
 * (continuous integration), it is a failure.
 */
export function optional(part: string, present: boolean): boolean {
  if (present) return true;
  if (process.env['LOUPE_TEST_NO_SKIP'] !== undefined)
    throw new Error(`${part} is missing and nothing may be skipped`);
  process.stderr.write(`skipped: the tests that need ${part}\n`);
  return false;
}
