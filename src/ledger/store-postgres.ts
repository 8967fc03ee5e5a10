import type pg from 'pg';
import { type Database, storageCause } from '#storage';
import type { EntriesRow, LedgerStore, LedgerTables, SourceMark } from './store.ts';

/** The ledger in PostgreSQL: a commit is one transaction; `synchronous_commit` is on whatever the server's default. */
export function openPostgresStore(database: Database<LedgerTables>, pool: pg.Pool): LedgerStore {
  const { kysely } = database;

  async function rows<Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    try {
      return (await pool.query<Row>({ name, text, values })).rows;
    } catch (error) {
      throw storageCause(error);
    }
  }

  return {
    async logs() {
      const found = await kysely.selectFrom('log').selectAll().orderBy('made_at').orderBy('id').execute();
      return found.map((row) => ({
        id: row.id,
        origin: row.origin,
        sample: row.sample === 1,
        size: row.size,
        madeAt: row.made_at,
        checkpoint: row.checkpoint,
      }));
    },
    async addLog(row) {
      await kysely
        .insertInto('log')
        .values({
          id: row.id,
          origin: row.origin,
          sample: row.sample ? 1 : 0,
          size: row.size,
          made_at: row.madeAt,
          checkpoint: row.checkpoint,
        })
        .execute();
    },
    async commit(commits) {
      let client: pg.PoolClient | undefined;
      try {
        client = await pool.connect();
        await client.query('begin');
        await client.query('set local synchronous_commit = on');
        for (const commit of commits) {
          for (const bundle of commit.bundles) {
            await client.query({
              name: 'ledger-delete-entries',
              text: 'delete from entries where log = $1 and first >= $2 and first < $3',
              values: [commit.log, bundle.first, bundle.first + bundle.count],
            });
          }
          const entries = [...commit.bundles, ...commit.entries];
          await client.query({
            name: 'ledger-insert-entries',
            text: 'insert into entries (log, first, count, data) select $1, * from unnest($2::bigint[], $3::int[], $4::bytea[])',
            values: [
              commit.log,
              entries.map((entry) => entry.first),
              entries.map((entry) => entry.count),
              entries.map((entry) => Buffer.from(entry.data)),
            ],
          });
          await client.query({
            name: 'ledger-insert-tiles',
            text: 'insert into tile (log, level, idx, hashes) select $1, * from unnest($2::int[], $3::bigint[], $4::bytea[])',
            values: [
              commit.log,
              commit.tiles.map((tile) => tile.level),
              commit.tiles.map((tile) => tile.index),
              commit.tiles.map((tile) => tile.hashes),
            ],
          });
          for (const mark of commit.marks) {
            await client.query({
              name: 'ledger-upsert-mark',
              text:
                'insert into source_mark (log, source, last_seq, first, count) values ($1,$2,$3,$4,$5) on conflict (log, source) ' +
                'do update set last_seq = excluded.last_seq, first = excluded.first, count = excluded.count',
              values: [commit.log, mark.source, mark.lastSeq, mark.first, mark.count],
            });
          }
          await client.query({
            name: 'ledger-update-size',
            text: 'update log set size = $1 where id = $2',
            values: [commit.size, commit.log],
          });
        }
        await client.query('commit');
        client.release();
      } catch (error) {
        // The connection's state is unknown: it is thrown away, and the server rolls back.
        client?.release(true);
        throw storageCause(error);
      }
    },
    async entries(log, from, limit) {
      return await rows<EntriesRow & pg.QueryResultRow>(
        'ledger-entries',
        'select first, count, data from entries where log = $1 and first >= ' +
          'coalesce((select max(first) from entries where log = $1 and first <= $2), 0) order by first limit $3',
        [log, from, limit],
      );
    },
    async tiles(log, level, from, limit) {
      return await rows<{ index: number; hashes: Uint8Array }>(
        'ledger-tiles',
        'select idx as index, hashes from tile where log = $1 and level = $2 and idx >= $3 order by idx limit $4',
        [log, level, from, limit],
      );
    },
    async mark(log, source): Promise<SourceMark | null> {
      const found = await rows<SourceMark & pg.QueryResultRow>(
        'ledger-mark',
        'select source, last_seq as "lastSeq", first, count from source_mark where log = $1 and source = $2',
        [log, source],
      );
      return found[0] ?? null;
    },
    async saveCheckpoint(log, note) {
      await kysely.updateTable('log').set({ checkpoint: note }).where('id', '=', log).execute();
    },
    close: () => database.close(),
  };
}
