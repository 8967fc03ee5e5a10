import { createRoute, z } from '@hono/zod-openapi';
import {
  duty,
  inventory,
  inventoryEntry,
  type Platform,
  platformGiven,
  platformView,
  privacyRequest,
} from '@loupe/contract';
import type { Clock } from '#kernel';
import { ASKED_SCOPES, hasScope, ITEM_KINDS, SHOPIFY_SCOPES } from '#platform';
import { controlError } from '../errors.ts';
import { checkTitle } from '../messages/answers.ts';
import {
  countText,
  gapText,
  partText,
  PLATFORM_TEXT,
  PRIVACY_TEXT,
  PROBLEM_TEXT,
  REFUSED_TEXT,
} from '../messages/platforms.ts';
import { SECRET_MS } from '../platforms/checks.ts';
import { backingOf, dutyOf, offeredFor, SHOPIFY_DUTIES } from '../platforms/duties.ts';
import type { Hookups } from '../platforms/hookups.ts';
import type { Entry, Inventories } from '../platforms/inventories.ts';
import type { PrivacyRequests } from '../platforms/privacy.ts';
import type { Readings } from '../platforms/readings.ts';
import { SHOP_CHECKS } from '../questions/answers.ts';
import { paperTitle } from '../vendors/paper-kinds.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import type { Observations } from '../looks/observations.ts';
import { type Api, body, inShop, json, problemAnswer, upload } from './api.ts';

export interface PlatformRoutesOptions {
  readonly state: State;
  readonly shops: Shops;
  readonly hookups: Hookups;
  readonly readings: Readings;
  readonly inventories: Inventories;
  readonly privacy: PrivacyRequests;
  readonly observations: Observations;
  readonly samples: readonly {
    readonly address: string;
    readonly platform?: {
      readonly domain: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly visit: string;
    };
  }[];
  readonly clock: Clock;
  changed(shopId: string): Promise<void>;
}

