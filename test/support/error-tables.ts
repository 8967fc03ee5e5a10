import { CONFIG_ERRORS } from '#config';
import { CONTROL_ERRORS } from '#control';
import { CRYPTO_ERRORS } from '#crypto';
import { EDGE_ERRORS } from '#edge';
import { FEED_ERRORS } from '#feeds';
import type { ErrorMeaning } from '#kernel';
import { LEDGER_ERRORS } from '#ledger';
import { LOOK_ERRORS } from '#look';
import { OUTBOUND_ERRORS } from '#outbound';
import { PLANE_ERRORS } from '#plane';
import { PLATFORM_ERRORS } from '#platform';
import { STORAGE_ERRORS } from '#storage';
import { START_ERRORS } from '../../src/bin/errors.ts';

/** Every error code there is, with its meaning. */
const ERROR_TABLES: Readonly<Record<string, ErrorMeaning>> = {
  ...START_ERRORS,
  ...CONFIG_ERRORS,
  ...CONTROL_ERRORS,
  ...CRYPTO_ERRORS,
  ...EDGE_ERRORS,
  ...FEED_ERRORS,
  ...LEDGER_ERRORS,
  ...LOOK_ERRORS,
  ...OUTBOUND_ERRORS,
  ...PLANE_ERRORS,
  ...PLATFORM_ERRORS,
  ...STORAGE_ERRORS,
};

/** docs/guide/errors.md, from the tables. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_TABLES)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { says, hint }]) => `| \`${code}\` | ${says} | ${hint} |`);
  return [
    '# Errors',
    '',
    'Every error that Loupe can show carries one of these codes. The codes are stable; the words may get better.',
    '',
    '| code | it means | what to do |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
