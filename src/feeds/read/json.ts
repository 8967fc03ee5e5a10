// Records out of JSON as it comes: the elements of one list somewhere in a document, or one document after another (JSON Lines). An attacker chooses every byte: how deep, how long, how often, where it ends.
import { isUtf8 } from 'node:buffer';
import { feedError } from '../errors.ts';
import { flatJson } from './json-value.ts';
import { type FlatRecord, MAX_BEGIN, RECORD_BOUNDS, type RecordBounds } from './record.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** An object or list that is open around the records. */
interface Open {
  readonly isList: boolean;
  /** How many names of the path lead here; −1: none do. */
  readonly matched: number;
}

/**
 * Reads records; `path` names the members that lead to their list, one within the other. With no path they are the elements of the outermost list, or whatever stands on its own. Throws `feeds/unreadable` where
 * the document ends in the middle, has no such list or two of them, or a record passes its bound in bytes: nobody can say where the next one begins.
 */
export async function* jsonRecords(
  bytes: AsyncIterable<Uint8Array>,
  path: readonly string[],
  bounds: RecordBounds = RECORD_BOUNDS,
): AsyncGenerator<FlatRecord> {
  const splitter = new Splitter(path, bounds);
  for await (const piece of bytes)
    for (const record of splitter.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)))
      yield readRecord(record, bounds);
  for (const record of splitter.end()) yield readRecord(record, bounds);
}

function readRecord(bytes: Buffer, bounds: RecordBounds): FlatRecord {
  const text = bytes.toString('utf8');
  return {
    texts: isUtf8(bytes) ? flatJson(text, bounds) : null,
    begins: text.slice(0, MAX_BEGIN),
  };
}

function unreadable(why: string): Error {
  return feedError('feeds/unreadable', { details: { why } });
}

/** Finds where records begin and end; what they say is read by `flatJson`. What stands around them is only followed. */
class Splitter {
  readonly #path: readonly string[];
  readonly #bounds: RecordBounds;
  readonly #open: Open[] = [];
  /** The last string where a name can stand, and whether a colon made it one. */
  #string = '';
  #isNamed = false;
  /** Bytes of the record or string that is being read. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #inString = false;
  #isEscaped = false;
  /** Depth within a record; −1: in none. 0: a scalar. */
  #depth = -1;
  #lists = 0;
  #first = true;

  constructor(path: readonly string[], bounds: RecordBounds) {
    this.#path = path;
    this.#bounds = bounds;
  }

  *push(given: Buffer): Generator<Buffer> {
    let block = given;
    if (this.#first && block.byteLength > 0) {
      this.#first = false;
      if (block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf) block = block.subarray(3);
      else if (block[0] === 0xff || block[0] === 0xfe) throw unreadable('utf-16');
    }
    // Where what is held of this block begins; −1: nothing is.
    let from = this.#depth >= 0 || this.#inString ? 0 : -1;
    for (let i = 0; i < block.byteLength; i++) {
      const byte = block[i] ?? 0;
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) {
          this.#inString = false;
          if (this.#depth === 0) {
            yield this.#taken(block.subarray(from, i + 1));
            from = -1;
          } else if (this.#depth < 0) {
            this.#string = this.#taken(block.subarray(from, i)).toString('utf8');
            from = -1;
          }
        }
        continue;
      }
      if (this.#depth > 0) {
        if (byte === QUOTE) this.#inString = true;
        else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#depth++;
        else if ((byte === CLOSE_LIST || byte === CLOSE_OBJECT) && --this.#depth === 0) {
          yield this.#taken(block.subarray(from, i + 1));
          from = -1;
        }
        continue;
      }
      if (this.#depth === 0) {
        // A scalar that is no string goes on until something ends it.
        if (!isBlank(byte) && byte !== COMMA && byte !== CLOSE_LIST && byte !== CLOSE_OBJECT) continue;
        yield this.#taken(block.subarray(from, i));
        from = -1;
      }
      if (isBlank(byte)) continue;
      if (byte === COMMA) this.#isNamed = false;
      else if (byte === COLON) this.#isNamed = true;
      else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#close(byte === CLOSE_LIST);
      else if (this.#holdsRecords(byte)) {
        from = i;
        this.#inString = byte === QUOTE;
        this.#depth = byte === OPEN_LIST || byte === OPEN_OBJECT ? 1 : 0;
      } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#enter(byte === OPEN_LIST);
      else if (byte === QUOTE) {
        this.#inString = true;
        from = i + 1;
      }
    }
    if (from >= 0) this.#hold(block.subarray(from));
  }

  *end(): Generator<Buffer> {
    if (this.#inString || this.#depth > 0 || this.#open.length > 0) throw unreadable('cut-short');
    if (this.#depth === 0) yield this.#taken(Buffer.alloc(0));
    if (this.#lists === 0) throw unreadable('no-records');
  }

  /** Whether a byte begins a record, where we are. */
  #holdsRecords(byte: number): boolean {
    const inside = this.#open.at(-1);
    if (inside !== undefined) return inside.isList && inside.matched === this.#path.length;
    // On its own, one after another.
    if (this.#path.length > 0 || byte === OPEN_LIST) return false;
    this.#lists ||= 1;
    return true;
  }

  #enter(isList: boolean): void {
    if (this.#open.length >= this.#bounds.maxDepth) throw unreadable('too-deep');
    const inside = this.#open.at(-1);
    // Outermost; or a member whose name is the next of the path.
    const matched =
      inside === undefined
        ? 0
        : !inside.isList &&
            inside.matched >= 0 &&
            this.#isNamed &&
            this.#string === this.#path[inside.matched]
          ? inside.matched + 1
          : -1;
    this.#open.push({ isList, matched });
    this.#isNamed = false;
    if (isList && matched === this.#path.length && ++this.#lists > 1) throw unreadable('two-lists');
  }

  #close(isList: boolean): void {
    if (this.#open.pop()?.isList !== isList) throw unreadable('damaged');
  }

  #hold(bytes: Buffer): void {
    this.#heldBytes += bytes.byteLength;
    if (this.#heldBytes > this.#bounds.maxRecordBytes) throw unreadable('record-too-long');
    // A copy: the block may be somebody's who goes on writing into it.
    this.#held.push(Buffer.from(bytes));
  }

  #taken(rest: Buffer): Buffer {
    this.#hold(rest);
    const [only] = this.#held;
    const whole = this.#held.length === 1 && only !== undefined ? only : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#depth = -1;
    return whole;
  }
}
