// What one stone must satisfy by itself. Each finding says what contradicts what; none repairs anything. Pure.
import type { Figures } from '../stone/figures.ts';
import { COLORS, HUES, LABS, SHAPES } from '../stone/words.ts';

/** `quarantine`: the stone stays out of the window. `note`: it may go in, and the shop's people see the note. */
export type Severity = 'quarantine' | 'note';

/** What can be wrong with one stone; a bit of each stone's findings in this order, new ones last. */
export const FINDINGS = [
  { id: 'weight', severity: 'quarantine' },
  { id: 'no-price', severity: 'quarantine' },
  { id: 'price-range', severity: 'quarantine' },
  { id: 'total-per-carat', severity: 'quarantine' },
  { id: 'measurements', severity: 'quarantine' },
  { id: 'weight-measurements', severity: 'quarantine' },
  { id: 'proportions', severity: 'note' },
  { id: 'discount', severity: 'note' },
  { id: 'color', severity: 'quarantine' },
  { id: 'no-report', severity: 'note' },
  { id: 'no-measurements', severity: 'note' },
  // These three are found by the load, which sees the numbers and all stones.
  { id: 'certificate-conflict', severity: 'quarantine' },
  { id: 'certificate-ruined', severity: 'note' },
  { id: 'certificate-odd', severity: 'note' },
  // A report on a lab-grown stone, among natural ones.
  { id: 'growth', severity: 'quarantine' },
  // These are found beside the loads before.
  { id: 'price-leap', severity: 'quarantine' },
  { id: 'price-outlier', severity: 'quarantine' },
  { id: 'certificate-moved', severity: 'quarantine' },
  // These beside what the laboratory itself says.
  { id: 'report-differs', severity: 'quarantine' },
  { id: 'report-unknown', severity: 'quarantine' },
] as const satisfies readonly { readonly id: string; readonly severity: Severity }[];

export type FindingId = (typeof FINDINGS)[number]['id'];

/** The bit of a finding. */
export const bit = (id: FindingId): number => 1 << FINDINGS.findIndex((one) => one.id === id);

const WEIGHT = bit('weight');
const NO_PRICE = bit('no-price');
const PRICE_RANGE = bit('price-range');
const TOTAL_PER_CARAT = bit('total-per-carat');
const MEASUREMENTS = bit('measurements');
const WEIGHT_MEASUREMENTS = bit('weight-measurements');
const PROPORTIONS = bit('proportions');
const DISCOUNT = bit('discount');
const COLOR = bit('color');
const NO_REPORT = bit('no-report');
const NO_MEASUREMENTS = bit('no-measurements');

/** Those that keep a stone out of the window. */
export const QUARANTINE: number = FINDINGS.reduce(
  (bits, { id, severity }) => (severity === 'quarantine' ? bits | bit(id) : bits),
  0,
);

/** Those that a row has by itself, whatever else is in its file and whatever was before. */
export const OWN_FINDINGS: number =
  (1 << FINDINGS.length) -
  1 -
  (bit('certificate-conflict') |
    bit('price-leap') |
    bit('price-outlier') |
    bit('certificate-moved') |
    bit('report-differs') |
    bit('report-unknown'));

/** Doubts about what a stone costs, and none about what it is. */
export const PRICE_DOUBTS: number =
  NO_PRICE | PRICE_RANGE | TOTAL_PER_CARAT | bit('price-leap') | bit('price-outlier');

/** Beside the findings: a person has looked and let the stone in as it is. */
export const RELEASED: number = 1 << 30;

/** Whether findings keep a stone out of the window. */
export function isQuarantined(findings: number): boolean {
  return (findings & QUARANTINE) !== 0 && (findings & RELEASED) === 0;
}

