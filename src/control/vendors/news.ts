import type { NewsItem, NewsSource } from '@loupe/contract';
import type { Transaction } from 'kysely';
import { type Clock, DAY_MS, HOUR_MS, type Json, newId, SECOND_MS, sha256Hex } from '#kernel';
import { REFUSALS } from '#intake';
import { fieldsOf, isObject, planeError } from '#plane';
import type { BlobStore, Jobs } from '#storage';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import { type ReachOf, reachJson } from '../looks/reach.ts';
import { newsProblemText } from '../messages/vendors.ts';
import type { State, StateTables } from '../state.ts';
import type { JobKind } from '../work/job-kind.ts';
import type { Register, VendorRow } from './register.ts';

const NEWS_JOB = 'news';
const NEWS_LEASE_MS = 60 * SECOND_MS;
const EVERY_MS = 6 * HOUR_MS;
const FORGET_MS = 90 * DAY_MS;
const MAX_SOURCES = 30;
const MAX_ITEMS = 500;
const MAX_KEPT_LISTED = 300;

/** News about third parties: read from feeds, matched to the register, triaged by people. */
export interface News extends JobKind {
  sources(shopId: string): Promise<readonly NewsSource[]>;
  /** Adds a feed by its address, and reads it now and four times a day. */
  addSource(shopId: string, name: string, url: string): Promise<string>;
  /** Reads a feed that was handed in as a file, once. */
  addFile(shopId: string, name: string, bytes: Uint8Array): Promise<string>;
  removeSource(shopId: string, id: string): Promise<void>;
  items(shopId: string): Promise<readonly NewsItem[]>;
  triage(
    shopId: string,
    id: string,
    given: {
      readonly state: NewsItem['state'];
      readonly note: string | null;
      readonly vendor?: string | null;
    },
    by: string,
  ): Promise<void>;
}

export interface NewsOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly blobs: BlobStore;
  readonly register: Register;
  readonly reachOf: ReachOf;
  readonly clock: Clock;
  onChanged(shopId: string): Promise<void>;
  /** Told, in the transaction of the triage, of a third party that news of concern speaks of. */
  onConcerns(tx: Transaction<StateTables>, shopId: string, vendorId: string): Promise<void>;
  /** Whether a host is let in now: asked before every reading, because a decision or an exception ends. */
  mayReach(shopId: string, host: string): Promise<boolean>;
}

/** Names shorter than this are words that anything may contain. */
const MIN_NAME = 3;

/** The vendor an item speaks of: one of its hosts stands in it, or its name as a whole word. */
export function matchVendor(
  item: { readonly title: string; readonly summary: string; readonly link: string | null },
  vendors: readonly Pick<VendorRow, 'id' | 'name' | 'hosts' | 'apiHosts'>[],
): { readonly vendor: string; readonly by: string } | null {
  const text = `${item.title}\n${item.summary}`.toLowerCase();
  for (const vendor of vendors) {
    for (const host of [...vendor.hosts, ...vendor.apiHosts]) {
      const bare = host.replace(/:\d+$/u, '');
      if (hasWord(text, bare)) return { vendor: vendor.id, by: bare };
    }
    if (vendor.name.length >= MIN_NAME && hasWord(text, vendor.name.toLowerCase()))
      return { vendor: vendor.id, by: vendor.name };
  }
  return null;
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + word.length] ?? ' ';
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return true;
  }
  return false;
}

