import { describe, expect, test } from 'vitest';
import { sha256Hex } from '#kernel';
import { rapnetHead, rapnetRow } from '../../../sample/feeds/rapnet-file.ts';
import { type SampleStone, sampleStone } from '../../../sample/feeds/stones.ts';
import { rapnetDownload } from '../providers/rapnet.ts';
import { findingsOf, isQuarantined } from '../rows/checks.ts';
import { type Decision, decide, type GoodLoad, type Loaded, remembered } from './decide.ts';
import { type Run, runLoad } from './run.ts';
import type { LoadTable } from './table.ts';

const KEY = Uint8Array.from({ length: 16 }, (_, i) => 255 - i);
const COUNT = 3_000;
const honest = Array.from({ length: COUNT }, (_, i) => sampleStone(i + 1));

interface More {
  readonly before?: LoadTable;
  readonly good?: readonly GoodLoad[];
  readonly cut?: number;
  readonly maxRows?: number;
  readonly maxBytes?: number;
}

interface Decided extends Run {
  readonly loaded: Loaded;
  readonly decision: Decision;
}

async function run(text: string | Buffer, more: More = {}): Promise<Decided> {
  const bytes = Buffer.from(text);
  const cut = more.cut ?? 65_536;
  const pieces = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, i) =>
    bytes.subarray(i * cut, (i + 1) * cut),
  );
  const done = await runLoad({
    adapter: rapnetDownload,
    bytes: pieces,
    hashKey: KEY,
    before: more.before ?? null,
    gone: null,
    old: null,
    releases: [],
    maxBytes: more.maxBytes ?? 100_000_000,
    maxRows: more.maxRows ?? 100_000,
  });
  const loaded: Loaded = { ...done.loaded, sha256: sha256Hex(bytes) };
  return { ...done, loaded, decision: decide(loaded, more.good ?? [], 0) };
}
const file = (stones: readonly SampleStone[], ...rows: readonly string[]): string =>
  rapnetHead() + stones.map((stone) => rapnetRow(stone)).join('') + rows.join('');
/** A second load beside an honest first one. */
async function beside(text: string): Promise<Decided> {
  const first = await run(file(honest));
  return await run(text, { before: first.table, good: [remembered(first.loaded, 0, true)] });
}
const reasons = ({ decision }: Decided): string[] => decision.holds.map((one) => one.reason);

describe('a load', () => {
  test('comes to the same however its bytes come, and again', async () => {
    const text = file(honest, 'broken,row\r\n');
    const told = ({ loaded, errors, decision, repeated }: Decided) => ({
      loaded,
      errors,
      decision,
      repeated,
    });
    const whole = told(await run(text, { cut: 10_000_000 }));
    expect(told(await run(text, { cut: 4_093 }))).toEqual(whole);
    expect(told(await run(text, { cut: 10_000_000 }))).toEqual(whole);
  });

  test('that is honest is published, and every stone’s row is found again in the bytes', async () => {
    const text = file(
      honest.slice(30),
      ...honest.slice(0, 10).map((stone) => rapnetRow({ ...stone, id: stone.id + 90_000 })),
    );
    const second = await beside(text);
    expect(second.decision.outcome).toBe('publish');
    expect([second.loaded.comparison.added, second.loaded.comparison.removed]).toEqual([10, 30]);
    const bytes = Buffer.from(text);
    for (const row of [0, 1_000, second.table.rows - 1]) {
      const [offset, length] = [second.table.of('offset', row), second.table.of('rowBytes', row)];
      const again = await run(rapnetHead() + bytes.subarray(offset, offset + length).toString());
      expect(again.table.of('priceMinor', 0)).toBe(second.table.of('priceMinor', row));
      expect(again.table.find(second.table.keys.high(row), second.table.keys.low(row))).toBe(0);
    }
  });

  test('counts its row errors by column, with places and without texts', async () => {
    const bad = (id: number): string => rapnetRow(sampleStone(id), { Shape: '<script>alert(1)</script>' });
    const { errors, loaded } = await run(file(honest, bad(90_001), bad(90_002), 'ragged\r\n'));
    expect(errors.map(({ column, what, count }) => [column, what, count])).toEqual([
      ['Shape', 'word', 2],
      ['', 'ragged', 1],
    ]);
    expect(JSON.stringify(errors)).not.toContain('script');
    expect([loaded.errors, loaded.read]).toEqual([3, COUNT + 3]);
  });

  test('an offer that is named twice counts once, the first time', async () => {
    const [stone = sampleStone(1)] = honest;
    const { table, repeated } = await run(file(honest, rapnetRow({ ...stone, perCarat: 1_000_000 })));
    expect([table.rows, repeated]).toEqual([COUNT, 1]);
    expect(table.of('priceMinor', 0)).toBe(Math.round((stone.perCarat * stone.caratMilli) / 10));
  });

  test('several offers of one stone are honest; two stones under one number are both kept out', async () => {
    const [stone = sampleStone(1)] = honest;
    const offer = { ...stone, id: 90_001, perCarat: stone.perCarat + 50 };
    const other = { ...sampleStone(77), id: 90_002, lab: stone.lab, certificate: stone.certificate };
    const same = await run(file(honest, rapnetRow(offer)));
    expect(isQuarantined(same.table.of('findings', 0))).toBe(false);
    expect(isQuarantined(same.table.of('findings', COUNT))).toBe(false);
    const conflict = await run(file(honest, rapnetRow(other)));
    for (const row of [0, COUNT])
      expect(findingsOf(conflict.table.of('findings', row))).toContain('certificate-conflict');
    expect(isQuarantined(conflict.table.of('findings', 0))).toBe(true);
  });

  test('numbers that a spreadsheet ruined are noted and make no stones the same', async () => {
    const ruined = [90_001, 90_002].map((id) =>
      rapnetRow(sampleStone(id), { Lab: 'AGS', 'Certificate Number': '1.04075E+11' }),
    );
    const { table } = await run(file(honest, ...ruined));
    for (const row of [COUNT, COUNT + 1]) {
      expect(findingsOf(table.of('findings', row))).toEqual(['certificate-ruined']);
      expect(isQuarantined(table.of('findings', row))).toBe(false);
    }
  });
});

