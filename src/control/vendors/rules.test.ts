import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '#kernel';
import { KNOWN_PARTIES, LOOK_CHECKS, partyOf, VENDOR_CHECKS } from '#look';
import type { Observation } from '#plane';
import { CONNECTION_KINDS, directoryEntry, VENDOR_KINDS } from '@loupe/contract';
import { SHIPPED } from '../asks/questionnaires.ts';
import { safeName } from '../uploads/uploads.ts';
import { gateOf, vendorStanding } from './gate.ts';
import { matchVendor } from './news.ts';
import { judgeRegister } from './observe.ts';
import { PAPER_KINDS } from './paper-kinds.ts';
import { CRITERIA, scoreOf } from './score.ts';

describe('the gate', () => {
  const NOW = 1_795_446_000_000;
  const decision = fc.record({
    verdict: fc.constantFrom('approved' as const, 'conditions' as const, 'rejected' as const),
    at: fc.integer({ min: NOW - 1_000, max: NOW + 1_000 }),
    until: fc.integer({ min: NOW - 1_000, max: NOW + 1_000 }),
  });
  const exception = fc.record({
    about: fc.constantFrom('vendor' as const, 'connection' as const),
    aboutId: fc.constantFrom('v', 'c', 'other'),
    until: fc.integer({ min: NOW - 1_000, max: NOW + 1_000 }),
    endedAt: fc.constantFrom(null, NOW - 5),
  });

  it('is open only on the newest decision, in date and not a rejection, or on an exception in force', () => {
    fc.assert(
      fc.property(
        fc.array(decision, { maxLength: 4 }),
        fc.array(exception, { maxLength: 4 }),
        (decisions, exceptions) => {
          const standing = vendorStanding({ id: 'v', retiredAt: null }, decisions, exceptions, NOW);
          const gate = gateOf({ id: 'c' }, standing, exceptions, NOW);
          const made = decisions.filter((d) => d.at <= NOW);
          const latest = Math.max(...made.map((d) => d.at));
          const newest = made.filter((d) => d.at === latest);
          const inForce = exceptions.filter((e) => e.endedAt === null && e.until > NOW);
          const ground =
            newest.some((d) => d.until > NOW && d.verdict !== 'rejected') ||
            inForce.some(
              (e) =>
                (e.about === 'vendor' && e.aboutId === 'v') ||
                (e.about === 'connection' && e.aboutId === 'c'),
            );
          if (!ground) expect(gate.open).toBe(false);
          if (newest.length === 1 && newest[0]!.until > NOW && newest[0]!.verdict !== 'rejected')
            expect(gate.open).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('stays shut for what belongs to nobody', () => {
    expect(gateOf({ id: 'c' }, null, [], NOW)).toEqual({ open: false, why: 'no-vendor' });
    expect(
      vendorStanding({ id: 'v', retiredAt: NOW }, [{ verdict: 'approved', at: 1, until: NOW + 1 }], [], NOW),
    ).toBe('retired');
  });
});

describe('the score', () => {
  const observation = (check: string, outcome: Observation['outcome']): Observation => ({
    id: `obs_${check}`,
    shop: 's',
    check,
    subject: 'a.example',
    outcome,
    source: 'seen',
    figure: null,
    facts: {},
    observedAt: 0,
    validUntil: 1,
    evidence: null,
  });
  const outcomes = fc.constantFrom<Observation['outcome']>(
    'holds',
    'falls-short',
    'unknown',
    'not-applicable',
  );
  const checks = CRITERIA.criteria.flatMap(({ from }) =>
    'check' in from ? [`vendor.${from.check}`] : 'said' in from ? [`provider.said.${from.said}`] : [],
  );

  it('never gains or loses a point for what nobody knows, and always adds up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...checks), outcomes), { maxLength: 30 }),
        fc.boolean(),
        (seen, money) => {
          const score = scoreOf({
            vendor: {
              touches: ['contact'],
              money,
              kind: 'feed',
              hosts: ['a.example'],
              apiHosts: ['a.example'],
            },
            observations: seen.map(([check, outcome]) => observation(check, outcome)),
            papers: [],
            sentenceOf: (o) => `${o.check} ${o.outcome}`,
          });
          for (const line of score.lines) {
            if (line.outcome === 'earned' || line.outcome === 'lost') expect(line.observation).not.toBeNull();
            expect(line.reason).not.toBe('');
          }
          const counted = score.lines
            .filter((l) => l.outcome !== 'not-applicable')
            .reduce((sum, l) => sum + l.weight, 0);
          expect(score.earned + score.lost + score.unknown).toBe(counted);
        },
      ),
    );
  });
});

describe('what ships in rules', () => {
  it('is of one piece: kinds, checks, papers and questionnaires that there are', () => {
    const known = [...LOOK_CHECKS, ...VENDOR_CHECKS].map((check) => check.id.replace(/^vendor\./u, ''));
    for (const { from } of CRITERIA.criteria) {
      if ('check' in from) expect(known).toContain(from.check);
      if ('paper' in from)
        for (const kind of from.paper) expect(PAPER_KINDS.map((p) => p.id)).toContain(kind);
    }
    expect(CRITERIA.criteria.reduce((sum, c) => sum + c.weight, 0)).toBe(122);
    const names = KNOWN_PARTIES.map((party) => party.name);
    expect(new Set(names).size).toBe(names.length);
    for (const party of KNOWN_PARTIES) {
      expect(
        () => directoryEntry.parse({ ...party, apiHosts: party.apiHosts ?? [], note: party.note ?? null }),
        party.name,
      ).not.toThrow();
      for (const kind of party.papers) expect(PAPER_KINDS.map((p) => p.id)).toContain(kind);
      for (const form of party.ask) expect(SHIPPED.map((f) => f.id)).toContain(form);
    }
    for (const name of ['RapNet', 'IDEX', 'Nivoda', 'VDB', 'GIA', 'Shopify', 'Punchmark', 'Adobe Commerce'])
      expect(names).toContain(name);
    expect(VENDOR_KINDS.length + CONNECTION_KINDS.length).toBeGreaterThan(20);
    expect(partyOf('aspmx.l.google.com')?.name).toBe('Google Workspace');
    expect(partyOf('technet.rapnetapis.com:443')?.name).toBe('RapNet');
    expect(partyOf('rapnet.com.evil.example')).toBeNull();
  });

  it('matches news by whole words and hosts', () => {
    const vendors = [{ id: 'v', name: 'Rap', hosts: ['rap.example'], apiHosts: [] }];
    const match = (title: string) => matchVendor({ title, summary: '', link: null }, vendors)?.by ?? null;
    expect(match('Rap was breached')).toBe('Rap');
    expect(match('Rapper wins')).toBeNull();
    expect(match('see rap.example/x')).toBe('rap.example');
    expect(match('trap.example')).toBeNull();
  });
});

describe('an empty register', () => {
  it('is in order in no respect', () => {
    const book = { vendors: [], connections: [], exceptions: [], endings: [] };
    const judged = judgeRegister(
      { book, sources: [], untriaged: [], duties: [], shop: 'shop.example', lookedAt: null },
      DAY_MS,
    );
    expect(judged.filter((one) => one.outcome === 'holds').map((one) => one.check)).toEqual([]);
    expect(judged.map((one) => one.check)).toContain('vendors.registered');
  });
});

describe('the name of a file that was handed in', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    [String.raw`C:\fakepath\report.pdf`, 'report.pdf'],
    ['a"; filename="evil.html', 'a__ filename=_evil.html'.replace('=', '_')],
    ['invoice\u202efdp.exe', 'invoice_fdp.exe'],
    ['Prüfbericht 2026 (final).pdf', 'Prüfbericht 2026 (final).pdf'],
    ['x\r\nSet-Cookie: a=b.txt', 'x__Set-Cookie_ a_b.txt'],
  ])('%s becomes %s', (given, plain) => {
    expect(safeName(given)).toBe(plain);
  });
});
