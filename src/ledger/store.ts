import {
  bytesType,
  type Database,
  type DatabasePlace,
  type Engine,
  type Migration,
  openDatabase,
} from '#storage';
import { ledgerError } from './errors.ts';
import { openPostgresStore } from './store-postgres.ts';
import { openSqliteStore } from './store-sqlite.ts';
import type { FullTile } from './tree.ts';

/** One log: an append-only sequence of leaves with its own key and name. */
export interface LogRow {
  readonly id: string;
  /** The name its checkpoints carry, and its key. */
  readonly origin: string;
  readonly sample: boolean;
  readonly size: number;
  readonly madeAt: number;
  /** The newest signed checkpoint, or null before the first. */
  readonly checkpoint: string | null;
}

/** Consecutive leaves as stored: an entry bundle, or a fragment of one. */
export interface EntriesRow {
  readonly first: number;
  readonly count: number;
  readonly data: Uint8Array;
}

/** What an ordered source has had appended last, so that a repeated batch is known for what it is. */
export interface SourceMark {
  readonly source: string;
  readonly lastSeq: number;
  readonly first: number;
  readonly count: number;
}

/** One durable step of a log: all of it is on disk when `commit` returns, or none of it ever. */
export interface LogCommit {
  readonly log: string;
  readonly size: number;
  readonly entries: readonly EntriesRow[];
  /** Bundles that became whole: their fragments are replaced. */
  readonly bundles: readonly EntriesRow[];
  readonly tiles: readonly FullTile[];
  readonly marks: readonly SourceMark[];
}

/** Where a ledger lies. One implementation an engine, each with its own prepared statements. */
export interface LedgerStore {
  logs(): Promise<LogRow[]>;
  addLog(row: LogRow): Promise<void>;
  commit(commits: readonly LogCommit[]): Promise<void>;
  /** Rows that hold leaves from `from` on, in order, `limit` rows at most; the first may begin before `from`. */
  entries(log: string, from: number, limit: number): Promise<EntriesRow[]>;
  tiles(
    log: string,
    level: number,
    from: number,
    limit: number,
  ): Promise<{ index: number; hashes: Uint8Array }[]>;
  mark(log: string, source: string): Promise<SourceMark | null>;
  saveCheckpoint(log: string, note: string): Promise<void>;
  close(): Promise<void>;
}

export interface LedgerTables {
  log: {
    id: string;
    origin: string;
    sample: number;
    size: number;
    made_at: number;
    checkpoint: string | null;
  };
}

const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-ledger',
    async up(db, engine: Engine) {
      await db.schema
        .createTable('log')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('origin', 'text', (c) => c.notNull().unique())
        .addColumn('sample', 'integer', (c) => c.notNull())
        .addColumn('size', 'bigint', (c) => c.notNull())
        .addColumn('made_at', 'bigint', (c) => c.notNull())
        .addColumn('checkpoint', 'text')
        .execute();
      await db.schema
        .createTable('entries')
        .addColumn('log', 'text', (c) => c.notNull())
        .addColumn('first', 'bigint', (c) => c.notNull())
        .addColumn('count', 'integer', (c) => c.notNull())
        .addColumn('data', bytesType(engine), (c) => c.notNull())
        .addPrimaryKeyConstraint('entries_key', ['log', 'first'])
        .execute();
      await db.schema
        .createTable('tile')
        .addColumn('log', 'text', (c) => c.notNull())
        .addColumn('level', 'integer', (c) => c.notNull())
        .addColumn('idx', 'bigint', (c) => c.notNull())
        .addColumn('hashes', bytesType(engine), (c) => c.notNull())
        .addPrimaryKeyConstraint('tile_key', ['log', 'level', 'idx'])
        .execute();
      await db.schema
        .createTable('source_mark')
        .addColumn('log', 'text', (c) => c.notNull())
        .addColumn('source', 'text', (c) => c.notNull())
        .addColumn('last_seq', 'bigint', (c) => c.notNull())
        .addColumn('first', 'bigint', (c) => c.notNull())
        .addColumn('count', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('source_mark_key', ['log', 'source'])
        .execute();
    },
  },
];

/** Opens the ledger's database, or only looks at it (`readOnly`, SQLite) while a keeper may be writing. */
export async function openLedgerStore(place: DatabasePlace): Promise<LedgerStore> {
  const database: Database<LedgerTables> = await openDatabase<LedgerTables>(place, MIGRATIONS);
  if ('sqlite' in database.native) return openSqliteStore(database, database.native.sqlite);
  if ('postgres' in database.native) return openPostgresStore(database, database.native.postgres);
  throw ledgerError('ledger/damaged');
}
