// Reading the platform, as a job: asked for, done by a worker with a short-lived token, compared and recorded here.
import type { Transaction } from 'kysely';
import { type Clock, DAY_MS, HOUR_MS, type Json, MINUTE_MS, SECOND_MS, sha256Hex, utf8 } from '#kernel';
import {
  compareItems,
  GAP_CAUSES,
  type Gap,
  type Item,
  ITEM_KINDS,
  type ItemKind,
  MAX_ITEMS,
  MAX_TEXTS_BYTES,
  plainName,
  READ_FAILURES,
  type Reading,
  type ReadResult,
  kindsOf,
  PLATFORMS,
  type Trace,
} from '#platform';
import { fieldsOf, isObject, type JsonObject, planeError } from '#plane';
import type { BlobStore, Jobs } from '#storage';
import { type ReachOf, reachJson } from '../looks/reach.ts';
import type { Shops } from '../shops/shops.ts';
import type { State, StateTables } from '../state.ts';
import type { Connections } from '../vendors/connections.ts';
import type { Register } from '../vendors/register.ts';
import type { JobKind } from '../work/job-kind.ts';
import type { Changes } from './changes.ts';
import { READING_JOB } from './erase.ts';
import type { HookupRow, Hookups } from './hookups.ts';
import { knownItems, replaceItems } from './items.ts';
import type { HookupState } from './tables.ts';

/** A reading ends within five minutes. */
const LEASE_MS = 6 * MINUTE_MS;
const EVERY_MS = HOUR_MS;
/** Readings that deliveries ask for lie this far apart. */
const APART_MS = 10 * SECOND_MS;
/** Times in deliveries are whole seconds: what else changed within the same one is to be there when it is read. */
const SETTLE_MS = 2 * SECOND_MS;
/** The clocks of two machines, and a platform that needs a moment to find what it has just stored. */
const OVERLAP_MS = 5 * MINUTE_MS;

/** What is read by schedule: everything that some platform shows. */
const ALL_KINDS: readonly ItemKind[] = [...new Set(PLATFORMS.flatMap(kindsOf))];

/** What is to be read: these kinds; products whole, or only what changed; every text anew, or only where the platform says so. */
interface Wanted {
  readonly kinds: readonly ItemKind[];
  readonly whole: boolean;
  readonly deep: boolean;
}

export interface Readings extends JobKind {
  /** Has the shop read soon: joined with a reading that already waits. */
  request(tx: Transaction<StateTables>, shopId: string, wanted: Wanted): Promise<void>;
  /** Everything, now: a person asked. */
  requestAll(shopId: string): Promise<void>;
  /** The first reading, and the schedule from then on. */
  begin(tx: Transaction<StateTables>, shopId: string): Promise<void>;
}

export interface ReadingsOptions {
  readonly state: State;
  readonly jobs: Jobs;
  readonly blobs: BlobStore;
  readonly shops: Shops;
  readonly hookups: Hookups;
  readonly changes: Changes;
  readonly register: Register;
  readonly connections: Connections;
  readonly reachOf: ReachOf;
  readonly clock: Clock;
  /** Told of each shop that was read, or could not be. */
  onRead(shopId: string): Promise<void>;
}

const ALL: Wanted = { kinds: ALL_KINDS, whole: true, deep: false };

function wantedJson(wanted: Wanted): JsonObject {
  return { kinds: [...wanted.kinds], whole: wanted.whole, deep: wanted.deep };
}

function readWanted(value: Json): Wanted {
  const fields = fieldsOf(value);
  const kinds = fields.texts('kinds');
  return {
    kinds: ITEM_KINDS.filter((kind) => kinds.includes(kind)),
    whole: fields.flag('whole'),
    deep: fields.flag('deep'),
  };
}