export function openNews(options: NewsOptions): News {
  const { state, jobs, blobs, register, clock } = options;
  const db = state.kysely;

  const present = (shopId: string) =>
    db.selectFrom('news_source').selectAll().where('shop_id', '=', shopId).where('removed_at', 'is', null);

  async function insertSource(
    shopId: string,
    name: string,
    url: string | null,
    payload: (id: string) => Json,
  ): Promise<string> {
    const id = newId('src', clock.now());
    await state.transaction(async (tx) => {
      const others = await tx
        .selectFrom('news_source')
        .select(['id', 'url'])
        .where('shop_id', '=', shopId)
        .where('removed_at', 'is', null)
        .execute();
      if (others.length >= MAX_SOURCES) throw controlError('control/too-many');
      if (url !== null && others.some((other) => other.url === url)) throw controlError('control/conflict');
      await tx
        .insertInto('news_source')
        .values({
          id,
          shop_id: shopId,
          name,
          url,
          last_read_at: null,
          last_items: 0,
          problem: null,
          removed_at: null,
        })
        .execute();
      const job = { kind: NEWS_JOB, shopId, payload: payload(id) };
      await jobs.enqueue(tx, job);
      if (url !== null)
        await jobs.schedule(tx, `news/${id}`, { ...job, runAt: clock.now() + EVERY_MS }, EVERY_MS);
    });
    return id;
  }

  return {
    kind: NEWS_JOB,
    leaseMs: NEWS_LEASE_MS,
    async sources(shopId) {
      const rows = await present(shopId).orderBy('id').execute();
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        url: row.url,
        lastReadAt: row.last_read_at,
        lastItems: row.last_items,
        problem: row.problem === null ? null : newsProblemText(row.problem),
      }));
    },
    addSource: (shopId, name, url) => insertSource(shopId, name, url, (id) => ({ source: id, file: null })),
    async addFile(shopId, name, bytes) {
      const file = await blobs.put(shopId, bytes);
      return await insertSource(shopId, name, null, (id) => ({ source: id, file }));
    },
    async removeSource(shopId, id) {
      const now = clock.now();
      const removed = await db
        .updateTable('news_source')
        .set({ removed_at: now })
        .where('shop_id', '=', shopId)
        .where('id', '=', id)
        .where('removed_at', 'is', null)
        .executeTakeFirst();
      if (removed.numUpdatedRows === 0n) throw controlError('control/not-found');
      await db.deleteFrom('schedule').where('id', '=', `news/${id}`).execute();
    },
    async items(shopId) {
      const rows = await db
        .selectFrom('news_item')
        .innerJoin('news_source', 'news_source.id', 'news_item.source_id')
        .selectAll('news_item')
        .select('news_source.name as source_name')
        .where('news_item.shop_id', '=', shopId)
        .where((where) =>
          where.or([where('news_item.vendor_id', 'is not', null), where('news_item.state', '!=', 'new')]),
        )
        .orderBy('news_item.id', 'desc')
        .limit(MAX_KEPT_LISTED)
        .execute();
      const names = new Map((await register.list(shopId)).map((vendor) => [vendor.id, vendor.name]));
      return rows.map((row) => ({
        id: row.id,
        source: row.source_name,
        title: row.title,
        link: row.link,
        summary: row.summary,
        publishedAt: row.published_at,
        foundAt: row.found_at,
        vendor: row.vendor_id,
        vendorName: names.get(row.vendor_id ?? '') ?? null,
        matched: row.matched,
        state: row.state,
        note: row.note,
      }));
    },
    async triage(shopId, id, { state: to, note, vendor }, by) {
      if (vendor !== undefined && vendor !== null) await register.get(shopId, vendor);
      await state.transaction(async (tx) => {
        const changed = await tx
          .updateTable('news_item')
          .set({ state: to, note, ...(vendor === undefined ? {} : { vendor_id: vendor }) })
          .where('shop_id', '=', shopId)
          .where('id', '=', id)
          .returning('vendor_id')
          .executeTakeFirst();
        if (changed === undefined) throw controlError('control/not-found');
        if (to === 'concerns-us' && changed.vendor_id !== null)
          await options.onConcerns(tx, shopId, changed.vendor_id);
        const body = { item: id, state: to, vendor: vendor ?? null };
        await recordChange(tx, { kind: 'news-triaged', shop: shopId, by, body }, clock.now());
      });
      await options.onChanged(shopId);
    },
    async task(job) {
      const payload = fieldsOf(job.payload);
      const source = await present(job.shopId ?? '')
        .where('id', '=', payload.text('source'))
        .executeTakeFirst();
      if (source === undefined) return null;
      const file = payload.textOrNull('file');
      if (file !== null) {
        const bytes = await blobs.get(job.shopId ?? '', file);
        return bytes === null ? null : { bytes: Buffer.from(bytes).toString('base64') };
      }
      const url = URL.parse(source.url ?? '');
      if (url === null) return null;
      if (!(await options.mayReach(source.shop_id, url.host))) {
        await db
          .updateTable('news_source')
          .set({ problem: 'gate-shut' })
          .where('id', '=', source.id)
          .execute();
        return null;
      }
      return { url: url.href, reach: reachJson(options.reachOf([url.hostname])) };
    },
    async record(claim, job, value) {
      const shopId = job.shopId ?? '';
      const source = fieldsOf(job.payload).text('source');
      const read = readNews(value);
      const vendors = (await register.list(shopId)).filter((vendor) => vendor.retired_at === null);
      const now = clock.now();
      const done = await state.transaction(async (tx) => {
        if (!(await jobs.complete(tx, claim, { items: read.items.length }))) return false;
        await tx
          .updateTable('news_source')
          .set({
            problem: read.problem,
            // A feed that could not be read stays as old as it was.
            ...(read.problem === null ? { last_read_at: now, last_items: read.items.length } : {}),
          })
          .where('shop_id', '=', shopId)
          .where('id', '=', source)
          .execute();
        // What spoke of nobody is forgotten after a while; a feed that still has it brings it back.
        await tx
          .deleteFrom('news_item')
          .where('shop_id', '=', shopId)
          .where('source_id', '=', source)
          .where('vendor_id', 'is', null)
          .where('state', '=', 'new')
          .where('found_at', '<', now - FORGET_MS)
          .execute();
        for (const item of read.items) {
          const match = matchVendor(item, vendors);
          await tx
            .insertInto('news_item')
            .values({
              id: newId('new', now),
              shop_id: shopId,
              source_id: source,
              guid: sha256Hex(item.guid),
              title: item.title,
              link: item.link,
              summary: item.summary,
              published_at: item.publishedAt,
              found_at: now,
              vendor_id: match?.vendor ?? null,
              matched: match?.by ?? null,
              state: 'new',
              note: null,
            })
            .onConflict((conflict) => conflict.columns(['shop_id', 'source_id', 'guid']).doNothing())
            .execute();
        }
        return true;
      });
      if (done) await options.onChanged(shopId);
      return done;
    },
  };
}

/** What the worker read: items of plain text, or the word for why there are none. */
function readNews(value: Json) {
  const fields = fieldsOf(value);
  if (!fields.flag('ok')) {
    const why = fields.text('why');
    const known = [...REFUSALS, 'leads-elsewhere' as const].find((word) => word === why);
    return { problem: known ?? 'unreachable', items: [] };
  }
  const list = fieldsOf(fields.object('feed')).json('items');
  if (!Array.isArray(list) || list.length > MAX_ITEMS)
    throw planeError('plane/malformed', { details: { field: 'items' } });
  const items = list.map((item: Json) => {
    if (!isObject(item)) throw planeError('plane/malformed', { details: { field: 'items' } });
    const own = fieldsOf(item);
    const link = own.textOrNull('link');
    return {
      guid: own.text('guid'),
      title: own.text('title').slice(0, 300),
      link: link !== null && /^https?:\/\//u.test(link) ? link.slice(0, 2_000) : null,
      summary: own.text('summary').slice(0, 2_000),
      publishedAt: own.json('publishedAt') === null ? null : own.integer('publishedAt'),
    };
  });
  return { problem: null, items };
}
