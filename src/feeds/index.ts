export {
  type Bar,
  barsOf,
  type Entitlement,
  SHOWABLE,
  SHOWN_PRICES,
  type Terms,
} from './entitlement/entitlement.ts';
export { FEED_ERRORS } from './errors.ts';
export { FETCH_BOUNDS, openSession, type Reached } from './fetch/session.ts';
export { type Decision, decide, type GoodLoad, type Hold, type Loaded, remembered } from './load/decide.ts';
export { readLoaded } from './load/read-loaded.ts';
export type { Release } from './load/history.ts';
export { forgetLoad, type KeptLoad } from './load/kept.ts';
export { type LoadReport, performLoad, repeatLoad } from './load/perform.ts';
export { type Run, runLoad } from './load/run.ts';
export type { CsvAdapter, RowError, RowReader, Texts } from './providers/adapter.ts';
export { PROVIDERS } from './providers/index.ts';
export type { Provider } from './providers/provider.ts';
export { rapnetDownload } from './providers/rapnet.ts';
export { csvReader, type CsvRow, rowCells } from './read/csv.ts';
export { checkStone, FINDINGS } from './rows/checks.ts';
export { type Figures, noFigures } from './stone/figures.ts';
