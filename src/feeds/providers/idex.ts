// IDEX' full feed, CSV in its format of May 2022 ("basis"), as its page of the service lists the columns: prices in US dollars, the shape in a column called Cut and the cut
// in one called Make, the three lengths in one cell. Natural stones and lab-grown ones come in files of their own. Which way its percentage off the list is signed is not
// documented, so it is not read.
import type { Growth } from '../stone/words.ts';
import type { CsvAdapter } from './adapter.ts';
import { csvAdapter } from './csv-adapter.ts';

const idexFile = (provider: string, growth: Growth): CsvAdapter =>
  csvAdapter({
    provider,
    currency: 'USD',
    growth,
    discount: 'percent',
    columns: {
      id: ['Item ID #', 'Item ID'],
      shape: ['Cut'],
      weight: ['Carat'],
      color: ['Color'],
      hue: ['Natural Fancy Color'],
      intensity: ['Natural Fancy Color Intensity'],
      clarity: ['Clarity'],
      cut: ['Make'],
      polish: ['Polish'],
      symmetry: ['Symmetry'],
      fluorescence: ['Fluorescence Intensity'],
      measurements: ['Measurements'],
      lab: ['Grading Lab'],
      certificate: ['Certificate Number'],
      treatment: ['Enhancement'],
      perCarat: ['Price Per Carat'],
      total: ['Total Price'],
      depth: ['Depth'],
      table: ['Table'],
      certificateUrl: ['Certificate Path'],
      imageUrl: ['Image Path'],
    },
    flags: {},
  });

export const idexNatural: CsvAdapter = idexFile('idex', 'natural');
export const idexLabGrown: CsvAdapter = idexFile('idex-lab-grown', 'lab');
