// Honest stones, drawn from a seed: the same seed gives the same stones. Weights, grades and prices hang together as they do in the trade, so that what does not is told apart.

export interface SampleStone {
  readonly id: number;
  readonly shape: string;
  readonly caratMilli: number;
  readonly color: string;
  readonly hue: string;
  readonly intensity: string;
  readonly clarity: string;
  readonly cut: string;
  readonly polish: string;
  readonly symmetry: string;
  readonly fluorescence: string;
  /** Millimetres. */
  readonly length: number;
  readonly width: number;
  readonly height: number;
  readonly tablePercent: number;
  readonly lab: string;
  readonly certificate: string;
  /** Whole US dollars a carat. */
  readonly perCarat: number;
  /** Fraction of the list, negative below it. */
  readonly discount: number;
}

/** A generator of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Shape, how often, length ÷ width, height ÷ width, and the factor of weight (carats by mm³). */
const SHAPES = [
  ['Round', 0.6, 1, 0.61, 0.0061],
  ['Oval', 0.1, 1.4, 0.62, 0.0062],
  ['Princess', 0.06, 1.01, 0.72, 0.0083],
  ['Cushion', 0.06, 1.1, 0.66, 0.0081],
  ['Emerald', 0.06, 1.4, 0.65, 0.0088],
  ['Pear', 0.05, 1.5, 0.6, 0.006],
  ['Radiant', 0.03, 1.2, 0.67, 0.0082],
  ['Marquise', 0.02, 1.9, 0.6, 0.0058],
  ['Heart', 0.01, 1, 0.58, 0.0059],
  ['Asscher', 0.01, 1, 0.66, 0.0081],
] as const;
const COLORS = 'DEFGHIJKLM'.split('');
const CLARITIES = ['IF', 'VVS1', 'VVS2', 'VS1', 'VS2', 'SI1', 'SI2', 'I1'];
const GRADES = ['EX', 'EX', 'EX', 'VG', 'G'];
const FLUORESCENCES = ['None', 'None', 'None', 'Faint', 'Medium', 'Strong'];
const LABS = ['GIA', 'GIA', 'GIA', 'GIA', 'IGI', 'HRD', 'AGS'];
const SIZES = [0.3, 0.4, 0.5, 0.7, 0.9, 1, 1.2, 1.5, 2, 3, 5];

/** One stone; `id` names it for ever and settles everything about it but its price of the day. */
export function sampleStone(id: number, day = 0): SampleStone {
  const random = seeded(id * 2_654_435_761);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let share = random();
  const [shape, , longer, deeper, factor] = SHAPES.find(([, often]) => (share -= often) < 0) ?? SHAPES[0];
  const carat = one(SIZES) * (1 + random() * 0.15);
  const caratMilli = Math.round(carat * 100) * 10;
  const width = Math.cbrt(caratMilli / 1_000 / (factor * longer * deeper)) * (0.98 + random() * 0.04);
  const isFancy = random() < 0.02;
  const [color, clarity] = [Math.floor(random() * COLORS.length), Math.floor(random() * CLARITIES.length)];
  const lab = one(LABS);
  const list =
    9_000 * (caratMilli / 1_000) ** 0.9 * 0.88 ** color * 0.87 ** clarity * (shape === 'Round' ? 1 : 0.75);
  const daily = seeded(id ^ (day * 7_919))();
  const discount = Math.round((-0.45 + random() * 0.5 + (day === 0 ? 0 : (daily - 0.5) * 0.02)) * 100) / 100;
  return {
    id,
    shape,
    caratMilli,
    color: isFancy ? '' : (COLORS[color] ?? 'D'),
    hue: isFancy ? one(['Yellow', 'Pink', 'Blue', 'Brown']) : '',
    intensity: isFancy ? one(['Fancy Light', 'Fancy', 'Fancy Intense', 'Fancy Vivid']) : '',
    clarity: CLARITIES[clarity] ?? 'SI1',
    cut: shape === 'Round' ? one(GRADES) : '',
    polish: one(GRADES),
    symmetry: one(GRADES),
    fluorescence: one(FLUORESCENCES),
    length: Math.round(width * longer * 100) / 100,
    width: Math.round(width * 100) / 100,
    height: Math.round(width * deeper * 100) / 100,
    tablePercent: 54 + Math.floor(random() * 12),
    lab,
    certificate: String(2_100_000_000 + (id % 7_899_999_999)),
    perCarat: Math.max(50, Math.round(list * (1 + discount))),
    discount,
  };
}
