import { createRoute, z } from '@hono/zod-openapi';
import {
  entitlementGiven,
  type Feed as FeedView,
  feedCredentials,
  feedGiven,
  type FeedLoad,
  feedsView,
  loadReport,
  loadVerdict,
  plainGiven,
  releaseGiven,
  reportKeyGiven,
  showing,
  showingPreview,
} from '@loupe/contract';
import { type Decision, FINDINGS, isLive, LIVE_PROVIDERS, type Loaded, PROVIDERS } from '#feeds';
import type { Json } from '#kernel';
import { controlError } from '../errors.ts';
import type { Feed, FeedBook } from '../feeds/feed-book.ts';
import type { FeedLoads, LoadRow } from '../feeds/feed-loads.ts';
import { type LiveSeen, seenOf } from '../feeds/live-feeds.ts';
import type { Releases } from '../feeds/releases.ts';
import type { ShopWindows } from '../feeds/shop-windows.ts';
import { demandKnownWords, showingOf } from '../feeds/showing.ts';
import type { Shops } from '../shops/shops.ts';
import {
  failureText,
  findingText,
  holdText,
  leftOutText,
  LOAD_TEXT,
  progressText,
  rowErrorText,
} from '../messages/feeds.ts';
import { type Api, body, inShop, json, problemAnswer } from './api.ts';

export interface FeedRoutesOptions {
  readonly feedBook: FeedBook;
  readonly feedLoads: FeedLoads;
  readonly releases: Releases;
  readonly shopWindows: ShopWindows;
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  readonly shops: Shops;
  readonly samples: readonly {
    readonly address: string;
    readonly feeds?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }[];
  changed(shopId: string): Promise<void>;
}

const LISTED = 60;
const inFeed = inShop.extend({ feed: z.string().max(64) });
const inLoad = inShop.extend({ load: z.string().max(64) });
const loadAsked = z.strictObject({ drop: z.string().max(64).optional() }).default({});
const done = (description: string) => ({ 204: { description }, ...problemAnswer });

