// A catalogue of one feed: what shoppers may see of its stones, in two files that never change once written. Nothing in them is secret: what a contract does not let be shown, and whatever says who sells a stone, what it costs and where it lies, is not there.
//
// Shape of `stones`: one line of JSON (version, currency, rows, what is shown), then columns, each for all rows, in the order of price. Shape of `texts`: a JSON object a stone, one after another; each stone's column `text` says where its own ends begins.
import type { Json } from '#kernel';
import { fieldsOf, isObject } from '#plane';
import { feedError } from '../errors.ts';
import { type Ware, WARES } from '../goods/kinds.ts';
import type { LoadTable } from '../load/table.ts';
import type { Selection } from '../price/choice.ts';
import { SHOWABLE, type Showable } from '../entitlement/entitlement.ts';

const KINDS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array } as const;
type Kind = keyof typeof KINDS;

/** Words by their codes: what facets are made of. */
export const FACETS = [
  'shape',
  'color',
  'clarity',
  'cut',
  'polish',
  'symmetry',
  'fluorescence',
  'lab',
  'growth',
] as const;
export type Facet = (typeof FACETS)[number];

const WORDS = [...FACETS, 'hue', 'intensity', 'treatments'] as const;
const MEASURES = ['length', 'width', 'height', 'depth', 'table'] as const;

const COLUMNS = {
  ...fromNames(WORDS, 'u8'),
  ...fromNames(MEASURES, 'u16'),
  caratMilli: 'u32',
  priceMinor: 'f64',
  /** The stone's public name: its hashed offer key, which nobody can turn back. */
  refHigh: 'u32',
  refLow: 'u32',
  /** Where its texts begin, and how long they are. */
  text: 'f64',
  textBytes: 'u32',
} as const satisfies Record<string, Kind>;
export type CatalogueColumn = keyof typeof COLUMNS;
type Column = InstanceType<(typeof KINDS)[Kind]>;

function fromNames<Name extends string, Of extends Kind>(names: readonly Name[], kind: Of) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each name
  return Object.fromEntries(names.map((name) => [name, kind])) as Record<Name, Of>;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names of an object that is written out above
const NAMES = Object.keys(COLUMNS) as readonly CatalogueColumn[];

export interface CatalogueHead {
  readonly v: 1;
  readonly of: Ware;
  readonly feed: string;
  readonly provider: string;
  readonly currency: string;
  readonly rows: number;
  readonly show: readonly Showable[];
}

/** Where each stone's texts lie, by its place in the selection. */
export interface TextPlaces {
  begin(place: number): number;
  bytes(place: number): number;
}

/** The bytes of a `stones` file. */
export function* stonesFile(
  head: CatalogueHead,
  table: LoadTable,
  selection: Selection,
  texts: TextPlaces,
): Generator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(head)}\n`);
  const hasMeasures = head.show.includes('measurements');
  const valueOf = (name: CatalogueColumn, row: number, place: number): number => {
    switch (name) {
      case 'priceMinor':
        return selection.prices[place] ?? 0;
      case 'refHigh':
        return table.keys.high(row);
      case 'refLow':
        return table.keys.low(row);
      case 'text':
        return texts.begin(place);
      case 'textBytes':
        return texts.bytes(place);
      case 'length':
      case 'width':
      case 'height':
      case 'depth':
      case 'table':
        return hasMeasures ? table.of(name, row) : 0;
      default:
        return table.of(name, row);
    }
  };
  for (const name of NAMES) {
    const column = new KINDS[COLUMNS[name]](selection.rows.length);
    for (let place = 0; place < selection.rows.length; place++)
      column[place] = valueOf(name, selection.rows[place] ?? 0, place);
    yield new Uint8Array(column.buffer);
  }
}

function readHead(line: string): CatalogueHead {
  const value: Json = line.startsWith('{') ? JSON.parse(line) : null;
  const fields = fieldsOf(value);
  const show = fields.texts('show');
  if (fields.integer('v') !== 1)
    throw feedError('feeds/unreadable', { details: { why: 'catalogue of another release' } });
  return {
    v: 1,
    // One that was made before there were goods is of stones.
    of: isObject(value) && value['of'] === undefined ? 'stones' : fields.oneOf('of', WARES),
    feed: fields.text('feed'),
    provider: fields.text('provider'),
    currency: fields.text('currency'),
    rows: fields.integer('rows'),
    show: SHOWABLE.filter((one) => show.includes(one)),
  };
}

export interface StonesFile {
  readonly head: CatalogueHead;
  column(name: CatalogueColumn): Column;
}

/** Reads a `stones` file; throws `feeds/unreadable` for one of another form. */
export function readStones(bytes: Uint8Array): StonesFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf(0x0a);
  const head = readHead(buffer.toString('utf8', 0, Math.max(0, end)));
  const size = NAMES.reduce((sum, name) => sum + KINDS[COLUMNS[name]].BYTES_PER_ELEMENT * head.rows, end + 1);
  if (size !== bytes.byteLength)
    throw feedError('feeds/unreadable', { details: { why: 'catalogue of another release' } });
  let offset = end + 1;
  const columns = new Map<CatalogueColumn, Column>();
  for (const name of NAMES) {
    const Made = KINDS[COLUMNS[name]];
    const length = Made.BYTES_PER_ELEMENT * head.rows;
    // Copied, so that columns begin where their elements may.
    const own = new ArrayBuffer(length);
    new Uint8Array(own).set(bytes.subarray(offset, offset + length));
    columns.set(name, new Made(own));
    offset += length;
  }
  return { head, column: (name) => columns.get(name) ?? new Uint8Array(0) };
}
