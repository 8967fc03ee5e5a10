import { type Dialect, PostgresDialect } from 'kysely';
import pg from 'pg';

export interface PostgresOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  /** The schema that holds one owner's tables; made where it is missing. */
  readonly schema: string;
}

const POOL_SIZE = 8;
const CONNECT_TIMEOUT_MS = 5_000;

/** All our int64 columns hold milliseconds, counters or minor units, far below 2^53. */
function readInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('an int64 above 2^53 in the database');
  return value;
}

export function openPostgresPool(options: PostgresOptions): pg.Pool {
  if (!/^[a-z_][a-z0-9_]{0,62}$/u.test(options.schema)) throw new TypeError('not a schema name');
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, readInt8);
  const pool = new pg.Pool({
    connectionString: options.url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: `-c search_path=${options.schema}`,
    types,
  });
  // An idle connection that the server drops must not end the process; the next query reports it.
  pool.on('error', () => undefined);
  return pool;
}

export function postgresDialect(pool: pg.Pool): Dialect {
  return new PostgresDialect({ pool });
}
