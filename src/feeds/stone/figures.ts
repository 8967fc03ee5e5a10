// What of a stone is a number: everything that checks, comparison, price and search work on. Filled in place, because there are two million of them in one load.

/** Codes are places in the lists of `words.ts`; −1 where a figure was not given. */
export interface Figures {
  shape: number;
  /** Thousandths of a carat. */
  caratMilli: number;
  color: number;
  hue: number;
  intensity: number;
  clarity: number;
  cut: number;
  polish: number;
  symmetry: number;
  fluorescence: number;
  lab: number;
  growth: number;
  /** One bit for each of TREATMENTS. */
  treatments: number;
  availability: number;
  /** Hundredths of a millimetre; 0: not given. */
  length: number;
  width: number;
  height: number;
  /** Hundredths of a percent; 0: not given. */
  depth: number;
  table: number;
  /** Of the whole stone, in minor units of `currency`; 0: no price. */
  priceMinor: number;
  /** Of one carat, in minor units; 0: not given. */
  perCaratMinor: number;
  /** Hundredths of a percent against the list, negative below it; null: not given. */
  discount: number | null;
}

export function noFigures(): Figures {
  return {
    shape: -1,
    caratMilli: 0,
    color: -1,
    hue: 0,
    intensity: 0,
    clarity: -1,
    cut: 0,
    polish: 0,
    symmetry: 0,
    fluorescence: 0,
    lab: 0,
    growth: 0,
    treatments: 0,
    availability: 0,
    length: 0,
    width: 0,
    height: 0,
    depth: 0,
    table: 0,
    priceMinor: 0,
    perCaratMinor: 0,
    discount: null,
  };
}
