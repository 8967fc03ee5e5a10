import { errorsOf } from '#kernel';

export const CONFIG_ERRORS = {
  'config/unreadable': {
    says: 'The config file cannot be read.',
    hint: 'Check its path and its permissions; "loupe init" writes a new one.',
  },
  'config/wrong': {
    says: 'The config file is wrong.',
    hint: 'Mend the lines named above; "loupe config check" reads it again without starting anything.',
  },
  'config/secret-missing': {
    says: 'A secret that the config refers to is not there.',
    hint: 'Set the environment variable, or write the file (readable by its owner alone), that the reference names.',
  },
} as const;

export const configError: ReturnType<typeof errorsOf<typeof CONFIG_ERRORS>> = errorsOf(CONFIG_ERRORS);