describe('what a poisoned file comes to', () => {
  const dearer = (times: number): string =>
    file(honest.map((stone) => ({ ...stone, perCarat: Math.max(30, Math.round(stone.perCarat * times)) })));
  test.each<[string, () => string, string]>([
    ['cents for dollars', () => dearer(100), 'unit'],
    ['half price', () => dearer(0.5), 'prices'],
    ['only a head', () => rapnetHead(), 'empty'],
    ['a truncated page', () => file(honest.slice(0, 1_000)), 'fewer'],
    [
      'the yesterday of another provider',
      () => file(honest.map((one) => ({ ...one, id: one.id + 50_000 }))),
      'fewer',
    ],
    [
      'other stones under known ids',
      () => file(honest.map((one, i) => (i % 50 === 0 ? { ...sampleStone(i + 70_000), id: one.id } : one))),
      'changed-stones',
    ],
    [
      'a hundred stones for a song',
      () =>
        file(
          honest,
          ...Array.from({ length: 100 }, (_, i) => {
            const stone = sampleStone(80_000 + i);
            return rapnetRow({ ...stone, perCarat: Math.max(30, Math.round(stone.perCarat / 20)) });
          }),
        ),
      'new-stones',
    ],
    [
      'a tenth of all rows unreadable',
      () => file(honest.slice(300), ...honest.slice(0, 300).map((one) => rapnetRow(one, { Weight: '1e2' }))),
      'unreadable-rows',
    ],
  ])('%s is held', async (_, text, reason) => {
    const held = await beside(text());
    expect(held.decision.outcome).toBe('hold');
    expect(reasons(held)).toContain(reason);
  });

  test('an old file again is held', async () => {
    const first = await run(file(honest));
    const second = await run(file(honest.slice(5)), { before: first.table });
    const good = [remembered(first.loaded, 0, true), remembered(second.loaded, 1, false)];
    const replayed = await run(file(honest), { before: second.table, good });
    expect(reasons(replayed)).toContain('replayed');
  });

  test.each<[string, string | Buffer, string]>([
    ['prose', 'You are not authorized to download this feed.\n', 'feeds/missing-columns'],
    ['nothing', '', 'feeds/missing-columns'],
    [
      'an archive',
      Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(400_000, 7)]),
      'feeds/unreadable',
    ],
    ['an open quote', `${file(honest.slice(0, 5))}"`, 'feeds/unreadable'],
  ])('%s is no load at all', async (_, text, code) => {
    await expect(run(text)).rejects.toThrow(expect.objectContaining({ code }));
  });

  test('more rows or bytes than may be end it', async () => {
    await expect(run(file(honest), { maxRows: 2_999 })).rejects.toThrow(
      expect.objectContaining({ code: 'feeds/unreadable' }),
    );
    await expect(run(file(honest), { maxBytes: 100_000 })).rejects.toThrow(
      expect.objectContaining({ code: 'feeds/unreadable' }),
    );
  });
});
