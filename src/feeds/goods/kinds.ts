// What jewelers sell besides stones, as far as a list can tell it: a few classes by which articles are found and compared, and texts. An article goes through a load as a stone does; the codes of its classes stand in
// the columns of a load's table that hold a stone's shape, color and clarity, and it weighs one piece. So one way keeps poison out of both.
import { type WordTable, wordTable } from '../read/word-table.ts';

const GOODS_KINDS = ['settings', 'pieces', 'watches'] as const;
export type GoodsKind = (typeof GOODS_KINDS)[number];

/** What a feed's rows are. */
export const WARES = ['stones', ...GOODS_KINDS] as const;
export type Ware = (typeof WARES)[number];

/** The columns of a load's table that the classes of an article stand in. */
export type ClassPlace = 'shape' | 'color' | 'clarity';

/** A class of articles. Codes are places in `words`; their order is part of the format, new ones come last. */
export interface GoodsClass {
  readonly name: string;
  readonly place: ClassPlace;
  readonly words: readonly string[];
  /** How suppliers write them, too. */
  readonly reads: WordTable;
  /** Whether a list has to have it; else the first word says that it was not told. */
  readonly isNeeded: boolean;
}

export interface GoodsText {
  readonly name: string;
  readonly isNeeded: boolean;
}

export interface GoodsSchema {
  readonly classes: readonly GoodsClass[];
  readonly texts: readonly GoodsText[];
}

/** The word of a class that a list does not tell. */
export const UNTOLD = 'untold';
const METALS = [
  UNTOLD,
  'platinum',
  'white-gold',
  'yellow-gold',
  'rose-gold',
  'two-tone-gold',
  'palladium',
  'silver',
  'titanium',
  'tantalum',
  'tungsten',
  'steel',
  'ceramic',
  'carbon',
  'bronze',
  'other',
] as const;
const FINENESS = [
  UNTOLD,
  '9k',
  '10k',
  '14k',
  '18k',
  '21k',
  '22k',
  '24k',
  '950',
  '925',
  '999',
  'other',
] as const;
const STYLES = [
  'solitaire',
  'halo',
  'three-stone',
  'pave',
  'channel',
  'bezel',
  'side-stone',
  'cluster',
  'vintage',
  'band',
  'pendant',
  'earrings',
  'other',
] as const;
const TYPES = [
  'ring',
  'necklace',
  'pendant',
  'earrings',
  'bracelet',
  'bangle',
  'chain',
  'brooch',
  'anklet',
  'cufflinks',
  'charm',
  'tiara',
  'other',
] as const;
const MOVEMENTS = [UNTOLD, 'automatic', 'manual', 'quartz', 'solar', 'smart', 'other'] as const;
const CONDITIONS = ['new', 'unworn', 'pre-owned', 'vintage', 'other'] as const;

/** Parts of a thousand that are carats, as hallmarks write them. */
const HALLMARKS: Readonly<Record<string, (typeof FINENESS)[number]>> = {
  '375': '9k',
  '417': '10k',
  '585': '14k',
  '750': '18k',
  '875': '21k',
  '916': '22k',
};
const GOLD: Readonly<Record<string, (typeof METALS)[number]>> = {
  'white gold': 'white-gold',
  wg: 'white-gold',
  w: 'white-gold',
  'yellow gold': 'yellow-gold',
  gold: 'yellow-gold',
  yg: 'yellow-gold',
  y: 'yellow-gold',
  'rose gold': 'rose-gold',
  'pink gold': 'rose-gold',
  'red gold': 'rose-gold',
  rg: 'rose-gold',
  r: 'rose-gold',
  'two tone gold': 'two-tone-gold',
  'two-tone': 'two-tone-gold',
};
/** `18k white gold`, `white gold 18kt`, `14KW`: metal and fineness in one cell. */
const ALLOYS = Object.entries(GOLD).flatMap(([gold, metal]) =>
  (['9k', '10k', '14k', '18k', '21k', '22k', '24k'] as const).flatMap((fineness) =>
    [
      `${fineness} ${gold}`,
      `${gold} ${fineness}`,
      `${fineness}t ${gold}`,
      `${gold} ${fineness}t`,
      `${fineness}${gold}`,
    ].map((text) => ({ text, metal, fineness })),
  ),
);
const STEEL = {
  'stainless steel': 'steel',
  ss: 'steel',
  plat: 'platinum',
  pt: 'platinum',
  pt950: 'platinum',
  'platinum 950': 'platinum',
  'sterling silver': 'silver',
} as const;
const PURE = { pt950: '950', 'platinum 950': '950', 'sterling silver': '925' } as const;

