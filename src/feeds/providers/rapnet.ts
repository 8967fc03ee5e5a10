// RapNet's download service (DLS): a CSV of some eighty columns. Names as its help pages and recorded files have them; prices are in US dollars, discounts a fraction of the
// list. RapNet lists no lab-grown stones. Its Instant Inventory is another service, and may not be stored.
import type { CsvAdapter } from './adapter.ts';
import { csvAdapter } from './csv-adapter.ts';

export const rapnetDownload: CsvAdapter = csvAdapter({
  provider: 'rapnet',
  currency: 'USD',
  growth: 'natural',
  discount: 'fraction',
  columns: {
    id: ['Diamond ID'],
    shape: ['Shape'],
    weight: ['Weight'],
    color: ['Color'],
    hue: ['Fancy Color'],
    intensity: ['Fancy Intensity', 'Fancy Color Intensity'],
    clarity: ['Clarity'],
    cut: ['Cut', 'Cut Grade'],
    polish: ['Polish'],
    symmetry: ['Symmetry'],
    fluorescence: ['Fluorescence Intensity'],
    length: ['Meas Length', 'Measurements Length'],
    width: ['Meas Width', 'Measurements Width'],
    height: ['Meas Depth', 'Measurements Depth'],
    lab: ['Lab'],
    certificate: ['Certificate Number'],
    stock: ['Stock Number'],
    treatment: ['Treatment'],
    perCarat: ['Price Per Carat'],
    percent: ['Price Percentage'],
    total: ['Total Price'],
    availability: ['Availability'],
    depth: ['Depth', 'Depth Percent'],
    table: ['Table', 'Table Percent'],
    comment: ['Member Comments', 'Member Comment'],
    certificateUrl: ['Certificate URL'],
    imageUrl: ['Image URL'],
  },
  flags: { HPHT: 'hpht', Irradiated: 'irradiated', 'Laser Drilled': 'laser-drilled' },
});
