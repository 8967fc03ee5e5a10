import { createRoute, z } from '@hono/zod-openapi';
import { inspected, inspectionGiven } from '@loupe/contract';
import type { Inspected, Inspections } from '../feeds/inspections.ts';
import { failureText } from '../messages/feeds.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

const inInspection = inShop.extend({ inspection: z.string().max(64) });

/** Kept loads, looked at once more: judged again, or all stones of their quarantine listed. */
export function addInspectionRoutes(api: Api, { inspections }: { readonly inspections: Inspections }): void {
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/loads/{load}/inspections',
      summary: 'Judge a kept load again, or list its quarantine',
      request: { params: inShop.extend({ load: z.string().max(64) }), body: body(inspectionGiven) },
      responses: { 202: json(z.object({ inspection: z.string() }), 'A worker is at it'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, load } = c.req.valid('param');
      const { what } = c.req.valid('json');
      const inspection = await inspections.request(shop, load, what, c.get('who').person.id);
      return c.json({ inspection }, 202);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/inspections/{inspection}',
      summary: 'What came of it',
      request: { params: inInspection },
      responses: { 200: json(inspected, 'How it stands'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, inspection } = c.req.valid('param');
      return c.json(shown(await inspections.get(shop, inspection)), 200);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/inspections/{inspection}/quarantine.csv',
      summary: 'All stones of a quarantine, CSV',
      request: { params: inInspection },
      responses: {
        200: { description: 'The list', content: { 'text/csv': { schema: z.string() } } },
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop, inspection } = c.req.valid('param');
      return c.body(await inspections.sheet(shop, inspection), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="quarantine.csv"',
      });
    },
  );
}

function shown(found: Inspected): z.infer<typeof inspected> {
  switch (found.state) {
    case 'waiting':
      return { state: 'waiting', says: 'A worker is at it.' };
    case 'failed':
      return { state: 'failed', says: failureText(found.failure) };
    case 'repeated':
      return {
        state: 'done',
        says: found.same
          ? 'The same bytes come to the same figures and the same decision.'
          : 'The same bytes come to something else than what was recorded.',
      };
    case 'listed':
      if (found.of === 0) return { state: 'done', says: 'No stone is in quarantine.' };
      return {
        state: 'listed',
        says:
          found.of > found.stones
            ? `The first ${found.stones} of ${found.of} stones in quarantine.`
            : `All ${found.of} stones in quarantine.`,
      };
  }
}
