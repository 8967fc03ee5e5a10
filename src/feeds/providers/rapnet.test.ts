import { describe, expect, test } from 'vitest';
import { RAPNET_HEAD, rapnetHead, rapnetRow } from '../../../sample/feeds/rapnet-file.ts';
import { type SampleStone, sampleStone } from '../../../sample/feeds/stones.ts';
import { checkStone, type FindingId, QUARANTINE } from '../rows/checks.ts';
import { certificateNumber } from '../stone/certificate.ts';
import { CLARITIES, COLORS, HUES, LABS, SHAPES, TREATMENTS } from '../stone/words.ts';
import type { RowError } from './adapter.ts';
import { rapnetDownload } from './rapnet.ts';
import { type TypedRow, typedRows } from './testing/typed-rows.ts';

const typed = (rows: string, head: string = rapnetHead()) => typedRows(rapnetDownload, head + rows);

const plain: SampleStone = {
  ...sampleStone(1),
  shape: 'Round',
  caratMilli: 1_010,
  color: 'G',
  hue: '',
  intensity: '',
  clarity: 'VS1',
  cut: 'EX',
  lab: 'GIA',
  certificate: '2141438171',
  length: 6.43,
  width: 6.4,
  height: 3.97,
  tablePercent: 57,
  perCarat: 7_000,
  discount: -0.32,
};
const one = (more: Readonly<Record<string, string>> = {}): TypedRow => {
  const [first] = typed(rapnetRow(plain, more));
  if (first === undefined) throw new Error('no row');
  return first;
};

describe('a RapNet file', () => {
  test('a row is a stone of integers', () => {
    const { error, figures, texts, findings } = one({ 'Member Comments': 'Eye clean\u202E\r\n="x"' });
    expect(error).toBeNull();
    expect(figures).toMatchObject({
      shape: SHAPES.indexOf('round'),
      caratMilli: 1_010,
      color: COLORS.indexOf('G'),
      hue: 0,
      clarity: CLARITIES.indexOf('VS1'),
      lab: LABS.indexOf('GIA'),
      length: 643,
      width: 640,
      height: 397,
      depth: 6_190,
      table: 5_700,
      priceMinor: 707_000,
      perCaratMinor: 700_000,
      discount: -3_200,
      treatments: 0,
    });
    expect(texts).toEqual({
      offerId: '1',
      supplierStockRef: 'S-1',
      facts: {},
      certificate: '2141438171',
      certificateUrl: 'http://certificates.sample.example/GIA/2141438171.pdf',
      imageUrl: 'https://images.sample.example/still/1.jpg',
      videoUrl: null,
      comment: 'Eye clean ="x"',
    });
    expect(findings).toEqual([]);
  });

  test('two thousand honest stones: every one is read, none is quarantined', () => {
    const rows = Array.from({ length: 2_000 }, (_, i) => rapnetRow(sampleStone(i + 1)));
    for (const { error, findings } of typed(rows.join(''))) {
      expect(error).toBeNull();
      expect(findings).toEqual([]);
    }
  });

  test('a fancy stone has no letter; what treated it is known', () => {
    const { error, figures } = one({
      Color: '',
      'Fancy Color': 'Yellow',
      'Fancy Intensity': 'Fancy Vivid',
      Treatment: 'HPHT',
      'Laser Drilled': 'TRUE',
    });
    expect(error).toBeNull();
    expect(figures.color).toBe(COLORS.indexOf('fancy'));
    expect(figures.hue).toBe(HUES.indexOf('yellow'));
    expect(figures.treatments).toBe(
      (1 << TREATMENTS.indexOf('hpht')) | (1 << TREATMENTS.indexOf('laser-drilled')),
    );
  });

  test('columns are found by their names, in whatever order and spelling of blanks', () => {
    const names = RAPNET_HEAD.toReversed().map((name) => name.replaceAll(' ', ''));
    const cells = rapnetRow({ ...plain, id: 2 }, { 'Seller Name': 'X', 'Key To Symbols': '' })
      .trim()
      .split(',')
      .toReversed();
    const [stone] = typed(`${cells.join(',')}\n`, `${names.join(',')}\n`);
    expect(stone?.error).toBeNull();
    expect(stone?.texts?.offerId).toBe('2');
  });

  test('a head without a column that is needed, or prose in place of a file, fails the load', () => {
    expect(() => typed('', rapnetHead().replace('Total Price', 'Price Total'))).toThrow(
      expect.objectContaining({ code: 'feeds/missing-columns', details: { columns: 'Total Price' } }),
    );
    expect(() => typed('', 'You are not authorized to download this feed. Please contact RapNet.\n')).toThrow(
      expect.objectContaining({ code: 'feeds/missing-columns' }),
    );
  });

  test.each<[string, Readonly<Record<string, string>>, RowError]>([
    ['no id', { 'Diamond ID': '' }, { column: 'Diamond ID', what: 'missing' }],
    ['a shape nobody knows', { Shape: 'Dodecahedron' }, { column: 'Shape', what: 'word' }],
    ['a homoglyph', { Lab: 'GІA' }, { column: 'Lab', what: 'word' }],
    ['a weight with an exponent', { Weight: '1e2' }, { column: 'Weight', what: 'number' }],
    ['a negative price', { 'Total Price': '-100' }, { column: 'Total Price', what: 'number' }],
    ['a price with a sign', { 'Total Price': '$7,070' }, { column: 'Total Price', what: 'number' }],
    ['an infinite price', { 'Price Per Carat': '1e309' }, { column: 'Price Per Carat', what: 'number' }],
    ['no colour at all', { Color: '' }, { column: 'Color', what: 'word' }],
    ['SQL', { Clarity: "VS1'; drop table stone" }, { column: 'Clarity', what: 'word' }],
    [
      'a report without number',
      { 'Certificate Number': '' },
      { column: 'Certificate Number', what: 'missing' },
    ],
    ['a flag that is neither', { HPHT: 'maybe' }, { column: 'Treatment', what: 'word' }],
  ])('%s is a row error, which tells the column and not the text', (_, more, error) => {
    expect(one(more).error).toEqual(error);
  });

  test('a row with a cell more or less is an error', () => {
    const row = rapnetRow(plain).trimEnd();
    expect(typed(`${row},\n${row.slice(0, row.lastIndexOf(','))}\n`).map(({ error }) => error?.what)).toEqual(
      ['ragged', 'ragged'],
    );
  });
});

