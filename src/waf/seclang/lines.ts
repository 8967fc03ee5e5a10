// A rule file as directives of words, in Apache's manner: one directive a line, a backslash at the end of a line joins the next, `#` begins a line that is a comment,
// words stand apart or in double quotes, in which `\"` is a quote and every other backslash is itself.
import { type Place, refusal } from './place.ts';

export interface Statement {
  readonly place: Place;
  /** The directive's name as written, then its arguments. */
  readonly words: readonly string[];
}

/** Bounds on one file. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_LINE_CHARS = 256 * 1024;

export function readStatements(file: string, text: string): readonly Statement[] {
  const from = { file, line: 1 };
  if (text.length > MAX_BYTES) throw refusal(from, `a file longer than ${MAX_BYTES} bytes`);
  const statements: Statement[] = [];
  let joined: { text: string; line: number } | null = null;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    joined ??= { text: '', line: i + 1 };
    const goesOn = line.endsWith('\\');
    joined.text += goesOn ? line.slice(0, -1) : line;
    if (joined.text.length > MAX_LINE_CHARS)
      throw refusal({ file, line: joined.line }, `a directive longer than ${MAX_LINE_CHARS} characters`);
    if (goesOn) continue;
    const place = { file, line: joined.line };
    const words = wordsOf(joined.text.trim(), place);
    joined = null;
    if (words.length > 0) statements.push({ place, words });
  }
  if (joined !== null)
    throw refusal({ file, line: joined.line }, 'a directive that goes on past the end of the file');
  return statements;
}

function wordsOf(line: string, place: Place): readonly string[] {
  if (line.startsWith('#')) return [];
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (line[at] === ' ' || line[at] === '\t') {
      at += 1;
      continue;
    }
    const end = line[at] === '"' ? endOfQuotes(line, at) : endOfWord(line, at);
    if (end < 0) throw refusal(place, 'a quote without end');
    words.push(line[at] === '"' ? line.slice(at + 1, end - 1).replaceAll('\\"', '"') : line.slice(at, end));
    at = end;
    if (at < line.length && line[at] !== ' ' && line[at] !== '\t')
      throw refusal(place, 'a quote that ends within a word');
  }
  return words;
}

function endOfWord(line: string, from: number): number {
  let at = from;
  while (at < line.length && line[at] !== ' ' && line[at] !== '\t') at += 1;
  return at;
}

/** The place after the closing quote, -1 where there is none. */
function endOfQuotes(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at += 1) {
    if (line[at] === '\\') at += line[at + 1] === '"' ? 1 : 0;
    else if (line[at] === '"') return at + 1;
  }
  return -1;
}
