import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519Signer, type NoteSigner } from '#crypto';
import { fixedClock, sha256, utf8 } from '#kernel';
import { databasePlaces } from '../../test/support/databases.ts';
import {
  type Ledger,
  openCheckpoint,
  openLedger,
  openLedgerStore,
  originOf,
  parseCheckpointUnverified,
  splitAnchors,
  verifyConsistency,
  verifyLog,
  verifyProofFile,
} from './index.ts';

const signerOf = (log: { origin: string }): NoteSigner => ed25519Signer(log.origin, sha256(utf8(log.origin)));
const clock = fixedClock(1_795_446_000_000);
const numbered = (n: number, from = 0) => Array.from({ length: n }, (_, i) => utf8(`{"n":${from + i}}`));
const keyOf = (id: string) => signerOf({ origin: originOf(id, false) }).verifier;

type Place = Parameters<typeof openLedger>[0]['place'];
const open = (place: Place) => openLedger({ place, clock, signerOf });

describe.each(databasePlaces())('a ledger on $engine', ({ engine, place }) => {
  it('gives back every leaf with a proof, across restarts, whatever the sizes of the appends', async () => {
    const where = await place('grow');
    let ledger = await open(where);
    await ledger.ensureLog('a', false);
    let size = 0;
    for (const count of [1, 3, 252, 1, 255, 256, 600, 7]) {
      const appended = await ledger.append('a', numbered(count, size));
      expect(appended).toEqual({ first: size, count });
      size += count;
      await ledger.close();
      ledger = await open(where);
      expect(ledger.logs()).toMatchObject([{ id: 'a', size }]);
    }
    for (const index of [0, 3, 255, 256, 511, 1000, size - 1]) {
      const verdict = verifyProofFile(await ledger.prove('a', index), keyOf('a'));
      expect(verdict).toMatchObject({ ok: true, index });
      expect(verdict.ok && Buffer.from(verdict.leaf).toString()).toBe(`{"n":${index}}`);
    }
    await expect(ledger.leaf('a', size)).rejects.toMatchObject({ code: 'ledger/no-such-leaf' });
    await ledger.close();
  });

  it('shares one commit between callers of the same moment and keeps the order of each', async () => {
    const ledger = await open(await place('group'));
    await ledger.ensureLog('a', false);
    const writers = Array.from({ length: 64 }, async (_, w) => {
      const got: number[] = [];
      for (let i = 0; i < 5; i++) got.push((await ledger.append('a', [utf8(`${w}:${i}`)])).first);
      return got;
    });
    const all = (await Promise.all(writers)).flat();
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 320 }, (_, i) => i));
    await ledger.close();
  });

  it('appends a repeated batch of an ordered source once', async () => {
    const where = await place('batch');
    let ledger = await open(where);
    await ledger.ensureLog('a', false);
    const batch = { source: 'outbox', lastSeq: 7 };
    const once = await ledger.append('a', numbered(3), batch);
    expect(await ledger.append('a', numbered(3), batch)).toEqual(once);
    await ledger.close();
    ledger = await open(where);
    expect(await ledger.append('a', numbered(3), batch)).toEqual(once);
    expect(await ledger.append('a', numbered(1), { source: 'outbox', lastSeq: 8 })).toEqual({
      first: 3,
      count: 1,
    });
    await ledger.close();
  });

  it('signs checkpoints that follow from each other', async () => {
    const ledger = await open(await place('checkpoints'));
    await ledger.ensureLog('a', false);
    await ledger.append('a', numbered(300));
    const older = openCheckpoint(await ledger.checkpoint('a'), keyOf('a'))!.checkpoint;
    await ledger.append('a', numbered(500));
    const newer = openCheckpoint(await ledger.checkpoint('a'), keyOf('a'))!.checkpoint;
    expect([older.size, newer.size]).toEqual([300, 800]);
    const path = await ledger.consistency('a', older.size, newer.size);
    expect(verifyConsistency(older.size, older.root, newer.size, newer.root, path)).toBe(true);
    await ledger.close();
  });

  it('refuses a leaf that is too long and an unknown log, and goes on', async () => {
    const ledger = await open(await place('refuse'));
    await ledger.ensureLog('a', false);
    await expect(ledger.append('a', [new Uint8Array(65_536)])).rejects.toMatchObject({
      code: 'ledger/leaf-too-large',
    });
    await expect(ledger.append('b', numbered(1))).rejects.toMatchObject({ code: 'ledger/no-such-log' });
    expect(await ledger.append('a', [new Uint8Array(65_535)])).toEqual({ first: 0, count: 1 });
    await ledger.close();
  });

  it(`names a sample a SAMPLE in every proof (${engine})`, async () => {
    const ledger = await open(await place('sample'));
    const info = await ledger.ensureLog('s', true);
    expect(info.origin).toBe('loupe/SAMPLE/s');
    await ledger.append('s', numbered(1));
    expect(await ledger.prove('s', 0)).toContain('— loupe/SAMPLE/s ');
    await ledger.close();
  });

  it('is found whole by a verifier that re-reads everything', async () => {
    const where = await place('verify');
    const ledger = await open(where);
    await ledger.ensureLog('a', false);
    await ledger.append('a', numbered(70_000));
    const anchor = await ledger.checkpoint('a');
    await ledger.append('a', numbered(100));
    await ledger.close();
    const store = await openLedgerStore(where);
    const [row] = await store.logs();
    expect(await verifyLog(store, row!, keyOf('a'), [anchor])).toMatchObject({
      size: 70_100,
      anchoredTo: 70_000,
      problems: [],
    });
    await store.close();
  });
});

