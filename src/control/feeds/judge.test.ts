import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '#kernel';
import { FEED_CHECKS } from './checks.ts';
import { type FeedFacts, judgeFeeds } from './judge.ts';

const NOW = 1_800_000_000_000;
const WELL: FeedFacts = {
  provider: 'RapNet',
  on: true,
  everyMs: HOUR_MS,
  failures: 0,
  credentialsAt: NOW - 10 * DAY_MS,
  signsInBy: 'request',
  replacedBy: null,
  plainUntil: null,
  hosts: ['technet.rapaport.com', 'x.example'],
  switchTestedAt: NOW - 10 * DAY_MS,
  reached: [{ host: 'technet.rapaport.com', protocol: 'TLSv1.3', certificateUntil: NOW + 60 * DAY_MS }],
  good: { at: NOW - HOUR_MS, rows: 1_000, quarantined: 3 },
  heldSince: null,
  assessed: 'in-date',
};
/** Outcome and why of each check of one feed. */
const outcomes = (feed: Partial<FeedFacts>): Record<string, string> =>
  Object.fromEntries(
    judgeFeeds({ shop: 'shop.example', feeds: [{ ...WELL, ...feed }], beside: [] }, NOW).map(
      ({ check, outcome, facts }) => [check, `${outcome} ${String(facts['why'] ?? '')}`.trim()],
    ),
  );

describe('feeds, judged', () => {
  it('hold where all is well, each check once', () => {
    expect(outcomes({})).toEqual(Object.fromEntries(FEED_CHECKS.map(({ id }) => [id, 'holds'])));
  });

  it('are unknown where there are none, and fall short where one comes past Loupe', () => {
    const none = judgeFeeds({ shop: 'shop.example', feeds: [], beside: [] }, NOW);
    expect(none.map((one) => one.outcome)).toEqual(FEED_CHECKS.map(() => 'unknown'));
    const [past] = judgeFeeds({ shop: 'shop.example', feeds: [WELL], beside: ['ven_1'] }, NOW);
    expect(past).toMatchObject({ check: 'feed.plugged', outcome: 'falls-short', facts: { name: 'ven_1' } });
  });

  it.each<[string, Partial<FeedFacts>, string, string]>([
    ['never loaded', { good: null, reached: [] }, 'feed.fresh', 'unknown no-load'],
    [
      'stale',
      { good: { at: NOW - 4 * HOUR_MS, rows: 1, quarantined: 0 } },
      'feed.fresh',
      'falls-short stale',
    ],
    [
      'failing',
      { failures: 5, good: { at: NOW - 4 * HOUR_MS, rows: 1, quarantined: 0 } },
      'feed.fresh',
      'falls-short failing',
    ],
    ['one failure', { failures: 1 }, 'feed.fresh', 'holds'],
    ['asked elsewhere', { hosts: ['other.example'] }, 'feed.hosts', 'falls-short'],
    ['never reached', { reached: [] }, 'feed.hosts', 'unknown no-load'],
    ['with its key in the address', { signsInBy: 'address' }, 'feed.sign-in', 'falls-short address'],
    ['open to anybody', { signsInBy: 'nothing' }, 'feed.sign-in', 'falls-short nothing'],
    ['without TLS, by a word', { plainUntil: NOW + DAY_MS }, 'feed.transport', 'falls-short plain'],
    ['asked the old way', { replacedBy: 'The newer feed' }, 'feed.interface', 'falls-short'],
    ['switched off', { on: false }, 'feed.fresh', 'not-applicable switched-off'],
    ['in no register', { assessed: 'unknown-party' }, 'feed.assessed', 'falls-short unknown-party'],
    ['not decided about', { assessed: 'not-decided' }, 'feed.assessed', 'falls-short not-decided'],
    [
      'a certificate about to end',
      { reached: [{ host: 'x.example', protocol: 'TLSv1.3', certificateUntil: NOW + 3 * DAY_MS }] },
      'feed.transport',
      'falls-short',
    ],
    ['a tenth in doubt', { good: { at: NOW, rows: 1_000, quarantined: 100 } }, 'feed.checked', 'holds'],
    ['more than that', { good: { at: NOW, rows: 1_000, quarantined: 101 } }, 'feed.checked', 'falls-short'],
    ['old credentials', { credentialsAt: NOW - 181 * DAY_MS }, 'feed.credentials', 'falls-short'],
    ['waiting an hour', { heldSince: NOW - HOUR_MS }, 'feed.answered', 'holds'],
    ['waiting two days', { heldSince: NOW - 2 * DAY_MS }, 'feed.answered', 'falls-short'],
    ['never switched', { switchTestedAt: null }, 'feed.switch', 'falls-short never'],
    ['switched long ago', { switchTestedAt: NOW - 91 * DAY_MS }, 'feed.switch', 'falls-short long-ago'],
  ])('%s', (_, feed, check, expected) => {
    expect(outcomes(feed)[check]).toBe(expected);
  });
});
