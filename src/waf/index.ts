export { Firewall, type FirewallOptions, type RuleSummary } from './engine/firewall.ts';
export type { Connection, Endpoint, HeaderLine, RequestHead, ResponseHead } from './engine/message.ts';
export type { Transaction } from './engine/transaction.ts';
export type { Added, Match, MatchedValue, Outcome } from './engine/verdict.ts';
export { WAF_ERRORS, wafError } from './errors.ts';
export type { RuleFile } from './seclang/read.ts';
export { SECLANG } from './seclang/support.ts';
