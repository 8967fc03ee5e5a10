import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ed25519Signer, writeNote } from '#crypto';
import { fixedClock, newId, utf8 } from '#kernel';
import { databasePlaces } from '../../test/support/databases.ts';
import {
  type BlobKeys,
  createJobTables,
  createOutboxTable,
  type Database,
  type JobTables,
  lockDataFolder,
  MAX_ATTEMPTS,
  type Migration,
  openBlobStore,
  openDatabase,
  openJobs,
  openPublication,
  openRelay,
  type OutboxMessage,
  type OutboxTables,
  post,
} from './index.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'loupe-storage-'));
const MECHANISMS: Migration[] = [
  {
    name: '0001-mechanisms',
    async up(db, engine) {
      await createOutboxTable(db, engine);
      await createJobTables(db, engine);
    },
  },
];

describe.each(databasePlaces())('on $engine', ({ engine, place }) => {
  let database: Database<OutboxTables & JobTables>;
  beforeAll(async () => {
    database = await openDatabase(await place('mechanisms'), MECHANISMS);
  });
  afterAll(() => database.close());

  it('a change and its message commit together or not at all', async () => {
    const crash = database.transaction(async (tx) => {
      await post(tx, { topic: 'together', shopId: null, payload: 1 }, 0);
      throw new RangeError('power cut');
    });
    await expect(crash).rejects.toThrow(RangeError);
    const left = await database.kysely
      .selectFrom('outbox')
      .select('seq')
      .where('topic', '=', 'together')
      .execute();
    expect(left).toEqual([]);
  });

  it('messages arrive in order, at least once, and a failure holds back those behind it', async () => {
    const clock = fixedClock(1_000);
    const got: OutboxMessage[] = [];
    let broken = true;
    const relay = openRelay(database, {
      topic: 'leaves',
      clock,
      async deliver(messages) {
        if (broken) throw new Error('keeper is away');
        got.push(...messages);
      },
    });
    await database.transaction(async (tx) => {
      for (const n of [1, 2, 3])
        await post(tx, { topic: 'leaves', shopId: null, payload: { n } }, clock.now());
    });
    expect(await relay.drain()).toBe(0);
    broken = false;
    expect(await relay.drain()).toBe(0); // not before its back-off is over
    clock.advance(1_000);
    expect(await relay.drain()).toBe(3);
    expect(got.map((m) => m.payload)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(got[0]?.attempts).toBe(1);
    expect(await relay.drain()).toBe(0);
  });

  it('a batch that was delivered but not marked goes out again as the very same batch, whatever came after', async () => {
    const clock = fixedClock(1_000);
    const got: number[][] = [];
    let crash = true;
    const relay = openRelay(database, {
      topic: 'again',
      clock,
      async deliver(messages) {
        got.push(messages.map((m) => m.seq));
        // Delivered, and then the process dies before it could mark it.
        if (crash) throw new Error('kill -9');
      },
    });
    const postOne = (n: number) =>
      database.transaction((tx) => post(tx, { topic: 'again', shopId: null, payload: n }, clock.now()));
    await postOne(1);
    await postOne(2);
    await relay.drain();
    await postOne(3);
    crash = false;
    clock.advance(1_000);
    expect(await relay.drain()).toBe(3);
    expect(got).toHaveLength(3);
    expect(got[1]).toEqual(got[0]);
    expect(got[2]).toHaveLength(1);
  });

  it('a job is worked by one at a time, and a worker that slept through its lease changes nothing', async () => {
    const clock = fixedClock(1_000_000);
    const jobs = openJobs(database, clock);
    const id = await database.transaction((tx) =>
      jobs.enqueue(tx, { kind: 'look', shopId: null, payload: { a: 1 } }),
    );
    const slow = await jobs.claim(['look'], 10_000);
    expect(slow).toMatchObject({ id, attempts: 1, fence: 1, state: 'running', payload: { a: 1 } });
    expect(await jobs.claim(['look'], 10_000)).toBeNull();
    expect(await jobs.renew(slow!, 10_000, { percent: 5 })).toBe(true);
    clock.advance(10_001);
    const quick = await jobs.claim(['look'], 10_000);
    expect(quick).toMatchObject({ id, attempts: 2, fence: 2 });
    expect(await jobs.renew(slow!, 10_000, null)).toBe(false);
    const complete = (claim: typeof slow, result: string) =>
      database.transaction((tx) => jobs.complete(tx, claim!, result));
    expect(await complete(slow, 'late')).toBe(false);
    expect(await complete(quick, 'good')).toBe(true);
    expect(await complete(quick, 'again')).toBe(false);
    expect(await jobs.get(id)).toMatchObject({ state: 'done', result: 'good' });
  });

  it('a job fails for good after its last try, and can be cancelled before', async () => {
    const clock = fixedClock(2_000_000);
    const jobs = openJobs(database, clock);
    const id = await database.transaction((tx) =>
      jobs.enqueue(tx, { kind: 'bad', shopId: null, payload: null }),
    );
    for (let n = 1; n <= MAX_ATTEMPTS; n++) {
      clock.advance(60_000);
      const job = await jobs.claim(['bad'], 1_000);
      expect(await jobs.fail(job!, { why: n })).toBe(true);
    }
    clock.advance(60_000);
    expect(await jobs.claim(['bad'], 1_000)).toBeNull();
    expect(await jobs.get(id)).toMatchObject({ state: 'failed', result: { why: MAX_ATTEMPTS } });

    const other = await database.transaction((tx) =>
      jobs.enqueue(tx, { kind: 'bad', shopId: null, payload: null }),
    );
    const running = await jobs.claim(['bad'], 1_000);
    expect(await jobs.cancel(other)).toBe(true);
    expect(await jobs.renew(running!, 1_000, null)).toBe(false);
    expect(await jobs.cancel(other)).toBe(false);
  });

  it('a worker that dies every time does not keep a job alive for ever', async () => {
    const clock = fixedClock(3_000_000);
    const jobs = openJobs(database, clock);
    const id = await database.transaction((tx) =>
      jobs.enqueue(tx, { kind: 'deadly', shopId: null, payload: null }),
    );
    for (let n = 0; n < MAX_ATTEMPTS; n++) {
      expect(await jobs.claim(['deadly'], 1_000)).not.toBeNull();
      clock.advance(1_001);
    }
    expect(await jobs.claim(['deadly'], 1_000)).toBeNull();
    expect(await jobs.get(id)).toMatchObject({ state: 'failed' });
  });

  it('a schedule recurs, does not make up for missed turns, and can be changed', async () => {
    const clock = fixedClock(4_000_000);
    const jobs = openJobs(database, clock);
    const job = { kind: 'daily', shopId: null, payload: null };
    await database.transaction((tx) => jobs.schedule(tx, 'd', { ...job, runAt: clock.now() }, 1_000));
    expect(await jobs.tick()).toBe(1);
    expect(await jobs.tick()).toBe(0);
    clock.advance(10_000);
    expect(await jobs.tick()).toBe(1);
    await database.transaction((tx) => jobs.schedule(tx, 'd', job, 100_000));
    clock.advance(10_000);
    expect(await jobs.tick()).toBe(0);
  });

  it('an error inside a migration leaves the database as it was', async () => {
    const where = await place('halfway');
    const one: Migration = {
      name: '0001-a',
      up: (db) => db.schema.createTable('a').addColumn('x', 'integer').execute(),
    };
    await (await openDatabase(where, [one])).close();
    const two: Migration = {
      name: '0002-b',
      async up(db) {
        await db.schema.createTable('b').addColumn('x', 'integer').execute();
        throw new RangeError('no');
      },
    };
    await expect(openDatabase(where, [one, two])).rejects.toThrow(RangeError);
    const again = await openDatabase<{ a: { x: number } }>(where, [one]);
    await expect(sql`select * from b`.execute(again.kysely)).rejects.toThrow();
    expect(await again.kysely.selectFrom('a').selectAll().execute()).toEqual([]);
    await again.close();
  });

  it('a newer database is refused by name', async () => {
    const where = await place('newer');
    const make = (name: string): Migration => ({ name, up: async () => undefined });
    await (await openDatabase(where, [make('0001-a'), make('0002-from-the-future')])).close();
    await expect(openDatabase(where, [make('0001-a')])).rejects.toMatchObject({
      code: 'storage/newer-database',
      details: { migration: '0002-from-the-future' },
    });
  });

  it(`(${engine}) whole numbers beyond 32 bits come back as numbers`, async () => {
    const rows = await sql<{ n: number }>`select cast(${1_795_446_000_000} as bigint) as n`.execute(
      database.kysely,
    );
    expect(rows.rows[0]?.n).toBe(1_795_446_000_000);
  });
});

describe('a SQLite file', () => {
  it('is copied before it migrates', async () => {
    const path = join(folder(), 'state.db');
    const make = (name: string): Migration => ({ name, up: async () => undefined });
    await (await openDatabase({ engine: 'sqlite', path }, [make('0001-a')])).close();
    expect(existsSync(`${path}.before-0001-a`)).toBe(false);
    await (await openDatabase({ engine: 'sqlite', path }, [make('0001-a'), make('0002-b')])).close();
    const before = await openDatabase({ engine: 'sqlite', path: `${path}.before-0002-b` }, [make('0001-a')]);
    await before.close();
  });

  it('says that the disk is full, loses nothing, and goes on when there is space', async () => {
    const path = join(folder(), 'full.db');
    const make: Migration = {
      name: '0001-a',
      up: (db) => db.schema.createTable('a').addColumn('x', 'text').execute(),
    };
    const database = await openDatabase<{ a: { x: string } }>({ engine: 'sqlite', path }, [make]);
    const insert = (n: number) =>
      database.transaction((tx) =>
        tx
          .insertInto('a')
          .values({ x: 'x'.repeat(n) })
          .execute(),
      );
    await insert(10);
    await sql`pragma max_page_count = 16`.execute(database.kysely);
    await expect(insert(1_000_000)).rejects.toMatchObject({ code: 'storage/disk-full' });
    await sql`pragma max_page_count = 100000`.execute(database.kysely);
    await insert(1_000_000);
    expect(await database.kysely.selectFrom('a').selectAll().execute()).toHaveLength(2);
    await database.close();
  });

  it('in a folder that cannot be written is one clear error', async () => {
    await expect(openDatabase({ engine: 'sqlite', path: '/proc/none/x.db' }, [])).rejects.toMatchObject({
      code: 'storage/read-only',
    });
  });
});

describe('the data folder', () => {
  it('is locked for one instance and free again afterwards', () => {
    const dir = folder();
    const lock = lockDataFolder(dir);
    expect(() => lockDataFolder(dir)).toThrow(expect.objectContaining({ code: 'storage/in-use' }));
    lock.release();
    lockDataFolder(dir).release();
  });
});

describe('a data folder that cannot be made', () => {
  it.each(['/proc/loupe', '/proc/none/deep/er', '/dev/null/x'])(
    '(%s) is one clear error, at once',
    (path) => {
      expect(() => lockDataFolder(path)).toThrow(expect.objectContaining({ code: 'storage/read-only' }));
    },
  );
});

const plainKeys: BlobKeys = {
  makeKey: async () => {
    const key = randomBytes(32);
    return { key, wrapped: key };
  },
  openKey: async (wrapped) => wrapped,
};

describe('blobs', () => {
  const shop = newId('shp');
  const other = newId('shp');

  it('come back under their hash, to their own shop alone, and lie sealed', async () => {
    const dir = folder();
    const blobs = openBlobStore(dir, plainKeys);
    const bytes = utf8('HTTP/1.1 200 OK');
    const hash = await blobs.put(shop, bytes);
    expect(await blobs.put(shop, bytes)).toBe(hash);
    expect(Buffer.from((await blobs.get(shop, hash))!).toString()).toBe('HTTP/1.1 200 OK');
    expect(await blobs.get(other, hash)).toBeNull();
    expect(await blobs.get(shop, '../../etc/passwd')).toBeNull();
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
    expect(files).toHaveLength(1);
    expect(readFileSync(join(files[0]!.parentPath, files[0]!.name)).includes('HTTP')).toBe(false);
  });

  it('that were altered, cut or swapped are damage, not data', async () => {
    const dir = folder();
    const blobs = openBlobStore(dir, plainKeys);
    const hash = await blobs.put(shop, utf8('one'));
    const path = join(dir, shop, hash.slice(0, 2), hash);
    const whole = readFileSync(path);
    for (const bad of [
      Buffer.alloc(0),
      whole.subarray(0, 10),
      Buffer.concat([whole, Buffer.of(0)]),
      flip(whole, 40),
    ]) {
      writeFileSync(path, bad);
      await expect(blobs.get(shop, hash)).rejects.toMatchObject({ code: 'storage/damaged' });
    }
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const bent = Buffer.from(bytes);
  bent[at]! ^= 1;
  return bent;
}

describe('a publication', () => {
  const signer = ed25519Signer('loupe/publish', new Uint8Array(32).fill(1));
  const signing = {
    sign: async (text: string) => writeNote(text, [signer.sign(text)]),
    verifier: signer.verifier,
  };

  it('has versions that only grow, and goes back by a new one', async () => {
    const dir = folder();
    const rules = openPublication(dir, 'rules', signing, () => 5);
    expect(rules.current()).toBeNull();
    const one = await rules.publish([{ path: 'a', bytes: utf8('1') }]);
    const two = await rules.publish([{ path: 'a', bytes: utf8('2') }]);
    expect([one.version, two.version]).toEqual([1, 2]);
    const back = await rules.rollBack(one);
    expect(back.version).toBe(3);
    expect(Buffer.from(rules.read(rules.current()!, 'a')).toString()).toBe('1');
  });

  it('is not believed when its pointer or a file was changed', async () => {
    const dir = folder();
    const rules = openPublication(dir, 'rules', signing, () => 5);
    const pointer = await rules.publish([{ path: 'a', bytes: utf8('1') }]);
    const note = readFileSync(join(dir, 'pointer'), 'utf8');
    writeFileSync(join(dir, 'pointer'), note.replace('"version":1', '"version":9'));
    expect(() => rules.current()).toThrow(expect.objectContaining({ code: 'storage/damaged' }));
    writeFileSync(join(dir, 'files', pointer.files[0]!.sha256), '2');
    expect(() => rules.read(pointer, 'a')).toThrow(expect.objectContaining({ code: 'storage/damaged' }));
    const elsewhere = openPublication(dir, 'policy', signing, () => 5);
    writeFileSync(join(dir, 'pointer'), note);
    expect(() => elsewhere.current()).toThrow(expect.objectContaining({ code: 'storage/damaged' }));
  });
});
