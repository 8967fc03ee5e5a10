// Providers that turn hostile at the throw of a switch, on real sockets under real certificates; and what a load of theirs comes to.
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { expect } from 'vitest';
import { type Attack, ATTACKS } from '../../../sample/feeds/attacks.ts';
import { FEED_HOSTS, openSampleFeeds, type SampleFeeds } from '../../../sample/feeds/services.ts';
import { sampleStone } from '../../../sample/feeds/stones.ts';
import { testAuthority } from '../../../test/support/certificates.ts';
import { LoupeError, newId } from '#kernel';
import { openOutbound, type Outbound } from '#outbound';
import { type FetchSession, openSession, type SessionOptions } from '../fetch/session.ts';
import { decide, type GoodLoad, remembered } from '../load/decide.ts';
import type { KeptLoad } from '../load/kept.ts';
import { type LoadPlan, type LoadReport, performLoad, repeatLoad } from '../load/perform.ts';
import type { Provider } from '../providers/provider.ts';

export interface Hostile {
  readonly feeds: SampleFeeds;
  readonly outbound: Outbound;
  /** The providers without TLS: `address:port`. */
  readonly plain: string;
  /** Servers under another name's certificate, and under one that has ended: `address:port`. */
  readonly other: string;
  readonly ended: string;
  session(provider: Provider, options?: Partial<SessionOptions>): FetchSession;
  /** Loads what the provider gives, under whatever attack is on. */
  load(provider: Provider, attack: Attack | null): Promise<{ plan: LoadPlan; report: LoadReport }>;
  /** What a load came to beside the honest one: `failed why`, `held first-reason`, or the findings and row errors of what was kept out. Empty: nothing was. */
  outcome(provider: Provider, attack: string): Promise<string>;
  close(): Promise<void>;
}

export function attackOf(name: string): Attack {
  const found = Object.entries<Attack>(ATTACKS).find(([known]) => known === name)?.[1];
  if (found === undefined) throw new Error(`no attack ${name}`);
  return found;
}

const NOTES = new Set([
  'certificate-odd',
  'certificate-ruined',
  'proportions',
  'discount',
  'no-report',
  'no-measurements',
]);

/** Starts the providers; an honest load of each is the last good one. */
export async function startHostile(providers: readonly Provider[]): Promise<Hostile> {
  const feeds = openSampleFeeds(Array.from({ length: 3_000 }, (_, i) => sampleStone(i + 1)));
  const folder = mkdtempSync(join(tmpdir(), 'loupe-poison-'));
  const hashKey = randomBytes(16);
  const servers: Server[] = [];
  const good = new Map<Provider, { readonly load: KeptLoad; readonly remembered: GoodLoad }>();
  const authority = await testAuthority();
  const names = [...FEED_HOSTS];
  const to = await listen(await authority.issue(names));
  const outbound = openOutbound({
    allowNetworks: ['127.0.0.1'],
    extraCa: [authority.ca],
    resolver: null,
    userAgent: 'LoupeTest/1',
    connectTo: Object.fromEntries(FEED_HOSTS.map((host) => [`${host}:443`, to])),
  });

  async function listen(
    certificate: { readonly key: string; readonly cert: string } | null,
  ): Promise<string> {
    const answer = getRequestListener(feeds.app.fetch);
    const onRequest: RequestListener = (request, response) => void answer(request, response);
    const server = certificate === null ? createPlainServer(onRequest) : createServer(certificate, onRequest);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  const hostile: Hostile = {
    feeds,
    outbound,
    plain: await listen(null),
    other: await listen(await authority.issue(['stones.example'])),
    ended: await listen(await authority.issue(names, { days: -3 })),
    session: (provider, options = {}) =>
      openSession({
        outbound,
        hosts: provider.hosts,
        credentials: { ...feeds.account },
        gapMs: 0,
        plain: false,
        handedIn: null,
        bounds: { maxBytes: 30_000_000, timeoutMs: 20_000, idleMs: 1_000, minBytesPerS: 50_000, maxTries: 4 },
        signal: new AbortController().signal,
        wait: () => Promise.resolve(),
        ...options,
      }),
    async load(provider, attack) {
      feeds.attack = attack;
      const before = good.get(provider);
      const plan: LoadPlan = {
        provider,
        load: { id: newId('lod', Date.now()), folder, key: randomBytes(32) },
        before: before === undefined ? null : { ...before.load, pricesAccepted: false },
        // What is taken over from the load before is held to what reading every row comes to: `outcome` repeats each load.
        typedAlike: true,
        hashKey,
        releases: [],
        maxBytes: 30_000_000,
        maxRows: 20_000,
        at: Date.now(),
        keepDays: 30,
        lookUp: null,
        onProgress: () => undefined,
      };
      return { plan, report: await performLoad(plan, hostile.session(provider)) };
    },
    async outcome(provider, attack) {
      try {
        const { plan, report } = await hostile.load(provider, attackOf(attack));
        const before = good.get(provider)?.remembered;
        const { holds } = decide(report.loaded, before === undefined ? [] : [before], 1);
        // The same bytes come to the same, whenever somebody asks.
        expect({ ...(await repeatLoad(plan)), reached: report.reached }).toEqual(report);
        if (holds.length > 0) return `held ${holds[0]?.reason}`;
        const kept = Object.entries(report.findings).filter(([id]) => !NOTES.has(id));
        return [
          ...kept.map(([id, count]) => `quarantined ${count} ${id}`),
          ...report.errors.map(({ column, what, count }) => `row-error ${count} ${column} ${what}`),
        ].join(', ');
      } catch (error) {
        if (error instanceof LoupeError)
          return `failed ${error.code} ${String(error.details['why'] ?? '')}`.trim();
        throw error;
      } finally {
        feeds.attack = null;
      }
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  for (const provider of providers) {
    const { plan, report } = await hostile.load(provider, null);
    good.set(provider, { load: plan.load, remembered: remembered(report.loaded, 0, true) });
  }
  return hostile;
}
