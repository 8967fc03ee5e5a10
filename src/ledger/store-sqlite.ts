import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type Database, storageCause } from '#storage';
import { ledgerError } from './errors.ts';
import type { LedgerStore, LedgerTables, SourceMark } from './store.ts';

type Row = Record<string, SQLOutputValue>;

function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw ledgerError('ledger/damaged', { details: { column } });
  return value;
}

function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw ledgerError('ledger/damaged', { details: { column } });
  return value;
}

function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw ledgerError('ledger/damaged', { details: { column } });
  return value;
}

/** The ledger in one SQLite file: a commit is one transaction with one sync of the disk. */
export function openSqliteStore(database: Database<LedgerTables>, db: DatabaseSync): LedgerStore {
  const selectLogs = db.prepare('select * from log order by made_at, id');
  const insertLog = db.prepare(
    'insert into log (id, origin, sample, size, made_at, checkpoint) values (?,?,?,?,?,?)',
  );
  const updateSize = db.prepare('update log set size = ? where id = ?');
  const updateCheckpoint = db.prepare('update log set checkpoint = ? where id = ?');
  const insertEntries = db.prepare('insert into entries (log, first, count, data) values (?,?,?,?)');
  const deleteEntries = db.prepare('delete from entries where log = ? and first >= ? and first < ?');
  const insertTile = db.prepare('insert into tile (log, level, idx, hashes) values (?,?,?,?)');
  const upsertMark = db.prepare(
    'insert into source_mark (log, source, last_seq, first, count) values (?,?,?,?,?) ' +
      'on conflict (log, source) do update set last_seq = excluded.last_seq, first = excluded.first, count = excluded.count',
  );
  const selectEntries = db.prepare(
    'select first, count, data from entries where log = ?1 and first >= ' +
      'coalesce((select max(first) from entries where log = ?1 and first <= ?2), 0) order by first limit ?3',
  );
  const selectTiles = db.prepare(
    'select idx, hashes from tile where log = ? and level = ? and idx >= ? order by idx limit ?',
  );
  const selectMark = db.prepare('select * from source_mark where log = ? and source = ?');

  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      if (db.isTransaction) db.exec('rollback');
      throw storageCause(error);
    }
  };

  return {
    async logs() {
      return guarded(() => selectLogs.all()).map((row) => ({
        id: text(row, 'id'),
        origin: text(row, 'origin'),
        sample: number(row, 'sample') === 1,
        size: number(row, 'size'),
        madeAt: number(row, 'made_at'),
        checkpoint: row['checkpoint'] === null ? null : text(row, 'checkpoint'),
      }));
    },
    async addLog(row) {
      guarded(() =>
        insertLog.run(row.id, row.origin, row.sample ? 1 : 0, row.size, row.madeAt, row.checkpoint),
      );
    },
    async commit(commits) {
      guarded(() => {
        db.exec('begin immediate');
        for (const commit of commits) {
          for (const bundle of commit.bundles) {
            deleteEntries.run(commit.log, bundle.first, bundle.first + bundle.count);
            insertEntries.run(commit.log, bundle.first, bundle.count, bundle.data);
          }
          for (const entry of commit.entries)
            insertEntries.run(commit.log, entry.first, entry.count, entry.data);
          for (const tile of commit.tiles) insertTile.run(commit.log, tile.level, tile.index, tile.hashes);
          for (const mark of commit.marks) {
            upsertMark.run(commit.log, mark.source, mark.lastSeq, mark.first, mark.count);
          }
          updateSize.run(commit.size, commit.log);
        }
        db.exec('commit');
      });
    },
    async entries(log, from, limit) {
      return guarded(() => selectEntries.all(log, from, limit)).map((row) => ({
        first: number(row, 'first'),
        count: number(row, 'count'),
        data: bytes(row, 'data'),
      }));
    },
    async tiles(log, level, from, limit) {
      return guarded(() => selectTiles.all(log, level, from, limit)).map((row) => ({
        index: number(row, 'idx'),
        hashes: bytes(row, 'hashes'),
      }));
    },
    async mark(log, source): Promise<SourceMark | null> {
      const row = guarded(() => selectMark.get(log, source));
      if (row === undefined) return null;
      return {
        source,
        lastSeq: number(row, 'last_seq'),
        first: number(row, 'first'),
        count: number(row, 'count'),
      };
    },
    async saveCheckpoint(log, note) {
      guarded(() => updateCheckpoint.run(note, log));
    },
    close: () => database.close(),
  };
}
