// A published catalogue, opened: searched in memory, its texts read from the file when a stone is shown.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { TextDecoder } from 'node:util';
import type { Json } from '#kernel';
import { isObject } from '#plane';
import { feedError } from '../errors.ts';
import { GOODS, type GoodsKind, UNTOLD, type Ware } from '../goods/kinds.ts';
import { type ShownStone, shownStone } from '../stone/shown.ts';
import { CLARITIES, COLORS, FLUORESCENCES, GRADES, GROWTHS, LABS, SHAPES } from '../stone/words.ts';
import {
  type CatalogueColumn,
  type CatalogueHead,
  type Facet,
  FACETS,
  readStones,
} from './catalogue-file.ts';
import { type Found, type Query, searchable } from './search.ts';

const STONE_WORDS: Readonly<Record<Facet, readonly string[]>> = {
  shape: SHAPES,
  color: COLORS,
  clarity: CLARITIES,
  cut: GRADES,
  polish: GRADES,
  symmetry: GRADES,
  fluorescence: FLUORESCENCES,
  lab: LABS,
  growth: GROWTHS,
};

/** A facet by its public name: its column, and its words in the order of their codes. */
export interface FacetWords {
  readonly name: string;
  readonly facet: Facet;
  readonly words: readonly string[];
}

/** The facets of each ware. */
export function facetsOf(ware: Ware): readonly FacetWords[] {
  return ware === 'stones'
    ? FACETS.map((facet) => ({ name: facet, facet, words: STONE_WORDS[facet] }))
    : GOODS[ware].classes.map(({ name, place, words }) => ({ name, facet: place, words }));
}

/** A stone as a shopper sees it. Measurements are zeros where they are not shown. */
export interface WindowStone extends Omit<ShownStone, 'priceMinor' | 'availability'> {
  /** Its public name, 16 hexadecimal digits; the same as long as the offer is. */
  readonly ref: string;
  /** Null: on request. */
  readonly price: { readonly amountMinor: number; readonly currency: string } | null;
  readonly texts: Readonly<Record<string, string>>;
}

/** An article as a shopper sees it. */
export interface WindowArticle {
  readonly kind: GoodsKind;
  readonly ref: string;
  /** Its words by class, as its kind has them; what was not told is left out. */
  readonly classes: Readonly<Record<string, string>>;
  readonly price: WindowStone['price'];
  /** What it is called, and what the contract lets be seen. */
  readonly texts: Readonly<Record<string, string>>;
}

export type Shown = WindowStone | WindowArticle;

export function isStone(shown: Shown): shown is WindowStone {
  return 'shape' in shown;
}

export interface Catalogue {
  readonly head: CatalogueHead;
  search(query: Query): Found;
  show(place: number): Shown;
  /** By its public name; null where it is not here. */
  find(ref: string): Shown | null;
  /** What a place stands at in an order: what catalogues are merged by. */
  carat(place: number): number;
  price(place: number): number;
  close(): void;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Opens the files of a catalogue, which somebody has checked against their hashes. Throws `feeds/unreadable`. */
export function openCatalogue(stonesPath: string, textsPath: string): Catalogue {
  const file = readStones(readFileSync(stonesPath));
  const { head } = file;
  const index = searchable(file);
  const at = (name: CatalogueColumn, place: number): number => file.column(name)[place] ?? 0;
  const fd = openSync(textsPath, 'r');
  let isOpen = true;

  function textsAt(place: number): Record<string, string> {
    // The number of a file that was closed may be another's by now.
    if (!isOpen) throw feedError('feeds/unreadable', { details: { why: 'closed' } });
    const bytes = Buffer.alloc(at('textBytes', place));
    readSync(fd, bytes, 0, bytes.byteLength, at('text', place));
    const value: Json = JSON.parse(UTF8.decode(bytes));
    if (!isObject(value)) return {};
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
    );
  }

  const refAt = (place: number): string => refOf(at('refHigh', place), at('refLow', place));
  const priceAt = (place: number): WindowStone['price'] => {
    const amountMinor = at('priceMinor', place);
    return amountMinor === 0 ? null : { amountMinor, currency: head.currency };
  };

  function stone(place: number): WindowStone {
    const {
      priceMinor: _price,
      availability: _availability,
      ...shown
    } = shownStone((figure) => (figure === 'availability' ? 0 : at(figure, place)));
    return { ref: refAt(place), ...shown, price: priceAt(place), texts: textsAt(place) };
  }

  function article(kind: GoodsKind, place: number): WindowArticle {
    const classes = GOODS[kind].classes.map(
      (one) => [one.name, one.words[at(one.place, place)] ?? UNTOLD] as const,
    );
    return {
      kind,
      ref: refAt(place),
      classes: Object.fromEntries(classes.filter(([, word]) => word !== UNTOLD)),
      price: priceAt(place),
      texts: textsAt(place),
    };
  }

  const show = (place: number): Shown => (head.of === 'stones' ? stone(place) : article(head.of, place));

  return {
    head,
    search: (query) => index.search(query),
    show,
    find(ref) {
      if (!/^[0-9a-f]{16}$/u.test(ref)) return null;
      const place = index.find(Number.parseInt(ref.slice(0, 8), 16), Number.parseInt(ref.slice(8), 16));
      return place < 0 ? null : show(place);
    },
    carat: (place) => at('caratMilli', place),
    price: (place) => at('priceMinor', place),
    close() {
      isOpen = false;
      closeSync(fd);
    },
  };
}

function refOf(high: number, low: number): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