/** From a hundredth of a carat to more than any faceted diamond that was ever offered (the Cullinan I weighs 530). */
const MIN_MILLI = 10;
const MAX_MILLI = 600_000;
/** A carat costs something, and never ten million dollars without somebody having looked. Minor units. */
const MIN_PER_CARAT = 20_00;
const MAX_PER_CARAT = 10_000_000_00;
/** Total and per-carat price agree within one percent, and a unit of rounding of each. */
const TOTAL_SHARE = 0.01;
/** Of the weight that the measurements give. Cutting moves it by a fifth; a flipped unit by ten. */
const WEIGHT_SHARE = 0.35;
const MAX_MM100 = 10_000;

/**
 * Weight in carats is so many times length × width × height in millimetres (GIA's formulas for mounted stones). Shapes that vary too much have none, and
 * are not judged by it.
 */
const FACTORS: Readonly<Partial<Record<(typeof SHAPES)[number], number>>> = {
  round: 0.0061,
  oval: 0.0062,
  pear: 0.006,
  marquise: 0.0058,
  heart: 0.0059,
  emerald: 0.0088,
  asscher: 0.0081,
  princess: 0.0083,
  cushion: 0.0081,
  radiant: 0.0082,
};
const FACTOR = SHAPES.map((shape) => FACTORS[shape] ?? 0);

const FANCY = COLORS.indexOf('fancy');
const NO_HUE = HUES.indexOf('none');
const NO_LAB = LABS.indexOf('none');

/** The findings of a stone, as bits. */
export function checkStone(stone: Figures): number {
  let found = 0;
  const { caratMilli, priceMinor, perCaratMinor, length, width, height, depth, table, discount } = stone;
  if (caratMilli < MIN_MILLI || caratMilli > MAX_MILLI) found |= WEIGHT;

  if (priceMinor === 0) found |= NO_PRICE;
  else if (caratMilli > 0) {
    const perCarat = (priceMinor * 1_000) / caratMilli;
    if (perCarat < MIN_PER_CARAT || perCarat > MAX_PER_CARAT) found |= PRICE_RANGE;
    if (perCaratMinor > 0) {
      const total = (perCaratMinor * caratMilli) / 1_000;
      // What rounding of the per-carat price to whole units may bring about.
      const rounding = Math.max(100, caratMilli / 10);
      if (Math.abs(total - priceMinor) > total * TOTAL_SHARE + rounding) found |= TOTAL_PER_CARAT;
    }
  }

  if (length === 0 && width === 0 && height === 0) found |= NO_MEASUREMENTS;
  else if (length === 0 || width === 0 || height === 0 || Math.max(length, width, height) > MAX_MM100)
    found |= MEASUREMENTS;
  // Whoever swaps length and width, as many do, is no liar; a stone that is deeper than wide is none.
  else if (height >= Math.max(length, width)) found |= MEASUREMENTS;
  else {
    const factor = FACTOR[stone.shape] ?? 0;
    if (factor > 0 && caratMilli > 0) {
      const milli = (length * width * height * factor) / 1_000;
      if (Math.abs(milli - caratMilli) > caratMilli * WEIGHT_SHARE) found |= WEIGHT_MEASUREMENTS;
    }
    const across = stone.shape === 0 ? (length + width) / 2 : Math.min(length, width);
    if (depth > 0 && Math.abs((height / across) * 10_000 - depth) > 300) found |= PROPORTIONS;
  }
  if ((depth > 0 && (depth < 2_000 || depth > 9_900)) || (table > 0 && (table < 2_500 || table > 9_900)))
    found |= PROPORTIONS;
  if (discount !== null && (discount < -9_900 || discount > 30_000)) found |= DISCOUNT;
  if ((stone.color === FANCY) !== (stone.hue !== NO_HUE)) found |= COLOR;
  if (stone.lab === NO_LAB) found |= NO_REPORT;
  return found;
}

/** The findings in bits, by name. */
export function findingsOf(bits: number): FindingId[] {
  return FINDINGS.filter((_, place) => (bits & (1 << place)) !== 0).map(({ id }) => id);
}
