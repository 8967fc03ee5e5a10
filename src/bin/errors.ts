import { errorsOf } from '#kernel';

export const START_ERRORS = {
  'start/path-too-long': {
    says: 'The path of the data folder is too long for a socket.',
    hint: 'Name a shorter one in the config (dataDir), such as /var/lib/loupe.',
  },
  'start/config-there': { says: 'The file is there already.', hint: 'Nothing was changed.' },
  'start/unreadable': { says: 'The file cannot be read.', hint: 'Check its path and its permissions.' },
  'start/no-ledger': {
    says: 'There is no ledger here.',
    hint: 'Name the config of the installation with --config.',
  },
  'start/key-gone': {
    says: 'The root key file is missing, and there is data sealed under it.',
    hint: 'Put the key file back from where you keep it. Loupe does not make a new one over existing data.',
  },
} as const;

export const startError: ReturnType<typeof errorsOf<typeof START_ERRORS>> = errorsOf(START_ERRORS);
