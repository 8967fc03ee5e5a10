// Records out of XML (1.0, fifth edition) as it comes. A document type is refused before anything in it counts: no entity is ever defined, so none expands and none leads to a file or another host (OWASP, XXE prevention).
import { feedError } from '../errors.ts';
import { type FlatRecord, MAX_BEGIN, RECORD_BOUNDS, type RecordBounds } from './record.ts';
import { strictXmlParser } from './xml-parser.ts';

/**
 * Reads the elements that `path` leads to, outermost name first. Of each: its attributes by name, and the text of elements within by their path; a name that is there twice spoils the record. Throws `feeds/unreadable` where the
 * document is not well-formed, not UTF-8, has a document type, or passes a bound.
 */
export async function* xmlRecords(
  bytes: AsyncIterable<Uint8Array>,
  path: readonly string[],
  bounds: RecordBounds = RECORD_BOUNDS,
): AsyncGenerator<FlatRecord> {
  const found: FlatRecord[] = [];
  const parser = recordParser(path, bounds, (record) => found.push(record));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const piece of bytes) {
    parser.write(text(() => decoder.decode(piece, { stream: true })));
    yield* found.splice(0);
  }
  parser.write(text(() => decoder.decode()));
  parser.end();
  yield* found.splice(0);
}

function text(decode: () => string): string {
  try {
    return decode();
  } catch (error) {
    throw unreadable('encoding', error);
  }
}

function unreadable(why: string, cause?: unknown): Error {
  return feedError('feeds/unreadable', { details: { why }, cause });
}

/** Follows a document and tells each record as it ends. */
function recordParser(
  path: readonly string[],
  bounds: RecordBounds,
  onRecord: (record: FlatRecord) => void,
): { write(chunk: string): void; end(): void } {
  const parser = strictXmlParser();
  /** The names of open elements. */
  const open: string[] = [];
  let record: RecordParts | null = null;
  let records = 0;
  /** Characters since anything began or ended: what is not looked at must end, too. */
  let silent = 0;

  parser.on('opentag', ({ name, attributes }) => {
    silent = 0;
    open.push(name);
    if (open.length > bounds.maxDepth) throw unreadable('too-deep');
    if (record === null && open.length === path.length && path.every((step, i) => step === open[i])) {
      record = new RecordParts(bounds);
      records++;
    } else if (record !== null) record.enter(name);
    if (record !== null)
      for (const [attribute, value] of Object.entries(attributes)) record.note(attribute, value);
  });
  const onText = (told: string): void => {
    record?.add(told);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    silent = 0;
    open.pop();
    if (record === null) return;
    if (open.length >= path.length) {
      record.leave();
      return;
    }
    onRecord(record.whole());
    record = null;
  });

  return {
    write(chunk) {
      silent += chunk.length;
      parser.write(chunk);
      // Of one piece everything was new, and so its own length does not count.
      if (silent > chunk.length + bounds.maxRecordBytes) throw unreadable('record-too-long');
    },
    end() {
      parser.close();
      if (records === 0) throw unreadable('no-records');
    },
  };
}

/** What is known of a record so far. */
class RecordParts {
  readonly #bounds: RecordBounds;
  readonly #texts = new Map<string, string>();
  /** Open elements within the record: the path of each, what it says, and whether it holds others. */
  readonly #open: { readonly path: string; told: string; isParent: boolean }[] = [];
  #begins = '';
  #chars = 0;
  #isSpoilt = false;

  constructor(bounds: RecordBounds) {
    this.#bounds = bounds;
  }

  enter(name: string): void {
    const inside = this.#open.at(-1);
    if (inside !== undefined) inside.isParent = true;
    this.#open.push({ path: under(inside?.path, name), told: '', isParent: false });
  }

  add(told: string): void {
    this.#count(told.length);
    const inside = this.#open.at(-1);
    if (inside !== undefined) inside.told += told;
  }

  leave(): void {
    const left = this.#open.pop();
    if (left === undefined) return;
    const told = left.told.trim();
    // An element that only holds others says nothing itself.
    if (told !== '' || !left.isParent) this.#put(left.path, told);
  }

  /** An attribute of the innermost element. */
  note(name: string, value: string): void {
    this.#count(name.length + value.length);
    const inside = this.#open.at(-1);
    if (inside !== undefined) inside.isParent = true;
    this.#put(under(inside?.path, name), value);
  }

  whole(): FlatRecord {
    return { texts: this.#isSpoilt ? null : this.#texts, begins: this.#begins };
  }

  #put(path: string, value: string): void {
    if (this.#texts.has(path) || this.#texts.size >= this.#bounds.maxScalars) this.#isSpoilt = true;
    else this.#texts.set(path, value);
    if (this.#begins.length < MAX_BEGIN)
      this.#begins = `${this.#begins}${path}="${value}" `.slice(0, MAX_BEGIN);
  }

  #count(chars: number): void {
    this.#chars += chars;
    if (this.#chars > this.#bounds.maxRecordBytes) throw unreadable('record-too-long');
  }
}

function under(path: string | undefined, name: string): string {
  return path === undefined ? name : `${path}.${name}`;
}
