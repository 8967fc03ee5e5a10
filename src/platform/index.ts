export { type ChangeAction, compareItems, type ItemChange } from './change.ts';
export { PLATFORM_ERRORS, platformError } from './errors.ts';
export {
  GAP_CAUSES,
  type Gap,
  type GapCause,
  ITEM_KINDS,
  type Item,
  type ItemFacts,
  type ItemKind,
  type KnownText,
  MAX_ITEMS,
  MAX_TEXTS_BYTES,
  plainName,
  type PlatformName,
  PLATFORMS,
  READ_FAILURES,
  type ReadFailure,
  type Reading,
  type ReadResult,
  type Trace,
} from './item.ts';
export type { ReadOptions } from './reading.ts';
export {
  grantToken,
  SHOPIFY_VERSION,
  type ShopifyApp,
  shopifyDomain,
  verifyDelivery,
  verifyProxy,
  verifySession,
} from './shopify/protocol.ts';
export { leaveShopify } from './shopify/read.ts';
export { kindsOf, readPlatform } from './read.ts';
export { ASKED_SCOPES, hasScope, needlessScopes, SHOPIFY_SCOPES } from './shopify/scopes.ts';
export { COMPLIANCE_TOPICS, type ComplianceTopic, rereadsOf, topicsFor } from './shopify/topics.ts';
export { type Weight, weighChange, weighGroup } from './weight.ts';
