import type { ListWare } from '@loupe/contract';

/** Without these nothing is an article of its kind. */
const NEEDED: Readonly<Record<ListWare, readonly string[]>> = {
  stones: ['id', 'shape', 'weight', 'color', 'clarity', 'lab', 'certificate', 'total'],
  settings: ['id', 'title', 'style', 'metal', 'total'],
  pieces: ['id', 'title', 'type', 'metal', 'total'],
  watches: ['id', 'brand', 'model', 'case', 'condition', 'total'],
};
const MORE_OF_GOODS = ['availability', 'stock', 'comment', 'imageUrl', 'videoUrl'];

/** What each column of ours is, and how suppliers call it, in small letters without blanks. */
type ColumnText = readonly [says: string, ...called: string[]];
const STONE_TEXT: Readonly<Record<string, ColumnText>> = {
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

/** The same for what goods have besides. */
const GOODS_TEXT: Readonly<Record<string, ColumnText>> = {
  id: [
    'The supplier’s own number of the article',
    'id',
    'sku',
    'itemid',
    'itemnumber',
    'articlenumber',
    'stocknumber',
    'stockno',
  ],
  total: ['Price', 'price', 'totalprice', 'total', 'amount', 'cost', 'wholesaleprice'],
  title: ['What it is called', 'title', 'name', 'product', 'productname', 'description'],
  style: ['Style', 'style', 'settingstyle', 'type', 'design'],
  type: ['Kind of piece', 'type', 'category', 'producttype', 'kind'],
  metal: ['Metal', 'metal', 'metaltype', 'material', 'alloy'],
  fineness: ['Fineness, where the metal does not say it', 'fineness', 'karat', 'purity', 'metalpurity'],
  takes: ['Stones that it takes', 'takes', 'centerstone', 'centersize', 'fits', 'stonesize'],
  sizes: ['Sizes', 'sizes', 'ringsizes', 'size'],
  stones: ['Stones in it', 'stones', 'gemstones', 'gemstone', 'diamonds'],
  size: ['Size', 'size', 'length', 'ringsize'],
  brand: ['Brand', 'brand', 'manufacturer', 'maker'],
  model: ['Model', 'model', 'name', 'title'],
  case: ['Material of the case', 'case', 'casematerial', 'material', 'metal'],
  condition: ['Condition', 'condition', 'state'],
  movement: ['Movement', 'movement', 'caliber', 'calibre'],
  reference: ['Reference', 'reference', 'referencenumber', 'ref', 'refno'],
  year: ['Year', 'year', 'yearofproduction', 'productionyear'],
  diameter: ['Diameter', 'diameter', 'casediameter', 'casesize', 'size'],
};

/** What a column of ours is. */
export function columnText(ware: ListWare, column: string): ColumnText {
  return (ware === 'stones' ? undefined : GOODS_TEXT[column]) ?? STONE_TEXT[column] ?? [column];
}

export function neededColumns(ware: ListWare): readonly string[] {
  return NEEDED[ware];
}

const MORE: Readonly<Record<ListWare, readonly string[]>> = {
  stones: Object.keys(STONE_TEXT).filter((column) => !NEEDED.stones.includes(column)),
  settings: ['fineness', 'takes', 'sizes', ...MORE_OF_GOODS],
  pieces: ['fineness', 'stones', 'size', ...MORE_OF_GOODS],
  watches: ['movement', 'reference', 'year', 'diameter', ...MORE_OF_GOODS],
};

export function moreColumns(ware: ListWare): readonly string[] {
  return MORE[ware];
}

/** The last part of a path, in small letters without blanks. */
const plain = (name: string): string =>
  (name.split('.').at(-1) ?? '').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The supplier’s column that is likely meant; empty where none is. People look at it before it counts. */
export function likely(ware: ListWare, column: string, columns: readonly string[]): string {
  const [, ...called] = columnText(ware, column);
  for (const name of called) {
    const found = columns.find((one) => plain(one) === name);
    if (found !== undefined) return found;
  }
  return '';
}
