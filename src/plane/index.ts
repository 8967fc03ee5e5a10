export { type Channel, type ChannelServer, type Methods, openChannel, serveChannel } from './channel.ts';
export { PLANE_ERRORS, planeError } from './errors.ts';
export { eventJson, type PlaneEvent, readEvent } from './event.ts';
export { decodeLeaf, encodeLeaf, type Leaf, LEAF_KINDS, type LeafKind, leafJson, readLeaf } from './leaf.ts';
export {
  type Figure,
  type Observation,
  observationJson,
  observationLeaf,
  observationOf,
  type Outcome,
  OUTCOMES,
  readObservation,
  type Source,
  SOURCES,
} from './observation.ts';
export { fieldsOf, isObject, type JsonObject } from './shape.ts';
export { readSnapshot, type Snapshot, snapshotJson } from './snapshot.ts';
export {
  type CheckDefinition,
  QUESTION_IDS,
  type QuestionId,
  type Responsible,
  SEVERITIES,
  type Severity,
  SHOP_KINDS,
  type ShopKind,
} from './check.ts';
export {
  type Allowlist,
  type ApiKey,
  type CountedBy,
  type EdgePolicy,
  type GraphqlRules,
  type Guard,
  type Injection,
  type Integration,
  type LeakAction,
  type Limit,
  type MachineClient,
  type Proof,
  type ResponseRules,
  type RevokedToken,
  type Route,
  EMPTY_POLICY,
  SELF_TEST_ROUTE,
  selfTestHost,
  INSPECT_HEADER,
  FIREWALL_OFF,
  type FirewallPacks,
  OWN_PACK,
  FIREWALL_ON,
  type FirewallExclusion,
  type FirewallRules,
  UNTOUCHED,
  type SecretId,
  type SignatureAlgorithm,
  type TokenIssuer,
  type Upstream,
} from './policy.ts';
