export { type Exclusion, type RemovedTarget, removedTargets } from './engine/exclusion.ts';
export {
  Firewall,
  type FirewallOptions,
  type Judged,
  type RuleSummary,
  summariesOf,
  type WholeRequest,
} from './engine/firewall.ts';
export { MAX_VALUES } from './engine/matched.ts';
export type { Connection, Endpoint, HeaderLine, RequestHead, ResponseHead } from './engine/message.ts';
export { type Points, scoreOf } from './engine/score.ts';
export type { Transaction } from './engine/transaction.ts';
export type { Added, Match, MatchedValue, Outcome } from './engine/verdict.ts';
export { WAF_ERRORS, wafError } from './errors.ts';
export { dataOf, encodePack, MAX_PACK_BYTES, packLabel, readPack, type RulePack } from './pack.ts';
export type { RuleFile } from './seclang/read.ts';
export { SECLANG } from './seclang/support.ts';
