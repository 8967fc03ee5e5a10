export interface Piece {
  readonly id: number;
  readonly name: string;
  readonly priceCents: number;
  readonly about: string;
}

export interface Diamond {
  readonly id: string;
  readonly shape: string;
  readonly carat: number;
  readonly color: string;
  readonly clarity: string;
  readonly priceCents: number;
  readonly report: string;
}

export const PIECES: readonly Piece[] = [
  {
    id: 1,
    name: 'Solitaire ring, 18 ct white gold',
    priceCents: 489_000,
    about: 'One round stone in six claws.',
  },
  {
    id: 2,
    name: 'Tennis bracelet, 4.2 ct',
    priceCents: 1_250_000,
    about: 'Fifty-two stones, each checked by hand.',
  },
  {
    id: 3,
    name: 'Sapphire halo pendant',
    priceCents: 219_000,
    about: 'A Ceylon sapphire in a ring of diamonds.',
  },
  {
    id: 4,
    name: 'Signet ring, engraved',
    priceCents: 98_000,
    about: 'Your monogram, cut by our own engraver.',
  },
  { id: 5, name: 'Pearl studs, 8 mm', priceCents: 42_000, about: 'Akoya pearls on yellow gold.' },
  { id: 6, name: 'Wedding bands, a pair', priceCents: 176_000, about: 'Court profile, made to size.' },
];

const SHAPES = ['Round', 'Oval', 'Cushion', 'Emerald', 'Pear'] as const;
const COLORS = ['D', 'E', 'F', 'G', 'H'] as const;
const CLARITIES = ['IF', 'VVS1', 'VVS2', 'VS1', 'VS2', 'SI1'] as const;

export const DIAMONDS: readonly Diamond[] = Array.from({ length: 120 }, (_, i) => {
  const carat = 0.3 + ((i * 37) % 270) / 100;
  return {
    id: `d${1000 + i}`,
    shape: SHAPES[i % SHAPES.length] ?? 'Round',
    carat: Math.round(carat * 100) / 100,
    color: COLORS[(i * 3) % COLORS.length] ?? 'G',
    clarity: CLARITIES[(i * 5) % CLARITIES.length] ?? 'VS1',
    priceCents: Math.round(carat * carat * 480_000),
    report: `SAMPLE-${String(2_140_000_000 + i * 7919)}`,
  };
});

export function money(cents: number): string {
  return `€ ${(cents / 100).toLocaleString('en-IE', { minimumFractionDigits: 2 })}`;
}
