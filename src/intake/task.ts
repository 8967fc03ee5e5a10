import { compare, type Hunk, MAX_COMPARED_BYTES } from './compare.ts';
import { type PaperWords, paperDates } from './dates.ts';
import { inspect } from './inspect.ts';
import { type FileKind, MAX_FILE_BYTES, type Refusal, Refused } from './kind.ts';
import { type Feed, MAX_FEED_BYTES, readFeed } from './news.ts';
import { pdfText } from './paper.ts';
import { sheetRows } from './sheet.ts';

/** What can be asked about a file. */
export type IntakeTask =
  /** Is it what it says, and harmless to keep? Of a PDF with `words`: its dates. */
  | {
      readonly kind: 'file';
      readonly bytes: Uint8Array;
      readonly name: string;
      readonly words: PaperWords | null;
    }
  | { readonly kind: 'sheet'; readonly bytes: Uint8Array; readonly name: string }
  | { readonly kind: 'news'; readonly bytes: Uint8Array }
  /** What differs between two texts, line by line. */
  | { readonly kind: 'texts'; readonly before: string; readonly after: string };

export interface FileRead {
  readonly kind: FileKind;
  readonly pages: number | null;
  readonly dates: ReturnType<typeof paperDates> | null;
}

export type IntakeAnswer =
  | { readonly ok: true; readonly file: FileRead }
  | { readonly ok: true; readonly rows: readonly (readonly string[])[] }
  | { readonly ok: true; readonly feed: Feed }
  | { readonly ok: true; readonly hunks: readonly Hunk[] }
  | { readonly ok: false; readonly why: Refusal };

/** The most bytes of a task that are worth handing to a thread. */
export function isTooLarge(task: IntakeTask): boolean {
  if (task.kind === 'texts') return task.before.length + task.after.length > MAX_COMPARED_BYTES * 2;
  return task.bytes.byteLength > (task.kind === 'news' ? MAX_FEED_BYTES : MAX_FILE_BYTES);
}

/** Does one task. What is refused is a value; anything thrown is a flaw here. */
export async function doTask(task: IntakeTask): Promise<IntakeAnswer> {
  try {
    switch (task.kind) {
      case 'file': {
        const kind = inspect(task.bytes, task.name);
        if (kind !== 'pdf') return { ok: true, file: { kind, pages: null, dates: null } };
        const { text, pages } = await pdfText(task.bytes);
        return {
          ok: true,
          file: { kind, pages, dates: task.words === null ? null : paperDates(text, task.words) },
        };
      }
      case 'sheet': {
        const kind = inspect(task.bytes, task.name);
        if (kind !== 'text' && kind !== 'xlsx') throw new Refused('unknown-kind');
        return { ok: true, rows: await sheetRows(task.bytes, kind) };
      }
      case 'news':
        return { ok: true, feed: readFeed(task.bytes) };
      case 'texts':
        return { ok: true, hunks: compare(task.before, task.after) };
    }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, why: error.why };
    throw error;
  }
}