/** Feeds of stones: plugging them in, what their contracts allow, what came, what was held and why. */
export function addFeedRoutes(api: Api, options: FeedRoutesOptions): void {
  const { feedBook, feedLoads, releases, shopWindows } = options;

  async function loadViews(rows: readonly LoadRow[], { replay }: Feed['entitlement']): Promise<FeedLoad[]> {
    const names = await options.namesOf(rows.flatMap((row) => row.verdict_by ?? []));
    return rows.map((row) => {
      const loaded: Loaded | null = row.loaded === null ? null : JSON.parse(row.loaded);
      const decision: Decision | null = row.decision === null ? null : JSON.parse(row.decision);
      const failure: Record<string, unknown> | null = row.failure === null ? null : JSON.parse(row.failure);
      return {
        id: row.id,
        state: row.state,
        says: failure === null ? LOAD_TEXT[row.state] : failureText(failure),
        startedAt: row.started_at,
        endedAt: row.ended_at,
        bytes: row.bytes,
        counts:
          loaded === null
            ? null
            : {
                rows: loaded.comparison.rows,
                before: loaded.comparison.before,
                added: loaded.comparison.added,
                removed: loaded.comparison.removed,
                repriced: loaded.comparison.repriced,
                changed: loaded.comparison.changed,
                quarantined: loaded.comparison.quarantined,
                errors: loaded.errors,
                moved: loaded.comparison.moved[1],
              },
        isKept: replay && row.key_wrapped !== null && row.loaded !== null,
        holds: (decision?.holds ?? []).map((hold) => ({ reason: hold.reason, says: holdText(hold) })),
        verdict:
          row.verdict_by === null
            ? null
            : {
                by: names.get(row.verdict_by) ?? '',
                at: row.verdict_at ?? 0,
                note: row.note,
              },
      };
    });
  }

  async function feedView({ row, provider, list, entitlement, plain }: Feed): Promise<FeedView> {
    const [rows, progress, catalogue] = await Promise.all([
      feedLoads.list(row.shop_id, row.id, LISTED),
      feedLoads.progress(row.id),
      shopWindows.newest(row.id),
    ]);
    return {
      id: row.id,
      provider: provider.id,
      name: provider.name,
      state: row.state === 'on' ? 'on' : 'off',
      credentialsAt: row.credentials_at,
      entitlement: { ...entitlement, show: [...entitlement.show] },
      everyMs: row.every_ms,
      reached: JSON.parse(row.reached),
      credentials: provider.credentials.map((field) => ({ ...field })),
      mayBePlain: provider.mayBePlain,
      plain:
        plain === null ? null : { ...plain, by: (await options.namesOf([plain.by])).get(plain.by) ?? '' },
      asksReports:
        isLive(provider) || provider.adapter.of !== 'stones' ? null : row.report_key_sealed !== null,
      list: list === null ? null : structuredClone(list),
      currency: provider.adapter.currency,
      showing: showingOf(row),
      live: row.live_name === null ? null : liveView(row.live_name, seenOf(row.live_seen)),
      window:
        catalogue === null || row.state !== 'on'
          ? null
          : {
              rows: catalogue.rows,
              madeAt: catalogue.made_at,
              leftOut: leftOutText(JSON.parse(catalogue.left_out)),
            },
      progress: progress === null ? null : progressText(progress),
      loads: await loadViews(rows, entitlement),
    };
  }

  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/feeds',
      summary: 'The shop’s feeds with their loads, and the providers there are',
      request: { params: inShop },
      responses: { 200: json(feedsView, 'Feeds'), ...problemAnswer },
    }),
    async (c) => {
      const shop = await options.shops.get(c.req.valid('param').shop);
      const feeds = await feedBook.list(shop.id);
      const sample =
        shop.sample === 1 ? options.samples.find((one) => one.address === shop.address)?.feeds : undefined;
      const window = await shopWindows.of(shop.id);
      return c.json(
        {
          windowName: window?.publishedAt === null ? null : (window?.name ?? null),
          feeds: await Promise.all(feeds.map(feedView)),
          providers: [...PROVIDERS, ...LIVE_PROVIDERS].map(({ id, name, terms, credentials, hosts }) => ({
            id,
            name,
            terms: { storable: terms.store !== 'never', says: terms.says, source: terms.source },
            credentials: credentials.map((field) => ({ ...field })),
            hosts: [...hosts],
          })),
          sample: sample === undefined ? null : structuredClone(sample),
        },
        200,
      );
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/feeds',
      summary: 'Plug in a feed under a contract; it is loaded at once, and the first load waits for a person',
      request: { params: inShop, body: body(feedGiven) },
      responses: { 201: json(z.object({ feed: z.string() }), 'Added'), ...problemAnswer },
    }),
    async (c) => {
      const { shop } = c.req.valid('param');
      const id = await feedBook.add(shop, c.req.valid('json'), c.get('who').person.id);
      await options.changed(shop);
      return c.json({ feed: id }, 201);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/feeds/{feed}/entitlement',
      summary: 'Say anew what the contract allows',
      request: { params: inFeed, body: body(entitlementGiven) },
      responses: done('Said'),
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      await feedBook.setEntitlement(shop, feed, c.req.valid('json'), c.get('who').person.id);
      await options.changed(shop);
      return c.body(null, 204);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/feeds/{feed}/credentials',
      summary: 'Change what signs in; it is sealed at once and shown to nobody again',
      request: { params: inFeed, body: body(feedCredentials) },
      responses: done('Sealed'),
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      await feedBook.setCredentials(shop, feed, c.req.valid('json').credentials, c.get('who').person.id);
      await options.changed(shop);
      return c.body(null, 204);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/feeds/{feed}/plain',
      summary: 'Take it upon yourself, until a day, that a provider without TLS is asked all the same',
      request: { params: inFeed, body: body(plainGiven) },
      responses: done('Said'),
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      await feedBook.setPlain(shop, feed, c.req.valid('json').exception, c.get('who').person.id);
      await options.changed(shop);
      return c.body(null, 204);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/feeds/{feed}/report-key',
      summary: 'Have reports looked up at GIA, from the next load on; the key is sealed at once',
      request: { params: inFeed, body: body(reportKeyGiven) },
      responses: done('Said'),
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      await feedBook.setReportKey(shop, feed, c.req.valid('json').key, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/feeds/{feed}/showing',
      summary: 'What shoppers get to see of it: prices by rules, and which stones at all',
      request: { params: inFeed, body: body(showing) },
      responses: done('Said; the window follows'),
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      await feedBook.setShowing(shop, feed, c.req.valid('json'), c.get('who').person.id);
      await options.changed(shop);
      return c.body(null, 204);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/feeds/{feed}/previews',
      summary: 'Ask what would be shown by such rules, before they act',
      request: { params: inFeed, body: body(showing) },
      responses: { 202: json(z.object({ preview: z.string() }), 'It is being made'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      const given = c.req.valid('json');
      demandKnownWords(given, (await feedBook.get(shop, feed)).provider.adapter.of);
      return c.json({ preview: await shopWindows.preview(shop, feed, given) }, 202);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/previews/{preview}',
      summary: 'What would be shown',
      request: { params: inShop.extend({ preview: z.string().max(64) }) },
      responses: {
        200: json(z.object({ preview: showingPreview.nullable() }), 'Null while it is being made'),
        ...problemAnswer,
      },
    }),
    async (c) => {
      const { shop, preview } = c.req.valid('param');
      const told = toldPreview.parse(await shopWindows.previewed(shop, preview));
      return c.json({ preview: told === null ? null : { ...told, leftOut: leftOutText(told.leftOut) } }, 200);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'put',
      path: '/shops/{shop}/feeds/{feed}/state',
      summary: 'The switch: off, nothing of the feed is loaded or shown',
      request: { params: inFeed, body: body(z.strictObject({ on: z.boolean() })) },
      responses: done('Switched'),
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      await feedBook.setState(shop, feed, c.req.valid('json').on, c.get('who').person.id);
      await options.changed(shop);
      return c.body(null, 204);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'delete',
      path: '/shops/{shop}/feeds/{feed}',
      summary: 'Take a feed away, with its credentials and everything kept of it',
      request: { params: inFeed },
      responses: done('Taken away'),
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      await feedBook.end(shop, feed, c.get('who').person.id);
      await feedLoads.forget();
      await options.changed(shop);
      return c.body(null, 204);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/feeds/{feed}/loads',
      summary: 'Load now: what is fetched, or what was handed in',
      request: { params: inFeed, body: { ...body(loadAsked), required: false } },
      responses: { 202: { description: 'It will be loaded' }, ...problemAnswer },
    }),
    async (c) => {
      const { shop, feed } = c.req.valid('param');
      await feedLoads.request(shop, feed, c.req.valid('json').drop ?? null);
      return c.body(null, 202);
    },
  );
  api.add(
    'shop:read',
    createRoute({
      method: 'get',
      path: '/shops/{shop}/loads/{load}',
      summary:
        'One load: stones that something was found about beside what was known, rows that were no stones',
      request: { params: inLoad },
      responses: { 200: json(loadReport, 'The load'), ...problemAnswer },
    }),
    async (c) => {
      const { shop, load } = c.req.valid('param');
      const row = await feedLoads.get(shop, load);
      const [{ provider, entitlement }, report] = await Promise.all([
        feedBook.get(shop, row.feed_id),
        feedLoads.report(row),
      ]);
      const [view] = await loadViews([row], entitlement);
      if (view === undefined) throw controlError('control/not-found');
      return c.json(
        {
          load: view,
          of: provider.adapter.of,
          currency: provider.adapter.currency,
          ...reportView(row, report),
        },
        200,
      );
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/loads/{load}/verdict',
      summary: 'A person’s word about a held load: take it, or keep what is there',
      request: { params: inLoad, body: body(loadVerdict) },
      responses: done('Said'),
    }),
    async (c) => {
      const { shop, load } = c.req.valid('param');
      const { verdict, prices, note } = c.req.valid('json');
      const by = c.get('who').person.id;
      if (verdict === 'accept') await feedLoads.accept(shop, load, { prices, note }, by);
      else await feedLoads.decline(shop, load, note, by);
      return c.body(null, 204);
    },
  );
  api.add(
    'feed:write',
    createRoute({
      method: 'post',
      path: '/shops/{shop}/loads/{load}/releases',
      summary: 'Let one stone in as it is, from the next load on',
      request: { params: inLoad, body: body(releaseGiven) },
      responses: done('Let in'),
    }),
    async (c) => {
      const { shop, load } = c.req.valid('param');
      const { place, reason } = c.req.valid('json');
      const row = await feedLoads.get(shop, load);
      await releases.add(row, await feedLoads.report(row), place, reason, c.get('who').person.id);
      return c.body(null, 204);
    },
  );
}

