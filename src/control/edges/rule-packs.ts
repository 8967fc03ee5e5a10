// Rule packs of the firewall: taken in whole, kept as they came under the hash of their bytes, tried beside the rules in force, then put in force; and the way back.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Transaction } from 'kysely';
import type { FirewallPacksView } from '@loupe/contract';
import { type Clock, hexOf, sha256 } from '#kernel';
import { type FirewallPacks, OWN_PACK } from '#plane';
import { writeFileDurably } from '#storage';
import { packLabel, readPack, type RulePack, type RuleSummary, summariesOf } from '#waf';
import { controlError } from '../errors.ts';
import { recordChange } from '../leaves.ts';
import type { State, StateTables } from '../state.ts';
import type { EdgeEvents } from './events.ts';
import { postPolicy } from './policy-topic.ts';

/** A pack as people see it. */
export interface PackView {
  /** SHA-256 of its bytes, or `own`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly madeOn: string;
  readonly rules: number;
  /** How it came: with Loupe, from a folder, or as a release whose signature was checked. */
  readonly source: 'own' | 'folder' | 'release';
  readonly addedAt: number | null;
}

/** What the rules in force and those that are tried said of the same requests. */
export interface Comparison {
  readonly since: number;
  readonly requests: number;
  readonly both: number;
  readonly onlyEnforced: number;
  readonly onlyCandidate: number;
  /** Rules of the candidate behind requests that it alone would refuse, the most frequent first. */
  readonly rules: readonly { readonly rule: number; readonly says: string; readonly count: number }[];
}

export interface ShopPacks extends FirewallPacks {
  /** What was in force before, to go back to; null: nothing was. */
  readonly before: string | null;
  readonly changedAt: number | null;
}

export interface RulePacks {
  list(): Promise<readonly PackView[]>;
  /** Takes a pack in; the same bytes are taken in once. Throws `waf/pack-refused`, `waf/rule-refused`. */
  add(bytes: Uint8Array, source: 'folder' | 'release', by: string): Promise<PackView>;
  /** The bytes of a pack, for edges. */
  bytes(id: string): Uint8Array | null;
  of(shopId: string): Promise<ShopPacks>;
  /** Tries a pack beside the rules in force; null ends that. Throws `control/not-found`. */
  try(shopId: string, id: string | null, by: string): Promise<void>;
  /** Puts what is tried in force. Throws `control/conflict` where nothing is. */
  enforce(shopId: string, by: string): Promise<void>;
  /** Goes back to what was in force before. Throws `control/conflict` where nothing was. */
  back(shopId: string, by: string): Promise<void>;
  /** What both said of requests since the candidate is tried; null where none is. */
  compare(shopId: string): Promise<Comparison | null>;
  /** Everything about a shop's rules at once. */
  view(shopId: string): Promise<FirewallPacksView>;
  /** The rules of a pack by id, by what events call it; empty where it is not known any more. */
  rulesOf(label: string): Promise<ReadonlyMap<number, RuleSummary>>;
}

export interface RulePacksOptions {
  readonly state: State;
  readonly events: EdgeEvents;
  readonly own: RulePack;
  readonly folder: string;
  readonly clock: Clock;
  readonly onChanged: () => void;
}

/** Packs whose rules are kept at hand for explaining. */
const MAX_AT_HAND = 4;
const MAX_RULES_SHOWN = 20;
const NOTHING: ShopPacks = { enforced: OWN_PACK, candidate: null, before: null, changedAt: null };

