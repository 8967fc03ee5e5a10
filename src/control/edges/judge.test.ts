import { describe, expect, test } from 'vitest';
import { FIREWALL_ON, UNTOUCHED } from '#plane';
import { ATTACKS } from './attacks.ts';
import { type EdgeFacts, type EdgeInput, judgeEdges } from './judge.ts';

const NOW = Date.UTC(2026, 10, 26);
const DAY = 86_400_000;

const edge = (more: Partial<EdgeFacts> = {}): EdgeFacts => ({
  name: 'edge-1',
  seenAt: NOW,
  current: true,
  held: false,
  listeners: [{ host: '0.0.0.0', tls: true }],
  proxies: 'none',
  certificates: [{ names: ['shop.test'], notAfter: NOW + 60 * DAY }],
  missed: 0,
  ...more,
});

function outcome(check: string, edges: readonly EdgeFacts[]): string {
  const found = judgeEdges({ ...INPUT, edges }, NOW).find((one) => one.check === check);
  return [found?.outcome, found?.facts['why']].filter(Boolean).join(' ');
}

const ROUTE: EdgeInput['routes'][number] = {
  id: 'rt_1',
  rule: {
    name: 'All',
    hosts: ['shop.test'],
    path: '/',
    methods: ['GET'],
    upstream: { origin: 'http://127.0.0.1:8080', timeoutMs: 1_000, host: null, extraCa: [], connections: 4 },
    proofs: [{ kind: 'public', owner: 'A', reason: 'b' }],
    limits: [],
    guards: [],
    allow: null,
    graphql: null,
    firewall: { ...FIREWALL_ON, exclusions: [] },
    response: { ...UNTOUCHED, csp: null, referrer: null, hardenCookies: null, drop: [] },
    maxBodyBytes: 1_000,
    websocket: false,
    learn: false,
  },
  madeAt: NOW,
  changedAt: NOW,
  changedBy: 'psn_1',
  undoable: false,
};

const INPUT: EdgeInput = {
  kind: 'self-hosted',
  routes: [ROUTE],
  edges: [edge()],
  credentials: [],
  calls: [],
  tests: [],
  pack: { name: 'loupe', version: '1', madeOn: '2026-11-25' },
};

describe('edges judged', () => {
  test('the newest policy: run, missed, held back, silent', () => {
    expect(outcome('edge.current', [edge()])).toBe('holds');
    expect(outcome('edge.current', [edge(), edge({ current: false })])).toBe('falls-short behind');
    expect(outcome('edge.current', [edge({ held: true })])).toBe('falls-short held');
    expect(outcome('edge.current', [edge({ seenAt: NOW - 2 * 60_000 })])).toBe('falls-short silent');
  });

  test('a door that only shows the way to https is no plain listener', () => {
    const door = { host: '0.0.0.0', tls: false, redirect: true };
    const both = [{ host: '0.0.0.0', tls: true }, door];
    expect(outcome('edge.tls', [edge({ listeners: both })])).toBe('holds ending');
    expect(outcome('edge.tls', [edge({ listeners: [{ ...door, redirect: false }] })])).toBe(
      'falls-short plain',
    );
    expect(outcome('edge.tls', [edge({ certificates: [] })])).toBe('falls-short none');
    expect(
      outcome('edge.tls', [edge({ certificates: [{ names: ['shop.test'], notAfter: NOW + 3 * DAY }] })]),
    ).toBe('falls-short ending');
  });

  test('proxies in front count when nobody is served past them, on any edge', () => {
    expect(outcome('edge.beside', [edge()])).toBe('not-applicable no-proxies');
    expect(outcome('edge.beside', [edge({ proxies: 'only' })])).toBe('holds');
    expect(outcome('edge.beside', [edge({ proxies: 'only' }), edge({ proxies: 'listed' })])).toBe(
      'falls-short',
    );
    expect(outcome('edge.beside', [edge({ proxies: 'only', seenAt: NOW - 2 * 60_000 })])).toBe(
      'unknown no-edge-alive',
    );
  });

  test('an attack counts as stopped where every edge stopped it and an honest request passed; an edge that does not answer is no hole', () => {
    const sent = (attack: string, status: number) => ({
      edge: 'edge-1',
      test: 'attack' as const,
      route: 'rt_1',
      attack,
      passed: status === (attack === 'honest' ? 204 : 403),
      statuses: [status],
    });
    const judged = (honest: number, status: number): string => {
      const tests = [sent('honest', honest), ...ATTACKS.map(({ id }) => sent(id, status))];
      const found = judgeEdges({ ...INPUT, tests }, NOW).find((one) => one.check === 'firewall.attack');
      return [found?.outcome, found?.facts['why']].filter(Boolean).join(' ');
    };
    expect(judged(204, 403)).toBe('holds');
    expect(judged(204, 204)).toBe('falls-short through');
    expect(judged(204, 0)).toBe('unknown not-tested');
    expect(judged(204, 503)).toBe('unknown not-tested');
    expect(judged(0, 403)).toBe('unknown not-tested');
    expect(judged(403, 403)).toBe('unknown deaf');
  });
});
