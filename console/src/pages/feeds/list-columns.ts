import type { SupplierListGiven } from '@loupe/contract';

export type ListColumn = keyof SupplierListGiven['columns'];

/** Without these nothing is a stone. */
export const NEEDED_COLUMNS: readonly ListColumn[] = [
  'id',
  'shape',
  'weight',
  'color',
  'clarity',
  'lab',
  'certificate',
  'total',
];

/** What each column of ours is, and how suppliers call it, in small letters without blanks. */
export const COLUMN_TEXT: Readonly<Record<ListColumn, readonly [says: string, ...called: string[]]>> = {
  id: [
    'The supplier’s own number of the offer',
    'id',
    'diamondid',
    'offerid',
    'itemid',
    'stoneid',
    'itemnumber',
    'stocknumber',
    'stockno',
  ],
  shape: ['Shape', 'shape', 'cutshape', 'diamondshape'],
  weight: ['Weight, carats', 'weight', 'carat', 'carats', 'size', 'ct'],
  color: ['Color', 'color', 'colour', 'col'],
  clarity: ['Clarity', 'clarity', 'cl', 'purity'],
  lab: ['Laboratory', 'lab', 'gradinglab', 'certlab', 'laboratory'],
  certificate: [
    'Number of the report',
    'certificatenumber',
    'certnumber',
    'certno',
    'certnum',
    'reportnumber',
    'reportno',
    'certificate',
  ],
  total: ['Price of the stone', 'totalprice', 'total', 'price', 'amount', 'totalamount'],
  perCarat: ['Price per carat', 'pricepercarat', 'percarat', 'ppc', 'pricect', 'ratects'],
  hue: ['Fancy color', 'fancycolor', 'fancycolour', 'fancyhue'],
  intensity: ['Intensity of a fancy color', 'fancyintensity', 'fancycolorintensity', 'intensity'],
  cut: ['Cut grade', 'cut', 'cutgrade', 'make'],
  polish: ['Polish', 'polish', 'pol'],
  symmetry: ['Symmetry', 'symmetry', 'symm', 'sym'],
  fluorescence: ['Fluorescence', 'fluorescence', 'fluorescenceintensity', 'fluor', 'flintensity', 'fluo'],
  measurements: ['Three measurements in one', 'measurements', 'measurement', 'dimensions'],
  length: ['Length, mm', 'length', 'measlength', 'measurementslength'],
  width: ['Width, mm', 'width', 'measwidth', 'measurementswidth'],
  height: ['Height, mm', 'height', 'measdepth', 'measheight', 'measurementsheight'],
  depth: ['Depth, percent', 'depth', 'depthpercent', 'totaldepth'],
  table: ['Table, percent', 'table', 'tablepercent', 'tablesize'],
  growth: ['Natural or lab-grown', 'growth', 'type', 'diamondtype', 'origin', 'naturalorlab'],
  treatment: ['Treatment', 'treatment', 'enhancement', 'treatments'],
  percent: ['Discount against the list', 'discount', 'pricepercentage', 'rapdiscount', 'disc', 'back'],
  availability: ['Availability', 'availability', 'status', 'avail'],
  stock: ['The supplier’s stock number', 'stocknumber', 'stockno', 'stockref', 'sku', 'packetno'],
  comment: ['Comment', 'comment', 'comments', 'membercomments', 'remarks'],
  certificateUrl: [
    'Link to the report',
    'certificateurl',
    'certurl',
    'reporturl',
    'pdfurl',
    'certificatelink',
    'certificatepath',
  ],
  imageUrl: ['Link to a picture', 'imageurl', 'image', 'imagelink', 'picture', 'imagepath'],
  videoUrl: ['Link to a video', 'videourl', 'video', 'videolink'],
};

/** The last part of a path, in small letters without blanks. */
const plain = (name: string): string =>
  (name.split('.').at(-1) ?? '').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The supplier’s column that is likely meant; empty where none is. People look at it before it counts. */
export function likely(column: ListColumn, columns: readonly string[]): string {
  const [, ...called] = COLUMN_TEXT[column];
  for (const name of called) {
    const found = columns.find((one) => plain(one) === name);
    if (found !== undefined) return found;
  }
  return '';
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names of an object that is written out above
const COLUMNS = Object.keys(COLUMN_TEXT) as readonly ListColumn[];
export const MORE_COLUMNS: readonly ListColumn[] = COLUMNS.filter(
  (column) => !NEEDED_COLUMNS.includes(column),
);
