// SQL, cut into tokens as generously as databases do it.
import { CALLED, ENGLISH, PAIRS, WORD_KINDS, type WordKind } from './words.ts';

/**
 * One letter a token: `s` string, `1` number, `v` variable, `c` comment, `X` what only attackers write, `o` operator, `&` logical operator, `n` name, and the kinds of
 * words; `( ) , ; . : { } \` are themselves.
 */
export type TokenKind =
  | WordKind
  | 's'
  | 'c'
  | 'X'
  | '('
  | ')'
  | ','
  | ';'
  | '.'
  | ':'
  | '{'
  | '}'
  | '\\'
  | '?';

export interface Token {
  readonly kind: TokenKind;
  /** Lower case; what stands in strings and comments is left out. */
  readonly text: string;
  /** For a string: whether it has its opening and closing quote. */
  readonly closed?: boolean;
}

/** Where a value begins: outside of strings, or within one of these quotes. */
export type Context = 'bare' | "'" | '"';

export interface SqlDialect {
  /** `#` begins a comment, `--` needs a space after it. */
  readonly mysql: boolean;
}

const MAX_TOKENS = 60;
const MARKS: ReadonlyMap<string, TokenKind> = new Map(
  (['(', ')', ',', ';', '{', '}'] as const).map((mark) => [mark, mark]),
);
/** T-SQL takes every control character for a space, MySQL the one of Latin-1, too. */
const SPACE = /[\0- \xa0]*/uy;
const NUMBER = /0[xX][0-9A-Fa-f]+|0[bB][01]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?/uy;
const WORD = /[A-Za-z_\x80-\x9f\xa1-\xff$][\w$.#\x80-\x9f\xa1-\xff]*/uy;
/** Where `#` begins a comment, it ends a word. */
const MYSQL_WORD = /[A-Za-z_\x80-\x9f\xa1-\xff$][\w$.\x80-\x9f\xa1-\xff]*/uy;
const VARIABLE = /@@?(?:`[^`]*`?|'[^']*'?|"[^"]*"?|[\w$.]*)/uy;
const OPERATOR = /<=>|<>|<=|>=|<<|>>|!=|!<|!>|:=|::|->>?|&&|\|\||\*=|[-+*/%<>=!~^&|@?]/uy;
const PREFIXED = /(?:[nNxXbBeE]|[uU]&|_[A-Za-z0-9]+\s*)(?=')/uy;
const QUOTED_BY = /[qQ]'(.)/uy;
/** Words in parentheses behind a space. Within a value nothing may be compared with them. */
const PROSE = /^\s+\([^()'"`=<>|&;@#*\\]*\)/u;
const PROSE_WITHIN = /^\s+\([^()'"`=<>|&;@#*\\]*\)(?!\s*(?:[=<>!]|(?:like|between|r?like|regexp)\b))/iu;
/** Calls of these are told by what they do, with a space as well. */
const WAITS: ReadonlySet<string> = new Set(['sleep', 'benchmark']);
const DOLLARS = /\$(?:[A-Za-z_]\w*)?\$/uy;

/** The first tokens of a text, at most 60. */
export function tokenize(text: string, context: Context, dialect: SqlDialect): readonly Token[] {
  return new Tokenizer(text, dialect).tokens(context);
}

class Tokenizer {
  readonly #text: string;
  readonly #mysql: boolean;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(text: string, { mysql }: SqlDialect) {
    this.#text = text;
    this.#mysql = mysql;
  }

  tokens(context: Context): readonly Token[] {
    if (context !== 'bare') this.#string(context, 0);
    while (this.#tokens.length < MAX_TOKENS) {
      this.#match(SPACE);
      if (this.#at >= this.#text.length) break;
      this.#next();
    }
    return this.#tokens;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #add(kind: TokenKind, text = ''): void {
    this.#tokens.push({ kind, text });
  }

  #next(): void {
    const char = this.#text.charAt(this.#at);
    const two = this.#text.slice(this.#at, this.#at + 2);
    if (char === "'" || char === '"') return this.#string(char, 1);
    if (two === '/*') return this.#blockComment();
    if (two === '--' && this.#isDashComment()) return this.#lineComment();
    if (char === '#' && this.#mysql) return this.#lineComment();
    if (char === '`') return this.#quotedName('`');
    if (char === '[') return this.#quotedName(']');
    if (char === '\\') return this.#backslash();
    const mark = MARKS.get(char);
    if (mark !== undefined) {
      this.#at += 1;
      return this.#add(mark, char);
    }
    if (this.#prefixedString()) return;
    const number = this.#match(NUMBER);
    if (number !== '') return this.#afterNumber();
    if (char === '@') return this.#add('v', this.#match(VARIABLE).toLowerCase());
    const word = this.#match(this.#mysql ? MYSQL_WORD : WORD);
    if (word !== '') return this.#word(word.toLowerCase());
    if (char === '.' || (char === ':' && two !== ':=' && two !== '::')) {
      this.#at += 1;
      return this.#add(char, char);
    }
    const operator = this.#match(OPERATOR);
    if (operator !== '') return this.#add(operator === '&&' || operator === '||' ? '&' : 'o', operator);
    this.#at += 1;
    this.#add('?', char);
  }

  /** `--` is a comment, in MySQL only before a space or the end. */
  #isDashComment(): boolean {
    const after = this.#text.charCodeAt(this.#at + 2);
    return !this.#mysql || Number.isNaN(after) || after <= 0x20 || after === 0xa0;
  }

  #lineComment(): void {
    const start = this.#at;
    const end = this.#text.indexOf('\n', start);
    this.#at = end < 0 ? this.#text.length : end + 1;
    // `-- `: with words after it, so that it may be punctuation.
    this.#add('c', this.#text[start] === '#' || this.#at - start <= 4 ? '--' : '-- ');
  }

  /** A comment; one that MySQL carries out, or that holds another, is what only attackers write. */
  #blockComment(): void {
    const end = this.#text.indexOf('*/', this.#at + 2);
    const inside = this.#text.slice(this.#at + 2, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 2;
    this.#add(inside.startsWith('!') || inside.includes('/*') ? 'X' : 'c', '/*');
  }

  /** A string from the place after its quote; `opened` 0 where it began before the text. A doubled or escaped quote does not end it. */
  #string(quote: string, opened: 0 | 1): void {
    let at = this.#at + opened;
    for (;;) {
      const end = this.#text.indexOf(quote, at);
      if (end < 0) {
        this.#at = this.#text.length;
        this.#tokens.push({ kind: 's', text: quote, closed: false });
        return;
      }
      let slashes = 0;
      while (end - slashes > this.#at && this.#text[end - 1 - slashes] === '\\') slashes += 1;
      if (slashes % 2 === 1) at = end + 1;
      else if (this.#text[end + 1] === quote) at = end + 2;
      else {
        this.#at = end + 1;
        this.#tokens.push({ kind: 's', text: quote, closed: opened === 1 });
        return;
      }
    }
  }

  #prefixedString(): boolean {
    QUOTED_BY.lastIndex = this.#at;
    const delimiter = QUOTED_BY.exec(this.#text)?.[1];
    if (delimiter !== undefined) {
      const close = { '(': ')', '[': ']', '{': '}', '<': '>' }[delimiter] ?? delimiter;
      const end = this.#text.indexOf(`${close}'`, this.#at + 3);
      this.#at = end < 0 ? this.#text.length : end + 2;
      this.#tokens.push({ kind: 's', text: 'q', closed: end >= 0 });
      return true;
    }
    DOLLARS.lastIndex = this.#at;
    const dollars = DOLLARS.exec(this.#text)?.[0];
    if (dollars !== undefined) {
      const end = this.#text.indexOf(dollars, this.#at + dollars.length);
      this.#at = end < 0 ? this.#text.length : end + dollars.length;
      this.#tokens.push({ kind: 's', text: '$', closed: end >= 0 });
      return true;
    }
    if (this.#match(PREFIXED) === '') return false;
    this.#string("'", 1);
    return true;
  }

  #quotedName(close: string): void {
    const end = this.#text.indexOf(close, this.#at + 1);
    const name = this.#text.slice(this.#at + 1, end < 0 ? undefined : end).toLowerCase();
    this.#at = end < 0 ? this.#text.length : end + 1;
    this.#add(WORD_KINDS.get(name) === 'f' ? 'f' : 'n', name);
  }

  /** `\N` is MySQL's null; another backslash stands for itself. */
  #backslash(): void {
    if (this.#text[this.#at + 1] === 'N') {
      this.#at += 2;
      return this.#add('1', 'null');
    }
    this.#at += 1;
    this.#add('\\', '\\');
  }

  /** Letters that stick to a number make it a name, unless they are a word of SQL, as in `1union`. */
  #afterNumber(): void {
    const start = this.#at;
    const word = this.#match(this.#mysql ? MYSQL_WORD : WORD).toLowerCase();
    const kind = word === '' ? undefined : WORD_KINDS.get(word);
    if (word === '' || kind !== undefined) {
      this.#at = start;
      return this.#add('1');
    }
    this.#add('n', word);
  }

  #word(word: string): void {
    const whole = WORD_KINDS.get(word);
    if (whole !== undefined) return this.#known(word, whole);
    const dot = word.indexOf('.');
    const before = dot < 0 ? undefined : WORD_KINDS.get(word.slice(0, dot));
    if (before !== undefined && before !== 'f') {
      this.#at -= word.length - dot;
      return this.#known(word.slice(0, dot), before);
    }
    if (CALLED.has(word) && this.#isCalled()) return this.#call(word);
    if (/^x?p_|^sp_/u.test(word)) return this.#add('f', word);
    this.#add('n', word);
  }

  #known(word: string, kind: WordKind): void {
    if (CALLED.has(word) && this.#isCalled()) return this.#call(word);
    // A function's name without parentheses is a name.
    if (kind === 'f') return this.#isCalled() ? this.#call(word) : this.#add('n', word);
    const before = this.#tokens.findLastIndex((token) => token.kind !== 'c');
    const pair = `${this.#tokens[before]?.text} ${word}`;
    const paired = PAIRS.get(pair);
    if (paired === undefined) return this.#add(kind, word);
    this.#tokens.length = before;
    this.#add(paired, pair);
  }

  /** A call, unless it is prose: a word, a space and words in parentheses, or a number and what it counts. */
  #call(word: string): void {
    if (!ENGLISH.has(word)) return this.#add('f', word);
    const rest = this.#text.slice(this.#at, this.#at + 120);
    const isProse =
      /^ ?\(\s*\d+(?:[.,]\d+)?\s*[A-Za-z%][\w\s.,%/-]*\)/u.test(rest) ||
      (!WAITS.has(word) && (this.#tokens.length === 0 ? PROSE : PROSE_WITHIN).test(rest));
    this.#add(isProse ? 'n' : 'f', word);
  }

  #isCalled(): boolean {
    return /^[\0- \xa0]*(?:\/\*[\s\S]{0,200}?\*\/)?[\0- \xa0]*\(/u.test(
      this.#text.slice(this.#at, this.#at + 240),
    );
  }
}
