import { DatabaseSync } from 'node:sqlite';
import { type Dialect, SqliteDialect } from 'kysely';
import { storageCause } from './errors.ts';

export interface SqliteOptions {
  readonly path: string;
  readonly readOnly?: boolean;
}

const BUSY_TIMEOUT_MS = 5_000;

/** 32 MB of log between two check-ins: the writer that happens to do one waits for it, so they are kept rare. */
const WAL_AUTOCHECKPOINT_PAGES = 8_000;

/**
 * Opens an SQLite file in WAL mode with synchronous FULL: a commit that returned survives a power cut.
 * Foreign keys are on; double-quoted strings and extensions are off.
 */
export function openSqliteFile(options: SqliteOptions): DatabaseSync {
  try {
    const db = new DatabaseSync(options.path, {
      readOnly: options.readOnly ?? false,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
      allowExtension: false,
      timeout: BUSY_TIMEOUT_MS,
    });
    if (options.readOnly !== true) {
      db.exec(
        `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${WAL_AUTOCHECKPOINT_PAGES};`,
      );
    }
    return db;
  } catch (error) {
    throw storageCause(error);
  }
}

type Bindable = null | number | bigint | string | Uint8Array;

function toBindable(value: unknown): Bindable {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string') {
    return value;
  }
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`cannot store a ${typeof value}`);
}

function named<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storageCause(error);
  }
}

const NOTHING_TO_ROLL_BACK = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  *iterate() {
    // no rows
  },
};

/** Kysely's SQLite dialect speaks to a driver with other method shapes than `node:sqlite`; this fits the two. */
export function sqliteDialect(db: DatabaseSync): Dialect {
  return new SqliteDialect({
    database: {
      close: () => db.close(),
      prepare(sql) {
        // SQLite ends the transaction by itself when the disk is full; Kysely's rollback would then hide why.
        if (sql === 'rollback' && !db.isTransaction) return NOTHING_TO_ROLL_BACK;
        const statement = named(() => db.prepare(sql));
        return {
          reader: statement.columns().length > 0,
          all: (parameters) => named(() => statement.all(...parameters.map(toBindable))),
          run: (parameters) => named(() => statement.run(...parameters.map(toBindable))),
          *iterate(parameters) {
            yield* statement.iterate(...parameters.map(toBindable));
          },
        };
      },
    },
  });
}
