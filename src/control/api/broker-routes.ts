import { createRoute, z } from '@hono/zod-openapi';
import { integrationGiven, integrations } from '@loupe/contract';
import { type Clock, DAY_MS } from '#kernel';
import type { EdgeServices } from '../edges/edges.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

export interface BrokerRoutesOptions extends Pick<EdgeServices, 'edgeIntegrations' | 'edgeEvents'> {
  readonly clock: Clock;
}

const withId = inShop.extend({ id: z.string().max(64) });

/** Third parties that the shop's software calls through the broker, each with its switch. */
export function addBrokerRoutes(api: Api, options: BrokerRoutesOptions): void {
  const { edgeIntegrations, edgeEvents, clock } = options;

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/integrations',
      summary: 'Third parties that are called through Loupe, and whether each is let out',
      request: { params: inShop },
      responses: { 200: json(integrations, 'Integrations'), ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      const [list, counts, tokenMadeAt] = await Promise.all([
        edgeIntegrations.list(shop),
        edgeEvents.countsByIntegration(shop, clock.now() - DAY_MS),
        edgeIntegrations.tokenMadeAt(shop),
      ]);
      return c.json(
        {
          integrations: list.map(({ row, rule, open, gateShut }) => ({
            id: row.id,
            rule,
            on: row.is_on === 1,
            open,
            gateShut,
            connection: row.connection_id,
            turnedAt: row.turned_at,
            turnedBy: row.turned_by,
            ...(counts.get(row.id) ?? { calls: 0, refused: 0 }),
          })),
          tokenMadeAt,
        },
        200,
      );
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/integrations',
      summary: 'Name a third party to be called through Loupe; it begins switched off',
      request: { params: inShop, body: body(integrationGiven) },
      responses: { 201: json(z.object({ id: z.string() }), 'Added'), ...problemAnswer },
    }),
    async (c) => {
      const id = await edgeIntegrations.add(
        c.req.valid('param').shop,
        c.req.valid('json'),
        c.get('who').person.id,
      );
      return c.json({ id }, 201);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/integrations/{id}',
      summary: 'Change what may be asked of a third party; another host begins switched off',
      request: { params: withId, body: body(integrationGiven) },
      responses: { 204: { description: 'Changed' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      await edgeIntegrations.change(shop, id, c.req.valid('json'), c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  for (const on of [true, false])
    api.add(
      'edge:write',
      createRoute({
        method: 'post',
        path: `/shops/{shop}/integrations/{id}/${on ? 'on' : 'off'}`,
        summary: on
          ? 'Let calls out, where the register allows it'
          : 'The kill switch: stop all calls at once',
        request: { params: withId },
        responses: { 204: { description: on ? 'On' : 'Off' }, ...problemAnswer },
      }),
      async (c) => {
        const { shop, id } = c.req.valid('param');
        await edgeIntegrations.turn(shop, id, on, c.get('who').person.id);
        return c.body(null, 204);
      },
    );
  api.add(
    'edge:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/integrations/{id}',
      summary: 'Take a third party away',
      request: { params: withId },
      responses: { 204: { description: 'Gone' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, id } = c.req.valid('param');
      await edgeIntegrations.end(shop, id, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/broker-token',
      summary: 'A new token for the shop’s software; the one before is good until the next',
      request: { params: inShop },
      responses: { 201: json(z.object({ token: z.string().nullable() }), 'Made'), ...problemAnswer },
    }),
    async (c) => {
      const token = await edgeIntegrations.newToken(c.req.valid('param').shop, c.get('who').person.id);
      c.set('kept', JSON.stringify({ token: null }));
      return c.json({ token }, 201);
    },
  );
}
