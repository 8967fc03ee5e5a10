import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steadyClock } from '#kernel';
import { outboundTo } from '../../test/support/builders.ts';
import { optional } from '../../test/support/optional.ts';
import { existsSync } from 'node:fs';
import { startWorld, type World } from '../../sample/world.ts';
import { type Weakness } from '../../sample/weaknesses.ts';
import { LOOK_CHECKS, LOOK_DEADLINE_MS, lookAt, type LookResult, readTarget } from './index.ts';

const clock = steadyClock();
const browserOff = { mode: 'off', executable: null } as const;

async function lookAtSample(
  world: World,
  which: number,
  browser: Parameters<typeof lookAt>[2]['browser'] = browserOff,
): Promise<LookResult> {
  const shop = world.shops[which]!;
  return await lookAt(outboundTo(shop), readTarget(shop.address), { clock, browser });
}

const short = (look: LookResult) =>
  look.findings
    .filter((f) => f.outcome === 'falls-short')
    .map((f) => f.check)
    .toSorted();
const unknowns = (look: LookResult) =>
  look.findings.filter((f) => f.outcome === 'unknown').map((f) => `${f.check}: ${String(f.facts['why'])}`);

/** What each weakness makes visible from outside. */
const SEEN_AS: Partial<Record<Weakness, string | readonly string[]>> = {
  'old-tls': 'tls.versions',
  'null-suite': 'tls.suites',
  'no-redirect': 'http.redirect',
  'no-hsts': 'http.hsts',
  'no-csp': 'http.csp',
  'no-framing': 'http.framing',
  'no-nosniff': 'http.nosniff',
  'weak-cookies': 'http.cookies',
  banner: 'http.banner',
  'no-security-txt': 'web.security-txt',
  'mixed-content': 'pages.mixed',
  'clear-login': 'pages.forms',
  'old-library': 'pages.libraries',
  'no-spf': 'mail.spf',
  'dmarc-none': 'mail.dmarc',
  'no-mta-sts': 'mail.mta-sts',
  'no-caa': 'dns.caa',
  'no-dnssec': 'dns.dnssec',
  'open-origin': 'origin.hidden',
  'careless-party': ['pages.libraries', 'parties.transport'],
};
const ALL_SEEN = [...new Set(Object.values(SEEN_AS).flat())].toSorted();

describe('the self-hosted sample shop, all its weaknesses on', () => {
  let world: World;
  let look: LookResult;
  beforeAll(async () => {
    world = await startWorld({ firstPort: 0 });
    look = await lookAtSample(world, 0);
  });
  afterAll(() => world.close());

  it('shows every weakness that can be seen from outside, and no other', () => {
    expect(short(look)).toEqual(ALL_SEEN);
    expect(unknowns(look)).toEqual(['mail.dkim: no-usual-selector']);
  });

  it('tells who else is on its pages', () => {
    expect(look.evidence.parties.parties.map((p) => p.host).toSorted()).toEqual([
      'cdn.oldscripts.test',
      'chat.helpdesk-widget.test',
      'reviews.starcount.test',
    ]);
    expect(look.evidence.parties.parties.find((p) => p.host === 'cdn.oldscripts.test')).toMatchObject({
      protocol: 'TLSv1',
      problem: 'CERT_HAS_EXPIRED',
    });
  });

  it('is looked at within the time, and every check gives one observation', () => {
    expect(look.ms).toBeLessThan(LOOK_DEADLINE_MS);
    expect(look.findings.map((f) => f.check).toSorted()).toEqual(LOOK_CHECKS.map((c) => c.id).toSorted());
  });
});

describe('the self-hosted sample shop, all its weaknesses off', () => {
  it('shows none', async () => {
    const world = await startWorld({ firstPort: 0, weaknesses: new Set() });
    const look = await lookAtSample(world, 0);
    await world.close();
    expect(short(look)).toEqual([]);
    expect(unknowns(look)).toEqual([]);
  });
});

describe.each(Object.entries(SEEN_AS))('the weakness %s alone', (weakness, check) => {
  it(`shows as ${[check].flat().join(' and ')} and nothing else`, async () => {
    const world = await startWorld({ firstPort: 0, weaknesses: new Set([weakness as Weakness]) });
    const look = await lookAtSample(world, 0);
    await world.close();
    expect(short(look)).toEqual([check].flat());
  });
});

describe('the hosted sample shop', () => {
  it('is known for what it is: checks that are the platform’s do not apply, and its one weakness shows', async () => {
    const world = await startWorld({ firstPort: 0 });
    const look = await lookAtSample(world, 1);
    await world.close();
    expect(look).toMatchObject({ platform: 'Shopify', kind: 'hosted' });
    expect(short(look)).toEqual(['mail.dmarc']);
    expect(look.findings.find((f) => f.check === 'http.csp')).toMatchObject({
      outcome: 'not-applicable',
      facts: { why: 'kind', kind: 'hosted' },
    });
  });
});

describe('a shop whose kind a person has said', () => {
  it('is judged by that: a headless shop on a platform sets its own headers', async () => {
    const world = await startWorld({ firstPort: 0 });
    const shop = world.shops[1]!;
    const look = await lookAt(outboundTo(shop), readTarget(shop.address), {
      clock,
      browser: browserOff,
      kind: 'headless',
    });
    await world.close();
    expect(look.kind).toBe('hosted');
    expect(short(look)).toContain('http.csp');
  });
});

const chromium = existsSync('/usr/bin/chromium');
describe.runIf(optional('Chromium', chromium))('in a browser', () => {
  it('a page is rendered, and finds the same', async () => {
    const world = await startWorld({ firstPort: 0 });
    const look = await lookAtSample(world, 0, { mode: 'unsandboxed', executable: '/usr/bin/chromium' });
    await world.close();
    expect(look.evidence.page).toMatchObject({ rendered: true, notRendered: null });
    expect(short(look)).toEqual(ALL_SEEN);
    expect(look.ms).toBeLessThan(LOOK_DEADLINE_MS);
  });
});
