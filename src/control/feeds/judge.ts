// Feeds, judged: pure, from what loads left behind and what people said.
import { DAY_MS } from '#kernel';
import type { Observation } from '#plane';
import {
  CERTIFICATE_MS,
  CREDENTIALS_MS,
  DOUBTFUL_SHARE,
  FEED_CHECKS,
  MISSED_TURNS,
  SWITCH_MS,
  UNANSWERED_MS,
} from './checks.ts';

export interface FeedFacts {
  readonly provider: string;
  readonly on: boolean;
  readonly everyMs: number;
  readonly failures: number;
  /** Null where nothing signs in. */
  readonly credentialsAt: number | null;
  readonly signsInBy: 'request' | 'address' | 'nothing' | 'person';
  readonly replacedBy: string | null;
  /** Until when somebody takes it upon them that it comes without TLS. */
  readonly plainUntil: number | null;
  /** The provider's own hosts. */
  readonly hosts: readonly string[];
  readonly switchTestedAt: number | null;
  readonly reached: readonly {
    readonly host: string;
    readonly protocol: string;
    readonly certificateUntil: number | null;
  }[];
  /** The last good load; null: there was none. */
  readonly good: { readonly at: number; readonly rows: number; readonly quarantined: number } | null;
  /** Since when a load waits for a person. */
  readonly heldSince: number | null;
  /** Whether the register has the provider, with a decision in date. */
  readonly assessed: 'unknown-party' | 'not-decided' | 'in-date';
}

export interface FeedInput {
  readonly shop: string;
  readonly feeds: readonly FeedFacts[];
  /** Ids of third parties that the register has as feeds and that no plugged feed is of: a name may be a person's, and is no matter for the ledger. */
  readonly beside: readonly string[];
}

export type JudgedFeed = Pick<Observation, 'check' | 'subject' | 'outcome' | 'figure' | 'facts'>;

export function judgeFeeds({ shop, feeds, beside }: FeedInput, now: number): readonly JudgedFeed[] {
  const judged: JudgedFeed[] = [];
  const say = (
    check: string,
    subject: string,
    outcome: JudgedFeed['outcome'],
    facts: JudgedFeed['facts'] = {},
    figure: JudgedFeed['figure'] = null,
  ): void => void judged.push({ check, subject, outcome, facts, figure });

  const [past] = beside;
  if (past !== undefined) say('feed.plugged', shop, 'falls-short', { name: past });
  else if (feeds.length === 0) say('feed.plugged', shop, 'unknown', { why: 'no-feed' });
  else
    say(
      'feed.plugged',
      shop,
      'holds',
      { feeds: feeds.map((feed) => feed.provider).join(', ') },
      { value: feeds.length, unit: 'feeds' },
    );
  if (feeds.length === 0)
    for (const { id } of FEED_CHECKS) if (id !== 'feed.plugged') say(id, shop, 'unknown', { why: 'no-feed' });
  for (const feed of feeds) judgeFeed(feed);
  return judged;

  function judgeFeed(feed: FeedFacts): void {
    const { provider, good, reached } = feed;
    const stones = good === null ? null : { value: good.rows - good.quarantined, unit: 'stones' };
    if (!feed.on) say('feed.fresh', provider, 'not-applicable', { why: 'switched-off' });
    else if (good === null) say('feed.fresh', provider, 'unknown', { why: 'no-load' });
    else if (feed.failures > 0 && now - good.at > MISSED_TURNS * feed.everyMs)
      say('feed.fresh', provider, 'falls-short', { why: 'failing', provider, times: feed.failures }, stones);
    else if (now - good.at > MISSED_TURNS * feed.everyMs)
      say('feed.fresh', provider, 'falls-short', { why: 'stale', provider }, stones);
    else say('feed.fresh', provider, 'holds', { provider }, stones);

    if (feed.assessed === 'in-date') say('feed.assessed', provider, 'holds', { provider });
    else say('feed.assessed', provider, 'falls-short', { why: feed.assessed, provider });

    const ending = reached.find(
      ({ certificateUntil }) => certificateUntil !== null && certificateUntil - now < CERTIFICATE_MS,
    );
    if (feed.signsInBy === 'person') say('feed.transport', provider, 'not-applicable', { why: 'by-hand' });
    else if (feed.plainUntil !== null)
      say('feed.transport', provider, 'falls-short', {
        why: 'plain',
        provider,
        days: Math.ceil((feed.plainUntil - now) / DAY_MS),
      });
    else if (reached.length === 0) say('feed.transport', provider, 'unknown', { why: 'no-load' });
    else if (ending !== undefined)
      say('feed.transport', provider, 'falls-short', {
        host: ending.host,
        days: Math.floor(((ending.certificateUntil ?? now) - now) / DAY_MS),
      });
    else say('feed.transport', provider, 'holds', { provider, protocol: reached[0]?.protocol ?? '' });

    const strange = reached.find((one) => !feed.hosts.includes(one.host));
    if (feed.signsInBy === 'person') say('feed.hosts', provider, 'not-applicable', { why: 'by-hand' });
    else if (reached.length === 0) say('feed.hosts', provider, 'unknown', { why: 'no-load' });
    else if (strange !== undefined)
      say('feed.hosts', provider, 'falls-short', { provider, host: strange.host });
    else say('feed.hosts', provider, 'holds', { provider }, { value: reached.length, unit: 'hosts' });

    if (feed.signsInBy === 'request' || feed.signsInBy === 'person')
      say('feed.sign-in', provider, 'holds', { provider });
    else say('feed.sign-in', provider, 'falls-short', { why: feed.signsInBy, provider });

    if (feed.replacedBy === null) say('feed.interface', provider, 'holds', { provider });
    else say('feed.interface', provider, 'falls-short', { provider, newer: feed.replacedBy });

    if (feed.credentialsAt === null) say('feed.credentials', provider, 'not-applicable', { why: 'none' });
    else {
      const days = Math.floor((now - feed.credentialsAt) / DAY_MS);
      const age = { value: days, unit: 'days-old' };
      if (now - feed.credentialsAt > CREDENTIALS_MS)
        say('feed.credentials', provider, 'falls-short', { provider, days }, age);
      else say('feed.credentials', provider, 'holds', { provider }, age);
    }

    if (good === null) say('feed.checked', provider, 'unknown', { why: 'no-load' });
    else if (good.quarantined > good.rows * DOUBTFUL_SHARE)
      say('feed.checked', provider, 'falls-short', { provider, quarantined: good.quarantined }, stones);
    else say('feed.checked', provider, 'holds', { provider, quarantined: good.quarantined }, stones);

    if (feed.heldSince !== null && now - feed.heldSince > UNANSWERED_MS)
      say('feed.answered', provider, 'falls-short', {
        provider,
        days: Math.floor((now - feed.heldSince) / DAY_MS),
      });
    else say('feed.answered', provider, 'holds', { provider });

    if (feed.switchTestedAt === null) say('feed.switch', provider, 'falls-short', { why: 'never', provider });
    else if (now - feed.switchTestedAt > SWITCH_MS)
      say('feed.switch', provider, 'falls-short', { why: 'long-ago', provider });
    else say('feed.switch', provider, 'holds', { provider });
  }
}
