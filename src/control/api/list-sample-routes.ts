import { createRoute, z } from '@hono/zod-openapi';
import { firstRows, firstRowsAsked } from '@loupe/contract';
import type { ListSamples } from '../feeds/list-samples.ts';
import { failureText } from '../messages/feeds.ts';
import type { Shops } from '../shops/shops.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

export interface ListSampleRoutesOptions {
  readonly listSamples: ListSamples;
  readonly shops: Shops;
}

/** A supplier's list, looked at before anybody says what its columns mean. */
export function addListSampleRoutes(api: Api, { listSamples, shops }: ListSampleRoutesOptions): void {
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/list-samples',
      summary: 'Read the first rows of a supplier’s list',
      request: { params: inShop, body: body(firstRowsAsked) },
      responses: { 202: json(z.object({ sample: z.string() }), 'It is being read'), ...problemAnswer },
    }),
    async (c) => {
      const shop = await shops.get(c.req.valid('param').shop);
      return c.json({ sample: await listSamples.request(shop.id, c.req.valid('json')) }, 202);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/list-samples/{sample}',
      summary: 'The first rows of a supplier’s list',
      request: { params: inShop.extend({ sample: z.string().max(64) }) },
      responses: {
        200: json(
          z.object({ first: firstRows.nullable(), failure: z.string().nullable() }),
          'Both null while it is being read',
        ),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop, sample } = c.req.valid('param');
      const found = await listSamples.get(shop, sample);
      return c.json(
        {
          first: found.state === 'read' ? found.first : null,
          failure: found.state === 'failed' ? failureText(found.failure) : null,
        },
        200,
      );
    },
  );
}
