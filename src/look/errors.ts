import { errorsOf } from '#kernel';

export const LOOK_ERRORS = {
  'look/not-an-address': {
    says: 'That is not the address of a shop.',
    hint: 'Write it as in the browser: https://shop.example or shop.example.',
  },
} as const;

export const lookError: ReturnType<typeof errorsOf<typeof LOOK_ERRORS>> = errorsOf(LOOK_ERRORS);
