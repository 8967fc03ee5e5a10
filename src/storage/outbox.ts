import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';
import { type Clock, canonicalJson, type Json, SECOND_MS } from '#kernel';
import type { Database, Engine } from './database.ts';

/** The outbox: a change and what must follow from it commit together, and what follows is delivered at least once. */
export interface OutboxTables {
  outbox: {
    seq: Generated<number>;
    topic: string;
    shop_id: string | null;
    payload: string;
    /** The batch it is delivered in, fixed before the first try: a repeated delivery is the very same one. */
    batch: number | null;
    made_at: number;
    attempts: ColumnType<number, number | undefined, number>;
    next_at: number;
  };
}

export interface OutboxMessage {
  /** Grows by the order of writing; with the topic it is the message's idempotency key. */
  readonly seq: number;
  readonly shopId: string | null;
  readonly payload: Json;
  readonly attempts: number;
}

// oxlint-disable-next-line typescript/no-explicit-any -- part of an owner's migration, see Migration
export async function createOutboxTable(db: Kysely<any>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('outbox')
    .addColumn('seq', engine === 'sqlite' ? 'integer' : 'bigserial', (c) =>
      engine === 'sqlite' ? c.primaryKey().autoIncrement() : c.primaryKey(),
    )
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('shop_id', 'text')
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('batch', 'bigint')
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('outbox_waiting').on('outbox').columns(['topic', 'seq']).execute();
}

/** Writes a message in the transaction of the change it follows from. */
export async function post(
  tx: Transaction<OutboxTables>,
  message: { readonly topic: string; readonly shopId: string | null; readonly payload: Json },
  nowMs: number,
): Promise<void> {
  await tx
    .insertInto('outbox')
    .values({
      topic: message.topic,
      shop_id: message.shopId,
      payload: canonicalJson(message.payload),
      batch: null,
      made_at: nowMs,
      next_at: nowMs,
    })
    .execute();
}

export interface RelayOptions {
  readonly topic: string;
  readonly clock: Clock;
  /** Delivers a batch in order; throws to have the very same batch tried again. Must bear repetition. */
  deliver(messages: readonly OutboxMessage[]): Promise<void>;
  /** Told of each failed try. */
  onFailure?(error: unknown, attempts: number): void;
}

/** Carries one topic's messages onward, in order. */
export interface Relay {
  /** Delivers what waits and is due; returns how many messages went out. */
  drain(): Promise<number>;
  /** Drains now, and again every `everyMs` until `stop`. */
  start(everyMs: number): void;
  /** Asks for a drain soon: call it after a commit. */
  wake(): void;
  stop(): Promise<void>;
}

const BATCH = 500;
const MAX_BACKOFF_MS = 60 * SECOND_MS;

export function openRelay(database: Database<OutboxTables>, options: RelayOptions): Relay {
  const { clock, topic } = options;
  const db = database.kysely;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<number> | undefined;
  let again = false;

  const waiting = () => db.selectFrom('outbox').where('topic', '=', topic).orderBy('seq');

  /**
   * The next batch, or null where nothing waits or it is not due. Its members are written down before the first try, so that
   * after a crash the same messages go out again together, whatever came after them.
   */
  async function nextBatch() {
    const first = await waiting().selectAll().limit(1).executeTakeFirst();
    // Order is kept: nothing overtakes a message that waits for its next try.
    if (first === undefined || first.next_at > clock.now()) return null;
    const batch = first.batch ?? first.seq;
    if (first.batch === null) {
      const members = await waiting().select('seq').where('batch', 'is', null).limit(BATCH).execute();
      const seqs = members.map((row) => row.seq);
      await db.updateTable('outbox').set({ batch }).where('seq', 'in', seqs).execute();
    }
    const rows = await waiting().selectAll().where('batch', '=', batch).execute();
    return { batch, attempts: first.attempts, first: first.seq, rows };
  }

  async function drainAll(): Promise<number> {
    let delivered = 0;
    for (;;) {
      const next = await nextBatch();
      if (next === null) return delivered;
      try {
        await options.deliver(next.rows.map(toMessage));
      } catch (error) {
        const attempts = next.attempts + 1;
        const waitMs = Math.min(MAX_BACKOFF_MS, SECOND_MS * 2 ** Math.min(attempts - 1, 10));
        await db
          .updateTable('outbox')
          .set({ attempts, next_at: clock.now() + waitMs })
          .where('seq', '=', next.first)
          .execute();
        options.onFailure?.(error, attempts);
        return delivered;
      }
      // What was delivered has its place elsewhere; `seq` is never given twice, so nothing is mistaken for it.
      await db.deleteFrom('outbox').where('topic', '=', topic).where('batch', '=', next.batch).execute();
      delivered += next.rows.length;
    }
  }

  async function drain(): Promise<number> {
    if (running !== undefined) {
      again = true;
      return await running;
    }
    running = drainAll();
    try {
      return await running;
    } finally {
      running = undefined;
      if (again) {
        again = false;
        relay.wake();
      }
    }
  }

  const relay: Relay = {
    drain,
    start(everyMs) {
      relay.wake();
      timer = setInterval(() => relay.wake(), everyMs);
    },
    wake() {
      drain().catch((error: unknown) => options.onFailure?.(error, 0));
    },
    async stop() {
      clearInterval(timer);
      again = false;
      await running?.catch(() => 0); // its failure was told to onFailure
    },
  };
  return relay;
}

function toMessage(row: {
  seq: number;
  shop_id: string | null;
  payload: string;
  attempts: number;
}): OutboxMessage {
  const payload: Json = JSON.parse(row.payload);
  return { seq: row.seq, shopId: row.shop_id, payload, attempts: row.attempts };
}
