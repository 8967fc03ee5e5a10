import { DAY_MS, HOUR_MS } from '#kernel';
import { type CheckDefinition, SHOP_KINDS } from '#plane';

/** Edges are judged at every self-test, daily at the least; two hours of grace. */
const FRESH_MS = 26 * HOUR_MS;
/** A key or secret older than this is to be changed. */
export const KEY_MS: number = 180 * DAY_MS;
/** One that nobody used for this long is to be ended. */
export const UNUSED_MS: number = 90 * DAY_MS;
/** A certificate with less than this left has missed its renewal. */
export const CERTIFICATE_MS: number = 14 * DAY_MS;
/** An edge that said nothing for this long is silent. */
export const SILENT_MS: number = 60_000;
/** Firewall rules older than this have missed what was learned since. */
export const RULES_MS: number = 365 * DAY_MS;
/** Handshakes of calls count for this long. */
export const CALLS_MS: number = 7 * DAY_MS;

const base = { kinds: SHOP_KINDS, freshForMs: FRESH_MS, responsible: 'developer' } as const;

/** Checks of what stands at the edge, proven by self-tests where they can be. */
export const EDGE_CHECKS: readonly CheckDefinition[] = [
  { ...base, id: 'edge.routes', question: 'Q1', severity: 'high' },
  { ...base, id: 'edge.refuses', question: 'Q1', severity: 'critical' },
  { ...base, id: 'edge.tls', question: 'Q1', severity: 'high' },
  { ...base, id: 'edge.keys', question: 'Q1', severity: 'medium' },
  { ...base, id: 'edge.outbound', question: 'Q1', severity: 'high' },
  { ...base, id: 'edge.current', question: 'Q1', severity: 'high', responsible: 'loupe' },
  { ...base, id: 'edge.limits', question: 'Q4', severity: 'high' },
  { ...base, id: 'edge.lockout', question: 'Q4', severity: 'high' },
  { ...base, id: 'edge.beside', question: 'Q4', severity: 'medium' },
  { ...base, id: 'edge.leaks', question: 'Q4', severity: 'medium' },
  { ...base, id: 'firewall.blocks', question: 'Q4', severity: 'high' },
  { ...base, id: 'firewall.rules', question: 'Q4', severity: 'medium' },
  { ...base, id: 'firewall.attack', question: 'Q4a', severity: 'critical' },
  { ...base, id: 'edge.told', question: 'Q5', severity: 'medium', responsible: 'loupe' },
];
