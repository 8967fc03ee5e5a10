// The register looks at itself: complete against what was seen, everybody assessed in date, news read, papers held. Each is an observation
// like any other, with what it was judged from as its evidence.
import { canonicalBytes, type Clock, DAY_MS, HOUR_MS, type Json } from '#kernel';
import type { CheckDefinition, Observation } from '#plane';
import type { BlobStore } from '#storage';
import { newsOf, type Observations, recordObservations } from '../looks/observations.ts';
import type { Shops } from '../shops/shops.ts';
import type { State } from '../state.ts';
import type { BookPage, VendorBook } from './book.ts';
import { PROVIDER_CHECKS, REGISTER_CHECKS } from './checks.ts';
import type { News } from './news.ts';
import type { Responsibilities } from './responsibilities.ts';
import { CRITERIA } from './score.ts';

/** What one check of the register came to. */
interface Judged {
  readonly check: string;
  readonly subject: string;
  readonly outcome: Observation['outcome'];
  readonly figure: Observation['figure'];
  readonly facts: Observation['facts'];
}

/** What the register is judged from. */
export interface RegisterInput {
  readonly book: BookPage;
  readonly sources: readonly { readonly lastReadAt: number | null }[];
  /** Matched items that nobody has triaged, by when they were found. */
  readonly untriaged: readonly number[];
  readonly duties: readonly { readonly requirement: string; readonly who: string | null }[];
  readonly shop: string;
  readonly lookedAt: number | null;
}

const NEWS_FRESH_MS = 2 * DAY_MS;
const TRIAGE_MS = 7 * DAY_MS;
const LOOK_FRESH_MS = 8 * DAY_MS;

