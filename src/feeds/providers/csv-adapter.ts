// An adapter of CSV files from what its provider's file says where: names of columns, units, and what all its stones have in common.
import { feedError } from '../errors.ts';
import { cellText, type CsvRow } from '../read/csv.ts';
import { decimal } from '../read/decimal.ts';
import { publicLink } from '../read/link.ts';
import { plainText } from '../read/text.ts';
import { type WordTable, wordTable } from '../read/word-table.ts';
import { COLORS, type Growth, GROWTHS, LABS, type Treatment, TREATMENTS } from '../stone/words.ts';
import { checkStone } from '../rows/checks.ts';
import { shownStone } from '../stone/shown.ts';
import type { CsvAdapter, RowError, RowReader, Texts } from './adapter.ts';
import { TRADE_WORDS } from './trade-words.ts';

/** What is read of a row. */
const STONE_COLUMNS = [
  'id',
  'shape',
  'weight',
  'color',
  'hue',
  'intensity',
  'clarity',
  'cut',
  'polish',
  'symmetry',
  'fluorescence',
  'measurements',
  'length',
  'width',
  'height',
  'lab',
  'growth',
  'certificate',
  'stock',
  'treatment',
  'perCarat',
  'percent',
  'total',
  'availability',
  'depth',
  'table',
  'comment',
  'certificateUrl',
  'imageUrl',
  'videoUrl',
] as const;
export type StoneColumn = (typeof STONE_COLUMNS)[number];
type Places = Readonly<Record<StoneColumn, number>>;

export interface CsvSpec {
  readonly provider: string;
  /** ISO 4217; weights are in carats and lengths in millimetres, as everywhere in the trade. */
  readonly currency: string;
  /** What all stones of the file are; `told`: the column says. */
  readonly growth: Growth | 'told';
  /** Prices in whole units with decimals, or in minor units. */
  readonly money: 'units' | 'minor';
  /** The names of each column, the usual one first. One that is named must be there; what is left out the provider does not tell. */
  readonly columns: Readonly<Record<NeededColumn, Names>> &
    Readonly<Partial<Record<StoneColumn, Names | undefined>>>;
  /** Columns that say yes or no to a treatment, where they are there. */
  readonly flags: Readonly<Record<string, Treatment>>;
  /** How a discount against the list is written: −0.32 or −32. */
  readonly discount: 'fraction' | 'percent';
  /** What stands between cells; a comma where it is left out. */
  readonly separator?: Separator;
}

type Names = string | readonly string[];

export type Separator = ',' | ';' | '\t' | '|';

/** Without these nothing is a stone. */
export type NeededColumn = 'id' | 'shape' | 'weight' | 'color' | 'clarity' | 'lab' | 'certificate' | 'total';

const FLAG = wordTable({ '': 0, n: 0, no: 0, false: 0, '0': 0, y: 1, yes: 1, true: 1, '1': 1 });
const FANCY = COLORS.indexOf('fancy');
const NO_LAB = LABS.indexOf('none');
/** The longest of an id, and of a stock number. */
export const MAX_ID = 40;
export const MAX_COMMENT = 500;

const NO_FACTS = {};

interface Flag {
  readonly place: number;
  readonly bit: number;
}

/** Makes an adapter. */
export function csvAdapter(spec: CsvSpec): CsvAdapter {
  return {
    of: 'stones',
    provider: spec.provider,
    currency: spec.currency,
    check: checkStone,
    shown: shownStone,
    separator: (spec.separator ?? ',').charCodeAt(0),
    bind(head) {
      const placeOf = headReader(head);
      const flags = Object.entries(spec.flags).map(([name, treatment]) => ({
        place: placeOf([name]),
        bit: 1 << TREATMENTS.indexOf(treatment),
      }));
      const at = headPlaces(head, STONE_COLUMNS, (column) => spec.columns[column]);
      return rowReader(
        spec,
        head.length,
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each column
        Object.fromEntries(STONE_COLUMNS.map((column) => [column, at.get(column) ?? -1])) as Places,
        flags.filter(({ place }) => place >= 0),
      );
    },
  };
}

