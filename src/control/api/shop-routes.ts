import { createRoute, z } from '@hono/zod-openapi';
import { grant, look, sampleShop, shop } from '@loupe/contract';
import type { SampleOffer } from '@loupe/contract';
import { readTarget } from '#look';
import { SHOP_KINDS } from '#plane';
import type { Grants } from '../auth/grants.ts';
import type { People } from '../auth/people.ts';
import { controlError } from '../errors.ts';
import type { Looks } from '../looks/looks.ts';
import type { ShopRow, Shops } from '../shops/shops.ts';
import { ROLES } from '../state.ts';
import { type Api, body, inShop, json, paging, problemAnswer } from './api.ts';

export interface ShopRoutesOptions {
  readonly shops: Shops;
  readonly looks: Looks;
  readonly grants: Grants;
  readonly people: People;
  readonly samples: readonly SampleOffer[];
}

function shopOf(row: ShopRow) {
  return {
    id: row.id,
    name: row.name,
    address: row.address,
    kind: row.kind,
    platform: row.platform,
    sample: row.sample === 1,
    lookedAt: row.looked_at,
  };
}

/** Shops, their looks, their answers, and the evidence behind these. */
export function addShopRoutes(api: Api, options: ShopRoutesOptions): void {
  const { shops, looks, grants, people } = options;

  api.add(
    'person',
    createRoute({
      method: 'get',
      path: '/shops',
      summary: 'The shops you have a part in',
      request: { query: paging },
      responses: {
        200: json(z.object({ shops: z.array(shop), next: z.string().nullable() }), 'A page of shops'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const rows = await shops.listFor(c.get('who').person.id, cursor ?? null, limit);
      return c.json(
        { shops: rows.map(shopOf), next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null },
        200,
      );
    },
  );
  api.add(
    'admin',
    createRoute({
      method: 'post',
      path: '/shops',
      summary: 'Add a shop by its address, and look at it',
      request: {
        body: body(
          z.strictObject({ address: z.string().max(2_000), name: z.string().min(1).max(100).optional() }),
        ),
      },
      responses: {
        201: json(z.object({ shop, look: z.string() }), 'The shop, and the look that has begun'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const given = c.req.valid('json');
      const wanted = readTarget(given.address).url.href;
      const offered = options.samples.find((sample) => readTarget(sample.address).url.href === wanted);
      const row = await shops.add({
        address: given.address,
        name: given.name ?? offered?.name ?? null,
        sample: offered !== undefined,
        by: c.get('who').person.id,
      });
      return c.json({ shop: shopOf(row), look: await looks.request(row.id) }, 201);
    },
  );
  api.add(
    'person',
    createRoute({
      method: 'get',
      path: '/samples',
      summary: 'Sample shops to try, where they are running',
      responses: { 200: json(z.object({ samples: z.array(sampleShop) }), 'Sample shops'), ...problemAnswer },
    }),
    (c) => c.json({ samples: [...options.samples] }, 200),
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}',
      summary: 'One shop',
      request: { params: inShop },
      responses: { 200: json(shop, 'The shop'), ...problemAnswer },
    }),
    async (c) => c.json(shopOf(await shops.get(c.req.valid('param').shop)), 200),
  );
  api.add(
    'shop:edit',
    createRoute({
      method: 'patch',
      path: '/shops/{shop}',
      summary: 'Change a shop’s name, kind or time zone',
      request: {
        params: inShop,
        body: body(
          z
            .strictObject({
              name: z.string().min(1).max(100).optional(),
              kind: z.enum(SHOP_KINDS).optional(),
              timeZone: z.string().max(60).refine(isTimeZone, 'a time zone such as Europe/Paris').optional(),
            })
            .refine((change) => Object.keys(change).length > 0, 'something to change'),
        ),
      },
      responses: { 200: json(shop, 'The shop'), ...problemAnswer },
    }),
    async (c) => {
      const { name, kind, timeZone } = c.req.valid('json');
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(kind === undefined ? {} : { kind }),
        ...(timeZone === undefined ? {} : { timeZone }),
      };
      return c.json(
        shopOf(await shops.change(c.req.valid('param').shop, change, c.get('who').person.id)),
        200,
      );
    },
  );
  api.add(
    'shop:edit',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}',
      summary: 'Remove a shop; its log in the ledger stays',
      request: { params: inShop },
      responses: { 204: { description: 'Removed' }, ...problemAnswer },
    }),
    async (c) => {
      await shops.remove(c.req.valid('param').shop, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:look',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/looks',
      summary: 'Look at the shop now',
      request: { params: inShop },
      responses: {
        202: json(z.object({ look: z.string() }), 'The look that has begun, or is under way'),
        ...problemAnswer,
      },
    }),
    async (c) => c.json({ look: await looks.request(c.req.valid('param').shop) }, 202),
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/looks/{look}',
      summary: 'How far a look has come',
      request: { params: inShop.extend({ look: z.string().max(64) }) },
      responses: { 200: json(look, 'The look'), ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, look: id } = c.req.valid('param');
      const now = await looks.get(shopId, id);
      return c.json({ ...now, parts: [...now.parts] }, 200);
    },
  );
  api.add(
    'shop:people',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/grants',
      summary: 'Who has which part in the shop',
      request: { params: inShop },
      responses: {
        200: json(z.object({ grants: z.array(grant) }), 'Grants'),
        ...problemAnswer,
      },
    }),
    async (c) => c.json({ grants: [...(await grants.list(c.req.valid('param').shop))] }, 200),
  );
  api.add(
    'shop:people',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/grants',
      summary: 'Give somebody a part in the shop; an invitation comes back where they are new',
      request: {
        params: inShop,
        body: body(
          z.strictObject({
            email: z.email().max(254),
            name: z.string().min(1).max(100),
            role: z.enum(ROLES),
            until: z.number().int().nullable().default(null),
          }),
        ),
      },
      responses: {
        201: json(z.object({ grant: z.string(), invite: z.string().nullable() }), 'The grant'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const given = c.req.valid('json');
      const shopId = c.req.valid('param').shop;
      const by = c.get('who').person.id;
      const { personId, token } = await people.invite(given.email, given.name, by);
      const id = await grants.add({ personId, shopId, role: given.role, until: given.until, by });
      c.set('kept', JSON.stringify({ grant: id, invite: null }));
      return c.json({ grant: id, invite: token === null ? null : `/claim#${token}` }, 201);
    },
  );
  api.add(
    'shop:people',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/grants/{grant}',
      summary: 'End somebody’s part in the shop, at once',
      request: { params: inShop.extend({ grant: z.string().max(64) }) },
      responses: { 204: { description: 'Ended' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, grant: id } = c.req.valid('param');
      if (!(await grants.end(shopId, id, c.get('who').person.id))) throw controlError('control/not-found');
      return c.body(null, 204);
    },
  );
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false; // RangeError: no such zone
  }
}
