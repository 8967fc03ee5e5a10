import { errorsOf } from '#kernel';

export const FEED_ERRORS = {
  'feeds/not-fetched': {
    says: 'A feed could not be fetched.',
    hint: 'Yesterday’s stones stay in the window. Look at why: credentials, the provider’s address, its certificate, its speed.',
  },
  'feeds/unreadable': {
    says: 'A file of a feed cannot be read as what it should be.',
    hint: 'Nothing of it was published or kept, and yesterday’s stones stay. Ask the provider what it sent.',
  },
  'feeds/missing-columns': {
    says: 'A file of a feed lacks columns that are needed.',
    hint: 'Nothing of it was published or kept, and yesterday’s stones stay. Ask the provider what changed.',
  },
} as const;

export const feedError = errorsOf(FEED_ERRORS);
