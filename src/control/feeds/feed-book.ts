// The feeds of a shop: what provider, under which contract, with which credentials, switched on or off. Everything about them is a person's word and a leaf.
import { randomBytes } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import { type Showing, stoneChoice, supplierList, type SupplierListGiven } from '@loupe/contract';
import {
  base64Of,
  canonicalJson,
  type Clock,
  fromBase64,
  DAY_MS,
  HOUR_MS,
  type Json,
  newId,
  randomToken,
  sha256Hex,
} from '#kernel';
import {
  barsOf,
  type Entitlement,
  hostsOf,
  isLive,
  LIVE_PROVIDERS,
  type ProviderFacts,
  providerOf,
  SHOWABLE,
  SHOWN_PRICES,
} from '#feeds';
import { fieldsOf, type JsonObject } from '#plane';
import { controlError } from '../errors.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import { demandKnownWords } from './showing.ts';

export type FeedRow = Selectable<StateTables['feed']>;

export interface Feed {
  readonly row: FeedRow;
  readonly provider: ProviderFacts;
  readonly list: SupplierListGiven | null;
  readonly entitlement: Entitlement;
  /** Null where nobody takes it upon them, or their day has come. */
  readonly plain: PlainException | null;
}

/** A person's word that a provider is asked without TLS. */
export interface PlainException {
  readonly reason: string;
  readonly until: number;
  readonly by: string;
}

export interface NewFeed {
  readonly provider: string;
  /** What people say of a supplier's list; null for a provider that Loupe knows. */
  readonly list: SupplierListGiven | null;
  readonly entitlement: Entitlement;
  readonly credentials: Readonly<Record<string, string>>;
}

export interface FeedBook {
  list(shopId: string): Promise<readonly Feed[]>;
  /** Another shop's feed is `control/not-found`. */
  get(shopId: string, id: string): Promise<Feed>;
  /** Throws `control/not-entitled` where contract or terms allow no load, `control/conflict` where the shop has this feed. */
  add(shopId: string, given: NewFeed, by: string): Promise<string>;
  setEntitlement(shopId: string, id: string, entitlement: Entitlement, by: string): Promise<void>;
  setCredentials(
    shopId: string,
    id: string,
    credentials: Readonly<Record<string, string>>,
    by: string,
  ): Promise<void>;
  /** What shoppers get to see of it: prices and choice. */
  setShowing(shopId: string, id: string, showing: Showing, by: string): Promise<void>;
  /** Takes it upon a person that a provider without TLS is asked all the same, until a day; null: no longer. Throws `control/bad-request` for a provider that has it, `control/bad-date`. */
  setPlain(
    shopId: string,
    id: string,
    given: { readonly reason: string; readonly until: number } | null,
    by: string,
  ): Promise<void>;
  /** Has reports looked up at GIA under a key, from the next load on; null: no longer. Throws `control/bad-request` for a feed of goods, or one that is passed through. */
  setReportKey(shopId: string, id: string, key: string | null, by: string): Promise<void>;
  reportKey(row: FeedRow): Promise<string | null>;
  /** The kill switch, either way. */
  setState(shopId: string, id: string, on: boolean, by: string): Promise<void>;
  /** Takes a feed away: its credentials, its keys and so everything kept of it. */
  end(shopId: string, id: string, by: string): Promise<void>;
  credentials(row: FeedRow): Promise<Readonly<Record<string, string>>>;
  hashKey(row: FeedRow): Promise<Uint8Array>;
}

export interface FeedBookOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly clock: Clock;
  /** In the transaction of the change: what is shown follows, and where `load`, it is loaded now. */
  onChanged(tx: Transaction<StateTables>, feed: FeedRow, load: boolean): Promise<void>;
}

const MAX_FEEDS = 20;
const LEAST_EVERY_MS = HOUR_MS;
/** How long a word on going without TLS is good for, at most. */
const MAX_PLAIN_MS = 90 * DAY_MS;

const sealedFor = (shopId: string, id: string, what: 'credentials' | 'hash-key' | 'report-key'): string[] => [
  'feed',
  shopId,
  id,
  what,
];

