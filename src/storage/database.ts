import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely, sql, type Transaction } from 'kysely';
import type pg from 'pg';
import { storageCause, storageError } from './errors.ts';
import { openPostgresPool, type PostgresOptions, postgresDialect } from './postgres.ts';
import { openSqliteFile, type SqliteOptions, sqliteDialect } from './sqlite.ts';

export type Engine = 'sqlite' | 'postgres';

/** One step from one shape of a database to the next; the same statements serve both engines. */
export interface Migration {
  /** Sorts after every earlier one: `0001-people`. Never renamed, never edited once released. */
  readonly name: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a migration sees every shape the tables ever had
  up(db: Kysely<any>, engine: Engine): Promise<void>;
}

export type DatabasePlace =
  | ({ readonly engine: 'sqlite' } & SqliteOptions)
  | ({ readonly engine: 'postgres' } & PostgresOptions);

/** An open, migrated database of one owner. */
export interface Database<Tables> {
  readonly engine: Engine;
  readonly kysely: Kysely<Tables>;
  /** For hot paths with prepared statements of their own. */
  readonly native: { readonly sqlite: DatabaseSync } | { readonly postgres: pg.Pool };
  /** Runs `act` in one transaction: all of it or nothing. */
  transaction<T>(act: (tx: Transaction<Tables>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens a database and brings it to the newest shape.
 *
 * A database that holds a migration this release does not know is refused by that migration's name. A SQLite
 * file is copied to `FILE.before-MIGRATION` first; a PostgreSQL migration runs whole or not at all.
 *
 * Errors: `storage/newer-database`, `storage/disk-full`, `storage/read-only`, `storage/unreachable`.
 */
export async function openDatabase<Tables>(
  place: DatabasePlace,
  migrations: readonly Migration[],
): Promise<Database<Tables>> {
  const isNew = place.engine === 'sqlite' && !existsSync(place.path);
  const database = connect<Tables>(place);
  try {
    if (!(place.engine === 'sqlite' && place.readOnly === true)) {
      if (place.engine === 'postgres') {
        await sql`create schema if not exists ${sql.id(place.schema)}`.execute(database.kysely);
      }
      await migrate(database, migrations, isNew ? undefined : place);
    }
    return database;
  } catch (error) {
    await database.close();
    throw storageCause(error);
  }
}

function connect<Tables>(place: DatabasePlace): Database<Tables> {
  if (place.engine === 'sqlite') {
    const sqlite = openSqliteFile(place);
    return wrap('sqlite', new Kysely<Tables>({ dialect: sqliteDialect(sqlite) }), { sqlite });
  }
  const postgres = openPostgresPool(place);
  return wrap('postgres', new Kysely<Tables>({ dialect: postgresDialect(postgres) }), { postgres });
}

function wrap<Tables>(
  engine: Engine,
  kysely: Kysely<Tables>,
  native: Database<Tables>['native'],
): Database<Tables> {
  return {
    engine,
    kysely,
    native,
    async transaction(act) {
      try {
        return await kysely.transaction().execute(act);
      } catch (error) {
        throw storageCause(error);
      }
    },
    close: () => kysely.destroy(),
  };
}

async function migrate<Tables>(
  database: Database<Tables>,
  migrations: readonly Migration[],
  existing: DatabasePlace | undefined,
): Promise<void> {
  // oxlint-disable-next-line typescript/no-explicit-any -- a migration sees every shape the tables ever had
  const db: Kysely<any> = database.kysely;
  await db.schema
    .createTable('loupe_migration')
    .ifNotExists()
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('applied_at', 'bigint', (c) => c.notNull())
    .execute();
  const applied: { name: string }[] = await db
    .selectFrom('loupe_migration')
    .select('name')
    .orderBy('name')
    .execute();
  const known = new Set(migrations.map((migration) => migration.name));
  const foreign = applied.find((row) => !known.has(row.name));
  if (foreign !== undefined)
    throw storageError('storage/newer-database', { details: { migration: foreign.name } });
  const done = new Set(applied.map((row) => row.name));
  const pending = migrations.filter((migration) => !done.has(migration.name));
  const first = pending[0];
  if (first === undefined) return;
  if (existing?.engine === 'sqlite' && done.size > 0) {
    await sql`vacuum into ${`${existing.path}.before-${first.name}`}`.execute(db);
  }
  await db.transaction().execute(async (tx) => {
    if (database.engine === 'postgres') await sql`select pg_advisory_xact_lock(7077)`.execute(tx);
    for (const migration of pending) {
      await migration.up(tx, database.engine);
      await tx
        .insertInto('loupe_migration')
        .values({ name: migration.name, applied_at: Date.now() })
        .execute();
    }
  });
}

/** The column type for bytes: the engines name it differently. */
export function bytesType(engine: Engine): 'blob' | 'bytea' {
  return engine === 'sqlite' ? 'blob' : 'bytea';
}
