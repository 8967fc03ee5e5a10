import { describe, expect, test } from 'vitest';
import { rapnetHead, rapnetRow } from '../../../sample/feeds/rapnet-file.ts';
import { type SampleStone, sampleStone } from '../../../sample/feeds/stones.ts';
import { rapnetDownload } from '../providers/rapnet.ts';
import { findingsOf, isQuarantined } from '../rows/checks.ts';
import { acceptPrices, type Release, RELEASE_COLUMNS } from './history.ts';
import { runLoad } from './run.ts';
import type { LoadTable } from './table.ts';

const stones = Array.from({ length: 2_000 }, (_, i) => sampleStone(i + 1));
const at = 7;
const other = 8;

/** The table of a load, with other stones in some places; null: left out. */
async function load(
  twists: Readonly<Record<number, Partial<SampleStone> | null>>,
  before: LoadTable | null,
  releases: readonly Release[] = [],
): Promise<LoadTable> {
  const rows = stones.flatMap((stone, place) => {
    const twist = twists[place];
    return twist === null ? [] : [rapnetRow({ ...stone, ...twist })];
  });
  const { table } = await runLoad({
    adapter: rapnetDownload,
    bytes: [Buffer.from(rapnetHead() + rows.join(''))],
    hashKey: Buffer.alloc(16, 3),
    before,
    gone: null,
    old: null,
    releases,
    maxBytes: 100_000_000,
    maxRows: 10_000,
  });
  return table;
}
const found = (table: LoadTable, row = at): readonly string[] => findingsOf(table.of('findings', row));
const releaseOf = (table: LoadTable, row = at): Release => ({
  keyHigh: table.keys.high(row),
  keyLow: table.keys.low(row),
  figures: RELEASE_COLUMNS.map((column) => table.of(column, row)),
});
const priced = (factor: number): Partial<SampleStone> => ({
  perCarat: Math.round((stones[at]?.perCarat ?? 0) * factor),
});
const better: Partial<SampleStone> = { color: 'D', hue: '', intensity: '', clarity: 'FL' };

describe('a price that leapt', () => {
  test('is in doubt for as long as it is there, and in none once it is back', async () => {
    const first = await load({}, null);
    let table = await load({ [at]: priced(0.2) }, first);
    for (let day = 0; day < 3; day++) {
      expect(found(table)).toEqual(['price-leap']);
      table = await load({ [at]: priced(0.2) }, table);
    }
    expect(found(await load({}, table))).toEqual([]);
  });

  test('that a person let in is what the next one is compared with', async () => {
    const first = await load({}, null);
    const leapt = await load({ [at]: priced(0.2) }, first);
    const released = await load({ [at]: priced(0.2) }, leapt, [releaseOf(leapt)]);
    expect(isQuarantined(released.of('findings', at))).toBe(false);
    const next = await load({ [at]: priced(0.21) }, released, [releaseOf(leapt)]);
    expect(found(next)).toEqual([]);
  });

  test('and was accepted with all prices is settled, whatever else is wrong with the stone', async () => {
    const first = await load({}, null);
    const leapt = await load({ [at]: { ...priced(0.2), ...better } }, first);
    expect(found(leapt)).toEqual(['price-leap', 'certificate-moved']);
    acceptPrices(leapt);
    const next = await load({ [at]: { ...priced(0.2), ...better } }, leapt);
    expect(found(next)).toEqual(['certificate-moved']);
  });
});

describe('a certificate that is another stone’s now', () => {
  test('is found on the same offer, on a new one, and on one that had another certificate', async () => {
    const first = await load({}, null);
    const same = await load({ [at]: better }, first);
    const fresh = await load({ [at]: { ...better, id: 900_001 } }, first);
    const { certificate, lab } = stones[other] ?? sampleStone(1);
    // The stone that had it is gone; a known offer shows it as its own.
    const taken = await load({ [at]: { certificate, lab }, [other]: null }, first);
    for (const table of [same, fresh, taken]) expect(found(table)).toContain('certificate-moved');
  });

  test('stays in doubt the next day, until a person says otherwise, and then for good', async () => {
    const first = await load({}, null);
    const moved = await load({ [at]: better }, first);
    const next = await load({ [at]: better }, moved);
    expect(found(next)).toEqual(['certificate-moved']);
    const released = await load({ [at]: better }, next, [releaseOf(next)]);
    expect(isQuarantined(released.of('findings', at))).toBe(false);
    // Another price makes it no other stone.
    const later = await load({ [at]: { ...better, ...priced(1.02) } }, released, [releaseOf(next)]);
    expect(found(later)).toEqual([]);
  });

  test('is none where several offer one stone, or a stone gets a report of its own', async () => {
    const first = await load({}, null);
    const { certificate, lab, ...stone } = stones[other] ?? sampleStone(1);
    const offered = await load({ [at]: { ...stone, certificate, lab, id: 900_002 } }, first);
    expect(found(offered)).toEqual([]);
    const fresh = await load({ [at]: { certificate: '2188888888', lab: 'GIA' } }, first);
    expect(found(fresh)).toEqual([]);
  });
});

describe('a new stone that lies far from its like', () => {
  test('is in doubt, also tomorrow, and not once a person has let it in', async () => {
    // A score of its like, so that there is something to say about it.
    const like = Object.fromEntries(
      stones.slice(100, 120).map(({ id, certificate }, i) => [100 + i, { ...stones[at], id, certificate }]),
    );
    const first = await load({ ...like, [at]: null }, null);
    const twist = { ...like, [at]: priced(0.1) };
    const added = await load(twist, first);
    expect(found(added)).toEqual(['price-outlier']);
    const next = await load(twist, added);
    expect(found(next)).toEqual(['price-outlier']);
    const released = await load(twist, next, [releaseOf(next)]);
    const later = await load({ ...like, [at]: priced(0.101) }, released, [releaseOf(next)]);
    expect(found(later)).toEqual([]);
  });
});
