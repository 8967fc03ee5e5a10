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
export { type BrowserOptions, findBrowser } from './probes/browser.ts';
export { ROBOT_NAME } from './probes/web.ts';
export { readTarget, type Target } from './target.ts';
