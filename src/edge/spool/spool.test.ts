import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { steadyClock, type Json } from '#kernel';
import { readEvent } from '#plane';
import { openSpool, type Spool } from './spool.ts';

const open = (folder: string, maxBytes = 1024 * 1024, errors: unknown[] = []): Spool =>
  openSpool({
    folder,
    edge: 'edge-1',
    clock: steadyClock(),
    maxBytes,
    onError: (error) => errors.push(error),
  });

const folderOf = (): string => mkdtempSync(join(tmpdir(), 'loupe-spool-'));

const written = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

function drain(spool: Spool) {
  const events = [];
  for (let batch = spool.oldest(); batch !== null; batch = spool.oldest()) {
    for (const line of batch.lines) {
      const value: Json = JSON.parse(line);
      events.push(readEvent(value));
    }
    spool.stored(batch.boot, batch.lastSeq);
  }
  return events;
}

test('events come out once, in order and numbered, and are the same again until they are stored', async () => {
  const spool = open(folderOf());
  for (let i = 0; i < 1_000; i++) spool.record('shp_1', 'request', { i });
  await written();
  expect(spool.oldest()).toEqual(spool.oldest());
  const events = drain(spool);
  expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  expect(spool.oldest()).toBeNull();
  spool.record('shp_1', 'request', { last: true });
  await written();
  expect(drain(spool)).toHaveLength(1);
  await spool.close();
});

test('what one boot left, the next delivers first; a line that was cut off is no event', async () => {
  const folder = folderOf();
  const first = open(folder);
  first.record('shp_1', 'request', { from: 'first' });
  await written();
  const [boot = ''] = readdirSync(folder);
  const [file = ''] = readdirSync(join(folder, boot));
  appendFileSync(join(folder, boot, file), '{"v":1,"edge":"edge-1"');
  const second = open(folder);
  second.record('shp_1', 'request', { from: 'second' });
  await written();
  const events = drain(second);
  expect(events.map((event) => event.body['from'])).toEqual(['first', 'second']);
  expect(readdirSync(folder)).toEqual([second.boot]);
  await second.close();
});

test('a full spool takes no more, counts what it could not, and says so when there is room', async () => {
  const spool = open(folderOf(), 20_000);
  for (let i = 0; i < 500; i++) spool.record('shp_1', 'request', { i });
  expect(await spool.recordDurably('shp_1', 'disclosure', {})).toBe(false);
  await written();
  const before = drain(spool);
  expect(before.length).toBeLessThan(500);
  spool.record('shp_1', 'request', { after: true });
  await written();
  const after = drain(spool);
  expect(after.map((event) => event.kind)).toEqual(['gap', 'request']);
  const [gap] = after;
  expect(gap?.body).toEqual({ missed: 501 - before.length });
  // Numbers go on over the gap, so that whoever stores events sees it too.
  expect(gap?.seq).toBe(501);
  await spool.close();
  expect(drain(spool).map((event) => event.kind)).toEqual(['farewell']);
});

test('what is being written takes room as well', async () => {
  const spool = open(folderOf(), 10);
  const first = spool.recordDurably('shp_1', 'disclosure', { n: 1 });
  expect(await spool.recordDurably('shp_1', 'disclosure', { n: 2 })).toBe(false);
  expect(await first).toBe(true);
});

test('what is asked for durably is on the disk', async () => {
  const spool = open(folderOf());
  expect(await spool.recordDurably('shp_1', 'disclosure', { a: 1 })).toBe(true);
  expect(drain(spool)).toHaveLength(1);
  await spool.close();
});

test('a disk that fails costs what could not be written, says so, and what comes after is whole', async () => {
  const folder = folderOf();
  const errors: unknown[] = [];
  const spool = open(folder, 64 * 1024 * 1024, errors);
  spool.record('shp_1', 'request', { n: 1 });
  await written();
  // Fills the file, so that the next write needs a new one, in a folder that is gone.
  for (let i = 0; i < 200; i++) spool.record('shp_1', 'request', { pad: 'x'.repeat(60_000) });
  await written();
  rmSync(join(folder, spool.boot), { recursive: true });
  for (let i = 0; i < 200; i++) spool.record('shp_1', 'request', { pad: 'y'.repeat(30_000) });
  await written();
  expect(errors.length).toBeGreaterThan(0);
  mkdirSync(join(folder, spool.boot));
  spool.record('shp_1', 'request', { n: 2 });
  await written();
  const events = drain(spool);
  expect(events.at(-1)?.body).toEqual({ n: 2 });
  expect(events.find((event) => event.kind === 'gap')).toBeDefined();
  await spool.close();
});

test('after its end it takes nothing, and writes into nothing that got its file’s number since', async () => {
  const folder = folderOf();
  const spool = open(folder);
  spool.record('shp_1', 'request', {});
  await spool.close();
  const other = join(folder, 'other');
  const fds = Array.from({ length: 8 }, (_, i) => openSync(`${other}-${i}`, 'w'));
  spool.record('shp_1', 'request', { late: true });
  expect(await spool.recordDurably('shp_1', 'disclosure', {})).toBe(false);
  await spool.close();
  await written();
  for (const [i, fd] of fds.entries()) {
    closeSync(fd);
    expect(readFileSync(`${other}-${i}`, 'utf8')).toBe('');
  }
  expect(drain(spool).map((event) => event.kind)).toEqual(['request', 'farewell']);
});
