import { errorsOf } from '#kernel';

export const OUTBOUND_ERRORS = {
  'outbound/not-a-url': {
    says: 'That is not an address of a website.',
    hint: 'Write it as in the browser: https://shop.example or shop.example.',
  },
  'outbound/bad-network': {
    says: 'An allowed network cannot be read.',
    hint: 'Write an address or a block such as 192.168.1.0/24.',
  },
} as const;

export const outboundError: ReturnType<typeof errorsOf<typeof OUTBOUND_ERRORS>> = errorsOf(OUTBOUND_ERRORS);
