import { createRoute, z } from '@hono/zod-openapi';
import { candidateGiven, excludedRequest, explainedRequest, firewallPacks } from '@loupe/contract';
import type { EdgeServices } from '../edges/edges.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

const withReference = inShop.extend({ reference: z.string().max(24) });

/** What the firewall did with a request, and exclusions that are made of it. */
export function addFirewallRoutes(
  api: Api,
  { edgeFirewall, rulePacks }: Pick<EdgeServices, 'edgeFirewall' | 'rulePacks'>,
): void {
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

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/firewall-rules',
      summary:
        'Rule packs: which is in force, which is tried beside it, and what both said of the same requests',
      request: { params: inShop },
      responses: { 200: json(firewallPacks, 'Rule packs'), ...problemAnswer },
    }),
    async (c) => c.json(await rulePacks.view(c.req.valid('param').shop), 200),
  );
  api.add(
    'edge:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/firewall-rules/candidate',
      summary:
        'Try a rule pack beside the one in force: it refuses nothing, and what it would have done is told',
      request: { params: inShop, body: body(candidateGiven) },
      responses: { 204: { description: 'Tried' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      await rulePacks.try(shop, c.req.valid('json').pack, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  for (const [step, summary] of [
    ['enforce', 'Put the rule pack that is tried in force'],
    ['back', 'Go back to the rule pack that was in force before'],
  ] as const)
    api.add(
      'edge:write',
      createRoute({
        method: 'post',
        path: `/shops/{shop}/firewall-rules/${step}`,
        summary,
        request: { params: inShop },
        responses: { 204: { description: 'Done' }, ...problemAnswer },
      }),
      async (c) => {
        await rulePacks[step](c.req.valid('param').shop, c.get('who').person.id);
        return c.body(null, 204);
      },
    );
}
