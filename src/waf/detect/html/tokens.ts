// HTML, cut into what matters for scripts: tags, attributes with their values, comments, declarations (HTML, section 13.2.5), as generously as browsers do it.

export type HtmlToken =
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: string }
  | { readonly kind: 'comment' | 'declaration' | 'instruction'; readonly text: string };

/** Where a value begins: in text, within a tag, or in an attribute's value quoted in one way. */
export type HtmlContext = 'text' | 'tag' | "'" | '"' | '`';

const MAX_TOKENS = 500;
const SPACES = /[\0\t-\r \xa0/]*/uy;
const ATTRIBUTE_NAME = /[^\0\t-\r \xa0/>=][^\0\t-\r \xa0/>=]*/uy;
const UNQUOTED = /[^\t-\r >]*/uy;
const TAG_NAME = /[^\t-\r />]+/uy;

/** The first tokens of a text, at most 500; names in lower case without nulls. */
export function htmlTokens(text: string, context: HtmlContext): readonly HtmlToken[] {
  return new HtmlTokenizer(text).tokens(context);
}

class HtmlTokenizer {
  readonly #text: string;
  readonly #tokens: HtmlToken[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  tokens(context: HtmlContext): readonly HtmlToken[] {
    if (context !== 'text' && context !== 'tag') this.#skipPast(context);
    if (context !== 'text') this.#attributes();
    while (this.#at < this.#text.length && this.#tokens.length < MAX_TOKENS) this.#markup();
    return this.#tokens;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #skipPast(mark: string): string {
    const end = this.#text.indexOf(mark, this.#at);
    const skipped = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + mark.length;
    return skipped;
  }

  #markup(): void {
    const open = this.#text.indexOf('<', this.#at);
    if (open < 0) {
      this.#at = this.#text.length;
      return;
    }
    this.#at = open + 1;
    const next = this.#text.charAt(this.#at);
    if (next === '!') this.#declaration();
    else if (next === '?')
      this.#tokens.push({ kind: 'instruction', text: this.#skipPast('>').toLowerCase() });
    else if (next === '%') this.#skipPast('>');
    else if (next === '/') {
      this.#at += 1;
      if (/^[A-Za-z\0]/u.test(this.#text.charAt(this.#at))) this.#skipPast('>');
    } else if (/^[A-Za-z\0]/u.test(next)) {
      this.#tokens.push({ kind: 'tag', name: plainName(this.#match(TAG_NAME)) });
      this.#attributes();
    }
  }

  #declaration(): void {
    if (this.#text.startsWith('!--', this.#at)) {
      this.#at += 3;
      const end = /--!?>|-->|^>/u.exec(this.#text.slice(this.#at));
      const text = this.#text.slice(this.#at, end === null ? undefined : this.#at + end.index);
      this.#at = end === null ? this.#text.length : this.#at + end.index + end[0].length;
      this.#tokens.push({ kind: 'comment', text: text.toLowerCase() });
      return;
    }
    if (this.#text.startsWith('![CDATA[', this.#at)) {
      this.#skipPast(']]>');
      return;
    }
    this.#tokens.push({ kind: 'declaration', text: this.#skipPast('>').toLowerCase() });
  }

  /** Attributes up to the end of their tag. */
  #attributes(): void {
    while (this.#tokens.length < MAX_TOKENS) {
      this.#match(SPACES);
      const next = this.#text.charAt(this.#at);
      if (next === '') return;
      if (next === '>') {
        this.#at += 1;
        return;
      }
      // A tag that begins within a tag: browsers take it for a name, other readers for a tag.
      if (next === '<') return;
      if (next === '=') {
        this.#at += 1;
        continue;
      }
      const name = plainName(this.#match(ATTRIBUTE_NAME));
      this.#match(SPACES);
      this.#tokens.push({ kind: 'attribute', name, value: this.#value() });
    }
  }

  #value(): string {
    if (this.#text[this.#at] !== '=') return '';
    this.#at += 1;
    this.#match(SPACES);
    const quote = this.#text.charAt(this.#at);
    if (quote !== '"' && quote !== "'" && quote !== '`') return this.#match(UNQUOTED);
    this.#at += 1;
    return this.#skipPast(quote);
  }
}

function plainName(written: string): string {
  return written.replaceAll('\0', '').toLowerCase();
}
