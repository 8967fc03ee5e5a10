import { errorsOf } from '#kernel';

export const LEDGER_ERRORS = {
  'ledger/no-such-log': {
    says: 'There is no such log in this ledger.',
    hint: 'List the logs with "loupe ledger verify --json".',
  },
  'ledger/no-such-leaf': {
    says: 'The log has no leaf of that number.',
    hint: 'Leaves are numbered from 0 to the size of the latest checkpoint, less one.',
  },
  'ledger/leaf-too-large': {
    says: 'A leaf is longer than 65,535 bytes.',
    hint: 'Leaves hold hashes of evidence, not the evidence. This is a fault of the program: please report it.',
  },
  'ledger/damaged': {
    says: 'The ledger does not hold together.',
    hint: 'Stop Loupe, keep the file as evidence, run "loupe ledger verify", and restore a backup. See docs/guide/ledger.md.',
  },
} as const;

export const ledgerError: ReturnType<typeof errorsOf<typeof LEDGER_ERRORS>> = errorsOf(LEDGER_ERRORS);