/** Finds a column by its names; −1 where there is none. Throws `feeds/unreadable` where there are two. */
function headReader(head: readonly string[]): (names: readonly string[]) => number {
  const heads = head.map(plainHead);
  return (names) => {
    for (const name of names.map(plainHead)) {
      const place = heads.indexOf(name);
      // Which of two is meant nobody can say.
      if (place >= 0 && heads.includes(name, place + 1))
        throw feedError('feeds/unreadable', { details: { why: 'column-twice' } });
      if (place >= 0) return place;
    }
    return -1;
  };
}

/** The place of each column that is there. Throws `feeds/missing-columns` with all that were named and are not. */
export function headPlaces<Column extends string>(
  head: readonly string[],
  columns: readonly Column[],
  namesOf: (column: Column) => Names | undefined,
): ReadonlyMap<Column, number> {
  const placeOf = headReader(head);
  const missing: string[] = [];
  const places = new Map<Column, number>();
  for (const column of columns) {
    const names = listOf(namesOf(column));
    const place = placeOf(names);
    if (place >= 0) places.set(column, place);
    else if (names.length > 0) missing.push(names[0] ?? '');
  }
  if (missing.length > 0)
    throw feedError('feeds/missing-columns', { details: { columns: missing.join(', ') } });
  return places;
}

function listOf(names: Names | undefined): readonly string[] {
  return typeof names === 'string' ? [names] : (names ?? []);
}

/** Heads are written with and without blanks and in any case. */
function plainHead(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}%#]/gu, '');
}

/** An id is printed and compared byte by byte: visible ASCII, and not long. */
export function isPlainId(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MAX_ID) return false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte < 0x21 || byte > 0x7e) return false;
  }
  return true;
}

/** Whether a byte stands between two of the three lengths of `6.43x6.40x3.97` or `6.43 - 6.40 * 3.97`. */
function divides(byte: number): boolean {
  return byte === 0x20 || byte === 0x2a || byte === 0x2d || byte === 0x78 || byte === 0x58;
}

/** Three lengths in one cell, hundredths of a millimetre; null where it holds something else. All zero where it is empty. */
function lengthsIn(bytes: Uint8Array, start: number, end: number): readonly [number, number, number] | null {
  const found: number[] = [];
  for (let i = start; i < end; ) {
    while (i < end && divides(bytes[i] ?? 0)) i++;
    const from = i;
    while (i < end && !divides(bytes[i] ?? 0)) i++;
    if (i === from) break;
    const value = decimal(bytes, from, i, 2);
    if (!(value >= 0) || found.length === 3) return null;
    found.push(value);
  }
  const [length = 0, width = 0, height = 0] = found;
  return found.length === 0 || found.length === 3 ? [length, width, height] : null;
}

const NO_ROW: Pick<CsvRow, 'bytes' | 'starts' | 'ends'> = {
  bytes: Buffer.alloc(0),
  starts: new Int32Array(0),
  ends: new Int32Array(0),
};