describe('one stone by itself', () => {
  test.each<[string, Readonly<Record<string, string>>, FindingId]>([
    ['no weight', { Weight: '0' }, 'weight'],
    ['a kilogram', { Weight: '5000' }, 'weight'],
    ['no price', { 'Total Price': '0', 'Price Per Carat': '' }, 'no-price'],
    ['cents for dollars', { 'Total Price': '707000' }, 'total-per-carat'],
    ['dollars for cents', { 'Total Price': '70.70' }, 'total-per-carat'],
    ['a stone for a song', { 'Total Price': '1', 'Price Per Carat': '' }, 'price-range'],
    ['inches', { 'Meas Length': '0.25', 'Meas Width': '0.25', 'Meas Depth': '0.16' }, 'weight-measurements'],
    ['a weight ten times too large', { Weight: '10.10', 'Total Price': '70700' }, 'weight-measurements'],
    ['a side that is missing', { 'Meas Depth': '0.00' }, 'measurements'],
    ['deeper than wide', { 'Meas Depth': '9.10' }, 'measurements'],
    ['a letter and a hue', { 'Fancy Color': 'Pink' }, 'color'],
  ])('%s is kept out', (_, more, finding) => {
    const { error, figures, findings } = one(more);
    expect(error).toBeNull();
    expect(findings).toContain(finding);
    expect(checkStone(figures) & QUARANTINE).not.toBe(0);
  });

  test.each<[string, Readonly<Record<string, string>>, FindingId]>([
    ['no report', { Lab: '', 'Certificate Number': '' }, 'no-report'],
    ['no measurements', { 'Meas Length': '', 'Meas Width': '', 'Meas Depth': '' }, 'no-measurements'],
    ['a depth that its sides do not give', { Depth: '70.0' }, 'proportions'],
    ['a discount in percent', { 'Price Percentage': '-32' }, 'discount'],
  ])('%s is noted', (_, more, finding) => {
    const { figures, findings } = one(more);
    expect(findings).toContain(finding);
    expect(checkStone(figures) & QUARANTINE).toBe(0);
  });

  test('length and width the other way round are no fault', () => {
    expect(one({ Shape: 'Oval', 'Meas Length': '5.40', 'Meas Width': '7.60', Depth: '' }).findings).toEqual(
      [],
    );
  });
});

describe('certificate numbers', () => {
  test('a good one is a key, with leading zeros and without the laboratory’s name', () => {
    expect(certificateNumber('GIA', ' 2141438171 ')).toEqual({ kind: 'good', matchKey: 'GIA 2141438171' });
    expect(certificateNumber('GIA', 'GIA 2141438171')).toEqual({ kind: 'good', matchKey: 'GIA 2141438171' });
    expect(certificateNumber('AGS', '0004111001')).toEqual({ kind: 'good', matchKey: 'AGS 0004111001' });
    expect(certificateNumber('IGI', 'LG123456789')).toEqual({ kind: 'good', matchKey: 'IGI LG123456789' });
  });

  test.each([
    ['GIA', '1.04075E+11', 'ruined'],
    ['GIA', '2141438171.0', 'ruined'],
    ['AGS', '1,04075E+11', 'ruined'],
    ['GIA', 'pending', 'odd'],
    ['GIA', '0000000000', 'odd'],
    ['GIA', '12', 'odd'],
    ['HRD', '', 'none'],
    ['none', '2141438171', 'none'],
  ] as const)('%s %s is %s', (lab, text, kind) => {
    expect(certificateNumber(lab, text)).toEqual({ kind });
  });
});
