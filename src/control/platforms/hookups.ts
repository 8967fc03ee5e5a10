// A shop's connection to its platform: made, kept alive, given new secrets, ended.
import type { Selectable, Transaction } from 'kysely';
import { type Clock, DAY_MS, HOUR_MS, MINUTE_MS, newId, SECOND_MS } from '#kernel';
import { type OutboundPolicy, openOutbound } from '#outbound';
import {
  type Gap,
  grantToken,
  type ItemKind,
  leaveShopify,
  type PlatformName,
  type ReadFailure,
  type ShopifyApp,
  shopifyDomain,
} from '#platform';
import { controlError } from '../errors.ts';
import { postPolicy } from '../edges/policy-topic.ts';
import { ALIVE_MS } from '../work/job-kind.ts';
import { eraseHookup } from './erase.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { recordChange } from '../leaves.ts';
import type { ReachOf } from '../looks/reach.ts';
import type { Shops } from '../shops/shops.ts';
import type { State, StateTables } from '../state.ts';

export type HookupRow = Selectable<StateTables['hookup']>;

/** A hookup with its lists read. */
export interface HookupView {
  readonly row: HookupRow;
  readonly scopes: readonly string[];
  readonly gaps: readonly Gap[];
  readonly subscribed: readonly string[];
  readonly covered: Readonly<Partial<Record<ItemKind, number>>>;
  readonly refused: Readonly<Record<string, number>>;
}

export interface NewHookup {
  readonly platform: PlatformName;
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Hookups {
  /** The live hookup of a shop, or null. */
  of(shopId: string): Promise<HookupView | null>;
  /** A live hookup by its id, for whoever calls in from outside; null where there is none. */
  byId(id: string): Promise<HookupView | null>;
  /**
   * Connects a shop. Shopify’s credentials are tried at once; those of others by the first reading. Throws `control/conflict` where one is connected, `control/platform-refused`,
   * `control/platform-unreachable`, `platform/not-a-domain`.
   */
  connect(shopId: string, given: NewHookup, by: string): Promise<string>;
  /** Takes a new secret; the one before it is good for an hour longer, as at the platform. */
  rotate(shopId: string, clientSecret: string, by: string): Promise<void>;
  /** Ends it: what was set up at the platform is taken back, what was kept here is erased. */
  leave(shopId: string, by: string): Promise<void>;
  /** The secrets that sign for this hookup now. */
  secrets(row: HookupRow): Promise<readonly ShopifyApp[]>;
  /** The same, still sealed, the newest first: to be sent on to edges without being opened here. */
  sealedSecrets(
    row: HookupRow,
  ): Promise<readonly { readonly sealed: string; readonly context: readonly string[] }[]>;
  /** What the worker is handed to read with: a token that is good for some minutes yet (of other platforms the key itself); null where the platform refuses, and the hookup then says so. */
  token(row: HookupRow): Promise<string | null>;
  /** A token that was refused is forgotten; a key that was refused will be again, and the hookup then says so. */
  forgetToken(row: HookupRow): Promise<void>;
  /** Where the platform sends its deliveries; null where it cannot reach us. */
  callbackUrl(row: HookupRow): string | null;
}

export interface HookupsOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly shops: Shops;
  readonly reachOf: ReachOf;
  readonly userAgent: string;
  readonly clock: Clock;
  /** The public address of this Loupe as a shop's platform reaches it, or null. */
  publicBaseFor(domain: string): string | null;
  /** Has the shop read, in the transaction of its connection. */
  onConnected(tx: Transaction<StateTables>, shopId: string, hookupId: string): Promise<void>;
}

/** A rotated secret still signs for up to an hour. */
const OLD_SECRET_MS = HOUR_MS;
const TOKEN_LEFT_MS = 10 * MINUTE_MS;
const LEAVE_MS = 15 * SECOND_MS;

const sealed = (shopId: string, id: string, what: 'secret' | 'token') => ['hookup', shopId, id, what];

function viewOf(row: HookupRow): HookupView {
  return {
    row,
    scopes: JSON.parse(row.scopes),
    gaps: JSON.parse(row.gaps),
    subscribed: JSON.parse(row.subscribed),
    covered: JSON.parse(row.covered),
    refused: JSON.parse(row.refused),
  };
}