function rowReader(spec: CsvSpec, cells: number, at: Places, flags: readonly Flag[]): RowReader {
  const words = TRADE_WORDS;
  const growth = spec.growth === 'told' ? -1 : GROWTHS.indexOf(spec.growth);
  const moneyScale = spec.money === 'units' ? 2 : 0;
  const discountScale = spec.discount === 'fraction' ? 4 : 2;
  // One error a column, made once: a hostile file can be nothing but errors.
  const errors = new Map<string, RowError>();
  const bad = (column: StoneColumn, what: RowError['what']): RowError => {
    const key = `${column} ${what}`;
    const made = errors.get(key) ?? { column: listOf(spec.columns[column])[0] ?? column, what };
    errors.set(key, made);
    return made;
  };
  const FAULT: RowError = { column: '', what: 'row' };
  const RAGGED: RowError = { column: '', what: 'ragged' };

  // The row that is being read: what looks at its cells is made once, and not for each of millions.
  let { bytes, starts, ends } = NO_ROW;
  // A column that is not told is read as an empty cell.
  const start = (cell: number): number => (cell < 0 ? 0 : (starts[cell] ?? 0));
  const end = (cell: number): number => (cell < 0 ? 0 : (ends[cell] ?? 0));
  const word = (table: WordTable, cell: number): number => table.find(bytes, start(cell), end(cell));
  const isEmpty = (cell: number): boolean => start(cell) === end(cell);
  /** A number that may be left out; −1 where it is no number, or below zero. */
  const number = (cell: number, scale: number): number => {
    if (isEmpty(cell)) return 0;
    const value = decimal(bytes, start(cell), end(cell), scale);
    return value >= 0 ? value : -1;
  };

  return {
    offerId: at.id,
    certificate: at.certificate,
    figures(row, into) {
      if (row.fault !== null) return FAULT;
      if (row.cells !== cells) return RAGGED;
      ({ bytes, starts, ends } = row);

      if (isEmpty(at.id)) return bad('id', 'missing');
      if (!isPlainId(bytes, start(at.id), end(at.id))) return bad('id', 'word');
      if ((into.shape = word(words.shape, at.shape)) < 0) return bad('shape', 'word');
      if ((into.caratMilli = number(at.weight, 3)) < 0) return bad('weight', 'number');
      into.color = word(words.color, at.color);
      into.hue = word(words.hue, at.hue);
      if (into.hue < 0) return bad('hue', 'word');
      // A fancy stone has no letter; one without either has no colour at all.
      if (into.color < 0) {
        if (!isEmpty(at.color) || into.hue === 0) return bad('color', 'word');
        into.color = FANCY;
      }
      if ((into.intensity = word(words.intensity, at.intensity)) < 0) return bad('intensity', 'word');
      if ((into.clarity = word(words.clarity, at.clarity)) < 0) return bad('clarity', 'word');
      if ((into.cut = word(words.grade, at.cut)) < 0) return bad('cut', 'word');
      if ((into.polish = word(words.grade, at.polish)) < 0) return bad('polish', 'word');
      if ((into.symmetry = word(words.grade, at.symmetry)) < 0) return bad('symmetry', 'word');
      if ((into.fluorescence = word(words.fluorescence, at.fluorescence)) < 0)
        return bad('fluorescence', 'word');
      if (at.measurements >= 0) {
        const lengths = lengthsIn(bytes, start(at.measurements), end(at.measurements));
        if (lengths === null) return bad('measurements', 'number');
        [into.length, into.width, into.height] = lengths;
      } else {
        if ((into.length = number(at.length, 2)) < 0) return bad('length', 'number');
        if ((into.width = number(at.width, 2)) < 0) return bad('width', 'number');
        if ((into.height = number(at.height, 2)) < 0) return bad('height', 'number');
      }
      if ((into.lab = word(words.lab, at.lab)) < 0) return bad('lab', 'word');
      if ((into.treatments = word(words.treatment, at.treatment)) < 0) return bad('treatment', 'word');
      for (const { place, bit } of flags) {
        const flag = word(FLAG, place);
        if (flag < 0) return bad('treatment', 'word');
        if (flag === 1) into.treatments |= bit;
      }
      if ((into.perCaratMinor = number(at.perCarat, moneyScale)) < 0) return bad('perCarat', 'number');
      if ((into.priceMinor = number(at.total, moneyScale)) < 0) return bad('total', 'number');
      into.discount = isEmpty(at.percent)
        ? null
        : decimal(bytes, start(at.percent), end(at.percent), discountScale);
      if (Number.isNaN(into.discount)) return bad('percent', 'number');
      if ((into.availability = word(words.availability, at.availability)) < 0)
        return bad('availability', 'word');
      if ((into.depth = number(at.depth, 2)) < 0) return bad('depth', 'number');
      if ((into.table = number(at.table, 2)) < 0) return bad('table', 'number');
      into.growth = growth >= 0 ? growth : word(words.growth, at.growth);
      if (into.growth < 0) return bad('growth', 'word');
      if (into.lab !== NO_LAB && isEmpty(at.certificate)) return bad('certificate', 'missing');
      return null;
    },
    texts(row): Texts {
      const text = (cell: number, most: number): string =>
        cell < 0 ? '' : plainText(cellText(row, cell), most);
      const link = (cell: number): string | null => (cell < 0 ? null : publicLink(cellText(row, cell)));
      return {
        offerId: text(at.id, MAX_ID),
        supplierStockRef: text(at.stock, MAX_ID),
        certificate: text(at.certificate, MAX_ID),
        certificateUrl: link(at.certificateUrl),
        imageUrl: link(at.imageUrl),
        videoUrl: link(at.videoUrl),
        comment: text(at.comment, MAX_COMMENT),
        facts: NO_FACTS,
      };
    },
  };
}
