import { createRoute, z } from '@hono/zod-openapi';
import { excludedRequest, explainedRequest } from '@loupe/contract';
import type { EdgeServices } from '../edges/edges.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

const withReference = inShop.extend({ reference: z.string().max(24) });

/** What the firewall did with a request, and exclusions that are made of it. */
export function addFirewallRoutes(api: Api, { edgeFirewall }: Pick<EdgeServices, 'edgeFirewall'>): void {
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/firewall/{reference}',
      summary: 'Why the firewall did what it did with a request, and the least that would have let it pass',
      request: { params: withReference },
      responses: { 200: json(explainedRequest, 'Explained'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, reference } = c.req.valid('param');
      const { shop: _, rules, exclusions, ...rest } = await edgeFirewall.explain(shop, reference);
      return c.json(
        {
          ...rest,
          exclusions: exclusions.map((one) => ({ ...one })),
          rules: rules.map((one) => ({
            ...one,
            fields: [...one.fields],
            transformations: [...one.transformations],
          })),
        },
        200,
      );
    },
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/firewall/{reference}/excluded',
      summary:
        'Make the smallest exclusions that would let such a request pass on its route, or take them away',
      request: { params: withReference, body: body(excludedRequest) },
      responses: { 204: { description: 'Done' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, reference } = c.req.valid('param');
      const { excluded } = c.req.valid('json');
      await edgeFirewall.exclude(shop, reference, !excluded, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
}
