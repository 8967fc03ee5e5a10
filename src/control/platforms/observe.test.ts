import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '#kernel';
import { topicsFor } from '#platform';
import { SHOP_CHECKS } from '../questions/answers.ts';
import { PAPER_KINDS } from '../vendors/paper-kinds.ts';
import { PLATFORM_CHECKS } from './checks.ts';
import { backingOf, dutyOf, SHOPIFY_DUTIES } from './duties.ts';
import type { HookupView } from './hookups.ts';
import { judgePlatform, type PlatformInput } from './observe.ts';

const NOW = 1_795_446_000_000;
const SCOPES = ['read_themes', 'read_products'];

const hookup = (row: Partial<HookupView['row']> = {}, more: Partial<HookupView> = {}): HookupView => ({
  row: {
    id: 'plt_1',
    shop_id: 'shp_1',
    platform: 'shopify',
    domain: 'shop.myshopify.com',
    state: 'connected',
    client_id: 'c',
    secret_sealed: 's',
    secret_at: NOW - DAY_MS,
    old_secret_sealed: null,
    old_secret_until: null,
    token_sealed: 't',
    token_until: NOW + DAY_MS,
    scopes: '[]',
    gaps: '[]',
    subscribed: '[]',
    asked_version: '2026-10',
    served_version: '2026-10',
    covered: '{}',
    read_at: NOW - HOUR_MS,
    problem: null,
    delivered_at: null,
    refused: '{}',
    made_at: NOW - DAY_MS,
    made_by: 'p',
    left_at: null,
    ...row,
  },
  scopes: SCOPES,
  gaps: [],
  subscribed: topicsFor(SCOPES),
  covered: { product: NOW },
  refused: {},
  ...more,
});

const input = (given: Partial<PlatformInput> = {}): PlatformInput => ({
  shop: 'shop.example',
  kind: 'hosted',
  lookedAt: NOW,
  connectable: true,
  hookup: hookup(),
  reachable: true,
  ownDomain: 'shop.example',
  open: [],
  inventories: [],
  seenApps: null,
  seenStaff: null,
  privacy: [],
  papers: [],
  ...given,
});

const outcomeOf = (check: string, given: Partial<PlatformInput>) =>
  judgePlatform(input(given), NOW).find((one) => one.check === check);

describe('the platform is judged', () => {
  it.each([
    ['platform.connected', {}, 'holds'],
    ['platform.connected', { ownDomain: 'another.example' }, 'falls-short'],
    ['platform.connected', { hookup: hookup({ state: 'refused' }) }, 'falls-short'],
    ['platform.connected', { hookup: null }, 'unknown'],
    ['platform.connected', { hookup: null, connectable: false }, 'not-applicable'],
    ['platform.secret', { hookup: hookup({ secret_at: NOW - 181 * DAY_MS }) }, 'falls-short'],
    ['platform.tokens', { hookup: hookup({ token_until: null }) }, 'unknown'],
    ['platform.tokens', { hookup: hookup({ platform: 'magento' }) }, 'falls-short'],
    ['platform.scopes', {}, 'holds'],
    ['platform.scopes', { hookup: hookup({}, { scopes: [...SCOPES, 'write_products'] }) }, 'falls-short'],
    ['platform.scopes', { hookup: hookup({}, { scopes: [...SCOPES, 'read_fulfillments'] }) }, 'falls-short'],
    ['platform.deliveries', {}, 'holds'],
    ['platform.deliveries', { reachable: false }, 'falls-short'],
    ['platform.deliveries', { hookup: hookup({}, { subscribed: ['SHOP_UPDATE'] }) }, 'falls-short'],
    ['platform.version', { hookup: hookup({ served_version: '2026-01' }) }, 'falls-short'],
    ['platform.apps', {}, 'unknown'],
    ['platform.apps', { seenApps: 3 }, 'holds'],
    [
      'platform.apps',
      { inventories: [{ what: 'apps', count: 2, valid_until: NOW + 1, taken_at: NOW }] },
      'holds',
    ],
    [
      'platform.apps',
      { inventories: [{ what: 'apps', count: 2, valid_until: NOW, taken_at: NOW }] },
      'falls-short',
    ],
    ['platform.privacy', { privacy: [{ due_at: NOW, done_at: null }] }, 'falls-short'],
    ['platform.privacy', { privacy: [{ due_at: NOW, done_at: NOW }] }, 'holds'],
    [
      'watch.reading',
      { hookup: hookup({ read_at: NOW - 3 * HOUR_MS, problem: 'throttled' }) },
      'falls-short',
    ],
    ['watch.reading', { hookup: hookup({ read_at: NOW - 3 * HOUR_MS }) }, 'unknown'],
    ['watch.alarms', { open: [{ weight: 'alarm', verdict: 'open', at: NOW - 1 }] }, 'holds'],
    ['watch.alarms', { open: [{ weight: 'alarm', verdict: 'open', at: NOW - DAY_MS }] }, 'falls-short'],
    ['watch.alarms', { open: [{ weight: 'warn', verdict: 'not-mine', at: NOW }] }, 'falls-short'],
    ['watch.alarms', { hookup: null, lookedAt: null }, 'unknown'],
    ['watch.reviewed', { open: [{ weight: 'warn', verdict: 'open', at: NOW - 7 * DAY_MS }] }, 'falls-short'],
    ['platform.at-rest', {}, 'unknown'],
    [
      'platform.at-rest',
      { papers: [{ kind: 'soc2', title: 'SOC 2 report', validUntil: NOW + 1 }] },
      'providers',
    ],
    [
      'platform.at-rest',
      { papers: [{ kind: 'insurance', title: 'Insurance', validUntil: NOW + 1 }] },
      'unknown',
    ],
  ] as const)('%s, given %j: %s', (check, given, outcome) => {
    expect(outcomeOf(check, given)?.outcome).toBe(outcome);
  });

  it('never calls seen what a person said or a paper backs', () => {
    const said = outcomeOf('platform.apps', {
      inventories: [{ what: 'apps', count: 2, valid_until: NOW + 1, taken_at: NOW }],
    });
    expect(said?.source).toBe('said');
    const backed = outcomeOf('platform.cards', {
      papers: [{ kind: 'pci-aoc', title: 'Attestation', validUntil: NOW + 1 }],
    });
    expect(backed?.source).toBe('provider');
  });
});

describe('the rulebook of duties', () => {
  it('names checks and papers that there are', () => {
    const checks = new Set(SHOP_CHECKS.map((check) => check.id));
    const papers = new Set(PAPER_KINDS.map((kind) => kind.id));
    for (const { check, papers: wanted } of SHOPIFY_DUTIES.provides) {
      expect(checks).toContain(check);
      for (const paper of wanted) expect(papers).toContain(paper);
    }
    for (const { check } of SHOPIFY_DUTIES.duties) expect(checks).toContain(check);
    for (const { paper } of SHOPIFY_DUTIES.published) expect(papers).toContain(paper);
  });

  it('gives every provider’s check of the platform a paper that would back it', () => {
    for (const check of PLATFORM_CHECKS)
      expect(backingOf(check.id) !== null, check.id).toBe(check.responsible === 'provider');
  });

  it('leaves to other platforms what is Shopify’s alone', () => {
    const csp = SHOP_CHECKS.find((check) => check.id === 'http.csp')!;
    expect(dutyOf(csp, 'hosted', 'Shopify').who).toBe('nobody');
    expect(dutyOf(csp, 'hosted', 'Wix').who).toBe('developer');
    expect(dutyOf(csp, 'self-hosted', null).who).toBe('developer');
  });
});
