/** Who is who in the sample world. The names are reserved (RFC 6761, .test): nobody can ever own them. */
export const NAMES = {
  hosted: 'maison-aurora.test',
  selfHosted: 'bergstrom-jewelers.test',
  chat: 'chat.helpdesk-widget.test',
  reviews: 'reviews.starcount.test',
  feed: 'api.stonefeed.test',
  careless: 'cdn.oldscripts.test',
  hostedCdn: 'cdn.shopify-like.test',
  /** Under which the sample's platform calls the Loupe beside it. */
  loupe: 'loupe.test',
} as const;