/** Judges the register; pure. */
export function judgeRegister(input: RegisterInput, now: number): readonly Judged[] {
  const { book } = input;
  const present = book.vendors.filter((vendor) => vendor.view.standing !== 'retired');
  // What a person only named beforehand is not plugged in before it is enabled.
  const here = book.connections.filter(
    (connection) =>
      !connection.gone &&
      connection.state !== 'off' &&
      (connection.origin !== 'declared' || connection.state === 'enabled'),
  );
  const judged: Judged[] = [];
  const say = (
    check: string,
    outcome: Judged['outcome'],
    facts: Judged['facts'] = {},
    figure: Judged['figure'] = null,
    subject: string = input.shop,
  ): void => void judged.push({ check, subject, outcome, figure, facts });

  const strangers = here.filter((connection) => connection.vendor === null);
  const stranger = strangers[0];
  if (stranger !== undefined)
    say(
      'vendors.registered',
      'falls-short',
      { first: stranger.id, seen: here.length },
      { value: strangers.length, unit: 'unregistered' },
    );
  else if (input.lookedAt === null) say('vendors.registered', 'unknown', { why: 'never' });
  else say('vendors.registered', 'holds', { seen: here.length }, { value: here.length, unit: 'connections' });

  const open = present.filter((vendor) => ['unassessed', 'overdue'].includes(vendor.view.standing));
  const rejected = present.filter((vendor) => vendor.view.standing === 'rejected');
  const [first] = open;
  if (present.length === 0) say('vendors.assessed', 'unknown', { why: 'empty-register' });
  else if (first !== undefined)
    say(
      'vendors.assessed',
      'falls-short',
      { first: first.row.id, why: first.view.standing },
      { value: open.length, unit: 'unassessed' },
    );
  else
    say(
      'vendors.assessed',
      'holds',
      { rejected: rejected.length },
      { value: present.length, unit: 'vendors' },
    );

  const groundless = here.filter((connection) => connection.state === 'enabled' && !connection.gate.open);
  const [lost] = groundless;
  const enabled = here.filter((connection) => connection.state === 'enabled');
  if (lost !== undefined)
    say('vendors.gate', 'falls-short', { first: lost.id }, { value: groundless.length, unit: 'groundless' });
  else if (here.length === 0) say('vendors.gate', 'unknown', { why: 'nothing-plugged' });
  else if (enabled.length < here.length)
    say(
      'vendors.gate',
      'falls-short',
      { first: here.find((c) => c.state === 'new')?.id ?? '', why: 'new' },
      { value: here.length - enabled.length, unit: 'not-let-in' },
    );
  else say('vendors.gate', 'holds', {}, { value: enabled.length, unit: 'connections' });

  const withHosts = present.filter((vendor) => vendor.row.hosts.length + vendor.row.apiHosts.length > 0);
  const unseen = withHosts.filter(
    (vendor) => vendor.row.looked_at === null || vendor.row.looked_at + LOOK_FRESH_MS <= now,
  );
  if (withHosts.length === 0) say('vendors.looked', 'unknown', { why: 'empty-register' });
  else if (unseen[0] !== undefined)
    say(
      'vendors.looked',
      'falls-short',
      { first: unseen[0].row.id },
      { value: unseen.length, unit: 'unseen' },
    );
  else say('vendors.looked', 'holds', {}, { value: withHosts.length, unit: 'vendors' });

  const decided = present.filter(
    (vendor) => vendor.view.decision !== null && vendor.view.decision.until > now,
  );
  if (decided.length === 0) say('vendors.criteria', 'unknown', { why: 'nobody-assessed' });
  else
    say(
      'vendors.criteria',
      'holds',
      { version: CRITERIA.version },
      { value: CRITERIA.criteria.length, unit: 'criteria' },
    );

  const stale = input.sources.filter(
    (source) => source.lastReadAt === null || source.lastReadAt + NEWS_FRESH_MS <= now,
  );
  const late = input.untriaged.filter((foundAt) => foundAt + TRIAGE_MS <= now);
  if (input.sources.length === 0) say('vendors.news', 'falls-short', { why: 'no-source' });
  else if (late.length > 0)
    say('vendors.news', 'falls-short', { why: 'untriaged' }, { value: late.length, unit: 'untriaged' });
  else if (stale.length === input.sources.length) say('vendors.news', 'unknown', { why: 'stale' });
  else say('vendors.news', 'holds', {}, { value: input.sources.length - stale.length, unit: 'sources' });

  const paying = present.filter((vendor) => vendor.view.money || vendor.view.touches.includes('cards'));
  const unattested = paying.filter(
    (vendor) =>
      !vendor.papers.some(
        (paper) => paper.kind === 'pci-aoc' && ['in-date', 'ending'].includes(paper.standing),
      ),
  );
  if (present.length === 0) say('vendors.attested', 'unknown', { why: 'empty-register' });
  else if (paying.length === 0) say('vendors.attested', 'not-applicable', { why: 'no-payments' });
  else if (unattested[0] !== undefined)
    say(
      'vendors.attested',
      'falls-short',
      { first: unattested[0].row.id },
      { value: unattested.length, unit: 'unattested' },
    );
  else say('vendors.attested', 'holds', {}, { value: paying.length, unit: 'attestations' });

  const unset = input.duties.filter((duty) => duty.who === null);
  const nobody = input.duties.filter((duty) => duty.who === 'nobody');
  if (nobody[0] !== undefined)
    say(
      'vendors.duties',
      'falls-short',
      { first: nobody[0].requirement, why: 'nobody' },
      { value: nobody.length, unit: 'duties' },
    );
  else if (unset[0] !== undefined)
    say(
      'vendors.duties',
      'falls-short',
      { first: unset[0].requirement, why: 'unset' },
      { value: unset.length, unit: 'duties' },
    );
  else if (input.duties.length > 0)
    say('vendors.duties', 'holds', {}, { value: input.duties.length, unit: 'duties' });

  for (const vendor of present) {
    const held = (kinds: readonly string[]) => vendor.papers.filter((paper) => kinds.includes(paper.kind));
    const paper = (check: string, kinds: readonly string[]): void => {
      const own = held(kinds);
      const good = own.find((p) => p.standing === 'in-date' || p.standing === 'ending');
      if (good !== undefined) say(check, 'holds', { paper: good.title }, null, vendor.row.id);
      else if (own.some((p) => p.standing === 'ended'))
        say(check, 'falls-short', { why: 'ended' }, null, vendor.row.id);
      else say(check, 'falls-short', { why: own.length === 0 ? 'missing' : 'undated' }, null, vendor.row.id);
    };
    paper('provider.terms', ['dpa']);
    paper('provider.report', ['soc2', 'iso27001', 'pen-test', 'pci-aoc']);
  }
  return judged;
}