function reads(words: readonly string[], also: Readonly<Record<string, string>>): WordTable {
  const own = words.flatMap((word, code) => [
    [word, code] as const,
    [word.replaceAll('-', ' '), code] as const,
  ]);
  const given = Object.entries(also).map(([text, word]) => [text, words.indexOf(word)] as const);
  return wordTable(Object.fromEntries([...own, ...given]));
}

const metalReads = reads(METALS, {
  '': UNTOLD,
  ...STEEL,
  ...GOLD,
  ...Object.fromEntries(ALLOYS.map(({ text, metal }) => [text, metal])),
});
const METAL: GoodsClass = { name: 'metal', place: 'color', words: METALS, reads: metalReads, isNeeded: true };
const FINE: GoodsClass = {
  name: 'fineness',
  place: 'clarity',
  words: FINENESS,
  reads: reads(FINENESS, {
    '': UNTOLD,
    ...PURE,
    ...HALLMARKS,
    ...Object.fromEntries(FINENESS.filter((one) => one.endsWith('k')).map((one) => [`${one}t`, one])),
    ...Object.fromEntries(ALLOYS.map(({ text, fineness }) => [text, fineness])),
  }),
  isNeeded: false,
};
const text = (name: string, isNeeded = false): GoodsText => ({ name, isNeeded });

export const GOODS: Readonly<Record<GoodsKind, GoodsSchema>> = {
  settings: {
    classes: [
      {
        name: 'style',
        place: 'shape',
        words: STYLES,
        reads: reads(STYLES, {
          'three stone ring': 'three-stone',
          pavé: 'pave',
          'side stones': 'side-stone',
        }),
        isNeeded: true,
      },
      METAL,
      FINE,
    ],
    texts: [text('title', true), text('takes'), text('sizes')],
  },
  pieces: {
    classes: [
      {
        name: 'type',
        place: 'shape',
        words: TYPES,
        reads: reads(TYPES, {
          rings: 'ring',
          necklaces: 'necklace',
          pendants: 'pendant',
          earring: 'earrings',
          studs: 'earrings',
          bracelets: 'bracelet',
          bangles: 'bangle',
          chains: 'chain',
          brooches: 'brooch',
          charms: 'charm',
        }),
        isNeeded: true,
      },
      METAL,
      FINE,
    ],
    texts: [text('title', true), text('stones'), text('size')],
  },
  watches: {
    classes: [
      {
        name: 'movement',
        place: 'shape',
        words: MOVEMENTS,
        reads: reads(MOVEMENTS, {
          '': UNTOLD,
          'self-winding': 'automatic',
          'manual winding': 'manual',
          'hand-wound': 'manual',
          battery: 'quartz',
        }),
        isNeeded: false,
      },
      { ...METAL, name: 'case' },
      {
        name: 'condition',
        place: 'clarity',
        words: CONDITIONS,
        reads: reads(CONDITIONS, {
          'brand new': 'new',
          'like new': 'unworn',
          used: 'pre-owned',
          preowned: 'pre-owned',
          'very good': 'pre-owned',
          good: 'pre-owned',
        }),
        isNeeded: true,
      },
    ],
    texts: [text('brand', true), text('model', true), text('reference'), text('year'), text('diameter')],
  },
};
