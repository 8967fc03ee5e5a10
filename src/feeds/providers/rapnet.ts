// RapNet's download service (DLS): a CSV of some eighty columns. Names of columns and words as its help pages and recorded files have them; prices are in US dollars of
// the whole stone, weights in carats, lengths in millimetres, discounts as a fraction of the list.
import { feedError } from '../errors.ts';
import { cellText } from '../read/csv.ts';
import { decimal } from '../read/decimal.ts';
import { publicLink } from '../read/link.ts';
import { plainText } from '../read/text.ts';
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
import type { CsvAdapter, RowError, RowReader, Texts } from './adapter.ts';

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
  egl: 'other',
  'egl usa': 'other',
  'egl israel': 'other',
  'egl europe': 'other',
  ngtc: 'other',
  dcla: 'other',
  gsi: 'other',
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
  hpht: 1 << TREATMENTS.indexOf('hpht'),
  irradiated: 1 << TREATMENTS.indexOf('irradiated'),
  'laser drilled': 1 << TREATMENTS.indexOf('laser-drilled'),
  'clarity enhanced': 1 << TREATMENTS.indexOf('clarity'),
  'color enhanced': 1 << TREATMENTS.indexOf('color'),
  other: 1 << TREATMENTS.indexOf('other'),
});
const FLAG = wordTable({ '': 0, n: 0, no: 0, false: 0, '0': 0, y: 1, yes: 1, true: 1, '1': 1 });

const FANCY = COLORS.indexOf('fancy');
const NO_LAB = LABS.indexOf('none');
/** RapNet lists no lab-grown stones. */
const NATURAL = GROWTHS.indexOf('natural');

/** Each column that is read, as the download's help names it, and as older files do. */
const COLUMNS = {
  id: ['Diamond ID'],
  shape: ['Shape'],
  weight: ['Weight'],
  color: ['Color'],
  hue: ['Fancy Color'],
  intensity: ['Fancy Intensity', 'Fancy Color Intensity'],
  clarity: ['Clarity'],
  cut: ['Cut', 'Cut Grade'],
  polish: ['Polish'],
  symmetry: ['Symmetry'],
  fluorescence: ['Fluorescence Intensity'],
  length: ['Meas Length', 'Measurements Length'],
  width: ['Meas Width', 'Measurements Width'],
  height: ['Meas Depth', 'Measurements Depth'],
  lab: ['Lab'],
  certificate: ['Certificate Number'],
  stock: ['Stock Number'],
  treatment: ['Treatment'],
  perCarat: ['Price Per Carat'],
  percent: ['Price Percentage'],
  total: ['Total Price'],
  availability: ['Availability'],
  depth: ['Depth', 'Depth Percent'],
  table: ['Table', 'Table Percent'],
  comment: ['Member Comments', 'Member Comment'],
  certificateUrl: ['Certificate URL'],
  imageUrl: ['Image URL'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
/** Read where they are there. */
const FLAGS = { HPHT: 'hpht', Irradiated: 'irradiated', 'Laser Drilled': 'laser-drilled' } as const;

type Column = keyof typeof COLUMNS;
type Places = Readonly<Record<Column, number>>;

const MAX_ID = 40;
const MAX_COMMENT = 500;

/** An id is printed and compared byte by byte: visible ASCII, and not long. */
function isPlainId(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MAX_ID) return false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte < 0x21 || byte > 0x7e) return false;
  }
  return true;
}

/** Heads have been written with and without blanks and in other cases. */
function plainHead(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/gu, '');
}

/** The place of each column. Throws `feeds/missing-columns` with all that are not there. */
function placesOf(placeOf: (names: readonly string[]) => number): Places {
  const places: [string, number][] = [];
  const missing: string[] = [];
  for (const [column, names] of Object.entries(COLUMNS)) {
    const place = placeOf(names);
    if (place < 0) missing.push(names[0]);
    places.push([column, place]);
  }
  if (missing.length > 0)
    throw feedError('feeds/missing-columns', { details: { columns: missing.join(', ') } });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each column, just above
  return Object.fromEntries(places) as Places;
}

export const rapnetDownload: CsvAdapter = {
  provider: 'rapnet',
  currency: 'USD',
  bind(head) {
    const places = new Map(head.map((name, place) => [plainHead(name), place]));
    const placeOf = (names: readonly string[]): number =>
      names.map((name) => places.get(plainHead(name))).find((place) => place !== undefined) ?? -1;
    const at = placesOf(placeOf);
    const flags = Object.entries(FLAGS).map(([name, treatment]) => ({
      place: placeOf([name]),
      bit: 1 << TREATMENTS.indexOf(treatment),
    }));
    return bound(
      head.length,
      at,
      flags.filter(({ place }) => place >= 0),
    );
  },
};

