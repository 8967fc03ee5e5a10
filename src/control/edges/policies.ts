// The snapshot that edges work from: made of what the shops' people decided, once that is in the ledger; signed; the newest handed to every edge that asks.
import { type Recipient, readVerifier } from '#crypto';
import { asBuffer, base64Of, canonicalJson, type Clock, type Json, utf8 } from '#kernel';
import type { JsonObject } from '#plane';
import { openPublication, openRelay, type Publication, type Relay } from '#storage';
import type { Hookups } from '../platforms/hookups.ts';
import type { ReachOf } from '../looks/reach.ts';
import type { EdgeIntegrations } from './integrations.ts';
import type { KeeperClient } from '../keeper-client.ts';
import { demandLeavesAppended } from '../leaves.ts';
import type { State } from '../state.ts';
import { POLICY_TOPIC } from './policy-topic.ts';
import type { RulePacks } from './rule-packs.ts';
import { ruleOf } from './routes.ts';
import { type EdgeSecrets, secretContext } from './secrets.ts';

export interface Published {
  readonly version: number;
  readonly note: string;
  /** The snapshot's bytes, base64. */
  readonly bytes: string;
  readonly madeAt: number;
}

export interface EdgePolicies {
  current(): Published | null;
  /** The first version above `version`, at once or within `waitMs`; null where none came. */
  newer(version: number, waitMs: number): Promise<Published | null>;
  /** Publishes soon: to be called after a change has committed. */
  wake(): void;
  start(everyMs: number): void;
  stop(): Promise<void>;
}

