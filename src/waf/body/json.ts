// JSON as pairs of path and value (RFC 8259). It is read by hand, because a parser that makes objects keeps only the last of two members of one name, and an
// application may take the first. Paths leave array indices out, `json.items.price`, so that what is said of a member holds for each element.
import type { Pair, ReadBody } from './form.ts';

export interface JsonLimits {
  readonly args: number;
  readonly depth: number;
  /** Whether one JSON text is expected, or one after another, as lines of JSON are. */
  readonly texts: 'one' | 'many';
}

/**
 * Names and values below `json`. What is malformed is an error; what was read until then stands, and of the rest whatever stands in quotes is a value, because what reads it
 * behind may be more generous.
 */
export function readJson(text: string, limits: JsonLimits): ReadBody {
  const reader = new JsonReader(text, limits);
  const error = reader.read();
  return {
    args:
      error === null
        ? reader.args
        : [...reader.args, ...quotedIn(reader.rest, limits.args - reader.args.length)],
    error,
  };
}

/** What stands in quotes of either kind, at most so many. */
function quotedIn(text: string, most: number): readonly Pair[] {
  const found: Pair[] = [];
  for (const [, double, single] of text.matchAll(
    /"((?:[^"\\]|\\[\s\S])*)(?:"|$)|'((?:[^'\\]|\\[\s\S])*)(?:'|$)/gu,
  )) {
    if (found.length >= most) break;
    found.push(['json', unescaped(double ?? single ?? '')]);
  }
  return found;
}

class Malformed extends Error {}

const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[\s,\]}]|$)/uy;

class JsonReader {
  readonly args: Pair[] = [];
  readonly #text: string;
  readonly #limits: JsonLimits;
  #at = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  /** What was not read. */
  get rest(): string {
    return this.#text.slice(this.#at);
  }

  read(): string | null {
    try {
      // A byte order mark is no JSON, and is read over by many.
      if (this.#text.startsWith('\xef\xbb\xbf')) this.#at = 3;
      do {
        this.#value('json', 0);
        this.#space();
      } while (this.#limits.texts === 'many' && this.#at < this.#text.length);
      return this.#at < this.#text.length ? 'something after the JSON' : null;
    } catch (error) {
      if (error instanceof Malformed) return error.message;
      throw error;
    }
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #add(name: string, value: string): void {
    if (this.args.length >= this.#limits.args)
      throw new Malformed(`more than ${this.#limits.args} arguments`);
    this.args.push([name, value]);
  }

  #value(path: string, depth: number): void {
    if (depth > this.#limits.depth) throw new Malformed(`JSON deeper than ${this.#limits.depth}`);
    this.#space();
    switch (this.#text.charAt(this.#at)) {
      case '{':
        return this.#object(path, depth);
      case '[':
        return this.#array(path, depth);
      case '"':
        return this.#add(path, this.#string());
      default:
        return this.#literal(path);
    }
  }

  #literal(path: string): void {
    LITERAL.lastIndex = this.#at;
    const found = LITERAL.exec(this.#text)?.[0];
    if (found === undefined) throw new Malformed(`no JSON at byte ${this.#at}`);
    this.#at += found.length;
    this.#add(path, found === 'null' ? '' : found);
  }

  #object(path: string, depth: number): void {
    this.#at += 1;
    this.#space();
    if (this.#take('}')) return;
    do {
      this.#space();
      const name = this.#string();
      this.#space();
      if (!this.#take(':')) throw new Malformed(`no colon at byte ${this.#at}`);
      this.#value(`${path}.${name}`, depth + 1);
      this.#space();
    } while (this.#take(','));
    if (!this.#take('}')) throw new Malformed(`an object without end at byte ${this.#at}`);
  }

  #array(path: string, depth: number): void {
    this.#at += 1;
    this.#space();
    if (this.#take(']')) return;
    do {
      this.#value(path, depth + 1);
      this.#space();
    } while (this.#take(','));
    if (!this.#take(']')) throw new Malformed(`an array without end at byte ${this.#at}`);
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #string(): string {
    const start = this.#at + 1;
    if (this.#text[this.#at] !== '"') throw new Malformed(`no string at byte ${this.#at}`);
    let escaped = false;
    for (let at = start; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x22) {
        this.#at = at + 1;
        const raw = this.#text.slice(start, at);
        return escaped ? unescaped(raw) : raw;
      }
      if (code === 0x5c) {
        escaped = true;
        at += 1;
      }
    }
    throw new Malformed('a string without end');
  }
}

const SIMPLE: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Escapes as the UTF-8 bytes of what they stand for; one that is none is taken for the character after the backslash. */
function unescaped(raw: string): string {
  return raw.replaceAll(
    /\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([\s\S]))/gu,
    (_, high, low, unit, char) => {
      if (typeof high === 'string' && typeof low === 'string') {
        return utf8(
          0x10000 + ((Number.parseInt(high, 16) & 0x3ff) << 10) + (Number.parseInt(low, 16) & 0x3ff),
        );
      }
      if (typeof unit === 'string') return utf8(Number.parseInt(unit, 16));
      return SIMPLE[String(char)] ?? String(char);
    },
  );
}

/** A code point as UTF-8; half of a surrogate pair as its three bytes. */
function utf8(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
  const tail = String.fromCharCode(0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  return code < 0x10000
    ? String.fromCharCode(0xe0 | (code >> 12)) + tail
    : String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f)) + tail;
}
