import { DAY_MS, HOUR_MS } from '#kernel';
import { type CheckDefinition, SHOP_KINDS } from '#plane';

/** Feeds are judged at every load and hourly; two hours of grace. */
const FRESH_MS = 26 * HOUR_MS;
/** Credentials older than this are to be changed. */
export const CREDENTIALS_MS: number = 180 * DAY_MS;
/** A certificate with less than this left has missed its renewal. */
export const CERTIFICATE_MS: number = 14 * DAY_MS;
/** A load that waits longer than this is forgotten. */
export const UNANSWERED_MS: number = DAY_MS;
/** A switch that nobody threw for this long may not work when it is needed. */
export const SWITCH_MS: number = 90 * DAY_MS;
/** A provider of whose stones more than this share cannot be as they say is none to rely on, whoever took the load. */
export const DOUBTFUL_SHARE = 0.1;
/** Turns of the schedule that may be missed before a feed is stale. */
export const MISSED_TURNS = 3;

const base = { kinds: SHOP_KINDS, freshForMs: FRESH_MS } as const;

/** Checks of feeds, one observation for each provider. */
export const FEED_CHECKS: readonly CheckDefinition[] = [
  { ...base, id: 'feed.plugged', question: 'Q8', responsible: 'owner', severity: 'medium' },
  { ...base, id: 'feed.fresh', question: 'Q8', responsible: 'developer', severity: 'medium' },
  { ...base, id: 'feed.assessed', question: 'Q8', responsible: 'owner', severity: 'high' },
  { ...base, id: 'feed.transport', question: 'Q8a', responsible: 'provider', severity: 'high' },
  { ...base, id: 'feed.hosts', question: 'Q8a', responsible: 'provider', severity: 'high' },
  { ...base, id: 'feed.sign-in', question: 'Q8a', responsible: 'provider', severity: 'medium' },
  { ...base, id: 'feed.credentials', question: 'Q8a', responsible: 'developer', severity: 'medium' },
  { ...base, id: 'feed.checked', question: 'Q8b', responsible: 'provider', severity: 'high' },
  { ...base, id: 'feed.answered', question: 'Q8b', responsible: 'owner', severity: 'medium' },
  { ...base, id: 'feed.switch', question: 'Q8b', responsible: 'developer', severity: 'medium' },
  { ...base, id: 'feed.interface', question: 'Q1b', responsible: 'developer', severity: 'low' },
];