export function openHookups(options: HookupsOptions): Hookups {
  const { state, keeper, shops, reachOf, userAgent, clock } = options;
  const db = state.kysely;

  const outboundFor = (domain: string) => {
    const policy: OutboundPolicy = { ...reachOf([domain]), userAgent };
    return openOutbound(policy);
  };

  async function live(shopId: string): Promise<HookupRow | undefined> {
    return await db
      .selectFrom('hookup')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('state', '!=', 'left')
      .executeTakeFirst();
  }

  async function demand(shopId: string): Promise<HookupRow> {
    const row = await live(shopId);
    if (row === undefined) throw controlError('control/not-found');
    return row;
  }

  /** Tries credentials; a refusal is told in our words. */
  async function tryGrant(domain: string, app: ShopifyApp) {
    const granted = await grantToken(
      outboundFor(domain),
      domain,
      app,
      clock.now(),
      AbortSignal.timeout(LEAVE_MS),
    );
    if (granted.ok) return granted;
    throw controlError(
      granted.why === 'refused' ? 'control/platform-refused' : 'control/platform-unreachable',
    );
  }

  const hookups: Hookups = {
    async of(shopId) {
      const row = await live(shopId);
      return row === undefined ? null : viewOf(row);
    },
    async byId(id) {
      const row = await db
        .selectFrom('hookup')
        .innerJoin('shop', 'shop.id', 'hookup.shop_id')
        .selectAll('hookup')
        .where('hookup.id', '=', id)
        .where('hookup.state', '!=', 'left')
        .where('shop.removed_at', 'is', null)
        .executeTakeFirst();
      return row === undefined ? null : viewOf(row);
    },
    async connect(shopId, { platform, domain: given, clientId, clientSecret }, by) {
      // A shop that has its own software is read at its own address, and at no other.
      const domain = platform === 'shopify' ? shopifyDomain(given) : (await shops.get(shopId)).host;
      if ((await live(shopId)) !== undefined) throw controlError('control/conflict');
      const granted = platform === 'shopify' ? await tryGrant(domain, { clientId, clientSecret }) : null;
      const now = clock.now();
      const id = newId('plt', now);
      const [secret, token] = await Promise.all([
        keeper.sealSecret(clientSecret, sealed(shopId, id, 'secret')),
        granted === null ? null : keeper.sealSecret(granted.token, sealed(shopId, id, 'token')),
      ]);
      await state.transaction(async (tx) => {
        const taken = await tx
          .selectFrom('hookup')
          .select('id')
          .where('shop_id', '=', shopId)
          .where('state', '!=', 'left')
          .executeTakeFirst();
        if (taken !== undefined) throw controlError('control/conflict');
        await tx
          .insertInto('hookup')
          .values({
            id,
            shop_id: shopId,
            platform,
            domain,
            state: 'connected',
            client_id: clientId,
            secret_sealed: secret,
            secret_at: now,
            old_secret_sealed: null,
            old_secret_until: null,
            token_sealed: token,
            token_until: granted?.until ?? null,
            scopes: JSON.stringify(granted?.scopes ?? []),
            gaps: '[]',
            subscribed: '[]',
            asked_version: null,
            served_version: null,
            covered: '{}',
            read_at: null,
            problem: null,
            delivered_at: null,
            refused: '{}',
            made_at: now,
            made_by: by,
            left_at: null,
          })
          .execute();
        const body = { hookup: id, platform, domain, scopes: [...(granted?.scopes ?? [])] };
        await recordChange(tx, { kind: 'platform-connected', shop: shopId, by, body }, now);
        await options.onConnected(tx, shopId, id);
      });
      return id;
    },
    async rotate(shopId, clientSecret, by) {
      const row = await demand(shopId);
      const granted =
        row.platform === 'shopify'
          ? await tryGrant(row.domain, { clientId: row.client_id, clientSecret })
          : null;
      const now = clock.now();
      const [secret, token] = await Promise.all([
        keeper.sealSecret(clientSecret, sealed(shopId, row.id, 'secret')),
        granted === null ? null : keeper.sealSecret(granted.token, sealed(shopId, row.id, 'token')),
      ]);
      await state.transaction(async (tx) => {
        await tx
          .updateTable('hookup')
          .set({
            state: 'connected',
            problem: null,
            secret_sealed: secret,
            secret_at: now,
            old_secret_sealed: row.secret_sealed,
            old_secret_until: now + OLD_SECRET_MS,
            token_sealed: token,
            token_until: granted?.until ?? null,
          })
          .where('id', '=', row.id)
          .where('state', '!=', 'left')
          .execute();
        const body = { hookup: row.id, what: ['secret'] };
        await recordChange(tx, { kind: 'platform-changed', shop: shopId, by, body }, now);
        await postPolicy(tx, now);
      });
    },
    async leave(shopId, by) {
      const row = await demand(shopId);
      const token =
        row.platform === 'shopify' && row.state === 'connected'
          ? await hookups.token(row).catch(() => null)
          : null;
      const tidy = async (): Promise<boolean> =>
        token !== null &&
        (await leaveShopify(
          outboundFor(row.domain),
          { domain: row.domain, token },
          AbortSignal.timeout(LEAVE_MS),
        ));
      const tidied = await tidy();
      const wasBeingRead = await state.transaction(async (tx) => {
        const underWay = await eraseHookup(tx, row, clock.now());
        const body = { hookup: row.id, tidied };
        await recordChange(tx, { kind: 'platform-left', shop: shopId, by, body }, clock.now());
        await postPolicy(tx, clock.now());
        return underWay;
      });
      // What reads keeps what it reads subscribed: again, once it has heard that nobody wants it any more.
      if (!tidied || !wasBeingRead) return;
      await new Promise((resolve) => setTimeout(resolve, ALIVE_MS + SECOND_MS));
      await tidy();
    },
    async sealedSecrets(row) {
      const context = sealed(row.shop_id, row.id, 'secret');
      const oldIsGood = row.old_secret_until !== null && row.old_secret_until > clock.now();
      const held = [row.secret_sealed, oldIsGood ? row.old_secret_sealed : null];
      return held.flatMap((one) => (one === null ? [] : [{ sealed: one, context }]));
    },
    async secrets(row) {
      const held = await hookups.sealedSecrets(row);
      const secrets = await Promise.all(held.map((one) => keeper.openSecret(one.sealed, one.context)));
      return secrets.map((clientSecret) => ({ clientId: row.client_id, clientSecret }));
    },
    async token(row) {
      const now = clock.now();
      if (row.platform !== 'shopify') {
        // A key that never ends is its own token.
        const [key] = await hookups.secrets(row);
        if (key === undefined) return null;
        return row.platform === 'woocommerce' ? `${key.clientId}:${key.clientSecret}` : key.clientSecret;
      }
      const context = sealed(row.shop_id, row.id, 'token');
      if (row.token_sealed !== null && (row.token_until ?? 0) > now + TOKEN_LEFT_MS)
        return await keeper.openSecret(row.token_sealed, context);
      const [app] = await hookups.secrets(row);
      if (app === undefined) return null;
      const signal = AbortSignal.timeout(LEAVE_MS);
      const granted = await grantToken(outboundFor(row.domain), row.domain, app, now, signal);
      const problem: ReadFailure | null = granted.ok ? null : granted.why;
      await db
        .updateTable('hookup')
        .set(
          granted.ok
            ? {
                token_sealed: await keeper.sealSecret(granted.token, context),
                token_until: Math.min(granted.until, now + DAY_MS),
                scopes: JSON.stringify(granted.scopes),
              }
            : { problem, ...(problem === 'refused' ? { state: 'refused', token_sealed: null } : {}) },
        )
        .where('id', '=', row.id)
        .where('state', '!=', 'left')
        .execute();
      return granted.ok ? granted.token : null;
    },
    async forgetToken(row) {
      await db
        .updateTable('hookup')
        .set({
          token_sealed: null,
          token_until: null,
          ...(row.platform === 'shopify' ? {} : { state: 'refused' }),
        })
        .where('id', '=', row.id)
        .execute();
    },
    callbackUrl(row) {
      if (row.platform !== 'shopify') return null;
      const base = options.publicBaseFor(row.domain);
      return base === null ? null : `${base}/hooks/shopify/${row.id}`;
    },
  };
  return hookups;
}
