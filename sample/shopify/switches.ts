/** What can go wrong between Shopify and Loupe, one switch each. All are off as it comes. */
const SHOPIFY_SWITCHES = {
  forged: 'Webhooks are signed with another secret.',
  replayed: 'Each webhook is sent twice.',
  late: 'Webhooks come nine hours after what they are about.',
  lost: 'Webhooks are never sent.',
  revoked: 'Tokens and credentials are refused.',
  throttled: 'There are few points, and they come back slowly.',
  'retired-version': 'The version asked for is not served any more: the oldest one answers.',
  leaky: 'Errors repeat the token that was sent.',
} as const;

export type ShopifySwitch = keyof typeof SHOPIFY_SWITCHES;
