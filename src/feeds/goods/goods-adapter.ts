// The adapter of a list of goods: which of its columns is which class and which text. What a cell holds is read as strictly as for stones.
import { cellText } from '../read/csv.ts';
import { decimal } from '../read/decimal.ts';
import { publicLink } from '../read/link.ts';
import { plainText } from '../read/text.ts';
import { wordTable } from '../read/word-table.ts';
import { bit } from '../rows/checks.ts';
import { noFigures } from '../stone/figures.ts';
import type { ShownStone } from '../stone/shown.ts';
import { AVAILABILITIES } from '../stone/words.ts';
import type { CsvAdapter, RowError, RowReader, Texts } from '../providers/adapter.ts';
import { headPlaces, isPlainId, MAX_COMMENT, MAX_ID, type Separator } from '../providers/csv-adapter.ts';
import { type ClassPlace, GOODS, type GoodsKind } from './kinds.ts';

export interface GoodsSpec {
  readonly provider: string;
  readonly kind: GoodsKind;
  /** ISO 4217. */
  readonly currency: string;
  readonly money: 'units' | 'minor';
  /** The supplier's columns by ours: `id`, `total`, the classes and texts of the kind, `availability`, `stock`, `comment`, `imageUrl`, `videoUrl`. */
  readonly columns: Readonly<Record<string, string | undefined>>;
  readonly separator: Separator;
}

const MAX_TEXT = 200;
/** An article costs something, and never fifty million without somebody having looked. Minor units. */
const MIN_PRICE = 1_00;
const MAX_PRICE = 50_000_000_00;
const NO_PRICE = bit('no-price');
const PRICE_RANGE = bit('price-range');
/** It weighs one piece: what a carat of stones costs is what an article costs. */
const ONE_PIECE_MILLI = 1_000;

const AVAILABILITY = wordTable(
  Object.fromEntries(
    Object.entries({
      '': 'unknown',
      available: 'guaranteed',
      'in stock': 'guaranteed',
      yes: 'guaranteed',
      memo: 'memo',
      'made to order': 'prior-sale',
      'on request': 'prior-sale',
      'out of stock': 'unavailable',
      sold: 'unavailable',
      no: 'unavailable',
    } as const).map(([word, means]) => [word, AVAILABILITIES.indexOf(means)]),
  ),
);

/** Makes an adapter of a list of goods. */
export function goodsAdapter(spec: GoodsSpec): CsvAdapter {
  const { classes } = GOODS[spec.kind];
  const wordOf = (place: ClassPlace, code: number): string =>
    classes.find((one) => one.place === place)?.words[code] ?? '';
  return {
    of: spec.kind,
    provider: spec.provider,
    currency: spec.currency,
    separator: spec.separator.charCodeAt(0),
    check({ priceMinor }) {
      if (priceMinor === 0) return NO_PRICE;
      return priceMinor < MIN_PRICE || priceMinor > MAX_PRICE ? PRICE_RANGE : 0;
    },
    shown: (of): ShownStone => ({
      shape: wordOf('shape', of('shape')),
      carat: 0,
      color: wordOf('color', of('color')),
      fancy: '',
      clarity: wordOf('clarity', of('clarity')),
      cut: '',
      polish: '',
      symmetry: '',
      fluorescence: '',
      lab: '',
      growth: '',
      treatments: [],
      availability: AVAILABILITIES[of('availability')] ?? '',
      measurements: [0, 0, 0],
      depth: 0,
      table: 0,
      priceMinor: of('priceMinor'),
    }),
    bind: (head) => rowReader(spec, head),
  };
}

const BLANK = noFigures();

function rowReader({ kind, columns, money }: GoodsSpec, head: readonly string[]): RowReader {
  const { classes, texts } = GOODS[kind];
  const names = ['id', 'total', 'availability', 'stock', 'comment', 'imageUrl', 'videoUrl'];
  const at = headPlaces(
    head,
    [...names, ...[...classes, ...texts].map(({ name }) => name)],
    (name) => columns[name],
  );
  const place = (name: string): number => at.get(name) ?? -1;
  const [id, total, availability] = [place('id'), place('total'), place('availability')];
  // Where a list has no column for the fineness, the metal's may say it.
  const classCells = classes.map((one) => {
    const own = place(one.name);
    return { ...one, cell: own >= 0 || one.name !== 'fineness' ? own : place('metal'), isOwn: own >= 0 };
  });
  const needed = texts.filter((one) => one.isNeeded).map(({ name }) => ({ name, cell: place(name) }));
  const scale = money === 'units' ? 2 : 0;
  const bad = (name: string, what: RowError['what']): RowError => ({ column: columns[name] ?? name, what });
  const spoilt: RowError = { column: '', what: 'row' };
  const ragged: RowError = { column: '', what: 'ragged' };

  return {
    offerId: id,
    certificate: -1,
    figures(row, into) {
      if (row.fault !== null) return spoilt;
      if (row.cells !== head.length) return ragged;
      const { bytes } = row;
      const start = (cell: number): number => (cell < 0 ? 0 : (row.starts[cell] ?? 0));
      const end = (cell: number): number => (cell < 0 ? 0 : (row.ends[cell] ?? 0));
      if (start(id) === end(id)) return bad('id', 'missing');
      if (!isPlainId(bytes, start(id), end(id))) return bad('id', 'word');
      Object.assign(into, BLANK);
      into.caratMilli = ONE_PIECE_MILLI;
      for (const { name, place: column, reads, cell, isOwn } of classCells) {
        const code = reads.find(bytes, start(cell), end(cell));
        if (code < 0 && isOwn) return bad(name, 'word');
        into[column] = Math.max(0, code);
      }
      for (const { name, cell } of needed) if (start(cell) === end(cell)) return bad(name, 'missing');
      into.priceMinor = start(total) === end(total) ? 0 : decimal(bytes, start(total), end(total), scale);
      if (!(into.priceMinor >= 0)) return bad('total', 'number');
      into.availability = AVAILABILITY.find(bytes, start(availability), end(availability));
      return into.availability < 0 ? bad('availability', 'word') : null;
    },
    texts(row): Texts {
      const text = (name: string, most: number): string => {
        const cell = place(name);
        return cell < 0 ? '' : plainText(cellText(row, cell), most);
      };
      const link = (name: string): string | null => {
        const cell = place(name);
        return cell < 0 ? null : publicLink(cellText(row, cell));
      };
      return {
        offerId: text('id', MAX_ID),
        supplierStockRef: text('stock', MAX_ID),
        certificate: '',
        certificateUrl: null,
        imageUrl: link('imageUrl'),
        videoUrl: link('videoUrl'),
        comment: text('comment', MAX_COMMENT),
        facts: Object.fromEntries(
          texts.map(({ name }) => [name, text(name, MAX_TEXT)] as const).filter(([, one]) => one !== ''),
        ),
      };
    },
  };
}
