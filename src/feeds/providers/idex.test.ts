import { describe, expect, test } from 'vitest';
import { IDEX_HEAD, idexRow } from '../../../sample/feeds/idex-file.ts';
import { type SampleStone, sampleStone } from '../../../sample/feeds/stones.ts';
import { GROWTHS, LABS, SHAPES } from '../stone/words.ts';
import type { CsvAdapter } from './adapter.ts';
import { idexLabGrown, idexNatural } from './idex.ts';
import { typedRows } from './testing/typed-rows.ts';

const typed = (rows: string, adapter: CsvAdapter = idexNatural) =>
  typedRows(adapter, `${IDEX_HEAD.join(',')}\r\n${rows}`);

const stone: SampleStone = {
  ...sampleStone(3),
  shape: 'Oval',
  lab: 'GIA',
  length: 7.6,
  width: 5.4,
  height: 3.35,
  caratMilli: 850,
};

describe('an IDEX file', () => {
  test('a thousand honest stones: every one is read, none is quarantined', () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => idexRow(sampleStone(i + 1)));
    for (const { error, findings } of typed(rows.join(''))) {
      expect(error).toBeNull();
      expect(findings).toEqual([]);
    }
  });

  test('the shape stands under Cut, the lengths in one cell, the growth in which file it is', () => {
    const [natural] = typed(idexRow(stone));
    const [grown] = typed(idexRow(stone), idexLabGrown);
    expect(natural?.figures).toMatchObject({
      shape: SHAPES.indexOf('oval'),
      length: 760,
      width: 540,
      height: 335,
      lab: LABS.indexOf('GIA'),
      growth: GROWTHS.indexOf('natural'),
      discount: null,
    });
    expect(grown?.figures.growth).toBe(GROWTHS.indexOf('lab'));
  });

  test.each([
    ['7.60x5.40x3.35', [760, 540, 335]],
    ['7.60 X 5.40 X 3.35', [760, 540, 335]],
    ['7.60 - 5.40 x 3.35', [760, 540, 335]],
    ['7.60x-5.40*3.35x', [760, 540, 335]],
    ['', [0, 0, 0]],
  ])('measurements %j: a sign only divides', (text, lengths) => {
    const [read] = typed(idexRow(stone, { Measurements: text }));
    expect(read?.error).toBeNull();
    expect([read?.figures.length, read?.figures.width, read?.figures.height]).toEqual(lengths);
  });

  test.each([
    '7.60x5.40',
    '7.60x5.40x3.35x1',
    '7.60x5.40xdeep',
    '7,60x5,40x3,35',
    '1e1x5x3',
    '7.60×5.40×3.35',
  ])('measurements %j are no three lengths', (text) => {
    const [read] = typed(idexRow(stone, { Measurements: text }));
    expect(read?.error).toEqual({ column: 'Measurements', what: 'number' });
  });

  test('an error in place of a file is none', () => {
    expect(() => typedRows(idexNatural, '{"error":"invalid api_key"}\n')).toThrow(
      expect.objectContaining({ code: 'feeds/missing-columns' }),
    );
  });
});
