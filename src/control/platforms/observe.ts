// The platform, judged: the connection, what is watched through it, who is in it, and what is the platform's own duty. Each is an
// observation like any other, with what it was judged from as its evidence.
import { canonicalBytes, type Clock, DAY_MS, HOUR_MS, type Json } from '#kernel';
import { ITEM_KINDS, type ItemKind, needlessScopes, SHOPIFY_VERSION, topicsFor } from '#platform';
import type { CheckDefinition, Observation, ShopKind } from '#plane';
import type { BlobStore } from '#storage';
import { newsOf, type Observations, recordObservations } from '../looks/observations.ts';
import { partText } from '../messages/platforms.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import type { VendorBook } from '../vendors/book.ts';
import { vendorFor } from '../vendors/connections.ts';
import type { ChangeRow, Changes } from './changes.ts';
import { ALARM_MS, PLATFORM_CHECKS, READING_FRESH_MS, REVIEW_MS, SECRET_MS } from './checks.ts';
import { backingOf, offeredFor } from './duties.ts';
import type { Hookups, HookupView } from './hookups.ts';
import type { InventoryRow, Inventories } from './inventories.ts';
import type { PrivacyRequests, PrivacyRow } from './privacy.ts';

interface Judged {
  readonly check: string;
  readonly subject: string;
  readonly outcome: Observation['outcome'];
  readonly source: Observation['source'];
  readonly figure: Observation['figure'];
  readonly facts: Observation['facts'];
}

export interface PlatformInput {
  readonly shop: string;
  readonly kind: ShopKind | null;
  readonly lookedAt: number | null;
  /** Whether there is a connection for what the shop runs on. */
  readonly connectable: boolean;
  readonly hookup: HookupView | null;
  /** Where the platform sends deliveries, or null: it cannot reach us. */
  readonly reachable: boolean;
  /** The domain that the platform itself names as the shop's; null where it was not read. */
  readonly ownDomain: string | null;
  readonly open: readonly Pick<ChangeRow, 'weight' | 'verdict' | 'at'>[];
  readonly inventories: readonly Pick<InventoryRow, 'what' | 'count' | 'valid_until' | 'taken_at'>[];
  /** How many apps and staff accounts the interface showed; null where it is closed. */
  readonly seenApps: number | null;
  readonly seenStaff: number | null;
  readonly privacy: readonly Pick<PrivacyRow, 'due_at' | 'done_at'>[];
  /** The platform's own papers on file, in date. */
  readonly papers: readonly {
    readonly kind: string;
    readonly title: string;
    readonly validUntil: number | null;
  }[];
}

/** What can be judged of a connected platform only. */
const OF_A_HOOKUP = [
  'platform.connected',
  'platform.secret',
  'platform.tokens',
  'platform.scopes',
  'platform.deliveries',
  'platform.version',
  'platform.privacy',
  'watch.reading',
  'watch.part',
] as const;