describe('a changed ledger', () => {
  const build = async (count: number) => {
    const path = join(mkdtempSync(join(tmpdir(), 'loupe-ledger-')), 'ledger.db');
    const ledger = await open({ engine: 'sqlite', path });
    await ledger.ensureLog('a', false);
    await ledger.append('a', numbered(count - 20));
    const anchor = await ledger.checkpoint('a');
    await ledger.append('a', numbered(20, count - 20));
    await ledger.close();
    return { path, anchor };
  };
  const verify = async (path: string, anchors: readonly string[]) => {
    const store = await openLedgerStore({ engine: 'sqlite', path });
    try {
      const [row] = await store.logs();
      return await verifyLog(store, row!, keyOf('a'), anchors);
    } finally {
      await store.close();
    }
  };
  const edit = (path: string, act: (db: DatabaseSync) => void) => {
    const db = new DatabaseSync(path);
    act(db);
    db.close();
  };

  it('is caught at every flipped bit of an entry or a tile', async () => {
    const { path, anchor } = await build(600);
    expect((await verify(path, [anchor])).problems).toEqual([]);
    const rows = (db: DatabaseSync) => [
      ...db.prepare(`select 'entries' as t, 'data' as c, rowid as r, data as b from entries`).all(),
      ...db.prepare(`select 'tile' as t, 'hashes' as c, rowid as r, hashes as b from tile`).all(),
    ];
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (pickRow, pickBit) => {
        let undo = (_db: DatabaseSync): void => undefined;
        edit(path, (db) => {
          const all = rows(db);
          const { t, c, r, b } = all[pickRow % all.length]!;
          const whole = b as Uint8Array;
          const bent = Uint8Array.from(whole);
          const bit = pickBit % (bent.byteLength * 8);
          bent[bit >> 3]! ^= 1 << (bit & 7);
          const put = `update ${String(t)} set ${String(c)} = ? where rowid = ?`;
          db.prepare(put).run(bent, r as number);
          undo = (again) => again.prepare(put).run(whole, r as number);
        });
        const verdict = await verify(path, [anchor]);
        expect(verdict.problems.length).toBeGreaterThan(0);
        edit(path, undo);
      }),
      { numRuns: 150 },
    );
    expect((await verify(path, [anchor])).problems).toEqual([]);
  });

  it('is caught when leaves are deleted, swapped or cut off behind an anchored checkpoint', async () => {
    const cases: [string, (db: DatabaseSync) => void, string][] = [
      ['a deleted bundle', (db) => db.exec('delete from entries where first = 256'), 'entries-missing'],
      [
        'two bundles swapped',
        (db) =>
          db.exec(
            'update entries set first = 9999 where first = 0; update entries set first = 0 where first = 256; update entries set first = 256 where first = 9999',
          ),
        'tile-differs',
      ],
      ['a deleted tile', (db) => db.exec('delete from tile where idx = 1'), 'tile-missing'],
      [
        'a log cut off behind the anchor',
        (db) =>
          db.exec(
            `delete from entries where first >= 512; delete from tile where idx >= 2; update log set size = 512, checkpoint = null`,
          ),
        'anchor-beyond-log',
      ],
      [
        'a forged checkpoint',
        (db) => db.exec(`update log set checkpoint = replace(checkpoint, '600', '599')`),
        'checkpoint-unsigned',
      ],
    ];
    for (const [, act, kind] of cases) {
      const { path, anchor } = await build(600);
      edit(path, act);
      expect((await verify(path, [anchor])).problems.map((p) => p.kind)).toContain(kind);
    }
  });

  it('is caught by an anchor even when whoever changed it holds the signing key', async () => {
    const { path, anchor } = await build(600);
    const other = await build(10);
    const forged = await open({ engine: 'sqlite', path: other.path });
    await forged.append('a', numbered(700, 50));
    await forged.close();
    expect((await verify(other.path, [])).problems).toEqual([]);
    expect((await verify(other.path, [anchor])).problems).toEqual([{ kind: 'anchor-differs', size: 580 }]);
    expect((await verify(path, [anchor])).anchoredTo).toBe(580);
  });

  it('is refused at the next start when its end was cut off', async () => {
    const { path } = await build(600);
    edit(path, (db) => db.exec('delete from entries where first >= 580; update log set size = 580'));
    await expect(open({ engine: 'sqlite', path })).rejects.toMatchObject({ code: 'ledger/damaged' });
  });

  it('fails an append on a full disk, and goes on when there is space, with nothing lost', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'loupe-ledger-')), 'ledger.db');
    const ledger: Ledger = await open({ engine: 'sqlite', path });
    await ledger.ensureLog('a', false);
    await ledger.append('a', numbered(300));
    const { store: limited, lift } = await limitPages(path);
    await expect(
      limited.append('a', [...numbered(50), new Uint8Array(60_000), new Uint8Array(60_000)]),
    ).rejects.toMatchObject({
      code: 'storage/disk-full',
    });
    lift();
    expect(await limited.append('a', numbered(2, 300))).toEqual({ first: 300, count: 2 });
    expect(parseCheckpointUnverified(await limited.checkpoint('a'))?.size).toBe(302);
    expect(verifyProofFile(await limited.prove('a', 301), keyOf('a'))).toMatchObject({ ok: true });
    await limited.close();

    /** A ledger on a disk with no space left, until lifted: SQLite's own page limit gives the same error. */
    async function limitPages(file: string) {
      await ledger.close();
      const seen: DatabaseSync[] = [];
      const original = DatabaseSync.prototype.exec;
      DatabaseSync.prototype.exec = function exec(this: DatabaseSync, sql: string) {
        if (!seen.includes(this)) seen.push(this);
        return original.call(this, sql);
      };
      const store = await open({ engine: 'sqlite', path: file });
      DatabaseSync.prototype.exec = original;
      const db = seen[0]!;
      db.exec('pragma max_page_count = 12');
      return { store, lift: () => db.exec('pragma max_page_count = 100000') };
    }
  });
});

describe('anchors', () => {
  it('are split from a file of many', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'loupe-ledger-')), 'ledger.db');
    const ledger = await open({ engine: 'sqlite', path });
    await ledger.ensureLog('a', false);
    const one = await ledger.checkpoint('a');
    await ledger.append('a', numbered(1));
    const two = await ledger.checkpoint('a');
    expect(splitAnchors(`${one}\n${two}`)).toEqual([one, two]);
    expect(splitAnchors('')).toEqual([]);
    await ledger.close();
  });
});
