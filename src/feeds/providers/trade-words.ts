// How the trade writes the words of a stone: full, as RapNet's help pages list them, and as suppliers shorten them. A word that is not here is a row error; a new one is added
// with the file that brought it.
import { type WordTable, wordTable } from '../read/word-table.ts';
import {
  AVAILABILITIES,
  CLARITIES,
  COLORS,
  FLUORESCENCES,
  GRADES,
  GROWTHS,
  HUES,
  INTENSITIES,
  LABS,
  SHAPES,
  TREATMENTS,
} from '../stone/words.ts';

/** Words and the words of ours that they mean. */
function table<W extends string>(list: readonly W[], words: Readonly<Record<string, W>>): WordTable {
  const own = Object.fromEntries(list.map((word, code) => [word, code]));
  const given = Object.entries(words).map(([word, means]) => [word, list.indexOf(means)]);
  return wordTable({ ...own, ...Object.fromEntries(given) });
}

const SHAPE = table(SHAPES, {
  b: 'round',
  br: 'round',
  rb: 'round',
  rd: 'round',
  rbc: 'round',
  rnd: 'round',
  'round brilliant': 'round',
  p: 'pear',
  ps: 'pear',
  e: 'emerald',
  em: 'emerald',
  ec: 'emerald',
  pr: 'princess',
  prn: 'princess',
  m: 'marquise',
  mq: 'marquise',
  a: 'asscher',
  as: 'asscher',
  'sq. emerald': 'asscher',
  'square emerald': 'asscher',
  cu: 'cushion',
  'cushion brilliant': 'cushion',
  'cushion modified': 'cushion',
  h: 'heart',
  ht: 'heart',
  o: 'oval',
  ov: 'oval',
  r: 'radiant',
  ra: 'radiant',
  trillion: 'trilliant',
  'tapered baguette': 'tapered-baguette',
  'half moon': 'half-moon',
  'old miner': 'old-mine',
  'european cut': 'old-european',
});
const COLOR = table(COLORS, {});
const HUE = table(HUES, { '': 'none', grey: 'gray' });
const INTENSITY = table(INTENSITIES, {
  '': 'none',
  'very light': 'very-light',
  'fancy light': 'fancy-light',
  'fancy intense': 'fancy-intense',
  intense: 'fancy-intense',
  'fancy vivid': 'fancy-vivid',
  vivid: 'fancy-vivid',
  'fancy deep': 'fancy-deep',
  deep: 'fancy-deep',
  'fancy dark': 'fancy-dark',
  dark: 'fancy-dark',
});
const CLARITY = table(CLARITIES, {});
const GRADE = table(GRADES, {
  '': 'none',
  i: 'ID',
  ideal: 'ID',
  excellent: 'EX',
  'very good': 'VG',
  good: 'G',
  fair: 'F',
  poor: 'P',
});
const FLUORESCENCE = table(FLUORESCENCES, {
  '': 'unknown',
  n: 'none',
  f: 'faint',
  'very slight': 'faint',
  vsl: 'faint',
  slight: 'faint',
  sl: 'faint',
  m: 'medium',
  s: 'strong',
  'very strong': 'very-strong',
  vs: 'very-strong',
});
const LAB = table(LABS, {
  '': 'none',
  'gia/gia': 'GIA',
  'non-cert': 'none',
  'non cert': 'none',
  egl: 'other',
  'egl usa': 'other',
  'egl israel': 'other',
  'egl europe': 'other',
  ngtc: 'other',
  dcla: 'other',
  gsi: 'other',
});
const GROWTH = table(GROWTHS, {
  n: 'natural',
  mined: 'natural',
  'earth mined': 'natural',
  'natural diamond': 'natural',
  l: 'lab',
  lg: 'lab',
  cvd: 'lab',
  hpht: 'lab',
  'lab grown': 'lab',
  'lab-grown': 'lab',
  labgrown: 'lab',
  lab_grown: 'lab',
  'laboratory-grown': 'lab',
  'lab grown diamond': 'lab',
});

const AVAILABILITY = table(AVAILABILITIES, {
  '': 'unknown',
  g: 'guaranteed',
  'guaranteed available': 'guaranteed',
  stps: 'prior-sale',
  'subject to prior sale': 'prior-sale',
  m: 'memo',
  'on memo': 'memo',
  na: 'unavailable',
  'not available': 'unavailable',
});
const TREATMENT = wordTable({
  '': 0,
  none: 0,
  no: 0,
  hpht: 1 << TREATMENTS.indexOf('hpht'),
  irradiated: 1 << TREATMENTS.indexOf('irradiated'),
  'laser drilled': 1 << TREATMENTS.indexOf('laser-drilled'),
  'clarity enhanced': 1 << TREATMENTS.indexOf('clarity'),
  'color enhanced': 1 << TREATMENTS.indexOf('color'),
  other: 1 << TREATMENTS.indexOf('other'),
});
/** One table a column. */
export const TRADE_WORDS = {
  shape: SHAPE,
  color: COLOR,
  hue: HUE,
  intensity: INTENSITY,
  clarity: CLARITY,
  grade: GRADE,
  fluorescence: FLUORESCENCE,
  lab: LAB,
  growth: GROWTH,
  availability: AVAILABILITY,
  /** Bits of TREATMENTS. */
  treatment: TREATMENT,
} as const;