/** Judges a shop's platform; pure. */
export function judgePlatform(input: PlatformInput, now: number): readonly Judged[] {
  const judged: Judged[] = [];
  const { hookup } = input;
  const say = (
    check: string,
    outcome: Judged['outcome'],
    facts: Judged['facts'] = {},
    figure: Judged['figure'] = null,
    more: { readonly subject?: string; readonly source?: Judged['source'] } = {},
  ): void =>
    void judged.push({
      check,
      outcome,
      facts,
      figure,
      subject: more.subject ?? input.shop,
      source: more.source ?? 'seen',
    });

  if (hookup !== null) judgeHookup(hookup);
  else
    for (const check of OF_A_HOOKUP)
      if (input.connectable) say(check, 'unknown', { why: 'not-connected' });
      else say(check, 'not-applicable', { why: 'no-interface' });
  if (hookup !== null || input.connectable) {
    judgeList('platform.apps', 'apps', input.seenApps);
    judgeList('platform.staff', 'staff', input.seenStaff);
  } else
    for (const check of ['platform.apps', 'platform.staff'])
      say(check, 'not-applicable', { why: 'no-interface' });

  const alarms = input.open.filter((change) => change.weight === 'alarm' && change.verdict === 'open');
  const late = alarms.filter((change) => change.at + ALARM_MS <= now);
  const foreign = input.open.filter((change) => change.verdict === 'not-mine');
  const watched = hookup?.row.read_at !== null && hookup !== null;
  if (foreign.length > 0)
    say(
      'watch.alarms',
      'falls-short',
      { why: 'not-mine' },
      { value: foreign.length, unit: 'foreign-changes' },
    );
  else if (late.length > 0)
    say('watch.alarms', 'falls-short', { why: 'unanswered' }, { value: late.length, unit: 'alarms' });
  else if (!watched && input.lookedAt === null) say('watch.alarms', 'unknown', { why: 'never' });
  else say('watch.alarms', 'holds', {}, { value: alarms.length, unit: 'alarms' });
  const unreviewed = input.open.filter((change) => change.verdict === 'open' && change.at + REVIEW_MS <= now);
  if (unreviewed.length > 0)
    say('watch.reviewed', 'falls-short', {}, { value: unreviewed.length, unit: 'unreviewed' });
  else if (!watched && input.lookedAt === null) say('watch.reviewed', 'unknown', { why: 'never' });
  else say('watch.reviewed', 'holds', {}, { value: input.open.length, unit: 'open-changes' });

  if (input.kind === 'hosted')
    for (const check of PLATFORM_CHECKS) {
      const kinds = backingOf(check.id);
      if (kinds === null) continue;
      const paper = input.papers.find((one) => kinds.includes(one.kind));
      if (paper === undefined) say(check.id, 'unknown', { why: 'no-paper' });
      else say(check.id, 'providers', { paper: paper.title }, null, { source: 'provider' });
    }
  return judged;

  function judgeHookup({ row, scopes, gaps, subscribed, covered }: HookupView): void {
    if (row.state === 'refused') say('platform.connected', 'falls-short', { why: 'refused' });
    else if (input.ownDomain !== null && input.ownDomain !== input.shop && input.ownDomain !== row.domain)
      say('platform.connected', 'falls-short', { why: 'other-shop', domain: input.ownDomain });
    else if (row.read_at === null) say('platform.connected', 'unknown', { why: 'never-read' });
    else say('platform.connected', 'holds', { domain: row.domain });

    const secretDays = Math.floor((now - row.secret_at) / DAY_MS);
    const age = { value: secretDays, unit: 'days-old' };
    if (now - row.secret_at > SECRET_MS) say('platform.secret', 'falls-short', { days: secretDays }, age);
    else say('platform.secret', 'holds', { days: secretDays }, age);

    if (row.platform === 'shopify') judgeApp();
    else judgeKey();

    const kinds = Object.keys(covered).length;
    if (row.read_at === null || row.read_at + READING_FRESH_MS <= now)
      say('watch.reading', row.problem === null ? 'unknown' : 'falls-short', {
        why: row.problem ?? 'never-read',
      });
    else say('watch.reading', 'holds', {}, { value: kinds, unit: 'kinds' });
    for (const kind of ITEM_KINDS.filter((one) => covered[one] !== undefined))
      if (!gaps.some((gap) => gap.kind === kind))
        say('watch.part', 'holds', { part: wordOf(kind) }, null, { subject: kind });
    for (const gap of gaps)
      say(
        'watch.part',
        'unknown',
        { why: `gap-${gap.why}`, part: wordOf(gap.kind), scope: gap.scope ?? '' },
        null,
        {
          subject: gap.kind,
        },
      );

    /** A platform that has neither tokens that end nor webhooks: read by a key, hourly. */
    function judgeKey(): void {
      say('platform.tokens', 'falls-short', { why: 'endless' });
      for (const check of ['platform.scopes', 'platform.deliveries', 'platform.version', 'platform.privacy'])
        say(check, 'not-applicable', { why: 'by-key' });
    }

    function judgeApp(): void {
      if (row.token_until === null) say('platform.tokens', 'unknown', { why: 'refused-now' });
      else say('platform.tokens', 'holds', { custody: 'sealed' });

      const needless = needlessScopes(scopes);
      const writing = scopes.filter((scope) => scope.startsWith('write_'));
      const [tooMuch] = [...needless, ...writing];
      if (row.read_at === null) say('platform.scopes', 'unknown', { why: 'never-read' });
      else if (tooMuch !== undefined)
        say(
          'platform.scopes',
          'falls-short',
          { scope: tooMuch },
          { value: new Set([...needless, ...writing]).size, unit: 'needless-scopes' },
        );
      else say('platform.scopes', 'holds', {}, { value: scopes.length, unit: 'scopes' });

      const missing = topicsFor(scopes).filter((topic) => !subscribed.includes(topic));
      if (!input.reachable) say('platform.deliveries', 'falls-short', { why: 'unreachable' });
      else if (row.read_at === null) say('platform.deliveries', 'unknown', { why: 'never-read' });
      else if (missing.length > 0)
        say(
          'platform.deliveries',
          'falls-short',
          { why: 'missing', topic: missing[0] ?? '' },
          { value: missing.length, unit: 'topics-missing' },
        );
      else say('platform.deliveries', 'holds', {}, { value: subscribed.length, unit: 'topics' });

      if (row.served_version === null) say('platform.version', 'unknown', { why: 'never-read' });
      else if (row.served_version !== row.asked_version)
        say('platform.version', 'falls-short', {
          asked: row.asked_version ?? SHOPIFY_VERSION,
          served: row.served_version,
        });
      else say('platform.version', 'holds', { served: row.served_version });

      const overdue = input.privacy.filter((one) => one.done_at === null && one.due_at <= now);
      const waiting = input.privacy.filter((one) => one.done_at === null).length;
      if (overdue.length > 0)
        say('platform.privacy', 'falls-short', {}, { value: overdue.length, unit: 'overdue-requests' });
      else say('platform.privacy', 'holds', { waiting }, { value: waiting, unit: 'requests' });
    }
  }

  /** A list that the interface shows, else one kept by hand, else none. */
  function judgeList(check: string, what: 'apps' | 'staff', seen: number | null): void {
    const own = input.inventories.find((one) => one.what === what);
    if (seen !== null) say(check, 'holds', { how: 'seen' }, { value: seen, unit: what });
    else if (own === undefined) say(check, 'unknown', { why: `no-list-${what}` });
    else if (own.valid_until <= now)
      say(check, 'falls-short', { why: 'ended' }, { value: own.count, unit: what }, { source: 'said' });
    else say(check, 'holds', { how: 'said' }, { value: own.count, unit: what }, { source: 'said' });
  }
}

