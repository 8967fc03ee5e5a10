import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ed25519Signer, writeNote } from '#crypto';
import { openPublication, type Publication, writeHashedFile } from '#storage';
import { openPublished, type Published } from './published.ts';

const NAME = 'window-of-a-shop-1';
const signer = ed25519Signer('loupe.test/publications', new Uint8Array(32).fill(5));
const { verifier } = signer;

let folder: string;
let publication: Publication;
let published: Published;
let complaints: unknown[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loupe-window-'));
  complaints = [];
  publication = openPublication(
    join(folder, NAME),
    `window/${NAME}`,
    { sign: (text) => Promise.resolve(writeNote(text, [signer.sign(text)])), verifier },
    () => 0,
  );
  published = openPublished(folder, verifier, (error) => complaints.push(error));
});
afterEach(() => published.close());

/** The files of a feed's catalogue without a stone, told apart by `currency`. */
async function files(feed: string, currency = 'USD'): Promise<{ path: string; sha256: string }[]> {
  const head = { v: 1, feed, provider: '', currency, rows: 0, show: [] };
  const place = join(folder, NAME, 'files');
  const stones = await writeHashedFile(place, [Buffer.from(`${JSON.stringify(head)}\n`)]);
  const texts = await writeHashedFile(place, [Buffer.alloc(0)]);
  return [
    { path: `${feed}/stones`, sha256: stones.sha256 },
    { path: `${feed}/texts`, sha256: texts.sha256 },
  ];
}
const shown = (): string[] =>
  (published.of(NAME)?.catalogues ?? []).map(({ head }) => `${head.feed} ${head.currency}`);

test('what a pointer names is shown, and nothing before there is one', async () => {
  await published.refresh();
  expect(published.of(NAME)).toBeNull();
  await publication.publishThere([...(await files('a')), ...(await files('b'))]);
  expect(await published.refresh()).toBe(1);
  expect(shown()).toEqual(['a USD', 'b USD']);
  expect(await published.refresh()).toBe(0);
  await publication.publishThere([]);
  await published.refresh();
  expect(shown()).toEqual([]);
});

test('a file that cannot be checked keeps its own feed as it was, and no other from coming or going', async () => {
  await publication.publishThere([...(await files('a')), ...(await files('b'))]);
  await published.refresh();
  const bad = await files('a', 'EUR');
  writeFileSync(join(folder, NAME, 'files', bad[0]?.sha256 ?? ''), 'something else');
  // One was switched off meanwhile, and one was plugged in.
  await publication.publishThere([...bad, ...(await files('c'))]);
  await published.refresh();
  expect(shown()).toEqual(['a USD', 'c USD']);
  expect(complaints.splice(0)).toMatchObject([{ code: 'storage/damaged' }]);
  // Not again at once.
  await published.refresh();
  expect(complaints).toEqual([]);
});

test('a pointer of another key, of another window or of a version before is none, and is told once', async () => {
  await publication.publishThere(await files('a'));
  const first = publication.note() ?? '';
  await publication.publishThere(await files('b'));
  await published.refresh();
  const pointer = join(folder, NAME, 'pointer');
  const other = ed25519Signer('loupe.test/publications', new Uint8Array(32).fill(6));
  const text = `${first.split('\n\n')[0]}\n`;
  const signed = (what: string, by: typeof signer): string => writeNote(what, [by.sign(what)]);
  for (const note of [
    first,
    signed(text, other),
    first.replace('"version":1', '"version":9'),
    'no note at all',
    signed(text.replace(`window/${NAME}`, 'window/another').replace('"version":1', '"version":9'), signer),
  ]) {
    writeFileSync(pointer, note);
    await published.refresh();
    await published.refresh();
    expect(shown()).toEqual(['b USD']);
    expect(complaints.splice(0)).toMatchObject([{ code: 'storage/damaged' }]);
  }
});

test('what is shown has one name, whatever the pointer’s version, and another where something is missing', async () => {
  const both = [...(await files('a')), ...(await files('b'))];
  await publication.publishThere(both);
  await published.refresh();
  const whole = published.of(NAME)?.content;
  await publication.publishThere([...both, ...(await files('c'))]);
  await published.refresh();
  expect(published.of(NAME)?.content).not.toBe(whole);
  const bad = await files('c', 'EUR');
  writeFileSync(join(folder, NAME, 'files', bad[0]?.sha256 ?? ''), 'something else');
  await publication.publishThere(both);
  await published.refresh();
  expect(published.of(NAME)?.content).toBe(whole);
  // A feed that could not be taken in is not there, and so it is the same as without it.
  await publication.publishThere([...both, ...bad]);
  await published.refresh();
  expect(shown()).toEqual(['a USD', 'b USD']);
  expect(published.of(NAME)?.content).toBe(whole);
  expect(complaints.splice(0)).toMatchObject([{ code: 'storage/damaged' }]);
});
