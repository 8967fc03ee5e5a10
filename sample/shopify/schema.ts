import { buildSchema, type GraphQLSchema } from 'graphql';

const PAGED = [
  'Theme',
  'ThemeFile',
  'Product',
  'ProductVariant',
  'DiscountNode',
  'DiscountRedeemCode',
  'UrlRedirect',
  'Page',
  'AppInstallation',
  'StaffMember',
  'Event',
  'WebhookSubscription',
];

/** The part of the Admin API, version 2026-10, that the sample answers: names and shapes as documented. */
export const SCHEMA: GraphQLSchema = buildSchema(`
scalar DateTime
scalar Money
scalar Decimal
scalar URL
scalar UnsignedInt64
enum CurrencyCode { EUR USD CHF GBP }
enum ThemeRole { MAIN UNPUBLISHED DEMO DEVELOPMENT }
enum ProductStatus { ACTIVE DRAFT ARCHIVED }
enum DiscountStatus { ACTIVE EXPIRED SCHEDULED }
enum ProductSortKeys { UPDATED_AT ID }
enum WebhookSubscriptionFormat { JSON XML }
enum BulkOperationStatus { CREATED RUNNING COMPLETED FAILED }
enum WebhookSubscriptionTopic {
  APP_UNINSTALLED APP_SCOPES_UPDATE SHOP_UPDATE THEMES_CREATE THEMES_UPDATE THEMES_PUBLISH THEMES_DELETE
  PRODUCTS_CREATE PRODUCTS_UPDATE PRODUCTS_DELETE DISCOUNTS_CREATE DISCOUNTS_UPDATE DISCOUNTS_DELETE
  ORDERS_CREATE ORDERS_UPDATED CUSTOMERS_CREATE CUSTOMERS_UPDATE CUSTOMERS_DELETE
}

interface Node { id: ID! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type UserError { field: [String!] message: String! }
type Count { count: Int! }
${PAGED.map((name) => (name === 'ThemeFile' ? '' : `type ${name}Connection { nodes: [${name}!]! edges: [${name}Edge!]! pageInfo: PageInfo! } type ${name}Edge { node: ${name}! cursor: String! }`)).join('\n')}

type Theme implements Node {
  id: ID! name: String! role: ThemeRole! updatedAt: DateTime!
  files(first: Int, after: String, filenames: [String!]): OnlineStoreThemeFileConnection
}
type OnlineStoreThemeFileConnection { nodes: [OnlineStoreThemeFile!]! pageInfo: PageInfo! }
type OnlineStoreThemeFile { filename: String! size: UnsignedInt64! checksumMd5: String updatedAt: DateTime! contentType: String! body: OnlineStoreThemeFileBody! }
union OnlineStoreThemeFileBody = OnlineStoreThemeFileBodyText | OnlineStoreThemeFileBodyBase64 | OnlineStoreThemeFileBodyUrl
type OnlineStoreThemeFileBodyText { content: String! }
type OnlineStoreThemeFileBodyBase64 { contentBase64: String! }
type OnlineStoreThemeFileBodyUrl { url: URL! }

type Product implements Node {
  id: ID! title: String! handle: String! status: ProductStatus! vendor: String! updatedAt: DateTime!
  variantsCount: Count variants(first: Int, after: String): ProductVariantConnection!
}
type ProductVariant implements Node { id: ID! price: Money! }

type DiscountNode implements Node { id: ID! discount: Discount! }
union Discount = DiscountCodeBasic | DiscountAutomaticBasic | DiscountCodeBxgy | DiscountAutomaticBxgy | DiscountCodeFreeShipping | DiscountAutomaticFreeShipping | DiscountCodeApp | DiscountAutomaticApp
type DiscountCodeBasic { title: String! status: DiscountStatus! codes(first: Int): DiscountRedeemCodeConnection! customerGets: DiscountCustomerGets! }
type DiscountAutomaticBasic { title: String! status: DiscountStatus! customerGets: DiscountCustomerGets! }
type DiscountCodeBxgy { title: String! status: DiscountStatus! }
type DiscountAutomaticBxgy { title: String! status: DiscountStatus! }
type DiscountCodeFreeShipping { title: String! status: DiscountStatus! }
type DiscountAutomaticFreeShipping { title: String! status: DiscountStatus! }
type DiscountCodeApp { title: String! status: DiscountStatus! }
type DiscountAutomaticApp { title: String! status: DiscountStatus! }
type DiscountRedeemCode { code: String! }
type DiscountCustomerGets { value: DiscountCustomerGetsValue! }
union DiscountCustomerGetsValue = DiscountPercentage | DiscountAmount
type DiscountPercentage { percentage: Float! }
type DiscountAmount { amount: MoneyV2! }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }

type UrlRedirect implements Node { id: ID! path: String! target: String! }
type Page implements Node { id: ID! title: String! handle: String! body: String! isPublished: Boolean! }
type Shop implements Node {
  id: ID! name: String! myshopifyDomain: String! currencyCode: CurrencyCode! primaryDomain: Domain! plan: ShopPlan! setupRequired: Boolean!
  shopPolicies: [ShopPolicy!]!
}
type Domain { host: String! }
type ShopPlan { publicDisplayName: String! }
type ShopPolicy implements Node { id: ID! type: String! body: String! }

type AppInstallation implements Node { id: ID! app: App! accessScopes: [AccessScope!]! }
type App implements Node { id: ID! title: String! developerName: String }
type AccessScope { handle: String! }
type StaffMember implements Node { id: ID! active: Boolean! isShopOwner: Boolean! accountType: String }
interface Event { id: ID! createdAt: DateTime! appTitle: String attributeToApp: Boolean! attributeToUser: Boolean! }
type BasicEvent implements Event { id: ID! createdAt: DateTime! appTitle: String attributeToApp: Boolean! attributeToUser: Boolean! subjectId: ID subjectType: String! }

type WebhookSubscription implements Node { id: ID! topic: WebhookSubscriptionTopic! endpoint: WebhookSubscriptionEndpoint! includeFields: [String!]! }
union WebhookSubscriptionEndpoint = WebhookHttpEndpoint
type WebhookHttpEndpoint { callbackUrl: URL! }
input WebhookSubscriptionInput { callbackUrl: URL format: WebhookSubscriptionFormat includeFields: [String!] }
type WebhookSubscriptionCreatePayload { webhookSubscription: WebhookSubscription userErrors: [UserError!]! }
type WebhookSubscriptionDeletePayload { deletedWebhookSubscriptionId: ID userErrors: [UserError!]! }
type BulkOperation implements Node { id: ID! status: BulkOperationStatus! errorCode: String objectCount: UnsignedInt64! url: URL }
type BulkOperationRunQueryPayload { bulkOperation: BulkOperation userErrors: [UserError!]! }

type QueryRoot {
  node(id: ID!): Node
  shop: Shop!
  themes(first: Int, after: String): ThemeConnection
  theme(id: ID!): Theme
  products(first: Int, after: String, query: String, sortKey: ProductSortKeys): ProductConnection!
  discountNodes(first: Int, after: String): DiscountNodeConnection!
  urlRedirects(first: Int, after: String): UrlRedirectConnection!
  pages(first: Int, after: String): PageConnection!
  appInstallations(first: Int, after: String): AppInstallationConnection!
  currentAppInstallation: AppInstallation!
  staffMembers(first: Int, after: String): StaffMemberConnection
  events(first: Int, after: String, query: String): EventConnection
  webhookSubscriptions(first: Int, after: String): WebhookSubscriptionConnection!
}
type Mutation {
  bulkOperationRunQuery(query: String!): BulkOperationRunQueryPayload
  webhookSubscriptionCreate(topic: WebhookSubscriptionTopic!, webhookSubscription: WebhookSubscriptionInput!): WebhookSubscriptionCreatePayload
  webhookSubscriptionDelete(id: ID!): WebhookSubscriptionDeletePayload
}
schema { query: QueryRoot mutation: Mutation }
`);
