import { createRoute, z } from '@hono/zod-openapi';
import { change, changeItem, type Change, hunk } from '@loupe/contract';
import type { Hunk } from '#intake';
import { controlError } from '../errors.ts';
import { changeSentence, doneByText, factsText, whyText } from '../messages/platforms.ts';
import { type ChangeRow, type Changes, VERDICTS } from '../platforms/changes.ts';
import { type Api, body, inShop, json, paging, problemAnswer } from './api.ts';

export interface ChangeRoutesOptions {
  readonly changes: Changes;
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** What differs between two texts; null where that is too much to be read. */
  compareTexts(before: string, after: string): Promise<readonly Hunk[] | null>;
  changed(shopId: string): Promise<void>;
}

function viewOf(row: ChangeRow, names: ReadonlyMap<string, string>): Change {
  return {
    id: row.id,
    at: row.at,
    weight: row.weight,
    sentence: changeSentence(row),
    why: whyText(row.why),
    doneBy: doneByText(row.done_by),
    count: row.count,
    evidence: row.evidence,
    verdict: row.verdict,
    verdictBy: row.verdict_by === null ? null : (names.get(row.verdict_by) ?? ''),
    verdictAt: row.verdict_at,
    note: row.note,
  };
}

const inChange = inShop.extend({ change: z.string().max(64) });
const MAX_ITEMS = 500;

/** "What changed in my shop", and a person's word on each. */
export function addChangeRoutes(api: Api, options: ChangeRoutesOptions): void {
  const { changes } = options;

  async function viewsOf(rows: readonly ChangeRow[]): Promise<Change[]> {
    const names = await options.namesOf(rows.flatMap((row) => row.verdict_by ?? []));
    return rows.map((row) => viewOf(row, names));
  }

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/changes',
      summary: 'What changed in the shop, newest first',
      request: { params: inShop, query: paging },
      responses: {
        200: json(z.object({ changes: z.array(change), next: z.string().nullable() }), 'Changes'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const rows = await changes.list(c.req.valid('param').shop, cursor ?? null, limit);
      return c.json(
        { changes: await viewsOf(rows), next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null },
        200,
      );
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/changes/{change}',
      summary: 'One change: everything it is made of',
      request: { params: inChange },
      responses: {
        200: json(z.object({ change, items: z.array(changeItem), more: z.number() }), 'The change'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId, change: id } = c.req.valid('param');
      const row = await changes.get(shopId, id);
      const items = await changes.itemsOf(shopId, id);
      const [view] = await viewsOf([row]);
      if (view === undefined) throw controlError('control/not-found');
      return c.json(
        {
          change: view,
          items: items.slice(0, MAX_ITEMS).map((item) => ({
            action: item.action,
            name: item.name,
            differs: factsText(item.before, item.after),
            comparable: item.textBefore !== item.textAfter,
          })),
          more: Math.max(0, row.count - Math.min(items.length, MAX_ITEMS)),
        },
        200,
      );
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/changes/{change}/items/{item}/lines',
      summary: 'What differs in a text, line by line',
      request: { params: inChange.extend({ item: z.coerce.number().int().min(0).max(MAX_ITEMS) }) },
      responses: {
        200: json(z.object({ hunks: z.array(hunk).nullable() }), 'Null: too much differs to be read'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId, change: id, item: number } = c.req.valid('param');
      const item = (await changes.itemsOf(shopId, id))[number];
      if (item === undefined) throw controlError('control/not-found');
      const [before, after] = await Promise.all([
        changes.text(shopId, item.textBefore),
        changes.text(shopId, item.textAfter),
      ]);
      const hunks = await options.compareTexts(before ?? '', after ?? '');
      return c.json(
        { hunks: hunks === null ? null : hunks.map((one) => ({ ...one, lines: [...one.lines] })) },
        200,
      );
    },
  );
  api.add(
    'platform:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/changes/{change}/verdict',
      summary: 'Say whose it was: ours or not; and of what was not, how it was dealt with',
      request: {
        params: inChange,
        body: body(
          z.strictObject({ verdict: z.enum(VERDICTS), note: z.string().trim().max(500).default('') }),
        ),
      },
      responses: { 204: { description: 'Said' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, change: id } = c.req.valid('param');
      const { verdict, note } = c.req.valid('json');
      await changes.judge(shopId, id, verdict, note, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
}
