export { type PaperWords } from './dates.ts';
export { FILE_KINDS, MAX_FILE_BYTES, type Refusal, REFUSALS } from './kind.ts';
export { type Feed, type FeedItem } from './news.ts';
export { type Hunk } from './compare.ts';
export { openWorkbook, type Workbook } from './inspect.ts';
export { compareTexts, readFile } from './reader.ts';
export { type FileRead, type IntakeAnswer, type IntakeTask } from './task.ts';
