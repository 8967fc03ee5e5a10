import { createRoute, z } from '@hono/zod-openapi';
import { cspReports, draft, edges, routeGiven, routes, selfTests, traffic } from '@loupe/contract';
import { type Clock, DAY_MS, HOUR_MS } from '#kernel';
import type { EdgeServices } from '../edges/edges.ts';
import { draftDocument } from '../edges/draft.ts';
import { KEEP_MS } from '../edges/events.ts';
import { fitsHosts } from '../edges/routes.ts';
import { controlError } from '../errors.ts';
import { orderingText, trafficSentence } from '../messages/edges.ts';
import type { State } from '../state.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

export interface EdgeRoutesOptions extends EdgeServices {
  readonly state: State;
  readonly clock: Clock;
}

const withId = inShop.extend({ id: z.string().max(64) });

/** What stands at the edge: routes, the edges themselves, what came, and what was refused. */
export function addEdgeRoutes(api: Api, options: EdgeRoutesOptions): void {
  const { edgeRoutes, edgeSettings, edgeEvents, edgePolicies, edgeWatch, state, clock } = options;

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/routes',
      summary: 'Routes of the shop, with what came in the last day',
      request: { params: inShop },
      responses: { 200: json(routes, 'Routes'), ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      const [list, ended, counts] = await Promise.all([
        edgeRoutes.list(shop),
        edgeRoutes.ended(shop),
        edgeEvents.countsByRoute(shop, clock.now() - DAY_MS),
      ]);
      return c.json(
        {
          routes: list.map((one) => ({ ...one, ...(counts.get(one.id) ?? { requests: 0, refused: 0 }) })),
          ended: [...ended],
        },
        200,
      );
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/routes',
      summary: 'Add a route; it is in force on every edge within a second',
      request: { params: inShop, body: body(routeGiven) },
      responses: { 201: json(z.object({ id: z.string() }), 'Added'), ...problemAnswer },
    }),
    async (c) => {
      const id = await edgeRoutes.add(c.req.valid('param').shop, c.req.valid('json'), c.get('who').person.id);
      return c.json({ id }, 201);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/routes/{id}',
      summary: 'Change a route',
      request: { params: withId, body: body(routeGiven) },
      responses: { 204: { description: 'Changed' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      await edgeRoutes.change(shop, id, c.req.valid('json'), c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/routes/{id}',
      summary: 'Take a route away',
      request: { params: withId },
      responses: { 204: { description: 'Gone' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      await edgeRoutes.end(shop, id, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/routes/{id}/undo',
      summary: 'Undo the last change of a route, or bring one back that was taken away',
      request: { params: withId },
      responses: { 204: { description: 'Undone' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      await edgeRoutes.undo(shop, id, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/csp-reports',
      summary: 'What browsers said in a week that a content security policy stopped, the most frequent first',
      request: { params: inShop },
      responses: { 200: json(cspReports, 'Reports'), ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      const reports = await edgeEvents.cspReports(shop, clock.now() - 7 * DAY_MS);
      return c.json({ reports: [...reports] }, 200);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/routes/{id}/draft',
      summary: 'An OpenAPI document drafted from what a learning route saw',
      request: { params: withId },
      responses: { 200: json(draft, 'The draft'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      const found = (await edgeRoutes.list(shop)).find((one) => one.id === id);
      if (found === undefined) throw controlError('control/not-found');
      const shapes = await edgeEvents.ofKind(shop, 'shape', clock.now() - KEEP_MS);
      return c.json(
        {
          ...draftDocument(
            found.rule.name,
            shapes.filter((row) => row.route_id === id),
          ),
        },
        200,
      );
    },
  );

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/edges',
      summary: 'Edges, and which policy each runs',
      request: { params: inShop },
      responses: { 200: json(edges, 'Edges'), ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      const published = edgePolicies.current();
      const own = await edgeRoutes.list(shop);
      const names = new Map(own.map((one) => [one.id, one.rule.name]));
      const hosts = new Set(own.flatMap((one) => one.rule.hosts));
      // What edges say of other shops' names is nothing for this one's people.
      const concerns = (told: readonly string[]): boolean =>
        c.get('who').person.admin === 1 || fitsHosts(told, hosts);
      const rows = await state.kysely.selectFrom('edge_process').selectAll().orderBy('name').execute();
      const list = await Promise.all(
        rows.map(async (row) => {
          const said: {
            connections?: number;
            counters?: string;
            certificates?: { names: string[]; notAfter: number }[];
            held?: { shop: string; route: string; why: string }[];
            unordered?: { name: string; problem: string; againAt: number | null; notAfter: number | null }[];
          } = JSON.parse(row.state);
          const boots = await edgeEvents.boots(row.name);
          return {
            name: row.name,
            version: row.version,
            current: row.version === (published?.version ?? 0),
            refused: row.refused,
            held: (said.held ?? [])
              .filter((one) => one.shop === shop)
              .map(({ route, why }) => ({ route: names.get(route) ?? route, why })),
            seenAt: row.seen_at,
            connections: said.connections ?? 0,
            counters: said.counters ?? '',
            certificates: (said.certificates ?? []).filter((one) => concerns(one.names)),
            unordered: (said.unordered ?? [])
              .filter((one) => concerns([one.name]))
              .map((one) => ({ ...one, says: orderingText(one.problem) })),
            missed: boots.reduce((sum, boot) => sum + boot.missed, 0),
          };
        }),
      );
      return c.json(
        { version: published?.version ?? 0, publishedAt: published?.madeAt ?? null, edges: list },
        200,
      );
    },
  );

  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/self-test',
      summary: 'Test every edge now, as is done daily: what was tried, and what came back',
      request: { params: inShop },
      responses: { 200: json(selfTests, 'What was tried'), ...problemAnswer },
    }),
    async (c) => {
      const tests = await edgeWatch.test(c.req.valid('param').shop);
      return c.json({ tests: tests.map((one) => ({ ...one, statuses: [...one.statuses] })) }, 200);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/traffic',
      summary: 'What came at the edge, the newest first',
      request: {
        params: inShop,
        query: z.object({
          refused: z.enum(['true', 'false']).default('false'),
          route: z.string().max(64).optional(),
          before: z.coerce.number().int().optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
      },
      responses: { 200: json(traffic, 'Traffic'), ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      const query = c.req.valid('query');
      const [rows, minutes, lifted] = await Promise.all([
        edgeEvents.traffic(shop, {
          refusedOnly: query.refused === 'true',
          route: query.route ?? null,
          before: query.before ?? null,
          limit: query.limit,
        }),
        edgeEvents.minutes(shop, clock.now() - HOUR_MS),
        edgeSettings.lifted(shop),
      ]);
      const entries = rows.map((row) => {
        const told: Readonly<Record<string, unknown>> = JSON.parse(row.body);
        const word = (name: string): string | null => (typeof told[name] === 'string' ? told[name] : null);
        const count = (name: string): number | null => (typeof told[name] === 'number' ? told[name] : null);
        return {
          id: `${row.edge}.${row.boot}.${row.seq}`,
          at: row.at,
          kind: row.kind,
          route: row.route_id,
          method: word('method'),
          path: word('path'),
          status: count('status'),
          ms: count('ms'),
          from: word('from'),
          caller: word('caller'),
          reference: word('ref'),
          says: trafficSentence(told),
          refused: row.refused === 1,
          inspected: told['firewall'] !== undefined,
          locks: locksOf(told['locks']).map((lock) => ({
            ...lock,
            lifted: (lifted.get(lock.lock) ?? 0) > row.at,
          })),
        };
      });
      return c.json({ entries, minutes: [...minutes] }, 200);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/locks/{lock}/lift',
      summary: 'End a lock',
      request: { params: inShop.extend({ lock: z.string().max(64) }) },
      responses: { 204: { description: 'Lifted' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, lock } = c.req.valid('param');
      await edgeSettings.lift(shop, lock, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
}

/** `account 0af3…` as edges write it. */
function locksOf(told: unknown): { lock: string; per: string }[] {
  if (!Array.isArray(told)) return [];
  return told.flatMap((one) => {
    const [per = '', lock = ''] = String(one).split(' ');
    return lock === '' ? [] : [{ lock, per }];
  });
}
