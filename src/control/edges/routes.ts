import type { Selectable, Transaction } from 'kysely';
import { type RouteGiven, routeGiven } from '@loupe/contract';
import { type Clock, DAY_MS, hasCode, newId } from '#kernel';
import type { FirewallExclusion } from '#plane';
import { removedTargets } from '#waf';
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
  /** The last change can be undone. */
  readonly undoable: boolean;
}

/** A route that was taken away and can be brought back. */
export interface EndedRoute {
  readonly id: string;
  readonly name: string;
  readonly endedAt: number;
}

export interface EdgeRoutes {
  list(shopId: string): Promise<readonly RouteView[]>;
  /** Adds a route. Throws `control/conflict` where a host is another shop's or host and path are taken, `control/bad-request` where it names what is not there. */
  add(shopId: string, rule: RouteGiven, by: string): Promise<string>;
  change(shopId: string, id: string, rule: RouteGiven, by: string): Promise<void>;
  end(shopId: string, id: string, by: string): Promise<void>;
  /** Routes that were taken away lately, the newest first. */
  ended(shopId: string): Promise<readonly EndedRoute[]>;
  /**
   * Takes back the last step: a route that was taken away stands again, one that was changed is what it was before (and undoing that again is what it is now).
   * Throws as `add` does where meanwhile something else stands there, and `control/not-found` where there is nothing to undo.
   */
  undo(shopId: string, id: string, by: string): Promise<void>;
  /** Adds exclusions to a route's firewall; those that stand already stay. Throws `control/not-found`, `control/too-many`. */
  exclude(shopId: string, id: string, exclusions: readonly FirewallExclusion[], by: string): Promise<void>;
  /** Takes exclusions away; the firewall's rules look at those values again. */
  include(shopId: string, id: string, exclusions: readonly FirewallExclusion[], by: string): Promise<void>;
}

/** How long a route that was taken away can be brought back. */
const UNDO_MS = 30 * DAY_MS;
const MAX_ENDED = 20;
/** More make a policy that nobody oversees. */
const MAX_ROUTES = 200;
/** As many as a route's rule may have. */
const MAX_EXCLUSIONS = 200;

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