function liveView(name: string, { answers, stones, keptOut, why }: LiveSeen): FeedView['live'] {
  return { name, answers, stones, keptOut, says: why === null ? null : failureText({ why }) };
}

/** What a worker told of a preview. */
const toldPreview = showingPreview.extend({ leftOut: z.record(z.string(), z.number()) }).nullable();
const specimenShape = loadReport.shape.specimens.element;
/** What a worker told of stones: read as strictly as anything else that it says. */
const told = z.object({
  findings: z.array(z.string()),
  quarantined: specimenShape.shape.quarantined,
  now: specimenShape.shape.now,
  before: specimenShape.shape.before,
  basisMinor: z.number(),
  texts: z.object({
    offerId: z.string(),
    supplierStockRef: z.string(),
    certificate: z.string(),
    comment: z.string(),
    facts: z.record(z.string(), z.string()),
  }),
});
const toldReport = z
  .object({
    specimens: z.array(told),
    errorSpecimens: z.array(z.object({ column: z.string(), what: z.string(), row: z.string() })),
    // Reports from before they could be looked up say nothing of it.
    reports: z
      .object({ known: z.number(), asked: z.number(), why: z.string().nullable() })
      .nullable()
      .default(null),
  })
  .nullable();
const counted = z.array(z.object({ column: z.string(), what: z.string(), count: z.number() }));