/** A part as a sentence names it: `theme files`. */
function wordOf(kind: ItemKind): string {
  return partText(kind).toLowerCase();
}

export interface PlatformWatch {
  /** Judges a shop's platform now; records what came out differently, and what would soon be stale. */
  observe(shopId: string): Promise<void>;
}

export interface PlatformWatchOptions {
  readonly state: State;
  readonly shops: Shops;
  readonly blobs: BlobStore;
  readonly hookups: Hookups;
  readonly changes: Changes;
  readonly inventories: Inventories;
  readonly privacy: PrivacyRequests;
  readonly book: VendorBook;
  readonly observations: Observations;
  readonly clock: Clock;
}

const CHECKS: ReadonlyMap<string, CheckDefinition> = new Map(
  PLATFORM_CHECKS.map((check) => [check.id, check]),
);
/** An observation older than this is made again though nothing changed, so that it stays fresh. */
const RENEW_MS = 12 * HOUR_MS;

export function openPlatformWatch(options: PlatformWatchOptions): PlatformWatch {
  const { state, shops, blobs, observations, clock } = options;

  async function inputOf(shopId: string): Promise<PlatformInput> {
    const shop = await shops.get(shopId);
    const [hookup, open, inventories, privacy, book, counted, setting] = await Promise.all([
      options.hookups.of(shopId),
      options.changes.open(shopId),
      options.inventories.newest(shopId),
      options.privacy.list(shopId),
      options.book.of(shopId),
      state.kysely
        .selectFrom('item')
        .select(['kind', (eb) => eb.fn.countAll<number | string>().as('count')])
        .where('shop_id', '=', shopId)
        .where('kind', 'in', ['app', 'staff'])
        .groupBy('kind')
        .execute(),
      state.kysely
        .selectFrom('item')
        .select('facts')
        .where('shop_id', '=', shopId)
        .where('kind', '=', 'setting')
        .executeTakeFirst(),
    ]);
    const seen = (kind: 'app' | 'staff'): number | null =>
      hookup?.covered[kind] === undefined
        ? null
        : Number(counted.find((row) => row.kind === kind)?.count ?? 0);
    const rows = book.vendors.map((vendor) => vendor.row);
    const named = hookup === null ? 'Shopify' : hookup.row.domain;
    const vendor = vendorFor(named, rows);
    const papers = book.vendors.find((one) => one.row.id === vendor?.id)?.papers ?? [];
    const facts: { readonly domain?: string } = setting === undefined ? {} : JSON.parse(setting.facts);
    return {
      shop: shop.host,
      kind: shop.kind,
      lookedAt: shop.looked_at,
      // Software that no look recognised may be anybody's own: it is offered a connection, and owes none.
      connectable: offeredFor(shop).length > 0 && (shop.platform !== null || shop.kind !== 'self-hosted'),
      hookup,
      reachable: hookup !== null && options.hookups.callbackUrl(hookup.row) !== null,
      ownDomain: facts.domain ?? null,
      open,
      inventories,
      seenApps: seen('app'),
      seenStaff: seen('staff'),
      privacy,
      papers: papers
        .filter((paper) => paper.standing === 'in-date' || paper.standing === 'ending')
        .map(({ kind, title, validUntil }) => ({ kind, title, validUntil })),
    };
  }

  return {
    async observe(shopId) {
      const now = clock.now();
      const [input, newest] = await Promise.all([inputOf(shopId), observations.newest(shopId)]);
      const all = judgePlatform(input, now);
      const judged = newsOf(all, newest, RENEW_MS, now);
      // A subject that is not judged any more (a part, the shop before it was connected) must not stay as it was.
      const gone = newest.filter(
        (o) =>
          o.check === 'watch.part' &&
          (o.outcome !== 'not-applicable' || o.observedAt + RENEW_MS <= now) &&
          !all.some((one) => one.check === o.check && one.subject === o.subject),
      );
      if (judged.length + gone.length === 0) return;
      const evidence = await blobs.put(shopId, canonicalBytes(evidenceOf(input, now)));
      const fresh = [
        ...judged,
        ...gone.map(
          ({ check, subject }): Judged => ({
            check,
            subject,
            outcome: 'not-applicable',
            source: 'seen',
            figure: null,
            facts: { why: 'no-part' },
          }),
        ),
      ].map((one): Omit<Observation, 'id'> => {
        const check = CHECKS.get(one.check);
        if (check === undefined) throw new TypeError(`no such check: ${one.check}`);
        const paper =
          one.outcome === 'providers' ? input.papers.find((p) => p.title === one.facts['paper']) : undefined;
        return {
          ...one,
          shop: shopId,
          observedAt: now,
          // What a paper backs ends with the paper.
          validUntil: Math.min(now + check.freshForMs, paper?.validUntil ?? Number.MAX_SAFE_INTEGER),
          evidence,
        };
      });
      await state.transaction(async (tx) => void (await recordObservations(tx, fresh, 'control', now)));
    },
  };
}

