import { describe, expect, test } from 'vitest';
import { FIREWALL_ON, UNTOUCHED } from '#plane';
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
  const input: EdgeInput = {
    kind: 'self-hosted',
    routes: [ROUTE],
    edges,
    credentials: [],
    calls: [],
    tests: [],
    pack: { name: 'loupe', version: '1', madeOn: '2026-11-25' },
  };
  const found = judgeEdges(input, NOW).find((one) => one.check === check);
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
});
