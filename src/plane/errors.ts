import { errorsOf } from '#kernel';

export const PLANE_ERRORS = {
  'plane/unreachable': {
    says: 'Another part of Loupe does not answer.',
    hint: 'It is probably restarting; "loupe doctor" tells which part and why.',
  },
  'plane/timeout': {
    says: 'Another part of Loupe took too long to answer.',
    hint: 'Try again; if it stays, look at the load of the machine and at "loupe doctor".',
  },
  'plane/malformed': {
    says: 'A message between two parts of Loupe is malformed.',
    hint: 'Parts of different releases are running together: restart Loupe.',
  },
  'plane/failed': {
    says: 'Another part of Loupe failed while it did what was asked.',
    hint: 'Its own log says more.',
  },
} as const;

export const planeError: ReturnType<typeof errorsOf<typeof PLANE_ERRORS>> = errorsOf(PLANE_ERRORS);
