import { createRoute, z } from '@hono/zod-openapi';
import { windowHook, windowHookGiven } from '@loupe/contract';
import type { HookRow, WindowHooks } from '../feeds/window-hooks.ts';
import { hookText } from '../messages/feeds.ts';
import type { Shops } from '../shops/shops.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

export interface WindowHookRoutesOptions {
  readonly windowHooks: WindowHooks;
  readonly shops: Shops;
}

/** Addresses that are told when a shop's window shows something else. */
export function addWindowHookRoutes(api: Api, { windowHooks, shops }: WindowHookRoutesOptions): void {
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/window-hooks',
      summary: 'Addresses that are told when the shop’s window shows something else',
      request: { params: inShop },
      responses: { 200: json(z.object({ hooks: z.array(windowHook) }), 'Addresses'), ...problemAnswer },
    }),
    async (c) => {
      const shop = await shops.get(c.req.valid('param').shop);
      return c.json({ hooks: (await windowHooks.list(shop.id)).map(shown) }, 200);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/window-hooks',
      summary: 'Have an address told, by Standard Webhooks; its secret is shown this once',
      request: { params: inShop, body: body(windowHookGiven) },
      responses: { 201: json(z.object({ hook: z.string(), secret: z.string() }), 'Added'), ...problemAnswer },
    }),
    async (c) => {
      const shop = await shops.get(c.req.valid('param').shop);
      return c.json(await windowHooks.add(shop.id, c.req.valid('json').url, c.get('who').person.id), 201);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/window-hooks/{hook}',
      summary: 'Have an address told no more',
      request: { params: inShop.extend({ hook: z.string().max(64) }) },
      responses: { 204: { description: 'Told no more' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, hook } = c.req.valid('param');
      await windowHooks.remove(shop, hook, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
}

function shown(row: HookRow): z.infer<typeof windowHook> {
  return {
    id: row.id,
    url: row.url,
    deliveredAt: row.delivered_at,
    failures: row.failures,
    says: hookText(row.failures, row.last_failure === null ? null : JSON.parse(row.last_failure)),
  };
}
