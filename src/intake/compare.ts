import { structuredPatch } from 'diff';
import { Refused } from './kind.ts';

/** One stretch of lines around what differs, as `diff -u` shows it. */
export interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  /** Each begins with a blank, `+` or `-`. At most 2,000 characters a line. */
  readonly lines: readonly string[];
}

const CONTEXT = 3;
/** Lines that differ; more than this is another text, and no comparison helps to read it. */
const MAX_EDITS = 5_000;
const MAX_LINES = 2_000;
const MAX_LINE = 2_000;
export const MAX_COMPARED_BYTES: number = 512 * 1024;

/** Compares two texts line by line (Myers), readably. Refuses as `too-large` what differs too much to be read. */
export function compare(before: string, after: string): readonly Hunk[] {
  const patch = structuredPatch('a', 'b', before, after, '', '', {
    context: CONTEXT,
    maxEditLength: MAX_EDITS,
  });
  if (patch === undefined) throw new Refused('too-large');
  let left = MAX_LINES;
  const hunks: Hunk[] = [];
  for (const { oldStart, newStart, lines } of patch.hunks) {
    if (left <= 0) break;
    hunks.push({
      oldStart,
      newStart,
      lines: lines
        .slice(0, left)
        .map((line) => (line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE)}…`)),
    });
    left -= lines.length;
  }
  return hunks;
}