export function openReadings(options: ReadingsOptions): Readings {
  const { state, jobs, blobs, shops, hookups, changes, register, connections, clock } = options;
  const db = state.kysely;

  async function request(
    tx: Transaction<StateTables>,
    shopId: string,
    wanted: Wanted,
    states: readonly HookupState[] = ['connected'],
  ): Promise<void> {
    const waiting = await tx
      .selectFrom('job')
      .select(['id', 'payload'])
      .where('shop_id', '=', shopId)
      .where('kind', '=', READING_JOB)
      .where('state', '=', 'queued')
      .executeTakeFirst();
    if (waiting !== undefined) {
      const there = readWanted(JSON.parse(waiting.payload));
      const both: Wanted = {
        kinds: [...new Set([...there.kinds, ...wanted.kinds])],
        whole: there.whole || wanted.whole,
        deep: there.deep || wanted.deep,
      };
      await tx
        .updateTable('job')
        .set({ payload: JSON.stringify(wantedJson(both)) })
        .where('id', '=', waiting.id)
        .execute();
      return;
    }
    const row = await tx
      .selectFrom('hookup')
      .select('read_at')
      .where('shop_id', '=', shopId)
      .where('state', 'in', [...states])
      .executeTakeFirst();
    if (row === undefined) return;
    const runAt = Math.max(clock.now() + SETTLE_MS, (row.read_at ?? 0) + APART_MS);
    await jobs.enqueue(tx, { kind: READING_JOB, shopId, payload: wantedJson(wanted), runAt });
  }

  return {
    kind: READING_JOB,
    leaseMs: LEASE_MS,
    request: (tx, shopId, wanted) => request(tx, shopId, wanted),
    // A person may try again where the platform refused.
    requestAll: (shopId) => state.transaction((tx) => request(tx, shopId, ALL, ['connected', 'refused'])),
    async begin(tx, shopId) {
      const job = { kind: READING_JOB, shopId };
      await jobs.enqueue(tx, { ...job, payload: wantedJson(ALL) });
      await jobs.schedule(tx, `reading/${shopId}`, { ...job, payload: wantedJson(ALL) }, EVERY_MS);
      await jobs.schedule(
        tx,
        `deep/${shopId}`,
        { ...job, payload: wantedJson({ ...ALL, deep: true }) },
        DAY_MS,
      );
    },
    async task(job) {
      const shopId = job.shopId ?? '';
      const hookup = await hookups.of(shopId);
      // One that was refused is tried again each hour: an app that was installed anew is let in by itself.
      if (hookup === null) return null;
      const { row, covered } = hookup;
      const token = await hookups.token(row);
      if (token === null) {
        await options.onRead(shopId);
        return null;
      }
      const shop = await shops.get(shopId);
      const wanted = readWanted(job.payload);
      const files = (await knownItems(db, shopId, ['theme-file'])).filter((item) => item.mark !== null);
      const last = covered['product'];
      return {
        platform: row.platform,
        domain: row.domain,
        token,
        kinds: wanted.kinds.filter((kind) => kindsOf(row.platform).includes(kind)),
        deep: wanted.deep,
        productsSince: wanted.whole || last === undefined ? null : last - OVERLAP_MS,
        since: (row.read_at ?? clock.now() - DAY_MS) - OVERLAP_MS,
        ownHosts: [shop.host, row.domain],
        callbackUrl: hookups.callbackUrl(row),
        known: files.map((item) => ({
          key: item.key,
          mark: item.mark,
          text: item.text,
          facts: { ...item.facts },
        })),
        reach: reachJson(options.reachOf([row.domain])),
      };
    },
    async record(claim, job, value) {
      const shopId = job.shopId ?? '';
      const result = readResult(value);
      const hookup = await hookups.of(shopId);
      if (hookup === null) return await state.transaction((tx) => jobs.complete(tx, claim, { read: false }));
      const { row } = hookup;
      const done = result.ok
        ? await recordReading(row, hookup.covered, result.reading)
        : await recordFailure(row, result.why);
      if (done) await options.onRead(shopId);
      return done;

      async function recordFailure(of: HookupRow, why: (typeof READ_FAILURES)[number]): Promise<boolean> {
        // A token may have been taken back before its time: the next reading gets a new one, or is refused for good.
        if (why === 'refused') await hookups.forgetToken(of);
        return await state.transaction(async (tx) => {
          if (!(await jobs.complete(tx, claim, { read: false, why }))) return false;
          await tx.updateTable('hookup').set({ problem: why }).where('id', '=', of.id).execute();
          if (why === 'refused' && of.problem !== 'refused')
            await request(tx, shopId, readWanted(job.payload));
          return true;
        });
      }

      async function recordReading(
        of: HookupRow,
        before: typeof hookup extends null ? never : Readonly<Partial<Record<ItemKind, number>>>,
        reading: Reading,
      ): Promise<boolean> {
        const at = Math.min(reading.at, clock.now());
        // Nothing is new in what had never been read.
        const kinds = ITEM_KINDS.filter(
          (kind) => reading.items.some((item) => item.kind === kind) || reading.covered.includes(kind),
        );
        const known = await knownItems(db, shopId, kinds);
        const watched = reading.items.filter((item) => before[item.kind] !== undefined);
        const covered = reading.covered.filter((kind) => before[kind] !== undefined);
        const found = compareItems(
          known.filter((item) => before[item.kind] !== undefined),
          watched,
          covered,
        );
        for (const [hash, text] of Object.entries(reading.texts)) {
          const kept = await blobs.put(shopId, utf8(text));
          if (kept !== hash) throw planeError('plane/malformed', { details: { field: 'texts' } });
        }
        const prepared = await changes.prepare(shopId, of.domain, found, reading.traces, at);
        const read = Object.fromEntries(
          kinds
            .filter((kind) => reading.covered.includes(kind) || before[kind] !== undefined)
            .map((kind) => [kind, at]),
        );
        const asked = readWanted(job.payload);
        const vendors = await register.list(shopId);
        return await state.transaction(async (tx) => {
          if (!(await jobs.complete(tx, claim, { read: true, items: reading.items.length, ms: reading.ms })))
            return false;
          await replaceItems(tx, shopId, known, reading.items, reading.covered);
          await changes.record(tx, shopId, prepared, at);
          // An installed app is plugged in like a script: the register is challenged by it, and the gate asks for its ground.
          if (reading.covered.includes('app'))
            await connections.note(
              tx,
              shopId,
              {
                seen: reading.items
                  .filter((item) => item.kind === 'app')
                  .map(({ name }) => ({ kind: 'app' as const, name })),
                looked: ['app'],
              },
              vendors,
              () => null,
              at,
            );
          const { access } = reading;
          await tx
            .updateTable('hookup')
            .set({
              state: 'connected',
              problem: null,
              read_at: at,
              scopes: JSON.stringify(access.scopes),
              gaps: JSON.stringify(mergeGaps(hookup?.gaps ?? [], reading, asked.kinds)),
              covered: JSON.stringify({ ...before, ...read }),
              asked_version: access.askedVersion,
              served_version: access.servedVersion,
              subscribed: JSON.stringify(access.subscribed),
            })
            .where('id', '=', of.id)
            .where('state', '!=', 'left')
            .execute();
          return true;
        });
      }
    },
  };
}