/** The shop's platform: connecting it, what it lets be seen, whose duty what is. */
export function addPlatformRoutes(api: Api, options: PlatformRoutesOptions): void {
  const { state, shops, hookups, readings, inventories, privacy, clock } = options;

  async function watchedOf(shopId: string): Promise<Platform['watched']> {
    const counts = await state.kysely
      .selectFrom('item')
      .select(['kind', (eb) => eb.fn.countAll<number | string>().as('count')])
      .where('shop_id', '=', shopId)
      .groupBy('kind')
      .execute();
    return ITEM_KINDS.flatMap((kind) => {
      const row = counts.find((one) => one.kind === kind);
      return row === undefined || kind === 'setting' ? [] : [countText(kind, Number(row.count))];
    });
  }

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/platform',
      summary: 'The shop’s platform: how it is connected, what is watched, what is closed',
      request: { params: inShop },
      responses: { 200: json(platformView, 'The platform'), ...problemAnswer },
    }),
    async (c) => {
      const shop = await shops.get(c.req.valid('param').shop);
      const hookup = await hookups.of(shop.id);
      const granted = hookup?.scopes ?? [];
      const sample =
        shop.sample === 1 ? options.samples.find((one) => one.address === shop.address)?.platform : undefined;
      const answer: z.infer<typeof platformView> = {
        platform: null,
        offered: [...offeredFor(shop)],
        asked: ASKED_SCOPES.join(','),
        scopes: SHOPIFY_SCOPES.map(({ scope, unlocks, closed }) => ({
          scope,
          unlocks,
          closed,
          granted: hasScope(granted, scope),
        })),
        sample:
          sample === undefined
            ? null
            : {
                domain: sample.domain,
                clientId: sample.clientId,
                clientSecret: sample.clientSecret,
                visit: sample.visit,
              },
      };
      if (hookup !== null) {
        const { row } = hookup;
        answer.platform = {
          id: row.id,
          kind: row.platform,
          name: PLATFORM_TEXT[row.platform],
          domain: row.domain,
          state: row.state,
          clientId: row.client_id,
          secretAt: row.secret_at,
          secretOldAt: row.secret_at + SECRET_MS,
          tokenUntil: row.token_until,
          readAt: row.read_at,
          problem: row.problem === null ? null : PROBLEM_TEXT[row.problem],
          deliveredAt: row.delivered_at,
          callbackUrl: hookups.callbackUrl(row),
          watched: await watchedOf(shop.id),
          gaps: hookup.gaps.map((gap) => ({ part: partText(gap.kind), says: gapText(gap) })),
          topics: hookup.subscribed.length,
          refused: Object.entries(hookup.refused).flatMap(([why, count]) =>
            why in REFUSED_TEXT ? [{ why: REFUSED_TEXT[why] ?? why, count }] : [],
          ),
        };
      }
      return c.json(answer, 200);
    },
  );
  api.add(
    'platform:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/platform',
      summary: 'Connect the platform: the credentials are tried at once',
      request: { params: inShop, body: body(platformGiven) },
      responses: {
        201: json(z.object({ platform: z.string() }), 'Connected, and being read'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId } = c.req.valid('param');
      const id = await hookups.connect(shopId, c.req.valid('json'), c.get('who').person.id);
      await options.changed(shopId);
      return c.json({ platform: id }, 201);
    },
  );
  api.add(
    'platform:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/platform/secret',
      summary: 'Take the app’s new secret; the one before is good for an hour longer',
      request: {
        params: inShop,
        body: body(z.strictObject({ clientSecret: platformGiven.shape.clientSecret })),
      },
      responses: { 204: { description: 'Taken' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId } = c.req.valid('param');
      await hookups.rotate(shopId, c.req.valid('json').clientSecret, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'platform:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/platform/readings',
      summary: 'Read the platform now',
      request: { params: inShop },
      responses: { 202: { description: 'It will be read' }, ...problemAnswer },
    }),
    async (c) => {
      await readings.requestAll(c.req.valid('param').shop);
      return c.body(null, 202);
    },
  );
  api.add(
    'platform:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/platform',
      summary: 'Disconnect: take back what was set up, erase what was kept',
      request: { params: inShop },
      responses: { 204: { description: 'Disconnected' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId } = c.req.valid('param');
      await hookups.leave(shopId, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/privacy-requests',
      summary: 'What customers demanded through the platform, and by when',
      request: { params: inShop },
      responses: { 200: json(z.object({ requests: z.array(privacyRequest) }), 'Requests'), ...problemAnswer },
    }),
    async (c) => {
      const now = clock.now();
      const rows = await privacy.list(c.req.valid('param').shop);
      const requests = rows.map((row) => ({
        id: row.id,
        what: PRIVACY_TEXT[row.topic] ?? row.topic,
        receivedAt: row.received_at,
        dueAt: row.due_at,
        doneAt: row.done_at,
        overdue: row.done_at === null && row.due_at <= now,
        note: row.note,
      }));
      return c.json({ requests }, 200);
    },
  );
  const inRequest = inShop.extend({ request: z.string().max(64) });
  api.add(
    'platform:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/privacy-requests/{request}/about',
      summary: 'Whom it is about, to carry it out; that it was read is signed into the ledger',
      request: { params: inRequest },
      responses: { 200: json(z.object({ about: z.string() }), 'As the platform said it'), ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, request } = c.req.valid('param');
      const about = await privacy.reveal(shopId, request, c.get('who').person.id);
      // Not kept for a repeated request: it is about a person.
      c.set('kept', JSON.stringify({ about: '' }));
      return c.json({ about }, 200);
    },
  );
  api.add(
    'platform:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/privacy-requests/{request}/done',
      summary: 'Say that it has been carried out, and how',
      request: { params: inRequest, body: body(z.strictObject({ note: z.string().trim().min(1).max(500) })) },
      responses: { 204: { description: 'Done' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId, request } = c.req.valid('param');
      await privacy.finish(shopId, request, c.req.valid('json').note, c.get('who').person.id);
      await options.changed(shopId);
      return c.body(null, 204);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/inventories',
      summary: 'The lists kept by hand: apps and staff accounts',
      request: { params: inShop },
      responses: {
        200: json(z.object({ inventories: z.array(inventory) }), 'The newest of each'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop: shopId } = c.req.valid('param');
      const now = clock.now();
      const rows = await inventories.newest(shopId);
      const opened = await Promise.all(rows.map((row) => inventories.open(shopId, row.id)));
      return c.json(
        {
          inventories: opened.map(({ row, entries, shots }) => ({
            id: row.id,
            what: row.what,
            entries: entries.map((entry) => ({ ...entry })),
            shots: shots.map(({ id, name, state: is }) => ({ id, name, state: is })),
            takenAt: row.taken_at,
            validUntil: row.valid_until,
            ended: row.valid_until <= now,
          })),
        },
        200,
      );
    },
  );
  api.add(
    'platform:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/inventories',
      summary: 'Take stock anew by hand: the whole list, with screenshots that show it',
      request: {
        params: inShop,
        body: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: z.object({
                what: z.enum(['apps', 'staff']),
                entries: z.string().max(60_000),
                shot: z.union([upload, z.array(upload)]).optional(),
              }),
            },
          },
        },
      },
      responses: { 201: json(z.object({ inventory: z.string() }), 'Taken'), ...problemAnswer },
    }),
    async (c) => {
      const { shop: shopId } = c.req.valid('param');
      const form = c.req.valid('form');
      const files = form.shot === undefined ? [] : [form.shot].flat();
      const shots = await Promise.all(
        files
          .filter((file) => file.size > 0)
          .map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
      );
      const id = await inventories.take(
        shopId,
        form.what,
        entriesOf(form.entries),
        shots,
        c.get('who').person.id,
      );
      return c.json({ inventory: id }, 201);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/duties',
      summary: 'Whose each check is: the platform’s, the developer’s, the owner’s, Loupe’s, nobody’s',
      request: { params: inShop },
      responses: {
        200: json(z.object({ reviewed: z.string(), duties: z.array(duty) }), 'Duties'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const shop = await shops.get(c.req.valid('param').shop);
      const newest = await options.observations.newest(shop.id);
      const now = clock.now();
      const duties = SHOP_CHECKS.filter((check) => check.said === undefined).flatMap((check) => {
        const { who, why } = dutyOf(check, shop.kind, shop.platform);
        // What does not apply to this kind of shop is listed only where the rulebook says whose it is.
        if (shop.kind !== null && !check.kinds.includes(shop.kind) && why === null) return [];
        const backed = newest.find(
          (o) => o.check === check.id && o.outcome === 'providers' && o.validUntil > now,
        );
        const paper = backed?.facts['paper'];
        return [
          {
            check: check.id,
            title: checkTitle(check.id),
            question: check.question,
            who,
            why,
            paper: typeof paper === 'string' ? { title: paper, until: null } : null,
            wanted: (backingOf(check.id) ?? []).map(
              (kind) => SHOPIFY_DUTIES.published.find((one) => one.paper === kind)?.title ?? paperTitle(kind),
            ),
          },
        ];
      });
      return c.json({ reviewed: SHOPIFY_DUTIES.reviewed, duties }, 200);
    },
  );
}

const entriesSchema = z.array(inventoryEntry).max(100);

function entriesOf(text: string): readonly Entry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw controlError('control/bad-request', { details: { field: 'entries' } });
  }
  const read = entriesSchema.safeParse(value);
  if (!read.success) throw controlError('control/bad-request', { details: { field: 'entries' } });
  return read.data;
}
