import { createRoute, z } from '@hono/zod-openapi';
import type { Drops } from '../feeds/drops.ts';
import type { Shops } from '../shops/shops.ts';
import { type Api, inShop, json, problemAnswer } from './api.ts';

export interface DropRoutesOptions {
  readonly drops: Drops;
  readonly shops: Shops;
}

/** Lists that people hand in: the file as it is, kept sealed until it is looked at or loaded. */
export function addDropRoutes(api: Api, { drops, shops }: DropRoutesOptions): void {
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/drops',
      summary: 'Hand in a supplier’s list: the file as it is, 1 GiB at most',
      request: {
        params: inShop,
        body: {
          required: true,
          content: {
            'application/octet-stream': { schema: z.any().openapi({ type: 'string', format: 'binary' }) },
          },
        },
      },
      responses: { 201: json(z.object({ drop: z.string() }), 'Kept, for two days'), ...problemAnswer },
    }),
    async (c) => {
      const shop = await shops.get(c.req.valid('param').shop);
      const drop = await drops.receive(shop.id, piecesOf(c.req.raw.body), c.get('who').person.id);
      return c.json({ drop }, 201);
    },
  );
}

async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body !== null) yield* body;
}
