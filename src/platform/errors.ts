import { errorsOf } from '#kernel';

export const PLATFORM_ERRORS = {
  'platform/not-a-domain': {
    says: 'That is not the address of a shop on this platform.',
    hint: 'Shopify: the name ending in .myshopify.com, as it stands in the admin under Settings, Domains. Others: the shop’s https address.',
  },
} as const;

export const platformError: ReturnType<typeof errorsOf<typeof PLATFORM_ERRORS>> = errorsOf(PLATFORM_ERRORS);
