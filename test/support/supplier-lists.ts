import type { SupplierList } from '#feeds';
import { SUPPLIER_HOST } from '../../sample/feeds/services.ts';

type StoneList = Extract<SupplierList, { readonly of: 'stones' }>;

/** The sample supplier's list in one of its forms, as people would describe it. `under`: what stands before a column's name in the path to it. */
function listIn(
  format: StoneList['format'],
  file: string,
  path: readonly string[],
  under = '',
  tag = ' ',
): StoneList {
  const name = (column: string): string => `${under}${column.replaceAll(' ', tag)}`;
  return {
    of: 'stones',
    name: 'Sample supplier',
    url: `https://${SUPPLIER_HOST}/stock/${file}`,
    signIn: 'bearer',
    signInName: '',
    hostKey: '',
    format,
    separator: ';',
    path,
    currency: 'USD',
    money: 'units',
    growth: 'natural',
    discount: 'fraction',
    everyMs: 3_600_000,
    columns: {
      id: name('Diamond ID'),
      shape: name('Shape'),
      weight: name('Weight'),
      color: name('Color'),
      hue: name('Fancy Color'),
      intensity: name('Fancy Intensity'),
      clarity: name('Clarity'),
      lab: name('Lab'),
      certificate: name('Certificate Number'),
      stock: name('Stock Number'),
      length: name('Meas Length'),
      width: name('Meas Width'),
      height: name('Meas Depth'),
      perCarat: name('Price Per Carat'),
      total: name('Total Price'),
      comment: name('Member Comments'),
      imageUrl: name('Image URL'),
      certificateUrl: name('Certificate URL'),
    },
  };
}

/** The same stones in each form that a list can have. */
export const SAMPLE_LISTS = {
  csv: listIn('csv', 'list.csv', []),
  json: listIn('json', 'list.json', ['response', 'stones'], 'stone.'),
  lines: listIn('json', 'list.jsonl', [], 'stone.'),
  xml: listIn('xml', 'list.xml', ['list', 'stone'], '', '_'),
  xlsx: listIn('xlsx', 'list.xlsx', []),
} as const;
