import { createRoute, z } from '@hono/zod-openapi';
import { newsItem, newsSource } from '@loupe/contract';
import { controlError } from '../errors.ts';
import type { VendorBook } from '../vendors/book.ts';
import type { Connections } from '../vendors/connections.ts';
import type { News } from '../vendors/news.ts';
import { PAPER_KINDS } from '../vendors/paper-kinds.ts';
import type { Papers } from '../vendors/papers.ts';
import type { Register } from '../vendors/register.ts';
import { type Api, body, inShop, json, problemAnswer, upload } from './api.ts';

export interface PaperRoutesOptions {
  readonly register: Register;
  readonly book: VendorBook;
  readonly connections: Connections;
  readonly papers: Papers;
  readonly news: News;
}

const inPaper = inShop.extend({ paper: z.string().max(64) });

/** Papers on file, and news about third parties. */
export function addPaperRoutes(api: Api, options: PaperRoutesOptions): void {
  const { register, book, connections, papers, news } = options;

  api.add(
    'vendor:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/vendors/{vendor}/papers',
      summary: 'File a paper; its dates are read out of it where it says them',
      request: {
        params: inShop.extend({ vendor: z.string().max(64) }),
        body: {
          required: true,
          content: {
            'multipart/form-data': { schema: z.object({ kind: z.string().max(40), file: upload }) },
          },
        },
      },
      responses: { 201: json(z.object({ paper: z.string() }), 'The paper'), ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, vendor: vendorId } = c.req.valid('param');
      const { kind, file } = c.req.valid('form');
      if (!PAPER_KINDS.some((known) => known.id === kind)) throw controlError('control/bad-request');
      await register.get(shopId, vendorId);
      const given = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
      return c.json({ paper: await papers.file(shopId, vendorId, kind, given, c.get('who').person.id) }, 201);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/papers/{paper}/dates',
      summary: 'Type a paper’s dates; what is typed wins over what was read',
      request: {
        params: inPaper,
        body: body(
          z.strictObject({
            issuedAt: z.number().int().nullable().default(null),
            validUntil: z.number().int(),
          }),
        ),
      },
      responses: { 204: { description: 'Set' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, paper: id } = c.req.valid('param');
      await papers.setDates(shopId, id, c.req.valid('json'), c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/papers/{paper}',
      summary: 'Take a paper off the file',
      request: { params: inPaper },
      responses: { 204: { description: 'Removed' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, paper: id } = c.req.valid('param');
      await papers.remove(shopId, id, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/news',
      summary: 'News that speaks of the shop’s third parties, and where it comes from',
      request: { params: inShop },
      responses: {
        200: json(z.object({ items: z.array(newsItem), sources: z.array(newsSource) }), 'News'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const shopId = c.req.valid('param').shop;
      const [items, sources] = await Promise.all([news.items(shopId), news.sources(shopId)]);
      return c.json({ items: [...items], sources: [...sources] }, 200);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/news-sources',
      summary: 'Read a feed (RSS, Atom, JSON) four times a day; its host has to be let in first',
      request: {
        params: inShop,
        body: body(
          z.strictObject({
            name: z.string().trim().min(1).max(100),
            url: z.url({ protocol: /^https$/u }).max(2_000),
          }),
        ),
      },
      responses: { 201: json(z.object({ source: z.string() }), 'The source'), ...problemAnswer },
    }),
    async (c) => {
      const shopId = c.req.valid('param').shop;
      const { name, url } = c.req.valid('json');
      const { host } = new URL(url);
      // Reading a feed is a new way out: the gate is asked like for any other.
      const known = (await book.of(shopId)).connections.find(
        (one) => one.kind === 'outbound-host' && one.name === host,
      );
      if (known === undefined)
        await connections.declare(shopId, 'outbound-host', host, null, c.get('who').person.id);
      if (known?.gate.open !== true) throw controlError('control/gate-shut');
      if (known.state !== 'enabled')
        await connections.set(shopId, known.id, 'enabled', known.gate.why, c.get('who').person.id);
      return c.json({ source: await news.addSource(shopId, name, url) }, 201);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/news-files',
      summary: 'Read a feed that was saved as a file, once',
      request: {
        params: inShop,
        body: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: z.object({ name: z.string().trim().min(1).max(100), file: upload }),
            },
          },
        },
      },
      responses: { 201: json(z.object({ source: z.string() }), 'The source'), ...problemAnswer },
    }),
    async (c) => {
      const { name, file } = c.req.valid('form');
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (bytes.byteLength === 0) throw controlError('control/bad-request');
      return c.json({ source: await news.addFile(c.req.valid('param').shop, name, bytes) }, 201);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/news-sources/{source}',
      summary: 'Stop reading a feed',
      request: { params: inShop.extend({ source: z.string().max(64) }) },
      responses: { 204: { description: 'Stopped' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, source } = c.req.valid('param');
      await news.removeSource(shopId, source);
      return c.body(null, 204);
    },
  );
  api.add(
    'vendor:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/news/{item}',
      summary: 'Say whether an item concerns the shop, and what came of it',
      request: {
        params: inShop.extend({ item: z.string().max(64) }),
        body: body(
          z.strictObject({
            state: z.enum(['new', 'concerns-us', 'does-not', 'dealt-with']),
            note: z.string().max(1_000).nullable().default(null),
            vendor: z.string().max(64).nullable().optional(),
          }),
        ),
      },
      responses: { 204: { description: 'Triaged' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, item } = c.req.valid('param');
      const { vendor, ...rest } = c.req.valid('json');
      const given = vendor === undefined ? rest : { ...rest, vendor };
      await news.triage(shopId, item, given, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
}
