// The edges, tested and judged: each a signed observation, with the tests it was judged from as its evidence.
import { canonicalBytes, type Clock, DAY_MS, HOUR_MS, type Json } from '#kernel';
import type { CheckDefinition, Observation } from '#plane';
import type { BlobStore } from '#storage';
import { newsOf, type Observations, recordObservations } from '../looks/observations.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import { CALLS_MS, EDGE_CHECKS } from './checks.ts';
import type { EdgeCredentials } from './credentials.ts';
import type { EdgeEvents } from './events.ts';
import type { EdgeIntegrations } from './integrations.ts';
import { type EdgeFacts, type EdgeInput, type Judged, judgeEdges } from './judge.ts';
import type { EdgePolicies } from './policies.ts';
import { type EdgeRoutes, fitsHosts } from './routes.ts';
import type { RulePacks } from './rule-packs.ts';
import { type SelfTest, testEdge } from './self-test.ts';

export interface EdgeWatch {
  /** Tests every edge that is there and judges what stands at it. */
  test(shopId: string): Promise<readonly SelfTest[]>;
  /** Judges a shop that has nothing at an edge: there is nothing to test. */
  judgeUnguarded(shopId: string): Promise<void>;
  /** Tests what is due: each shop with routes daily, and soon after its policy changed. */
  tick(): Promise<void>;
}

export interface EdgeWatchOptions {
  readonly state: State;
  readonly shops: Shops;
  readonly blobs: BlobStore;
  readonly observations: Observations;
  readonly routes: EdgeRoutes;
  readonly credentials: EdgeCredentials;
  readonly integrations: EdgeIntegrations;
  readonly events: EdgeEvents;
  readonly policies: EdgePolicies;
  readonly packs: RulePacks;
  readonly clock: Clock;
}

const CHECKS: ReadonlyMap<string, CheckDefinition> = new Map(EDGE_CHECKS.map((check) => [check.id, check]));
/** Tested again after this long though nothing changed. */
const RENEW_MS = 20 * HOUR_MS;
const ALIVE_MS = 60_000;
/** Why a check says nothing more about one of its subjects. */
const NO_MORE: Readonly<Record<string, string>> = {
  'edge.outbound': 'no-calls',
  'firewall.attack': 'not-sent',
};

