// What edges tell, stored once. An event is known by (edge, boot, seq): a repeated one is passed over, a missing number is counted. Acknowledged is what this
// transaction committed.
import type { Kysely, Selectable } from 'kysely';
import { type Clock, DAY_MS, type Json, LoupeError, MINUTE_MS } from '#kernel';
import { type PlaneEvent, readEvent } from '#plane';
import { type Database, type DatabasePlace, type Migration, openDatabase } from '#storage';

export interface EventTables {
  event: {
    edge: string;
    boot: string;
    seq: number;
    at: number;
    shop_id: string;
    kind: string;
    /** The route, or the integration of a call; null for events that have neither. */
    route_id: string | null;
    refused: number;
    /** What the block page names it by; null where nobody has reason to ask for it. */
    reference: string | null;
    body: string;
  };
  event_boot: {
    edge: string;
    boot: string;
    first_at: number;
    /** The number that comes next. */
    next_seq: number;
    /** Numbers that never came, and events that the spool had no room for. */
    missed: number;
    /** Ended in order: what it had to say was said. */
    farewell: number;
  };
}

const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-events',
    async up(db: Kysely<EventTables>) {
      await db.schema
        .createTable('event')
        .addColumn('edge', 'text', (c) => c.notNull())
        .addColumn('boot', 'text', (c) => c.notNull())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('shop_id', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('route_id', 'text')
        .addColumn('refused', 'integer', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('event_key', ['edge', 'boot', 'seq'])
        .execute();
      await db.schema.createIndex('event_by_shop').on('event').columns(['shop_id', 'at']).execute();
      await db.schema
        .createTable('event_boot')
        .addColumn('edge', 'text', (c) => c.notNull())
        .addColumn('boot', 'text', (c) => c.notNull())
        .addColumn('first_at', 'bigint', (c) => c.notNull())
        .addColumn('next_seq', 'bigint', (c) => c.notNull())
        .addColumn('missed', 'bigint', (c) => c.notNull())
        .addColumn('farewell', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('event_boot_key', ['edge', 'boot'])
        .execute();
    },
  },
  {
    name: '0002-by-time',
    async up(db: Kysely<EventTables>) {
      await db.schema.createIndex('event_by_time').on('event').column('at').execute();
      await db.schema.createIndex('event_by_kind').on('event').columns(['shop_id', 'kind', 'at']).execute();
    },
  },
  {
    name: '0003-reference',
    async up(db: Kysely<EventTables>) {
      await db.schema.alterTable('event').addColumn('reference', 'text').execute();
      await db.schema
        .createIndex('event_by_reference')
        .on('event')
        .column('reference')
        .where('reference', 'is not', null)
        .execute();
    },
  },
];

export type EventRow = Selectable<EventTables['event']>;
export type BootRow = Selectable<EventTables['event_boot']>;

export interface TrafficFilter {
  readonly refusedOnly: boolean;
  readonly route: string | null;
  readonly before: number | null;
  readonly limit: number;
}

export interface MinuteCount {
  readonly at: number;
  readonly requests: number;
  readonly refused: number;
}

export interface CspCount {
  readonly directive: string;
  readonly blocked: string;
  readonly page: string;
  readonly stopped: boolean;
  readonly count: number;
  readonly lastAt: number;
}

/** How often two sets of rules said the same; `rules` are those of the candidate behind what it alone would refuse. */
export interface Compared {
  readonly requests: number;
  readonly both: number;
  readonly onlyEnforced: number;
  readonly onlyCandidate: number;
  readonly rules: ReadonlyMap<number, number>;
}

export interface EdgeEvents {
  /** Stores a batch of one boot, in order; returns what was new in it. */
  store(edge: string, boot: string, events: readonly PlaneEvent[]): Promise<readonly PlaneEvent[]>;
  /** Requests of a shop, and what else its edges told of it; the newest first. */
  traffic(shopId: string, filter: TrafficFilter): Promise<readonly EventRow[]>;
  /** The request that a reference names, where it was refused or the firewall had something to say. */
  byReference(reference: string): Promise<EventRow | null>;
  /** What rules in force and rules that are tried said of the same requests. */
  compared(shopId: string, since: number): Promise<Compared>;
  /** Of one kind, the oldest first. */
  ofKind(shopId: string, kind: string, since: number): Promise<readonly EventRow[]>;
  /** Requests and refusals by minute. */
  minutes(shopId: string, since: number): Promise<readonly MinuteCount[]>;
  countsByRoute(
    shopId: string,
    since: number,
  ): Promise<ReadonlyMap<string, { requests: number; refused: number }>>;
  countsByIntegration(
    shopId: string,
    since: number,
  ): Promise<ReadonlyMap<string, { calls: number; refused: number }>>;
  boots(edge: string): Promise<readonly BootRow[]>;
  /** Browsers' reports, counted by what they say. */
  cspReports(shopId: string, since: number): Promise<readonly CspCount[]>;
  /** Takes away what is older than events are kept, and the oldest where there are too many. */
  prune(): Promise<void>;
  close(): Promise<void>;
}

/** How long events are kept. */
export const KEEP_MS: number = 30 * DAY_MS;
/** More than these are not kept, however young: some gigabytes, and a month of two requests a second. */
const MAX_EVENTS = 5_000_000;
const CHUNK = 200;
/** So much time is taken away in one step, with others' work between two of them. */
const PRUNE_STEP_MS = 10 * MINUTE_MS;
/** Anybody can send reports: the newest are looked at. */
const MAX_REPORTS_READ = 5_000;
const MAX_REPORTS_SHOWN = 100;
const MAX_COMPARED = 20_000;
/** Refusals of the firewall, by the words that edges use. */
const BY_FIREWALL: ReadonlySet<string> = new Set(['firewall', 'not-inspected']);

export async function openEdgeEvents(
  place: DatabasePlace,
  clock: Clock,
  maxEvents = MAX_EVENTS,
): Promise<EdgeEvents> {
  const database: Database<EventTables> = await openDatabase<EventTables>(place, MIGRATIONS);
  const db = database.kysely;

  async function counts(
    shopId: string,
    kind: string,
    since: number,
  ): Promise<(readonly [id: string, all: number, refused: number])[]> {
    const rows = await db
      .selectFrom('event')
      .select((eb) => [
        'route_id',
        eb.fn.countAll<number | string>().as('count'),
        eb.fn.sum<number | string>('refused').as('refused'),
      ])
      .where('shop_id', '=', shopId)
      .where('kind', '=', kind)
      .where('at', '>=', since)
      .groupBy('route_id')
      .execute();
    return rows.map((row) => [row.route_id ?? '', Number(row.count), Number(row.refused)]);
  }

  return {
    async store(edge, boot, events) {
      return await database.transaction(async (tx) => {
        const known = await tx
          .selectFrom('event_boot')
          .selectAll()
          .where('edge', '=', edge)
          .where('boot', '=', boot)
          .executeTakeFirst();
        let next = known?.next_seq ?? 0;
        let { missed = 0, farewell = 0 } = known ?? {};
        const fresh: PlaneEvent[] = [];
        for (const event of events) {
          if (event.seq < next) continue;
          missed += event.seq - next;
          next = event.seq + 1;
          if (event.kind === 'farewell') farewell = 1;
          fresh.push(event);
        }
        for (let i = 0; i < fresh.length; i += CHUNK)
          await tx
            .insertInto('event')
            .values(
              fresh.slice(i, i + CHUNK).map((event) => ({
                edge,
                boot,
                seq: event.seq,
                at: event.at,
                shop_id: event.shop,
                kind: event.kind,
                route_id: subjectOf(event),
                refused: typeof event.body['why'] === 'string' ? 1 : 0,
                reference: referenceOf(event),
                body: JSON.stringify(event.body),
              })),
            )
            .execute();
        if (known === undefined)
          await tx
            .insertInto('event_boot')
            .values({ edge, boot, first_at: fresh[0]?.at ?? clock.now(), next_seq: next, missed, farewell })
            .execute();
        else
          await tx
            .updateTable('event_boot')
            .set({ next_seq: next, missed, farewell })
            .where('edge', '=', edge)
            .where('boot', '=', boot)
            .execute();
        return fresh;
      });
    },
    async traffic(shopId, filter) {
      let query = db
        .selectFrom('event')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('kind', 'in', ['request', 'call']);
      if (filter.refusedOnly) query = query.where('refused', '=', 1);
      if (filter.route !== null) query = query.where('route_id', '=', filter.route);
      if (filter.before !== null) query = query.where('at', '<', filter.before);
      return await query.orderBy('at', 'desc').orderBy('seq', 'desc').limit(filter.limit).execute();
    },
    byReference: async (reference) =>
      (await db
        .selectFrom('event')
        .selectAll()
        .where('reference', '=', reference)
        .where('kind', '=', 'request')
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst()) ?? null,
    async compared(shopId, since) {
      const { requests } = await db
        .selectFrom('event')
        .select((eb) => eb.fn.countAll<number | string>().as('requests'))
        .where('shop_id', '=', shopId)
        .where('kind', '=', 'request')
        .where('at', '>=', since)
        .executeTakeFirstOrThrow();
      const rows = await db
        .selectFrom('event')
        .select('body')
        .where('shop_id', '=', shopId)
        .where('kind', '=', 'request')
        .where('at', '>=', since)
        .where('reference', 'is not', null)
        .orderBy('at', 'desc')
        .limit(MAX_COMPARED)
        .execute();
      return comparisonOf(Number(requests), rows);
    },
    ofKind: (shopId, kind, since) =>
      db
        .selectFrom('event')
        .selectAll()
        .where('shop_id', '=', shopId)
        .where('kind', '=', kind)
        .where('at', '>=', since)
        .orderBy('at')
        .execute(),
    async minutes(shopId, since) {
      const rows = await db
        .selectFrom('event')
        .select((eb) => [
          eb(eb.ref('at'), '-', eb(eb.ref('at'), '%', MINUTE_MS)).as('minute'),
          eb.fn.countAll<number | string>().as('requests'),
          eb.fn.sum<number | string>('refused').as('refused'),
        ])
        .where('shop_id', '=', shopId)
        .where('kind', '=', 'request')
        .where('at', '>=', since)
        .groupBy('minute')
        .orderBy('minute')
        .execute();
      return rows.map((row) => ({
        at: row.minute,
        requests: Number(row.requests),
        refused: Number(row.refused),
      }));
    },
    countsByRoute: async (shopId, since) =>
      new Map(
        (await counts(shopId, 'request', since)).map(([id, requests, refused]) => [
          id,
          { requests, refused },
        ]),
      ),
    countsByIntegration: async (shopId, since) =>
      new Map((await counts(shopId, 'call', since)).map(([id, calls, refused]) => [id, { calls, refused }])),
    boots: (edge) =>
      db
        .selectFrom('event_boot')
        .selectAll()
        .where('edge', '=', edge)
        .orderBy('first_at', 'desc')
        .limit(50)
        .execute(),
    async cspReports(shopId, since) {
      const rows = await db
        .selectFrom('event')
        .select(['at', 'body'])
        .where('shop_id', '=', shopId)
        .where('kind', '=', 'csp-report')
        .where('at', '>=', since)
        .orderBy('at', 'desc')
        .limit(MAX_REPORTS_READ)
        .execute();
      const counts = new Map<string, CspCount>();
      for (const { at, body } of rows) {
        const told: { directive: string; blocked: string; page: string; disposition: string } =
          JSON.parse(body);
        const { directive, blocked, page } = told;
        const stopped = told.disposition === 'enforce';
        const key = JSON.stringify([directive, blocked, page, stopped]);
        const before = counts.get(key) ?? { directive, blocked, page, stopped, count: 0, lastAt: at };
        counts.set(key, { ...before, count: before.count + 1 });
      }
      return [...counts.values()].toSorted((a, b) => b.count - a.count).slice(0, MAX_REPORTS_SHOWN);
    },
    async prune() {
      const overflow = await db
        .selectFrom('event')
        .select('at')
        .orderBy('at', 'desc')
        .offset(maxEvents)
        .limit(1)
        .executeTakeFirst();
      // What came in the same millisecond as the first that is too many goes with it.
      const until = Math.max(clock.now() - KEEP_MS, overflow === undefined ? 0 : overflow.at + 1);
      for (;;) {
        const { oldest } = await db
          .selectFrom('event')
          .select((eb) => eb.fn.min<number | null>('at').as('oldest'))
          .executeTakeFirstOrThrow();
        if (oldest === null || oldest >= until) return;
        await db
          .deleteFrom('event')
          .where('at', '<', Math.min(until, oldest + PRUNE_STEP_MS))
          .execute();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    close: () => database.close(),
  };
}

function comparisonOf(requests: number, rows: readonly Pick<EventRow, 'body'>[]): Compared {
  const counts = { both: 0, onlyEnforced: 0, onlyCandidate: 0 };
  const rules = new Map<number, number>();
  for (const { body } of rows) {
    const told: {
      why?: string;
      firewall?: { would?: string };
      candidate?: { rules: readonly number[] };
    } = JSON.parse(body);
    const refused = told.firewall?.would !== undefined || BY_FIREWALL.has(told.why ?? '');
    if (told.candidate === undefined) counts.onlyEnforced += refused ? 1 : 0;
    else if (refused) counts.both += 1;
    else {
      counts.onlyCandidate += 1;
      for (const rule of told.candidate.rules) rules.set(rule, (rules.get(rule) ?? 0) + 1);
    }
  }
  return { requests, ...counts, rules };
}

/** The events in lines of one boot. A line that is none is passed over: its number is missed with the next good one, and counted. */
export function readEventLines(edge: string, boot: string, lines: readonly string[]): PlaneEvent[] {
  return lines.map((line) => eventOf(line, edge, boot)).filter((event) => event !== null);
}

/** An event of this very boot, or null where the line is none. */
function eventOf(line: string, edge: string, boot: string): PlaneEvent | null {
  try {
    const value: Json = JSON.parse(line);
    const event = readEvent(value);
    return event.edge === edge && event.boot === boot ? event : null;
  } catch (error) {
    if (error instanceof LoupeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function referenceOf({ body }: PlaneEvent): string | null {
  const { ref, why, firewall, candidate } = body;
  const asked = [why, firewall, candidate].some((one) => one !== undefined);
  return typeof ref === 'string' && asked ? ref : null;
}

function subjectOf(event: PlaneEvent): string | null {
  const subject = event.body[event.kind === 'call' ? 'integration' : 'route'];
  return typeof subject === 'string' ? subject : null;
}