export interface RegisterWatch {
  /** Judges a shop's register now; records what came out differently, and what would soon be stale. */
  observe(shopId: string): Promise<void>;
}

export interface RegisterWatchOptions {
  readonly state: State;
  readonly shops: Shops;
  readonly blobs: BlobStore;
  readonly book: VendorBook;
  readonly news: News;
  readonly responsibilities: Responsibilities;
  readonly observations: Observations;
  readonly clock: Clock;
}

const CHECKS: ReadonlyMap<string, CheckDefinition> = new Map(
  [...REGISTER_CHECKS, ...PROVIDER_CHECKS].map((check) => [check.id, check]),
);

/** An observation older than this is made again though nothing changed, so that it stays fresh. */
const RENEW_MS = 12 * HOUR_MS;

export function openRegisterWatch(options: RegisterWatchOptions): RegisterWatch {
  const { state, shops, blobs, observations, clock } = options;
  return {
    async observe(shopId) {
      const now = clock.now();
      const shop = await shops.get(shopId);
      const [book, sources, items, duties, newest] = await Promise.all([
        options.book.of(shopId),
        options.news.sources(shopId),
        options.news.items(shopId),
        options.responsibilities.list(shopId, shop.kind),
        observations.newest(shopId),
      ]);
      const untriaged = items.filter((item) => item.state === 'new').map((item) => item.foundAt);
      const input = { book, sources, untriaged, duties, shop: shop.host, lookedAt: shop.looked_at };
      const judged = newsOf(judgeRegister(input, now), newest, RENEW_MS, now);
      if (judged.length === 0) return;
      const evidence = await blobs.put(shopId, canonicalBytes(evidenceOf(input, now)));
      const fresh = judged.map((one): Omit<Observation, 'id'> => {
        const check = CHECKS.get(one.check);
        if (check === undefined) throw new TypeError(`no such check: ${one.check}`);
        return {
          ...one,
          shop: shopId,
          source: 'seen',
          observedAt: now,
          validUntil: now + check.freshForMs,
          evidence,
        };
      });
      await state.transaction(async (tx) => void (await recordObservations(tx, fresh, 'control', now)));
    },
  };
}

/** The register as it was judged: ids, names of hosts and third parties, standings; nobody's mail or words. */
function evidenceOf(input: RegisterInput, at: number): Json {
  return {
    evidence: 'register',
    at,
    target: input.shop,
    vendors: input.book.vendors.map(({ row, view, score, papers }) => ({
      id: row.id,
      name: row.name,
      standing: view.standing,
      until: view.decision?.until ?? null,
      lookedAt: row.looked_at,
      money: view.money,
      earned: score.earned,
      lost: score.lost,
      unknown: score.unknown,
      papers: papers.map((paper) => ({
        kind: paper.kind,
        standing: paper.standing,
        validUntil: paper.validUntil,
      })),
    })),
    connections: input.book.connections.map((connection) => ({
      id: connection.id,
      kind: connection.kind,
      name: connection.name,
      vendor: connection.vendor,
      state: connection.state,
      gone: connection.gone,
      gate: connection.gate.open,
    })),
    exceptions: input.book.exceptions.map(({ id, about, aboutId, until }) => ({ id, about, aboutId, until })),
    sources: input.sources.map((source) => ({ lastReadAt: source.lastReadAt })),
    untriaged: [...input.untriaged],
    duties: input.duties.map((duty) => ({ requirement: duty.requirement, who: duty.who })),
  };
}
