export { FEED_ERRORS } from './errors.ts';
export { remembered } from './load/decide.ts';
export { type Run, runLoad } from './load/run.ts';
export type { CsvAdapter, RowError, RowReader, Texts } from './providers/adapter.ts';
export { rapnetDownload } from './providers/rapnet.ts';
export { cellText, CSV_BOUNDS, csvReader, type CsvRow } from './read/csv.ts';
export { checkStone, FINDINGS, findingsOf, QUARANTINE } from './rows/checks.ts';
export { type Figures, noFigures } from './stone/figures.ts';