function reportView(
  row: LoadRow,
  report: Json,
): Pick<z.infer<typeof loadReport>, 'findings' | 'specimens' | 'errors' | 'reports'> {
  const { specimens = [], errorSpecimens = [], reports = null } = toldReport.parse(report) ?? {};
  const counts = z.record(z.string(), z.number()).parse(JSON.parse(row.findings));
  return {
    reports:
      reports === null
        ? null
        : {
            known: reports.known,
            asked: reports.asked,
            says: reports.why === null ? null : failureText({ why: reports.why }),
          },
    findings: FINDINGS.flatMap(({ id, severity }) =>
      counts[id] === undefined
        ? []
        : [{ id, says: findingText(id), count: counts[id], quarantines: severity === 'quarantine' }],
    ),
    specimens: specimens.map(({ findings, texts, ...one }, place) => ({
      ...one,
      findings: findings.map((id) => ({ id, says: findingText(id) })),
      offerId: texts.offerId,
      stock: texts.supplierStockRef,
      certificate: texts.certificate,
      comment: texts.comment,
      facts: texts.facts,
      place,
    })),
    errors: counted.parse(JSON.parse(row.errors)).map(({ column, what, count }) => ({
      column,
      says: rowErrorText(what),
      count,
      rows: errorSpecimens.filter((one) => one.column === column && one.what === what).map((one) => one.row),
    })),
  };
}
