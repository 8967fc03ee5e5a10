import { createRoute, z } from '@hono/zod-openapi';
import { connection, connectionKind, DUTY_HOLDERS, exception, responsibility } from '@loupe/contract';
import { controlError } from '../errors.ts';
import type { Shops } from '../shops/shops.ts';
import type { VendorBook } from '../vendors/book.ts';
import type { Connections } from '../vendors/connections.ts';
import type { Decisions } from '../vendors/decisions.ts';
import type { Register } from '../vendors/register.ts';
import type { Responsibilities } from '../vendors/responsibilities.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

export interface GateRoutesOptions {
  readonly shops: Shops;
  readonly register: Register;
  readonly book: VendorBook;
  readonly connections: Connections;
  readonly decisions: Decisions;
  readonly responsibilities: Responsibilities;
  changed(shopId: string): Promise<void>;
}

const inConnection = inShop.extend({ connection: z.string().max(64) });

/** What is plugged in, what may be, and what was let in without an assessment. */
export function addGateRoutes(api: Api, options: GateRoutesOptions): void {
  const { shops, register, book, connections, decisions, responsibilities } = options;

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/connections',
      summary: 'What is plugged into the shop, and why each may be',
      request: { params: inShop },
      responses: {
        200: json(
          z.object({ connections: z.array(connection), exceptions: z.array(exception) }),
          'Connections',
        ),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const page = await book.of(c.req.valid('param').shop);
      return c.json({ connections: [...page.connections], exceptions: [...page.exceptions] }, 200);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/connections',
      summary: 'Name something that is to be plugged in: a feed, an app, a key, a script, a host',
      request: {
        params: inShop,
        body: body(
          z.strictObject({
            kind: connectionKind,
            name: z.string().trim().min(1).max(253),
            vendor: z.string().max(64).nullable().default(null),
          }),
        ),
      },
      responses: {
        201: json(z.object({ connection: z.string() }), 'The connection, not enabled yet'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const shopId = c.req.valid('param').shop;
      const { kind, name, vendor } = c.req.valid('json');
      if (vendor !== null) await register.get(shopId, vendor);
      const id = await connections.declare(shopId, kind, name, vendor, c.get('who').person.id);
      await options.changed(shopId);
      return c.json({ connection: id }, 201);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/connections/{connection}/vendor',
      summary: 'Say whose it is',
      request: {
        params: inConnection,
        body: body(z.strictObject({ vendor: z.string().max(64).nullable() })),
      },
      responses: { 204: { description: 'Said' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, connection: id } = c.req.valid('param');
      const { vendor } = c.req.valid('json');
      if (vendor !== null) await register.get(shopId, vendor);
      await connections.assign(shopId, id, vendor, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/connections/{connection}/state',
      summary: 'Enable it, where the gate is open; or say that it is off',
      request: { params: inConnection, body: body(z.strictObject({ state: z.enum(['enabled', 'off']) })) },
      responses: { 204: { description: 'Set' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, connection: id } = c.req.valid('param');
      const { state } = c.req.valid('json');
      const found = (await book.of(shopId)).connections.find((one) => one.id === id);
      if (found === undefined) throw controlError('control/not-found');
      if (state === 'enabled' && !found.gate.open) throw controlError('control/gate-shut');
      await connections.set(shopId, id, state, found.gate.why, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'vendor:decide',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/exceptions',
      summary:
        'Let something in without an assessment: with a reason, somebody who answers for it, and an end',
      request: {
        params: inShop,
        body: body(
          z.strictObject({
            about: z.enum(['vendor', 'connection']),
            id: z.string().max(64),
            reason: z.string().trim().min(1).max(500),
            owner: z.string().trim().min(1).max(100),
            until: z.number().int(),
          }),
        ),
      },
      responses: { 201: json(z.object({ exception: z.string() }), 'The exception'), ...problemAnswer },
    }),
    async (c) => {
      const shopId = c.req.valid('param').shop;
      const { id: aboutId, ...given } = c.req.valid('json');
      const id = await decisions.except(shopId, { ...given, aboutId }, c.get('who').person.id);
      await options.changed(shopId);
      return c.json({ exception: id }, 201);
    },
  );
  api.add(
    'vendor:decide',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/exceptions/{exception}',
      summary: 'End an exception now',
      request: { params: inShop.extend({ exception: z.string().max(64) }) },
      responses: { 204: { description: 'Ended' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, exception: id } = c.req.valid('param');
      await decisions.endException(shopId, id, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/responsibilities',
      summary: 'Whose each requirement is (PCI DSS 12.8.5)',
      request: { params: inShop },
      responses: {
        200: json(z.object({ responsibilities: z.array(responsibility) }), 'Responsibilities'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const shop = await shops.get(c.req.valid('param').shop);
      return c.json({ responsibilities: [...(await responsibilities.list(shop.id, shop.kind))] }, 200);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/responsibilities/{requirement}',
      summary: 'Write down whose a requirement is',
      request: {
        params: inShop.extend({ requirement: z.string().max(20) }),
        body: body(
          z.strictObject({ who: z.enum(DUTY_HOLDERS), vendor: z.string().max(64).nullable().default(null) }),
        ),
      },
      responses: { 204: { description: 'Written down' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, requirement } = c.req.valid('param');
      const given = c.req.valid('json');
      if (given.vendor !== null) await register.get(shopId, given.vendor);
      await responsibilities.set(shopId, requirement, given, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
}
