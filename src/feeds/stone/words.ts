// The words a stone is made of. Their order is part of the format: a code is a place in a list, new words come last.

/** Outlines. Those beyond the ten that the trade prices by list are few, and `other` is a word that a provider must have said. */
export const SHAPES = [
  'round',
  'pear',
  'emerald',
  'princess',
  'marquise',
  'asscher',
  'cushion',
  'heart',
  'oval',
  'radiant',
  'trilliant',
  'baguette',
  'tapered-baguette',
  'half-moon',
  'old-mine',
  'old-european',
  'rose',
  'briolette',
  'trapezoid',
  'shield',
  'kite',
  'hexagonal',
  'octagonal',
  'star',
  'lozenge',
  'other',
] as const;

/** GIA's scale of colourless to light (D to Z), and `fancy` for what lies beyond it. */
export const COLORS = [
  'D',
  'E',
  'F',
  'G',
  'H',
  'I',
  'J',
  'K',
  'L',
  'M',
  'N',
  'O',
  'P',
  'Q',
  'R',
  'S',
  'T',
  'U',
  'V',
  'W',
  'X',
  'Y',
  'Z',
  'fancy',
] as const;

export const HUES = [
  'none',
  'black',
  'blue',
  'brown',
  'champagne',
  'cognac',
  'chameleon',
  'gray',
  'green',
  'olive',
  'orange',
  'pink',
  'purple',
  'red',
  'violet',
  'white',
  'yellow',
  'other',
] as const;

/** GIA's fancy grades, the palest first. */
export const INTENSITIES = [
  'none',
  'faint',
  'very-light',
  'light',
  'fancy-light',
  'fancy',
  'fancy-intense',
  'fancy-vivid',
  'fancy-deep',
  'fancy-dark',
] as const;

/** GIA's scale, with the trade's SI3; the cleanest first. */
export const CLARITIES = [
  'FL',
  'IF',
  'VVS1',
  'VVS2',
  'VS1',
  'VS2',
  'SI1',
  'SI2',
  'SI3',
  'I1',
  'I2',
  'I3',
] as const;

/** Cut, polish, symmetry; the best first. `none`: not graded, as the cut of most shapes is not. */
export const GRADES = ['none', 'ID', 'EX', 'VG', 'G', 'F', 'P'] as const;

export const FLUORESCENCES = ['unknown', 'none', 'faint', 'medium', 'strong', 'very-strong'] as const;

export const LABS = ['none', 'GIA', 'IGI', 'HRD', 'AGS', 'GCAL', 'other'] as const;

export const GROWTHS = ['unknown', 'natural', 'lab'] as const;

/** Flags: a stone can have had more than one. */
export const TREATMENTS = ['hpht', 'irradiated', 'laser-drilled', 'clarity', 'color', 'other'] as const;

export const AVAILABILITIES = ['unknown', 'guaranteed', 'prior-sale', 'memo', 'unavailable'] as const;

export type Shape = (typeof SHAPES)[number];
export type Color = (typeof COLORS)[number];
export type Hue = (typeof HUES)[number];
export type Intensity = (typeof INTENSITIES)[number];
export type Clarity = (typeof CLARITIES)[number];
export type Grade = (typeof GRADES)[number];
export type Fluorescence = (typeof FLUORESCENCES)[number];
export type Lab = (typeof LABS)[number];
export type Growth = (typeof GROWTHS)[number];
export type Treatment = (typeof TREATMENTS)[number];
export type Availability = (typeof AVAILABILITIES)[number];