/** The gaps as they stand: those of the kinds that were asked for now, and what is known of the others. */
function mergeGaps(before: readonly Gap[], reading: Reading, asked: readonly ItemKind[]): readonly Gap[] {
  const now: ReadonlySet<ItemKind> = new Set([
    ...asked,
    ...(asked.includes('theme') ? (['theme-file'] as const) : []),
  ]);
  return [...before.filter((gap) => !now.has(gap.kind)), ...reading.gaps];
}

const MAX_FACTS = 20;
const MAX_VALUE = 4_000;
const MAX_KEY = 500;

function malformed(field: string): Error {
  return planeError('plane/malformed', { details: { field } });
}

/** Reads what a worker says it read: shapes, lengths and counts; a text is what its hash says. */
function readResult(value: Json): ReadResult {
  const fields = fieldsOf(value);
  if (!fields.flag('ok')) return { ok: false, why: fields.oneOf('why', READ_FAILURES) };
  const reading = fieldsOf(fields.object('reading'));
  const access = fieldsOf(reading.object('access'));
  const texts = textsOf(reading.object('texts'));
  return {
    ok: true,
    reading: {
      at: reading.integer('at'),
      ms: reading.integer('ms'),
      covered: readKinds(reading.texts('covered')),
      items: listOf(reading.json('items'), MAX_ITEMS * 2, 'items').map(itemOf),
      gaps: listOf(reading.json('gaps'), ITEM_KINDS.length * 4, 'gaps').map((gap) => {
        const own = fieldsOf(gap);
        return {
          kind: own.oneOf('kind', ITEM_KINDS),
          why: own.oneOf('why', GAP_CAUSES),
          scope: own.textOrNull('scope'),
        };
      }),
      traces: listOf(reading.json('traces'), 1_000, 'traces').map((trace): Trace => {
        const own = fieldsOf(trace);
        return {
          kind: own.oneOf('kind', ITEM_KINDS),
          key: own.text('key'),
          at: own.integer('at'),
          by: plainName(own.text('by')),
        };
      }),
      texts,
      access: {
        scopes: access.texts('scopes').slice(0, 200),
        askedVersion: access.textOrNull('askedVersion'),
        servedVersion: access.textOrNull('servedVersion')?.slice(0, 20) ?? null,
        subscribed: access.texts('subscribed').slice(0, 100),
        resubscribed: access.texts('resubscribed').slice(0, 100),
      },
    },
  };
}

function readKinds(names: readonly string[]): readonly ItemKind[] {
  return ITEM_KINDS.filter((kind) => names.includes(kind));
}

function listOf(value: Json, most: number, field: string): readonly Json[] {
  if (!Array.isArray(value) || value.length > most) throw malformed(field);
  return value;
}

function textsOf(value: JsonObject): Record<string, string> {
  const texts: Record<string, string> = {};
  let bytes = 0;
  for (const [hash, text] of Object.entries(value)) {
    if (typeof text !== 'string' || sha256Hex(text) !== hash) throw malformed('texts');
    bytes += utf8(text).byteLength;
    texts[hash] = text;
  }
  if (bytes > MAX_TEXTS_BYTES) throw malformed('texts');
  return texts;
}

function itemOf(value: Json): Item {
  const fields = fieldsOf(value);
  const key = fields.text('key');
  const facts = Object.entries(fields.object('facts'));
  if (key === '' || key.length > MAX_KEY || facts.length > MAX_FACTS) throw malformed('items');
  const text = fields.textOrNull('text');
  if (text !== null && !/^[0-9a-f]{64}$/u.test(text)) throw malformed('items');
  return {
    kind: fields.oneOf('kind', ITEM_KINDS),
    key,
    name: plainName(fields.text('name')),
    facts: Object.fromEntries(
      facts.map(([name, fact]) => {
        if (typeof fact === 'string') return [name, fact.slice(0, MAX_VALUE)];
        if (typeof fact === 'number' || typeof fact === 'boolean') return [name, fact];
        throw isObject(fact) ? malformed(`items.${name}`) : malformed('items');
      }),
    ),
    text,
    mark: fields.textOrNull('mark')?.slice(0, MAX_KEY) ?? null,
  };
}