/** The connection as it was judged: names of scopes, topics and parts; no credential, nobody's name. */
function evidenceOf(input: PlatformInput, at: number): Json {
  const { hookup } = input;
  return {
    evidence: 'platform',
    at,
    target: input.shop,
    hookup:
      hookup === null
        ? null
        : {
            id: hookup.row.id,
            domain: hookup.row.domain,
            state: hookup.row.state,
            problem: hookup.row.problem,
            readAt: hookup.row.read_at,
            secretAt: hookup.row.secret_at,
            tokenUntil: hookup.row.token_until,
            askedVersion: hookup.row.asked_version,
            servedVersion: hookup.row.served_version,
            scopes: [...hookup.scopes],
            subscribed: [...hookup.subscribed],
            covered: { ...hookup.covered },
            gaps: hookup.gaps.map((gap) => ({ ...gap })),
            refused: { ...hookup.refused },
          },
    reachable: input.reachable,
    openChanges: input.open.map(({ weight, verdict, at: noticedAt }) => ({ weight, verdict, at: noticedAt })),
    inventories: input.inventories.map(({ what, count, valid_until }) => ({
      what,
      count,
      validUntil: valid_until,
    })),
    seenApps: input.seenApps,
    seenStaff: input.seenStaff,
    privacy: input.privacy.map(({ due_at, done_at }) => ({ dueAt: due_at, doneAt: done_at })),
    papers: input.papers.map((paper) => ({ ...paper })),
  };
}