export function openFeedBook(options: FeedBookOptions): FeedBook {
  const { state, keeper, clock } = options;
  const db = state.kysely;

  async function demand(shopId: string, id: string): Promise<FeedRow> {
    const row = await db
      .selectFrom('feed')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('id', '=', id)
      .where('state', '!=', 'ended')
      .executeTakeFirst();
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  /** One change of a feed, its leaf, and what follows. */
  async function change(
    shopId: string,
    id: string,
    by: string,
    set: Partial<FeedRow>,
    body: JsonObject,
    load = false,
  ): Promise<void> {
    const row = await demand(shopId, id);
    const now = clock.now();
    await state.transaction(async (tx) => {
      await tx
        .updateTable('feed')
        .set({ ...set, changed_at: now })
        .where('id', '=', row.id)
        .execute();
      await recordChange(
        tx,
        { kind: 'feed-changed', shop: shopId, by, body: { feed: id, provider: row.provider, ...body } },
        now,
      );
      await options.onChanged(tx, { ...row, ...set }, load);
    });
  }

  return {
    async list(shopId) {
      const rows = await db
        .selectFrom('feed')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('state', '!=', 'ended')
        .orderBy('id')
        .execute();
      return rows.map((row) => feedOf(row, clock.now()));
    },
    get: async (shopId, id) => feedOf(await demand(shopId, id), clock.now()),
    async add(shopId, given, by) {
      const provider = demandProvider(given.provider, given.list);
      demandEntitled(provider, given.entitlement);
      const now = clock.now();
      const id = newId('fed', now);
      const credentials = credentialText(provider, given.credentials);
      const [sealed, hashKey] = await Promise.all([
        keeper.sealSecret(credentials, sealedFor(shopId, id, 'credentials')),
        keeper.sealSecret(base64Of(randomBytes(16)), sealedFor(shopId, id, 'hash-key')),
      ]);
      await state.transaction(async (tx) => {
        const there = await tx
          .selectFrom('feed')
          .select(['provider', 'list'])
          .where('shop_id', '=', shopId)
          .where('state', '!=', 'ended')
          .execute();
        if (there.some((row) => isSame(row, given))) throw controlError('control/conflict');
        if (there.length >= MAX_FEEDS) throw controlError('control/too-many');
        const row: FeedRow = {
          id,
          shop_id: shopId,
          provider: provider.id,
          plain: null,
          list: given.list === null ? null : JSON.stringify(given.list),
          state: 'on',
          credentials_sealed: sealed,
          credentials_at: now,
          hash_key_sealed: hashKey,
          entitlement: JSON.stringify(given.entitlement),
          every_ms: Math.max(LEAST_EVERY_MS, provider.everyMs),
          good_load: null,
          failures: 0,
          reached: '[]',
          price: null,
          choice: JSON.stringify(stoneChoice.parse({})),
          report_key_sealed: null,
          live_name: isLive(provider) ? randomToken(18) : null,
          live_seen: null,
          switch_tested_at: null,
          made_at: now,
          made_by: by,
          changed_at: now,
        };
        await tx.insertInto('feed').values(row).execute();
        const body = {
          feed: id,
          provider: provider.id,
          what: 'added',
          entitlement: entitlementJson(given.entitlement),
          // Names of suppliers are no matter of the ledger.
          list: row.list === null ? null : sha256Hex(canonicalJson(JSON.parse(row.list))),
        };
        await recordChange(tx, { kind: 'feed-changed', shop: shopId, by, body }, now);
        await options.onChanged(tx, row, true);
      });
      return id;
    },
    async setEntitlement(shopId, id, entitlement, by) {
      const { provider } = feedOf(await demand(shopId, id), clock.now());
      demandEntitled(provider, entitlement);
      const body = { what: 'entitlement', entitlement: entitlementJson(entitlement) };
      await change(shopId, id, by, { entitlement: JSON.stringify(entitlement) }, body);
    },
    async setCredentials(shopId, id, credentials, by) {
      const { provider } = feedOf(await demand(shopId, id), clock.now());
      const text = credentialText(provider, credentials);
      const sealed = await keeper.sealSecret(text, sealedFor(shopId, id, 'credentials'));
      const set = { credentials_sealed: sealed, credentials_at: clock.now(), failures: 0 };
      await change(shopId, id, by, set, { what: 'credentials' }, true);
    },
    async setShowing(shopId, id, showing, by) {
      const { provider } = feedOf(await demand(shopId, id), clock.now());
      demandKnownWords(showing, provider.adapter.of);
      const set = {
        price: showing.price === null ? null : JSON.stringify(showing.price),
        choice: JSON.stringify(showing.choice),
      };
      const { price } = showing;
      const body = {
        what: 'showing',
        currency: price?.currency ?? null,
        rules: price?.rules.length ?? 0,
        most: showing.choice.most,
        // A named person's word: the leaf says whose.
        belowCostUntil: price?.belowCostUntil ?? null,
        sha256: sha256Hex(canonicalJson(JSON.parse(JSON.stringify(showing)))),
      };
      await change(shopId, id, by, set, body);
    },
    async setPlain(shopId, id, given, by) {
      const { provider } = feedOf(await demand(shopId, id), clock.now());
      if (!provider.mayBePlain) throw controlError('control/bad-request', { details: { field: 'plain' } });
      const now = clock.now();
      if (given !== null && (given.until <= now || given.until > now + MAX_PLAIN_MS))
        throw controlError('control/bad-date');
      const set = { plain: given === null ? null : JSON.stringify({ ...given, by }) };
      // Why stays with the feed: a reason may name somebody.
      await change(shopId, id, by, set, { what: 'without-tls', until: given?.until ?? null });
    },
    async setReportKey(shopId, id, key, by) {
      const { provider } = feedOf(await demand(shopId, id), clock.now());
      if (isLive(provider) || provider.adapter.of !== 'stones')
        throw controlError('control/bad-request', { details: { field: 'key' } });
      const sealed = key === null ? null : await keeper.sealSecret(key, sealedFor(shopId, id, 'report-key'));
      const body = { what: key === null ? 'reports-not-asked' : 'reports-asked' };
      await change(shopId, id, by, { report_key_sealed: sealed }, body);
    },
    reportKey: async (row) =>
      row.report_key_sealed === null
        ? null
        : await keeper.openSecret(row.report_key_sealed, sealedFor(row.shop_id, row.id, 'report-key')),
    setState: (shopId, id, on, by) =>
      change(
        shopId,
        id,
        by,
        { state: on ? 'on' : 'off', ...(on ? {} : { switch_tested_at: clock.now() }) },
        { what: on ? 'switched-on' : 'switched-off' },
        on,
      ),
    end: (shopId, id, by) =>
      change(
        shopId,
        id,
        by,
        { state: 'ended', credentials_sealed: null, report_key_sealed: null },
        { what: 'ended' },
      ),
    async credentials(row) {
      if (row.credentials_sealed === null) return {};
      const opened = await keeper.openSecret(
        row.credentials_sealed,
        sealedFor(row.shop_id, row.id, 'credentials'),
      );
      // Sealed by this file around JSON of its own.
      return Object.fromEntries(
        Object.entries(fieldsOf(JSON.parse(opened)).object('credentials')).flatMap(([name, value]) =>
          typeof value === 'string' ? [[name, value]] : [],
        ),
      );
    },
    async hashKey(row) {
      const opened = await keeper.openSecret(row.hash_key_sealed, sealedFor(row.shop_id, row.id, 'hash-key'));
      const key = fromBase64(opened);
      if (key === null) throw new TypeError('a key of this file’s own making');
      return key;
    },
  };
}

function demandProvider(id: string, list: SupplierListGiven | null): ProviderFacts {
  const live = list === null ? LIVE_PROVIDERS.find((one) => one.id === id) : undefined;
  const provider = live ?? providerOf(id, list);
  if (provider === null) throw controlError('control/bad-request', { details: { field: 'provider' } });
  return provider;
}

/** What people said of a feed's list; one from before there were goods is of stones. */
function listOf({ list }: Pick<FeedRow, 'list'>): SupplierListGiven | null {
  return list === null ? null : supplierList.parse({ of: 'stones', ...JSON.parse(list) });
}

/** A shop has a provider once, and a supplier's list by one name, and by one address where it has one. */
function isSame(row: Pick<FeedRow, 'provider' | 'list'>, { provider, list }: NewFeed): boolean {
  const there = listOf(row);
  if (there === null || list === null) return row.provider === provider;
  return there.name === list.name || (there.url === list.url && hostsOf(list).length > 0);
}

function demandEntitled(provider: ProviderFacts, entitlement: Entitlement): void {
  const [bar] = barsOf(provider.terms, entitlement);
  if (bar !== undefined) throw controlError('control/not-entitled', { details: { why: bar } });
}

/** What signs in: all that the provider asks for, and nothing else. */
function credentialText(provider: ProviderFacts, given: Readonly<Record<string, string>>): string {
  const credentials = Object.fromEntries(
    provider.credentials.map(({ name }) => {
      const value = given[name];
      if (value === undefined || value === '')
        throw controlError('control/bad-request', { details: { field: `credentials.${name}` } });
      return [name, value];
    }),
  );
  return JSON.stringify({ credentials });
}

function entitlementJson(entitlement: Entitlement): JsonObject {
  return { ...entitlement, show: [...entitlement.show] };
}

/** What a feed's contract allows, as it was said last. */
export function entitlementOf(row: Pick<FeedRow, 'entitlement'>): Entitlement {
  const value: Json = JSON.parse(row.entitlement);
  const fields = fieldsOf(value);
  const shown = fields.texts('show');
  return {
    store: fields.flag('store'),
    keepDays: fields.integer('keepDays'),
    replay: fields.flag('replay'),
    prices: fields.oneOf('prices', SHOWN_PRICES),
    show: SHOWABLE.filter((one) => shown.includes(one)),
    paper: fields.text('paper'),
  };
}

/** A feed out of its row. */
export function feedOf(row: FeedRow, now: number): Feed {
  const list = listOf(row);
  // Written by this file.
  const plain: PlainException | null = JSON.parse(row.plain ?? 'null');
  return {
    row,
    provider: demandProvider(row.provider, list),
    list,
    entitlement: entitlementOf(row),
    plain: plain !== null && plain.until > now ? plain : null,
  };
}
