import type { Transaction } from 'kysely';
import { type RouteGiven, routeGiven } from '@loupe/contract';
import { type Clock, newId } from '#kernel';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import { postPolicy } from './policy-topic.ts';

export interface RouteView {
  readonly id: string;
  readonly rule: RouteGiven;
  readonly madeAt: number;
  readonly changedAt: number;
  readonly changedBy: string;
}

export interface EdgeRoutes {
  list(shopId: string): Promise<readonly RouteView[]>;
  /** Adds a route. Throws `control/conflict` where a host is another shop's or host and path are taken, `control/bad-request` where it names what is not there. */
  add(shopId: string, rule: RouteGiven, by: string): Promise<string>;
  change(shopId: string, id: string, rule: RouteGiven, by: string): Promise<void>;
  end(shopId: string, id: string, by: string): Promise<void>;
}

/** More make a policy that nobody oversees. */
const MAX_ROUTES = 200;

export interface EdgeRoutesOptions {
  readonly state: State;
  readonly clock: Clock;
  /** Where control itself listens: no shop's route may lead there. */
  readonly ownPort: () => number;
  /** Names that are Loupe's own: no shop's route may stand there. */
  readonly ownNames: readonly string[];
  readonly onChanged: () => void;
}

const live = (db: Pick<State['kysely'], 'selectFrom'>) =>
  db.selectFrom('edge_route').selectAll().where('ended_at', 'is', null);

async function demand(tx: Transaction<StateTables>, shopId: string, id: string): Promise<void> {
  const row = await live(tx).where('shop_id', '=', shopId).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw controlError('control/not-found');
}

export function openEdgeRoutes(options: EdgeRoutesOptions): EdgeRoutes {
  const { state, clock } = options;
  async function check(
    tx: Transaction<StateTables>,
    shopId: string,
    own: string | null,
    rule: RouteGiven,
  ): Promise<void> {
    const others = (await live(tx).execute()).filter((row) => row.id !== own);
    if (others.filter((row) => row.shop_id === shopId).length >= MAX_ROUTES)
      throw controlError('control/too-many');
    for (const row of others) {
      const other = ruleOf(row.rule);
      const shared = rule.hosts.some((host) => other.hosts.includes(host));
      if (shared && (row.shop_id !== shopId || plainPath(other.path) === plainPath(rule.path)))
        throw controlError('control/conflict');
    }
    if (rule.hosts.some((host) => options.ownNames.includes(host))) throw controlError('control/conflict');
    if (rule.proofs.length > 1 && rule.proofs.some((proof) => proof.kind === 'public'))
      throw controlError('control/bad-request', {
        details: { field: 'proofs', expected: 'public stands alone' },
      });
    refuseInner(rule.upstream.origin, options.ownPort());
    const secrets = await tx
      .selectFrom('edge_secret')
      .select('id')
      .where('shop_id', '=', shopId)
      .where('purpose', '=', 'shared')
      .where('ended_at', 'is', null)
      .execute();
    const hookups = await tx
      .selectFrom('hookup')
      .select('id')
      .where('shop_id', '=', shopId)
      .where('state', '!=', 'left')
      .execute();
    const known = new Set([...secrets, ...hookups].map((row) => row.id));
    for (const proof of rule.proofs)
      if ('secrets' in proof && !proof.secrets.every((id) => known.has(id)))
        throw controlError('control/bad-request', {
          details: { field: 'proofs.secrets', expected: 'a secret of this shop' },
        });
  }

  async function record(
    tx: Transaction<StateTables>,
    shopId: string,
    id: string,
    action: string,
    by: string,
  ): Promise<void> {
    const now = clock.now();
    await recordChange(
      tx,
      { kind: 'policy-changed', shop: shopId, by, body: { what: 'route', id, action } },
      now,
    );
    await postPolicy(tx, now);
  }

  return {
    async list(shopId) {
      const rows = await live(state.kysely).where('shop_id', '=', shopId).orderBy('made_at').execute();
      return rows.map((row) => ({
        id: row.id,
        rule: ruleOf(row.rule),
        madeAt: row.made_at,
        changedAt: row.changed_at,
        changedBy: row.changed_by,
      }));
    },
    async add(shopId, rule, by) {
      const now = clock.now();
      const id = newId('rt', now);
      await state.transaction(async (tx) => {
        await check(tx, shopId, null, rule);
        await tx
          .insertInto('edge_route')
          .values({
            id,
            shop_id: shopId,
            rule: JSON.stringify(rule),
            made_at: now,
            changed_at: now,
            changed_by: by,
            ended_at: null,
          })
          .execute();
        await record(tx, shopId, id, 'added', by);
      });
      options.onChanged();
      return id;
    },
    async change(shopId, id, rule, by) {
      await state.transaction(async (tx) => {
        await demand(tx, shopId, id);
        await check(tx, shopId, id, rule);
        await tx
          .updateTable('edge_route')
          .set({ rule: JSON.stringify(rule), changed_at: clock.now(), changed_by: by })
          .where('id', '=', id)
          .execute();
        await record(tx, shopId, id, 'changed', by);
      });
      options.onChanged();
    },
    async end(shopId, id, by) {
      await state.transaction(async (tx) => {
        await demand(tx, shopId, id);
        await tx.updateTable('edge_route').set({ ended_at: clock.now() }).where('id', '=', id).execute();
        await record(tx, shopId, id, 'ended', by);
      });
      options.onChanged();
    },
  };
}

/** A stored rule, with the defaults of members that came later. */
export function ruleOf(json: string): RouteGiven {
  return routeGiven.parse(JSON.parse(json));
}

/** As edges compare paths. */
function plainPath(path: string): string {
  return path.toLowerCase();
}

/** A shop's route leads to the shop's software, never to Loupe itself or to a cloud's metadata. */
function refuseInner(origin: string, ownPort: number): void {
  const { hostname, port } = new URL(origin);
  const metadata = /^169\.254\.|^\[fe80:|^\[fd00:ec2:|^metadata\./u.test(hostname);
  const loopback = /^127\.|^localhost$|^\[::1\]$|^0\.0\.0\.0$|^\[::\]$/u.test(hostname);
  if (metadata || (loopback && Number(port) === ownPort))
    throw controlError('control/bad-request', {
      details: { field: 'upstream.origin', expected: 'the shop’s own software' },
    });
}
