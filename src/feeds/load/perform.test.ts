import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { rapnetHead, rapnetRow } from '../../../sample/feeds/rapnet-file.ts';
import { sampleStone } from '../../../sample/feeds/stones.ts';
import { DAY_MS, newId } from '#kernel';
import type { FetchSession } from '../fetch/session.ts';
import { rapnet } from '../providers/rapnet.ts';
import { decide, remembered } from './decide.ts';
import { type KeptLoad, readKeptTable } from './kept.ts';
import { type LoadPlan, type LoadReport, performLoad, repeatLoad } from './perform.ts';

const folder = mkdtempSync(join(tmpdir(), 'loupe-perform-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HASH_KEY = randomBytes(16);
const SESSION: FetchSession = {
  credentials: {},
  reached: [],
  ask: () => Promise.reject(new Error('nobody is asked')),
  stream: () => (async function* () {})(),
  file: () => (async function* () {})(),
  handedIn: () => (async function* () {})(),
};

interface Loaded {
  readonly plan: LoadPlan;
  readonly report: LoadReport;
}

/** Loads a file that comes in pieces of so many bytes. */
async function load(
  file: string,
  before: KeptLoad | null,
  pieceBytes = 64 * 1024,
  typedAlike = true,
  at = Date.now(),
): Promise<Loaded> {
  const bytes = Buffer.from(file);
  const plan: LoadPlan = {
    provider: {
      ...rapnet,
      async *fetch() {
        for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
      },
    },
    load: { id: newId('lod', Date.now()), folder, key: randomBytes(32) },
    before: before === null ? null : { ...before, pricesAccepted: false },
    typedAlike,
    hashKey: HASH_KEY,
    releases: [],
    maxBytes: 100_000_000,
    maxRows: 100_000,
    at,
    keepDays: 30,
    lookUp: null,
    onProgress: () => undefined,
  };
  return { plan, report: await performLoad(plan, SESSION) };
}

/** The table of a load, byte for byte. */
const tableOf = ({ plan }: Loaded): Buffer =>
  Buffer.concat([...readKeptTable(plan.load).save()].map((piece) => Buffer.from(piece)));

const row = (id: number, more: Readonly<Record<string, string>> = {}): string =>
  rapnetRow(sampleStone(id), more);
const ROWS = Array.from({ length: 300 }, (_, i) => row(i + 1));
/** What can become of a row from one day to the next. */
const EDITS = {
  reprice: (_: string, id: number) => row(id, { 'Total Price': '1234.56', 'Price Per Carat': '' }),
  remove: () => '',
  insert: (old: string, id: number) => row(id + 5_000) + old,
  twice: (old: string) => old + old,
  error: (_: string, id: number) => row(id, { Shape: 'Dodecahedron' }),
  comment: (_: string, id: number) => row(id, { 'Member Comments': 'a "quoted",\r\nbroken line' }),
  certificate: (_: string, id: number) => row(id, { 'Certificate Number': '2199999999', Lab: 'GIA' }),
  'no line end': (old: string) => old.trimEnd(),
} as const satisfies Readonly<Record<string, (old: string, id: number) => string>>;

describe('rows that are as they were', () => {
  const edit = fc.tuple(fc.nat(ROWS.length - 1), fc.constantFrom(...Object.values(EDITS)));
  const edits = fc.array(edit, { maxLength: 12 });
  const edited = (
    rows: readonly string[],
    twists: readonly (readonly [number, (typeof EDITS)[keyof typeof EDITS]])[],
  ): string => {
    const all = [...rows];
    for (const [place, twist] of twists) all[place] = twist(all[place] ?? '', place + 1);
    return rapnetHead() + all.join('');
  };

  test('come to what reading them comes to, whatever was done to the file and however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        edits,
        edits,
        fc.integer({ min: 300, max: 70_000 }),
        async (first, second, pieceBytes) => {
          const before = await load(edited(ROWS, first), null);
          const now = await load(edited(ROWS, second), before.plan.load, pieceBytes);
          expect(await repeatLoad(now.plan)).toEqual(now.report);
          const read = await load(edited(ROWS, second), before.plan.load, pieceBytes, false);
          expect(tableOf(now).equals(tableOf(read))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('are read anew under another head', async () => {
    const before = await load(rapnetHead() + ROWS.join(''), null);
    const head = rapnetHead().replace('Depth,Table', 'Table,Depth');
    const now = await load(head + ROWS.join(''), before.plan.load);
    expect(now.report.findings['proportions']).toBeGreaterThan(100);
    expect(await repeatLoad(now.plan)).toEqual(now.report);
  });

  test('are read anew where what was kept of them is damaged', async () => {
    const before = await load(rapnetHead() + ROWS.join(''), null);
    const path = join(folder, `${before.plan.load.id}.raw`);
    const bytes = readFileSync(path);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { report } = await load(rapnetHead() + ROWS.join(''), before.plan.load);
    expect(report.loaded.comparison).toMatchObject({ rows: 300, before: 300, added: 0, repriced: 0 });
    rmSync(path);
    expect((await load(rapnetHead() + ROWS.join(''), before.plan.load)).report.loaded.comparison.rows).toBe(
      300,
    );
  });
});

test('a load before that can no longer be read leaves nothing to compare with, and a person is asked', async () => {
  const before = await load(rapnetHead() + ROWS.join(''), null);
  const good = [remembered(before.report.loaded, 0, true)];
  const path = join(folder, `${before.plan.load.id}.table`);
  writeFileSync(path, readFileSync(path).subarray(0, -5));
  const { report } = await load(rapnetHead() + ROWS.slice(0, 290).join(''), before.plan.load);
  expect(report.loaded.comparison).toMatchObject({ rows: 290, before: 0 });
  expect(decide(report.loaded, good, 1).holds.map((hold) => hold.reason)).toEqual(['first']);
});

describe('a certificate whose stone has gone', () => {
  const AWAY = 7;
  const stone = sampleStone(AWAY + 1);
  const better = { ...stone, color: 'D', hue: '', intensity: '', clarity: 'FL' };
  const others = ROWS.filter((_, place) => place !== AWAY);
  const file = (...more: readonly (typeof stone)[]): string =>
    rapnetHead() + others.join('') + more.map((one) => rapnetRow(one)).join('');
  /** How many stones have a certificate that was another's, after loads on these days, each beside the one before. */
  const moved = async (days: readonly (readonly [day: number, file: string])[]): Promise<number> => {
    let last: Loaded | null = null;
    for (const [day, text] of days)
      last = await load(text, last?.plan.load ?? null, 64 * 1024, day % 2 === 0, day * DAY_MS);
    expect(last === null ? null : await repeatLoad(last.plan)).toEqual(last?.report);
    return last?.report.findings['certificate-moved'] ?? 0;
  };

  test('is no other stone’s when it comes back, however many loads it was away', async () => {
    for (const away of [1, 3]) {
      const gone = Array.from({ length: away }, (_, day) => [1 + day, file()] as const);
      expect(await moved([[0, file(stone)], ...gone, [9, file({ ...better, id: 900_001 })]])).toBe(1);
      expect(await moved([[0, file(stone)], ...gone, [9, file({ ...better, id: stone.id })]])).toBe(1);
      expect(await moved([[0, file(stone)], ...gone, [9, file({ ...stone, id: 900_001 })]])).toBe(0);
    }
  });

  test('is not washed clean by coming, going and coming again', async () => {
    const [first, second] = [
      { ...better, id: 900_001 },
      { ...better, id: 900_002 },
    ];
    const ways: readonly (readonly [doubted: number, ...files: readonly string[]])[] = [
      [1, file(stone), file(first), file(second)],
      [1, file(stone), file(first), file(), file(second)],
      [1, file(stone), file(), file(first), file(first)],
      [0, file(stone), file(), file(first), file(), file(stone)],
    ];
    for (const [doubted, ...files] of ways)
      expect(await moved(files.map((text, day) => [day, text]))).toBe(doubted);
  });

  test('is forgotten with what the contract lets nobody keep', async () => {
    expect(
      await moved([
        [0, file(stone)],
        [1, file()],
        [40, file()],
        [41, file(better)],
      ]),
    ).toBe(0);
  });
});