export function openRulePacks(options: RulePacksOptions): RulePacks {
  const { state, events, own, folder, clock } = options;
  const db = state.kysely;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (id: string): string => join(folder, `${id}.json`);
  const atHand = new Map<string, ReadonlyMap<number, RuleSummary>>();
  const ownView: PackView = {
    id: OWN_PACK,
    name: own.name,
    version: own.version,
    madeOn: own.madeOn,
    rules: summariesOf(own.rules).rules.length,
    source: 'own',
    addedAt: null,
  };

  async function list(): Promise<readonly PackView[]> {
    const rows = await db.selectFrom('rule_pack').selectAll().orderBy('added_at', 'desc').execute();
    return [
      ownView,
      ...rows.map((row) => ({
        id: row.id,
        name: row.name,
        version: row.version,
        madeOn: row.made_on,
        rules: row.rules,
        source: row.source,
        addedAt: row.added_at,
      })),
    ];
  }

  function bytes(id: string): Uint8Array | null {
    return /^[0-9a-f]{64}$/u.test(id) && existsSync(pathOf(id)) ? readFileSync(pathOf(id)) : null;
  }

  async function of(shopId: string): Promise<ShopPacks> {
    const row = await db
      .selectFrom('shop_firewall')
      .selectAll()
      .where('shop_id', '=', shopId)
      .executeTakeFirst();
    if (row === undefined) return NOTHING;
    return {
      enforced: row.enforced,
      candidate: row.candidate,
      before: row.before,
      changedAt: row.changed_at,
    };
  }

  async function choose(
    shopId: string,
    action: 'tried' | 'ended' | 'enforced' | 'went-back',
    by: string,
    choice: Omit<ShopPacks, 'changedAt'>,
  ): Promise<void> {
    const now = clock.now();
    await state.transaction(async (tx) => {
      const values = { ...choice, changed_at: now, changed_by: by };
      await tx
        .insertInto('shop_firewall')
        .values({ shop_id: shopId, ...values })
        .onConflict((conflict) => conflict.column('shop_id').doUpdateSet(values))
        .execute();
      const { enforced, candidate } = choice;
      await recordChange(
        tx,
        { kind: 'firewall-rules-chosen', shop: shopId, by, body: { action, enforced, candidate } },
        now,
      );
      await postPolicy(tx, now);
    });
    options.onChanged();
  }

  async function insert(tx: Transaction<StateTables>, view: PackView, by: string): Promise<void> {
    const now = clock.now();
    const { id, name, version, rules, source } = view;
    const inserted = await tx
      .insertInto('rule_pack')
      .values({
        id,
        name,
        version,
        made_on: view.madeOn,
        rules,
        source: source === 'release' ? 'release' : 'folder',
        added_at: now,
        added_by: by,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute();
    if (inserted.length > 0)
      await recordChange(
        tx,
        { kind: 'firewall-rules-added', shop: null, by, body: { pack: id, name, version, source } },
        now,
      );
  }

  async function rulesOf(label: string): Promise<ReadonlyMap<number, RuleSummary>> {
    const known = atHand.get(label);
    if (known !== undefined) return known;
    const view = (await list()).find((one) => packLabel(one) === label);
    if (view === undefined) return new Map();
    const kept = view.id === OWN_PACK ? null : bytes(view.id);
    const pack = view.id === OWN_PACK ? own : kept === null ? null : readPack(kept);
    if (pack === null) return new Map();
    const found = new Map(summariesOf(pack.rules).rules.map((rule) => [rule.id, rule]));
    if (atHand.size >= MAX_AT_HAND) atHand.clear();
    atHand.set(label, found);
    return found;
  }

  const packs: RulePacks = {
    list,
    bytes,
    of,
    rulesOf,
    async add(given, source, by) {
      const pack = readPack(given);
      const { name, version, madeOn } = pack;
      const rules = summariesOf(pack.rules).rules.length;
      const id = hexOf(sha256(given));
      const view: PackView = { id, name, version, madeOn, rules, source, addedAt: clock.now() };
      writeFileDurably(pathOf(id), given);
      await state.transaction(async (tx) => await insert(tx, view, by));
      return (await list()).find((one) => one.id === id) ?? view;
    },
    async try(shopId, id, by) {
      if (id !== null && !(await list()).some((one) => one.id === id))
        throw controlError('control/not-found');
      const { enforced, before } = await of(shopId);
      if (id === enforced) throw controlError('control/conflict');
      await choose(shopId, id === null ? 'ended' : 'tried', by, { enforced, candidate: id, before });
    },
    async enforce(shopId, by) {
      const { enforced, candidate } = await of(shopId);
      if (candidate === null) throw controlError('control/conflict');
      await choose(shopId, 'enforced', by, { enforced: candidate, candidate: null, before: enforced });
    },
    async back(shopId, by) {
      const { enforced, before } = await of(shopId);
      if (before === null) throw controlError('control/conflict');
      await choose(shopId, 'went-back', by, { enforced: before, candidate: null, before: enforced });
    },
    async compare(shopId) {
      const { candidate, changedAt } = await of(shopId);
      if (candidate === null || changedAt === null) return null;
      const told = await events.compared(shopId, changedAt);
      const view = (await list()).find((one) => one.id === candidate);
      const summaries = view === undefined ? new Map<number, RuleSummary>() : await rulesOf(packLabel(view));
      return {
        since: changedAt,
        requests: told.requests,
        both: told.both,
        onlyEnforced: told.onlyEnforced,
        onlyCandidate: told.onlyCandidate,
        rules: [...told.rules]
          .toSorted(([, a], [, b]) => b - a)
          .slice(0, MAX_RULES_SHOWN)
          .map(([rule, count]) => ({ rule, says: summaries.get(rule)?.message ?? '', count })),
      };
    },
    async view(shopId) {
      const [all, chosen, comparison] = await Promise.all([list(), of(shopId), packs.compare(shopId)]);
      return {
        packs: all.map((one) => ({ ...one })),
        ...chosen,
        comparison: comparison === null ? null : { ...comparison, rules: [...comparison.rules] },
      };
    },
  };
  return packs;
}
