// A file as IDEX' full feed gives it in the format of May 2022.
import type { SampleStone } from './stones.ts';

export const IDEX_HEAD: readonly string[] = [
  'Item ID #',
  'Cut',
  'Carat',
  'Color',
  'Natural Fancy Color',
  'Natural Fancy Color Intensity',
  'Natural Fancy Color Overtone',
  'Treated Color',
  'Clarity',
  'Make',
  'Grading Lab',
  'Certificate Number',
  'Certificate Path',
  'Image Path',
  'Online Report',
  'Price Per Carat',
  'Total Price',
  '% Off IDEX List',
  'Polish',
  'Symmetry',
  'Measurements',
  'Depth',
  'Table',
  'Crown Height',
  'Pavilion Depth',
  'Girdle',
  'Culet Size',
  'Culet Condition',
  'Graining',
  'Fluorescence Intensity',
  'Fluorescence Color',
  'Enhancement',
  'Country',
  'State',
  'Pair Stock Ref.',
  '',
];

const cell = (text: string): string => (/[",\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One row, with its line end. `more` puts other texts into columns, by name. */
export function idexRow(stone: SampleStone, more: Readonly<Record<string, string>> = {}): string {
  const carat = stone.caratMilli / 1_000;
  const values: Readonly<Record<string, string>> = {
    'Item ID #': String(900_000 + stone.id),
    Cut: stone.shape,
    Carat: carat.toFixed(2),
    Color: stone.color,
    'Natural Fancy Color': stone.hue,
    'Natural Fancy Color Intensity': stone.intensity,
    Clarity: stone.clarity,
    Make: stone.cut,
    'Grading Lab': stone.lab,
    'Certificate Number': stone.certificate,
    'Certificate Path': `https://certificates.sample.example/${stone.certificate}`,
    'Price Per Carat': stone.perCarat.toFixed(2),
    'Total Price': (stone.perCarat * carat).toFixed(2),
    '% Off IDEX List': String(Math.round(stone.discount * 100)),
    Polish: stone.polish,
    Symmetry: stone.symmetry,
    Measurements: `${stone.length.toFixed(2)}x${stone.width.toFixed(2)}x${stone.height.toFixed(2)}`,
    Table: String(stone.tablePercent),
    'Fluorescence Intensity': stone.fluorescence,
    Country: 'Belgium',
    ...more,
  };
  return `${IDEX_HEAD.map((name) => cell(values[name] ?? '')).join(',')}\r\n`;
}
