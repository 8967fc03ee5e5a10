// XML as text and attribute values (XML 1.0). Nothing outside is loaded and no entity of a document's own is expanded: it stays as it is written, so that rules can
// see it. What is declared in a document type is read over.
export interface ReadXml {
  /** All text of the document, in order. */
  readonly text: string;
  readonly attributes: readonly string[];
  /** Document types, as written. */
  readonly declarations: readonly string[];
  /** Why the document is not well-formed; what was read until then stands. */
  readonly error: string | null;
}

const MAX_DEPTH = 512;
const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const NAME = /[A-Za-z_:\x80-\xff][\w:.\x80-\xff-]*/uy;
const SPACE = /[\t\n\r ]*/uy;

export function readXml(source: string): ReadXml {
  const reader = new XmlReader(source);
  const error = reader.read();
  return {
    text: reader.text.join(''),
    attributes: reader.attributes,
    declarations: reader.declarations,
    error,
  };
}

/** Character references and the five predefined entities; others stay. */
function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#x([0-9A-Fa-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gu,
    (_, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return PREDEFINED[name] ?? '';
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0x10ffff ? '' : Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1');
    },
  );
}

class XmlReader {
  readonly text: string[] = [];
  readonly attributes: string[] = [];
  readonly declarations: string[] = [];
  readonly #source: string;
  readonly #open: string[] = [];
  #at = 0;
  #hadRoot = false;

  constructor(source: string) {
    this.#source = source;
  }

  /** Reads all; the first thing that is wrong, or null. */
  read(): string | null {
    while (this.#at < this.#source.length) {
      const tag = this.#source.indexOf('<', this.#at);
      const end = tag < 0 ? this.#source.length : tag;
      const between = this.#source.slice(this.#at, end);
      if (this.#open.length > 0) this.text.push(decoded(between));
      else if (/[^\t\n\r \xef\xbb\xbf]/u.test(between)) {
        this.text.push(between);
        return 'text outside the document';
      }
      this.#at = end;
      if (tag < 0) break;
      const error = this.#markup();
      if (error !== null) return error;
    }
    if (!this.#hadRoot) return 'no element';
    return this.#open.length > 0 ? 'an element without end' : null;
  }

  /** What begins with `<`. */
  #markup(): string | null {
    if (this.#starts('<!--')) return this.#skipTo('-->', 'a comment without end');
    if (this.#starts('<![CDATA[')) {
      const start = this.#at + 9;
      const error = this.#skipTo(']]>', 'a section without end');
      this.text.push(this.#source.slice(start, error === null ? this.#at - 3 : undefined));
      return error;
    }
    if (this.#starts('<?')) return this.#skipTo('?>', 'an instruction without end');
    if (this.#starts('<!')) return this.#declaration();
    return this.#starts('</') ? this.#endTag() : this.#startTag();
  }

  #starts(word: string): boolean {
    return this.#source.startsWith(word, this.#at);
  }

  #skipTo(word: string, otherwise: string): string | null {
    const end = this.#source.indexOf(word, this.#at + 2);
    if (end < 0) return otherwise;
    this.#at = end + word.length;
    return null;
  }

  /** A document type, with quotes and a subset in brackets. */
  #declaration(): string | null {
    let brackets = 0;
    for (let at = this.#at; at < this.#source.length; at += 1) {
      const char = this.#source[at];
      if (char === '"' || char === "'") {
        const end = this.#source.indexOf(char, at + 1);
        if (end < 0) break;
        at = end;
      } else if (char === '[') brackets += 1;
      else if (char === ']') brackets -= 1;
      else if (char === '>' && brackets <= 0) {
        this.declarations.push(this.#source.slice(this.#at, at + 1));
        this.#at = at + 1;
        return null;
      }
    }
    return 'a declaration without end';
  }

  #endTag(): string | null {
    const end = this.#source.indexOf('>', this.#at);
    if (end < 0) return 'a tag without end';
    const name = this.#source.slice(this.#at + 2, end).trimEnd();
    this.#at = end + 1;
    return this.#open.pop() === name ? null : 'an end tag that ends nothing';
  }

  #startTag(): string | null {
    this.#at += 1;
    const name = this.#match(NAME);
    if (name === '') return 'a tag without name';
    if (this.#open.length >= MAX_DEPTH) return `elements deeper than ${MAX_DEPTH}`;
    if (this.#open.length === 0 && this.#hadRoot) return 'a second document';
    this.#hadRoot = true;
    for (;;) {
      this.#match(SPACE);
      if (this.#starts('/>')) {
        this.#at += 2;
        return null;
      }
      if (this.#starts('>')) {
        this.#at += 1;
        this.#open.push(name);
        return null;
      }
      const error = this.#attribute();
      if (error !== null) return error;
    }
  }

  #attribute(): string | null {
    if (this.#match(NAME) === '') return 'an attribute without name';
    this.#match(SPACE);
    if (!this.#starts('=')) return 'an attribute without value';
    this.#at += 1;
    this.#match(SPACE);
    const quote = this.#source.charAt(this.#at);
    if (quote !== '"' && quote !== "'") return 'an attribute without quotes';
    const end = this.#source.indexOf(quote, this.#at + 1);
    if (end < 0) return 'an attribute without end';
    this.attributes.push(decoded(this.#source.slice(this.#at + 1, end)));
    this.#at = end + 1;
    return null;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
