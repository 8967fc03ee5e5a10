// A stone as people read it: words and decimals in place of codes and integers.
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
} from './words.ts';
import type { Figures } from './figures.ts';

/** The figures of a stone by name. */
export interface ShownStone {
  readonly shape: string;
  /** Carats. */
  readonly carat: number;
  readonly color: string;
  /** Intensity and hue of a fancy colour; empty for others. */
  readonly fancy: string;
  readonly clarity: string;
  readonly cut: string;
  readonly polish: string;
  readonly symmetry: string;
  readonly fluorescence: string;
  readonly lab: string;
  readonly growth: string;
  readonly treatments: readonly string[];
  readonly availability: string;
  /** Millimetres. */
  readonly measurements: readonly [length: number, width: number, height: number];
  /** Percent. */
  readonly depth: number;
  readonly table: number;
  readonly priceMinor: number;
}

/** A figure that is shown. */
export type ShownFigure = keyof Omit<Figures, 'discount' | 'perCaratMinor'>;

/** Shows a stone; `of` tells each figure. */
export function shownStone(of: (figure: ShownFigure) => number): ShownStone {
  const intensity = INTENSITIES[of('intensity')] ?? 'none';
  const hue = HUES[of('hue')] ?? 'none';
  return {
    shape: SHAPES[of('shape')] ?? '',
    carat: of('caratMilli') / 1_000,
    color: COLORS[of('color')] ?? '',
    fancy: hue === 'none' ? '' : intensity === 'none' ? hue : `${intensity} ${hue}`,
    clarity: CLARITIES[of('clarity')] ?? '',
    cut: GRADES[of('cut')] ?? '',
    polish: GRADES[of('polish')] ?? '',
    symmetry: GRADES[of('symmetry')] ?? '',
    fluorescence: FLUORESCENCES[of('fluorescence')] ?? '',
    lab: LABS[of('lab')] ?? '',
    growth: GROWTHS[of('growth')] ?? '',
    treatments: TREATMENTS.filter((_, place) => (of('treatments') & (1 << place)) !== 0),
    availability: AVAILABILITIES[of('availability')] ?? '',
    measurements: [of('length') / 100, of('width') / 100, of('height') / 100],
    depth: of('depth') / 100,
    table: of('table') / 100,
    priceMinor: of('priceMinor'),
  };
}