async function demand(
  tx: Transaction<StateTables>,
  shopId: string,
  id: string,
): Promise<Selectable<StateTables['edge_route']>> {
  const row = await live(tx).where('shop_id', '=', shopId).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw controlError('control/not-found');
  return row;
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
    refuseUnknownFields(rule.firewall.exclusions);
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

  /** A leaf for each exclusion that is made or ended, whichever way it is. */
  async function recordExclusions(
    tx: Transaction<StateTables>,
    shopId: string,
    route: string,
    before: readonly FirewallExclusion[],
    after: readonly FirewallExclusion[],
    by: string,
  ): Promise<void> {
    for (const [action, changed] of [
      ['made', without(after, before)],
      ['ended', without(before, after)],
    ] as const)
      for (const { rule, field } of changed)
        await recordChange(
          tx,
          { kind: 'firewall-excluded', shop: shopId, by, body: { route, action, rule, field } },
          clock.now(),
        );
  }

  async function put(
    tx: Transaction<StateTables>,
    shopId: string,
    id: string,
    rule: RouteGiven,
    before: string,
    by: string,
  ): Promise<void> {
    await check(tx, shopId, id, rule);
    await recordExclusions(tx, shopId, id, ruleOf(before).firewall.exclusions, rule.firewall.exclusions, by);
    await tx
      .updateTable('edge_route')
      .set({ rule: JSON.stringify(rule), rule_before: before, changed_at: clock.now(), changed_by: by })
      .where('id', '=', id)
      .execute();
  }

  /** Puts other exclusions in place of a route's. */
  async function rearrange(
    shopId: string,
    id: string,
    by: string,
    change: (standing: readonly FirewallExclusion[]) => readonly FirewallExclusion[],
  ): Promise<void> {
    await state.transaction(async (tx) => {
      const { rule: before } = await demand(tx, shopId, id);
      const rule = ruleOf(before);
      const standing = rule.firewall.exclusions;
      const next = change(standing);
      if (next.length > MAX_EXCLUSIONS) throw controlError('control/too-many');
      await put(
        tx,
        shopId,
        id,
        { ...rule, firewall: { ...rule.firewall, exclusions: [...next] } },
        before,
        by,
      );
      await postPolicy(tx, clock.now());
    });
    options.onChanged();
  }

  /** What undoing would find: a route that was taken away lately. */
  const gone = (db: Pick<State['kysely'], 'selectFrom'>, shopId: string) =>
    db
      .selectFrom('edge_route')
      .selectAll()
      .where('shop_id', '=', shopId)
      .where('ended_at', '>', clock.now() - UNDO_MS);

  return {
    async list(shopId) {
      const rows = await live(state.kysely).where('shop_id', '=', shopId).orderBy('made_at').execute();
      return rows.map((row) => ({
        id: row.id,
        rule: ruleOf(row.rule),
        madeAt: row.made_at,
        changedAt: row.changed_at,
        changedBy: row.changed_by,
        undoable: row.rule_before !== null,
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
            rule_before: null,
            made_at: now,
            changed_at: now,
            changed_by: by,
            ended_at: null,
          })
          .execute();
        await recordExclusions(tx, shopId, id, [], rule.firewall.exclusions, by);
        await record(tx, shopId, id, 'added', by);
      });
      options.onChanged();
      return id;
    },
    async change(shopId, id, rule, by) {
      await state.transaction(async (tx) => {
        const { rule: before } = await demand(tx, shopId, id);
        await put(tx, shopId, id, rule, before, by);
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
    async ended(shopId) {
      const rows = await gone(state.kysely, shopId).orderBy('ended_at', 'desc').limit(MAX_ENDED).execute();
      return rows.map((row) => ({ id: row.id, name: ruleOf(row.rule).name, endedAt: row.ended_at ?? 0 }));
    },
    async undo(shopId, id, by) {
      await state.transaction(async (tx) => {
        const ended = await gone(tx, shopId).where('id', '=', id).executeTakeFirst();
        if (ended !== undefined) {
          await check(tx, shopId, id, ruleOf(ended.rule));
          await tx.updateTable('edge_route').set({ ended_at: null }).where('id', '=', id).execute();
          await record(tx, shopId, id, 'brought-back', by);
          return;
        }
        const row = await demand(tx, shopId, id);
        if (row.rule_before === null) throw controlError('control/not-found');
        await put(tx, shopId, id, ruleOf(row.rule_before), row.rule, by);
        await record(tx, shopId, id, 'undone', by);
      });
      options.onChanged();
    },
    exclude: (shopId, id, exclusions, by) =>
      rearrange(shopId, id, by, (standing) => [...standing, ...without(exclusions, standing)]),
    include: (shopId, id, exclusions, by) =>
      rearrange(shopId, id, by, (standing) => without(standing, exclusions)),
  };
}

/** An exclusion names a variable of the rules' language. */
function refuseUnknownFields(exclusions: readonly FirewallExclusion[]): void {
  try {
    removedTargets(exclusions);
  } catch (error) {
    if (!hasCode(error, 'waf/rule-refused')) throw error;
    throw controlError('control/bad-request', {
      details: { field: 'firewall.exclusions', expected: 'a variable of the rules’ language' },
    });
  }
}

function without(
  list: readonly FirewallExclusion[],
  others: readonly FirewallExclusion[],
): readonly FirewallExclusion[] {
  return list.filter(
    ({ rule, field }) => !others.some((other) => other.rule === rule && other.field === field),
  );
}

/** A stored rule, with the defaults of members that came later. */
export function ruleOf(json: string): RouteGiven {
  return routeGiven.parse(JSON.parse(json));
}

/** Whether a certificate's names fit one of the hosts (RFC 9525, section 6.3). */
export function fitsHosts(names: readonly string[], hosts: ReadonlySet<string>): boolean {
  const wild = new Set([...hosts].map((host) => host.replace(/^[^.]+/u, '*')));
  return names.some((name) => hosts.has(name) || wild.has(name));
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
