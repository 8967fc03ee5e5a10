export { connectionsIn, type SeenConnection } from './connections.ts';
export { LOOK_ERRORS } from './errors.ts';
export type { EvidenceName, LookEvidence, PartySeen } from './evidence.ts';
export {
  type Finding,
  LOOK_CHECKS,
  LOOK_DEADLINE_MS,
  lookAt,
  type LookOptions,
  type LookResult,
} from './look.ts';
export { KNOWN_PARTIES, type KnownParty, partyOf } from './parties.ts';
export { type BrowserOptions, findBrowser } from './probes/browser.ts';
export { ROBOT_NAME } from './probes/web.ts';
export { readTarget, type Target } from './target.ts';
export {
  lookAtVendor,
  VENDOR_CHECKS,
  VENDOR_DEADLINE_MS,
  type VendorFinding,
  type VendorLook,
} from './vendor.ts';
