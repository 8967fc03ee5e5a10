import { createRoute, z } from '@hono/zod-openapi';
import { answers, observation, observationProof } from '@loupe/contract';
import type { BlobStore } from '#storage';
import type { Anchors } from '../anchors/anchors.ts';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import type { Observations } from '../looks/observations.ts';
import type { AnswerBook } from '../questions/answers.ts';
import type { Shops } from '../shops/shops.ts';
import { type Api, inShop, json, paging, problemAnswer } from './api.ts';

export interface EvidenceRoutesOptions {
  readonly shops: Shops;
  readonly observations: Observations;
  readonly book: AnswerBook;
  readonly blobs: BlobStore;
  readonly keeper: KeeperClient;
  readonly anchors: Anchors;
}

/** Answers, and what they stand on: observations, raw evidence, proofs. */
export function addEvidenceRoutes(api: Api, options: EvidenceRoutesOptions): void {
  const { shops, observations, book, blobs, keeper, anchors } = options;

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/answers',
      summary: 'All questions, answered as far as honesty allows',
      request: { params: inShop },
      responses: { 200: json(answers, 'The answers'), ...problemAnswer },
    }),
    async (c) => c.json(await book.all(await shops.get(c.req.valid('param').shop)), 200),
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/observations',
      summary: 'What was observed, newest first',
      request: { params: inShop, query: paging },
      responses: {
        200: json(z.object({ observations: z.array(observation), next: z.string().nullable() }), 'A page'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const list = await observations.list(c.req.valid('param').shop, cursor ?? null, limit);
      const next = list.length === limit ? (list.at(-1)?.id ?? null) : null;
      return c.json({ observations: [...list], next }, 200);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/observations/{observation}',
      summary: 'One observation, and where the ledger has it',
      request: { params: inShop.extend({ observation: z.string().max(64) }) },
      responses: {
        200: json(observationProof, 'The observation'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId, observation: id } = c.req.valid('param');
      const found = await observations.get(shopId, id);
      if (found === null) throw controlError('control/not-found');
      const log = (await keeper.logs()).find((l) => l.id === shopId);
      const reached = (await anchors.of(shopId)).filter((a) => found.leaf !== null && a.size > found.leaf);
      return c.json(
        {
          observation: found.observation,
          log: log?.origin ?? shopId,
          key: log?.vkey ?? '',
          leaf: found.leaf,
          anchors: reached.map(({ name, size, at }) => ({ name, size, at })),
        },
        200,
      );
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/observations/{observation}/proof',
      summary: 'A proof file (C2SP tlog-proof) that anybody can check offline',
      request: { params: inShop.extend({ observation: z.string().max(64) }) },
      responses: {
        200: { description: 'The proof', content: { 'text/plain': { schema: z.string() } } },
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId, observation: id } = c.req.valid('param');
      const found = await observations.get(shopId, id);
      if (found?.leaf === null || found === null) throw controlError('control/not-found');
      const proof = await keeper.prove(shopId, found.leaf);
      return c.text(proof, 200, { 'content-disposition': `attachment; filename="${id}.tlog-proof"` });
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/evidence/{hash}',
      summary: 'Raw evidence, by its SHA-256',
      request: { params: inShop.extend({ hash: z.string().max(64) }) },
      responses: {
        200: { description: 'The evidence as it was kept, canonical JSON' },
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId, hash } = c.req.valid('param');
      const bytes = await blobs.get(shopId, hash);
      if (bytes === null) throw controlError('control/not-found');
      return c.body(Buffer.from(bytes).toString('utf8'), 200, { 'content-type': 'application/json' });
    },
  );
}