export interface EdgePoliciesOptions {
  readonly state: State;
  readonly keeper: KeeperClient;
  readonly secrets: EdgeSecrets;
  readonly hookups: Hookups;
  readonly integrations: EdgeIntegrations;
  readonly packs: RulePacks;
  readonly reachOf: ReachOf;
  readonly folder: string;
  readonly clock: Clock;
  /** Carries leaves to the ledger now. */
  readonly appendLeaves: () => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

const NAME = 'edge-policy';
const FILE = 'snapshot.json';

/** Opens what was published last. */
export async function openEdgePolicies(options: EdgePoliciesOptions): Promise<EdgePolicies> {
  const { state, keeper, clock } = options;
  const db = state.kysely;
  const publication: Publication = openPublication(
    options.folder,
    NAME,
    { sign: (text) => keeper.signPublication(text), verifier: readVerifier(await keeper.publicationKey()) },
    () => clock.now(),
  );
  let published = readPublished(publication);
  const waiting = new Set<() => void>();
  let stopped = false;

  const relay: Relay = openRelay(state, {
    topic: POLICY_TOPIC,
    clock,
    async deliver(messages) {
      // A change takes effect once its leaf is in the ledger, and not before.
      await options.appendLeaves();
      await demandLeavesAppended(state, messages.at(-1)?.seq ?? 0);
      const text = canonicalJson({ v: 1, version: 0, madeAt: clock.now(), shops: await shopPolicies() });
      await publication.publish([{ path: FILE, bytes: utf8(text) }]);
      published = readPublished(publication);
      for (const done of waiting) done();
    },
    onFailure: options.onError,
  });

  async function recipients(): Promise<readonly Recipient[]> {
    const rows = await db.selectFrom('edge_process').select(['key_id', 'jwk']).distinct().execute();
    return rows.map((row) => ({ id: row.key_id, jwk: JSON.parse(row.jwk) }));
  }

  /** Every shop that has routes or integrations. */
  async function shopPolicies(): Promise<{ readonly [shop: string]: Json }> {
    const shops = await db
      .selectFrom('shop')
      .select('id')
      .where('removed_at', 'is', null)
      .orderBy('id')
      .execute();
    const [routes, integrations] = await Promise.all([
      db
        .selectFrom('edge_route')
        .select(['id', 'shop_id', 'rule'])
        .where('ended_at', 'is', null)
        .orderBy('id')
        .execute(),
      db.selectFrom('edge_integration').select('shop_id').where('ended_at', 'is', null).execute(),
    ]);
    const edges = await recipients();
    const policies: { [shop: string]: Json } = {};
    for (const { id } of shops) {
      const own = routes.filter((row) => row.shop_id === id);
      if (own.length > 0 || integrations.some((row) => row.shop_id === id))
        policies[id] = await shopPolicy(id, own, edges);
    }
    return policies;
  }

  async function shopPolicy(
    shopId: string,
    rows: readonly { readonly id: string; readonly rule: string }[],
    edges: readonly Recipient[],
  ): Promise<JsonObject> {
    const now = clock.now();
    const pseudonymKey = await state.transaction((tx) =>
      options.secrets.own(tx, shopId, 'pseudonym-key', 'loupe'),
    );
    const [credentials, tokens, revoked, lifts, secrets, broker] = await Promise.all([
      db
        .selectFrom('edge_credential')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('ended_at', 'is', null)
        .orderBy('id')
        .execute(),
      db.selectFrom('edge_tokens').selectAll().where('shop_id', '=', shopId).executeTakeFirst(),
      db.selectFrom('edge_revoked').selectAll().where('shop_id', '=', shopId).orderBy('value').execute(),
      db.selectFrom('edge_lift').selectAll().where('shop_id', '=', shopId).orderBy('lock').execute(),
      db
        .selectFrom('edge_secret')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('ended_at', 'is', null)
        .orderBy('id')
        .execute(),
      db.selectFrom('edge_broker_token').selectAll().where('shop_id', '=', shopId).executeTakeFirst(),
    ]);
    const good = credentials.filter((row) => row.until_at === null || row.until_at > now);
    const sealed: { [secret: string]: { [edge: string]: string } } = {};
    for (const row of secrets)
      sealed[row.id] = await sealedTo(row.sealed, secretContext(shopId, row.id), edges);
    const hookup = await options.hookups.of(shopId);
    if (hookup !== null)
      for (const [i, secret] of (await options.hookups.sealedSecrets(hookup.row)).entries())
        sealed[i === 0 ? hookup.row.id : `${hookup.row.id}-before`] = await sealedTo(
          secret.sealed,
          secret.context,
          edges,
        );
    const routes = rows.map(({ id, rule }) => {
      const { learn, ...read } = ruleOf(rule);
      const proofs = read.proofs.map((proof) =>
        // While a platform's secret is changed, the one before signs too.
        'secrets' in proof
          ? {
              ...proof,
              secrets: proof.secrets.flatMap((one) => [
                one,
                ...(`${one}-before` in sealed ? [`${one}-before`] : []),
              ]),
            }
          : proof,
      );
      return { ...read, id, learn, proofs };
    });
    const { enforced, candidate } = await options.packs.of(shopId);
    const policy = {
      firewall: { enforced, candidate },
      routes,
      clients: good
        .filter((row) => row.kind === 'client')
        .map((row) => ({
          id: row.id,
          secretHashes: JSON.parse(row.hashes),
          scopes: JSON.parse(row.scopes),
          since: row.since,
          until: row.until_at,
        })),
      keys: good
        .filter((row) => row.kind === 'key')
        .map((row) => ({
          id: row.id,
          hash: JSON.parse(row.hashes)[0],
          scopes: JSON.parse(row.scopes),
          until: row.until_at,
        })),
      tokens:
        tokens === undefined
          ? null
          : {
              issuer: tokens.issuer,
              hosts: JSON.parse(tokens.hosts),
              path: tokens.path,
              lifetimeMs: tokens.lifetime_ms,
              key: tokens.secret_id,
            },
      revoked: revoked.map((row) =>
        row.kind === 'jti'
          ? { kind: row.kind, value: row.value }
          : { kind: row.kind, value: row.value, before: row.before_at },
      ),
      integrations: (await options.integrations.list(shopId)).map(({ row, rule, open }) => {
        const reach = options.reachOf([new URL(rule.origin).hostname]);
        const { allowNetworks, extraCa, connectTo } = reach;
        return { ...rule, id: row.id, enabled: open, allowNetworks, extraCa, connectTo };
      }),
      brokerHashes: broker === undefined ? [] : JSON.parse(broker.hashes),
      secrets: sealed,
      pseudonymKey,
      lifted: Object.fromEntries(lifts.map((row) => [row.lock, row.at])),
    };
    return JSON.parse(JSON.stringify(policy));
  }

  async function sealedTo(
    sealed: string,
    context: readonly string[],
    edges: readonly Recipient[],
  ): Promise<{ [edge: string]: string }> {
    const pairs = await Promise.all(
      edges.map(async (edge) => [edge.id, await keeper.sendSecret(sealed, context, edge)] as const),
    );
    return Object.fromEntries(pairs);
  }

  return {
    current: () => published,
    async newer(version, waitMs) {
      if (published !== null && published.version > version) return published;
      if (stopped) return null;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, waitMs);
        waiting.add(done);
      });
      return published !== null && published.version > version ? published : null;
    },
    wake: () => relay.wake(),
    start: (everyMs) => relay.start(everyMs),
    async stop() {
      stopped = true;
      for (const done of waiting) done();
      await relay.stop();
    },
  };
}

function readPublished(publication: Publication): Published | null {
  const pointer = publication.current();
  const note = publication.note();
  if (pointer === null || note === null) return null;
  return {
    version: pointer.version,
    madeAt: pointer.madeAt,
    note,
    bytes: base64Of(asBuffer(publication.read(pointer, FILE))),
  };
}
