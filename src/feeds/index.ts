export {
  type Bar,
  barsOf,
  type Entitlement,
  SHOWABLE,
  SHOWN_PRICES,
  type Terms,
} from './entitlement/entitlement.ts';
export { FEED_ERRORS } from './errors.ts';
export { FETCH_BOUNDS, type FetchSession, openSession, type Reached } from './fetch/session.ts';
export { type Decision, decide, type GoodLoad, type Hold, type Loaded, remembered } from './load/decide.ts';
export { type Choice, LEFT_OUT, type LeftOut, select } from './price/choice.ts';
export { ANY, type Match } from './price/match.ts';
export type { PriceRules } from './price/price.ts';
export {
  type Catalogue,
  facetsOf,
  isStone,
  openCatalogue,
  type Shown,
  type WindowArticle,
  type WindowStone,
} from './publish/catalogue.ts';
export { readStones, stonesFile } from './publish/catalogue-file.ts';
export { type CataloguePlan, type Made, makeCatalogue, previewCatalogue } from './publish/make.ts';
export { type Asked, readQuery } from './publish/query.ts';
export { type Found, type Query, searchable, type Sort, SORTS, type Span } from './publish/search.ts';
export { readLoaded } from './load/read-loaded.ts';
export type { Release } from './load/history.ts';
export { forgetLoad, type KeptLoad, keptBytes, writeKept } from './load/kept.ts';
export { type LoadPlan, type LoadReport, performLoad, repeatLoad } from './load/perform.ts';
export { type QuarantineSheet, quarantineSheet } from './load/quarantine.ts';
export { type Run, runLoad } from './load/run.ts';
export type { CsvAdapter, RowError, RowReader, Texts } from './providers/adapter.ts';
export { type LiveFinder, liveFinder, type LiveFound } from './live/find.ts';
export { GOODS, type GoodsKind, type Ware, WARES } from './goods/kinds.ts';
export { LIVE_PROVIDERS, PROVIDERS, providerOf } from './providers/index.ts';
export { isLive, type LiveProvider, type Provider, type ProviderFacts } from './providers/provider.ts';
export {
  type FirstRows,
  firstRows,
  hostsOf,
  SUPPLIER_LIST,
  type SupplierList,
  supplierProvider,
} from './providers/supplier-list.ts';
export { rapnetDownload } from './providers/rapnet.ts';
export { GIA_GAP_MS, GIA_HOSTS, lookUpAtGia } from './reports/gia.ts';
export { csvReader, type CsvRow, rowCells } from './read/csv.ts';
export { spreadsheetCell } from './read/text.ts';
export { checkStone, FINDINGS } from './rows/checks.ts';
export { CLARITIES, COLORS, GROWTHS, LABS, SHAPES } from './stone/words.ts';
export { type Figures, noFigures } from './stone/figures.ts';