function bound(
  cells: number,
  at: Places,
  flags: readonly { readonly place: number; readonly bit: number }[],
): RowReader {
  // One error a column, made once: a hostile file can be nothing but errors.
  const errors = new Map<string, RowError>();
  const bad = (column: Column, what: RowError['what']): RowError => {
    const key = `${column} ${what}`;
    const made = errors.get(key) ?? { column: COLUMNS[column][0], what };
    errors.set(key, made);
    return made;
  };
  const FAULT: RowError = { column: '', what: 'row' };
  const RAGGED: RowError = { column: '', what: 'ragged' };

  return {
    offerId: at.id,
    certificate: at.certificate,
    figures(row, into) {
      if (row.fault !== null) return FAULT;
      if (row.cells !== cells) return RAGGED;
      const { bytes, starts, ends } = row;
      const word = (words: WordTable, cell: number): number =>
        words.find(bytes, starts[cell] ?? 0, ends[cell] ?? 0);
      const isEmpty = (cell: number): boolean => starts[cell] === ends[cell];
      /** A number that may be left out; −1 where it is no number, or below zero. */
      const number = (cell: number, scale: number): number => {
        if (isEmpty(cell)) return 0;
        const value = decimal(bytes, starts[cell] ?? 0, ends[cell] ?? 0, scale);
        return value >= 0 ? value : -1;
      };

      if (isEmpty(at.id)) return bad('id', 'missing');
      if (!isPlainId(bytes, starts[at.id] ?? 0, ends[at.id] ?? 0)) return bad('id', 'word');
      if ((into.shape = word(SHAPE, at.shape)) < 0) return bad('shape', 'word');
      if ((into.caratMilli = number(at.weight, 3)) < 0) return bad('weight', 'number');
      into.color = word(COLOR, at.color);
      // A fancy stone has no letter; one without either has no colour at all.
      into.hue = word(HUE, at.hue);
      if (into.hue < 0) return bad('hue', 'word');
      if (into.color < 0) {
        if (!isEmpty(at.color) || into.hue === 0) return bad('color', 'word');
        into.color = FANCY;
      }
      if ((into.intensity = word(INTENSITY, at.intensity)) < 0) return bad('intensity', 'word');
      if ((into.clarity = word(CLARITY, at.clarity)) < 0) return bad('clarity', 'word');
      if ((into.cut = word(GRADE, at.cut)) < 0) return bad('cut', 'word');
      if ((into.polish = word(GRADE, at.polish)) < 0) return bad('polish', 'word');
      if ((into.symmetry = word(GRADE, at.symmetry)) < 0) return bad('symmetry', 'word');
      if ((into.fluorescence = word(FLUORESCENCE, at.fluorescence)) < 0) return bad('fluorescence', 'word');
      if ((into.length = number(at.length, 2)) < 0) return bad('length', 'number');
      if ((into.width = number(at.width, 2)) < 0) return bad('width', 'number');
      if ((into.height = number(at.height, 2)) < 0) return bad('height', 'number');
      if ((into.lab = word(LAB, at.lab)) < 0) return bad('lab', 'word');
      if ((into.treatments = word(TREATMENT, at.treatment)) < 0) return bad('treatment', 'word');
      for (const { place, bit } of flags) {
        const flag = word(FLAG, place);
        if (flag < 0) return bad('treatment', 'word');
        if (flag === 1) into.treatments |= bit;
      }
      if ((into.perCaratMinor = number(at.perCarat, 2)) < 0) return bad('perCarat', 'number');
      if ((into.priceMinor = number(at.total, 2)) < 0) return bad('total', 'number');
      into.discount = isEmpty(at.percent)
        ? null
        : decimal(bytes, starts[at.percent] ?? 0, ends[at.percent] ?? 0, 4);
      if (Number.isNaN(into.discount)) return bad('percent', 'number');
      if ((into.availability = word(AVAILABILITY, at.availability)) < 0) return bad('availability', 'word');
      if ((into.depth = number(at.depth, 2)) < 0) return bad('depth', 'number');
      if ((into.table = number(at.table, 2)) < 0) return bad('table', 'number');
      into.growth = NATURAL;
      if (into.lab !== NO_LAB && isEmpty(at.certificate)) return bad('certificate', 'missing');
      return null;
    },
    texts(row): Texts {
      const text = (cell: number, most: number): string => plainText(cellText(row, cell), most);
      const link = (cell: number): string | null => publicLink(cellText(row, cell));
      return {
        offerId: text(at.id, MAX_ID),
        supplierStockRef: text(at.stock, MAX_ID),
        certificate: text(at.certificate, MAX_ID),
        certificateUrl: link(at.certificateUrl),
        imageUrl: link(at.imageUrl),
        videoUrl: null,
        comment: text(at.comment, MAX_COMMENT),
      };
    },
  };
}