export function openEdgeWatch(options: EdgeWatchOptions): EdgeWatch {
  const { state, events, clock } = options;
  const db = state.kysely;
  /** The version of policy that each shop was tested under. */
  const tested = new Map<string, number>();

  async function edgeFacts(shopId: string): Promise<readonly (EdgeFacts & { readonly selfPort: number })[]> {
    const version = options.policies.current()?.version ?? 0;
    const hosts = new Set((await options.routes.list(shopId)).flatMap((one) => one.rule.hosts));
    const rows = await db.selectFrom('edge_process').selectAll().orderBy('name').execute();
    return await Promise.all(
      rows.map(async (row) => {
        const said: Partial<Pick<EdgeFacts, 'listeners' | 'proxies' | 'certificates'>> & {
          selfPort?: number;
          held?: readonly { readonly shop: string }[];
        } = JSON.parse(row.state);
        const fitting = (said.certificates ?? []).filter((one) => fitsHosts(one.names, hosts));
        const boots = await events.boots(row.name);
        const recent = boots.filter((boot) => boot.first_at > clock.now() - 7 * DAY_MS);
        return {
          name: row.name,
          seenAt: row.seen_at,
          current: row.version === version,
          held: said.held?.some((one) => one.shop === shopId) === true,
          listeners: said.listeners ?? [],
          proxies: said.proxies ?? 'none',
          certificates: fitting.length > 0 ? fitting : (said.certificates ?? []),
          missed: recent.reduce((sum, boot) => sum + boot.missed, 0),
          selfPort: said.selfPort ?? 0,
        };
      }),
    );
  }

  async function callFacts(shopId: string): Promise<EdgeInput['calls']> {
    const [rows, integrations] = await Promise.all([
      events.ofKind(shopId, 'call', clock.now() - CALLS_MS),
      options.integrations.list(shopId),
    ]);
    return integrations.flatMap(({ row, rule, open }) => {
      if (!open) return [];
      const told = rows
        .filter((event) => event.route_id === row.id)
        .map((event): { tls?: string; certificateUntil?: number } => JSON.parse(event.body));
      const last = told.findLast((one) => one.tls !== undefined);
      const host = new URL(rule.origin).hostname;
      return [{ host, tls: last?.tls ?? null, certificateUntil: last?.certificateUntil ?? null }];
    });
  }

  /** The firewall's rules that are in force for a shop. */
  async function packOf(shopId: string): Promise<EdgeInput['pack']> {
    const [list, { enforced }] = await Promise.all([options.packs.list(), options.packs.of(shopId)]);
    const found = list.find(({ id }) => id === enforced);
    if (found === undefined) throw new TypeError(`no rule pack ${enforced}`);
    return found;
  }

  async function record(shopId: string, input: EdgeInput): Promise<void> {
    const now = clock.now();
    const newest = await options.observations.newest(shopId);
    const all = judgeEdges(input, now);
    // A third party that is called no more, or an attack that is sent no more, must not stay as it was.
    const gone = newest
      .filter(
        (o) => o.check in NO_MORE && !all.some((one) => one.check === o.check && one.subject === o.subject),
      )
      .map(
        ({ check, subject }): Judged => ({
          check,
          subject,
          outcome: 'not-applicable',
          figure: null,
          facts: { why: NO_MORE[check] ?? 'other' },
        }),
      );
    const judged = newsOf([...all, ...gone], newest, RENEW_MS, now);
    if (judged.length === 0) return;
    const evidence = await options.blobs.put(shopId, canonicalBytes(evidenceOf(input, now)));
    const fresh = judged.map((one): Omit<Observation, 'id'> => {
      const check = CHECKS.get(one.check);
      if (check === undefined) throw new TypeError(`no such check: ${one.check}`);
      return {
        ...one,
        shop: shopId,
        source: 'seen',
        observedAt: now,
        validUntil: now + check.freshForMs,
        evidence,
      };
    });
    await state.transaction(async (tx) => void (await recordObservations(tx, fresh, 'control', now)));
  }

  /** Tests of a shop under way or waiting: two at once would find each other's traces. */
  const turns = new Map<string, Promise<unknown>>();

  async function test(shopId: string): Promise<readonly SelfTest[]> {
    // What is decided while it runs is tested again.
    const version = options.policies.current()?.version ?? 0;
    const [shop, routes, edges, credentials, calls] = await Promise.all([
      options.shops.get(shopId),
      options.routes.list(shopId),
      edgeFacts(shopId),
      options.credentials.list(shopId),
      callFacts(shopId),
    ]);
    const alive = edges.filter((edge) => clock.now() - edge.seenAt <= ALIVE_MS && edge.selfPort > 0);
    const tests: SelfTest[] = [];
    if (routes.length > 0)
      for (const edge of alive) tests.push(...(await testEdge(edge.name, edge.selfPort, shopId, routes)));
    await record(shopId, {
      kind: shop.kind,
      routes,
      edges,
      credentials: credentials.map((row) => ({
        name: row.name,
        secretAt: row.secret_at,
        madeAt: row.made_at,
        usedAt: row.used_at,
      })),
      calls,
      tests,
      pack: await packOf(shopId),
    });
    tested.set(shopId, version);
    return tests;
  }

  const watch: EdgeWatch = {
    async test(shopId) {
      const turn = (turns.get(shopId) ?? Promise.resolve()).catch(() => undefined).then(() => test(shopId));
      turns.set(shopId, turn);
      return await turn;
    },
    async judgeUnguarded(shopId) {
      if ((await options.routes.list(shopId)).length === 0) await watch.test(shopId);
    },
    async tick() {
      const version = options.policies.current()?.version ?? 0;
      for (const shop of await options.shops.all()) {
        if ((await options.routes.list(shop.id)).length === 0) continue;
        const newest = await options.observations.newest(shop.id);
        const last = newest.find((one) => one.check === 'edge.routes');
        const due = last === undefined || last.observedAt + RENEW_MS <= clock.now();
        const behind = (tested.get(shop.id) ?? 0) !== version;
        if (due || behind) await watch.test(shop.id);
      }
    },
  };
  return watch;
}

/** What was judged, without anybody's secret: ids, statuses, dates. */
function evidenceOf(input: EdgeInput, at: number): Json {
  return {
    evidence: 'edge',
    at,
    target: 'edge',
    routes: input.routes.map(({ id, rule }) => ({
      id,
      proofs: rule.proofs.map((proof) => proof.kind),
      limits: rule.limits.length,
      guards: rule.guards.map((guard) => guard.what),
      firewall: { mode: rule.firewall.mode, exclusions: rule.firewall.exclusions.length },
    })),
    edges: input.edges.map(({ name, seenAt, current, held, proxies, missed, certificates }) => ({
      name,
      seenAt,
      current,
      held,
      proxies,
      missed,
      certificates: certificates.map((one) => ({ names: [...one.names], notAfter: one.notAfter })),
    })),
    firewall: { name: input.pack.name, version: input.pack.version, madeOn: input.pack.madeOn },
    credentials: input.credentials.map(({ secretAt, usedAt }) => ({ secretAt, usedAt })),
    calls: input.calls.map((call) => ({ ...call })),
    tests: input.tests.map((test) => ({ ...test, statuses: [...test.statuses] })),
  };
}
