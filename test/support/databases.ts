import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { optional } from './optional.ts';

type Place =
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly url: string; readonly schema: string };

export interface DatabaseCase {
  readonly engine: 'sqlite' | 'postgres';
  /** A fresh, empty database. */
  place(name: string): Promise<Place>;
}

/** The engines that a suite runs on: SQLite always, PostgreSQL where LOUPE_TEST_POSTGRES names a server. */
export function databasePlaces(): DatabaseCase[] {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-db-'));
  const cases: DatabaseCase[] = [
    { engine: 'sqlite', place: async (name) => ({ engine: 'sqlite', path: join(dir, `${name}.db`) }) },
  ];
  const url = process.env['LOUPE_TEST_POSTGRES'];
  if (!optional('PostgreSQL', url !== undefined) || url === undefined) return cases;
  cases.push({
    engine: 'postgres',
    async place(name) {
      const schema = `t${process.pid}_${name}`.toLowerCase().replaceAll(/[^a-z0-9_]/gu, '_');
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`drop schema if exists ${schema} cascade`);
      await client.end();
      return { engine: 'postgres', url, schema };
    },
  });
  return cases;
}
