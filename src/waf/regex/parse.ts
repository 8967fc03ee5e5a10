// PCRE's syntax over bytes, as SecLang's rules use it: pcre2pattern(3), without UTF mode. A construct that is not known here is refused; nothing is taken for
// something near it. Limits: nesting 200 deep, counts up to 1,000.
import {
  ANY,
  addAll,
  type ByteSet,
  caseless,
  DIGIT,
  emptySet,
  HORIZONTAL,
  NEWLINE,
  negated,
  POSIX,
  range,
  SPACE,
  VERTICAL,
  WORD,
} from './byte-set.ts';
import { EMPTY, type Node, type Pattern, sequence } from './syntax.ts';

/** Options that hold where no `(?…)` says otherwise. */
export interface PatternOptions {
  readonly caseless: boolean;
  /** `.` matches a newline, too. */
  readonly dotAll: boolean;
  /** `^` and `$` hold at the lines within, too. */
  readonly multiline: boolean;
  /** `$` holds at the very end only, not before a last newline. */
  readonly dollarEndOnly: boolean;
}

/** Why a pattern is no pattern, or none that is known here. */
export class PatternError extends Error {
  readonly at: number;
  constructor(what: string, at: number) {
    super(`${what} at ${at}`);
    this.name = 'PatternError';
    this.at = at;
  }
}

interface Flags {
  readonly caseless: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly extended: boolean;
}

const MAX_DEPTH = 200;
const MAX_COUNT = 1000;
const CLASS_ESCAPES: ReadonlyMap<string, ByteSet> = new Map([
  ['d', DIGIT],
  ['D', negated(DIGIT)],
  ['w', WORD],
  ['W', negated(WORD)],
  ['s', SPACE],
  ['S', negated(SPACE)],
  ['h', HORIZONTAL],
  ['H', negated(HORIZONTAL)],
  ['v', VERTICAL],
  ['V', negated(VERTICAL)],
]);
const CONTROL_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['e', 0x1b],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

/** One node for each byte, shared by all patterns. */
const ONE: readonly Node[] = Array.from({ length: 256 }, (_, byte) => ({
  kind: 'byte',
  set: range(byte, byte),
}));
const ONE_CASELESS: readonly Node[] = Array.from({ length: 256 }, (_, byte) => ({
  kind: 'byte',
  set: caseless(range(byte, byte)),
}));

/** Reads a pattern; throws `PatternError`. */
export function parsePattern(source: string, options: PatternOptions): Pattern {
  return new PatternParser(source, options).pattern();
}

class PatternParser {
  readonly #source: string;
  readonly #dollarEndOnly: boolean;
  #at = 0;
  #depth = 0;
  #groups = 0;
  #flags: Flags;
  readonly #names = new Map<string, number>();
  readonly #backreferences: { readonly index: number; readonly at: number }[] = [];

  constructor(source: string, options: PatternOptions) {
    this.#source = source;
    this.#dollarEndOnly = options.dollarEndOnly;
    this.#flags = {
      caseless: options.caseless,
      dotAll: options.dotAll,
      multiline: options.multiline,
      extended: false,
    };
  }

  pattern(): Pattern {
    if (this.#source.startsWith('(*')) this.#refuse('a verb');
    const root = this.#choice();
    if (this.#at < this.#source.length) this.#refuse('an unmatched )');
    for (const { index, at } of this.#backreferences) {
      if (index > this.#groups)
        throw new PatternError(`a reference to group ${index}, which there is not,`, at);
    }
    return { root, groups: this.#groups };
  }

  #refuse(what: string): never {
    throw new PatternError(what, this.#at);
  }

  #peek(ahead = 0): string {
    return this.#source.charAt(this.#at + ahead);
  }

  #take(word: string): boolean {
    if (!this.#source.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  /** Options set within a group end with it. */
  #choice(): Node {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#refuse(`nesting deeper than ${MAX_DEPTH}`);
    const outer = this.#flags;
    const options: Node[] = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    this.#flags = outer;
    this.#depth -= 1;
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
  }

  #sequence(): Node {
    const items: Node[] = [];
    for (;;) {
      this.#skipExtended();
      const next = this.#peek();
      if (next === '' || next === '|' || next === ')') return sequence(items);
      if (this.#take('\\Q')) {
        items.push(...this.#quoted());
        continue;
      }
      if (this.#take('\\E')) continue;
      const atom = this.#atom();
      if (atom !== null) items.push(this.#quantified(atom));
    }
  }

  #skipExtended(): void {
    for (;;) {
      if (this.#source.startsWith('(?#', this.#at)) {
        const end = this.#source.indexOf(')', this.#at);
        if (end < 0) this.#refuse('a comment without end');
        this.#at = end + 1;
      } else if (this.#flags.extended && /^[\t-\r ]/u.test(this.#peek())) {
        this.#at += 1;
      } else if (this.#flags.extended && this.#peek() === '#') {
        const end = this.#source.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#source.length : end + 1;
      } else return;
    }
  }

  /** What stands between `\Q` and `\E`; a quantifier after it counts for its last byte. */
  #quoted(): Node[] {
    const end = this.#source.indexOf('\\E', this.#at);
    const text = this.#source.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#source.length : end + 2;
    const bytes = Array.from({ length: text.length }, (_, i) => this.#byte(text.charCodeAt(i)));
    const last = bytes.pop();
    return last === undefined ? [] : [...bytes, this.#quantified(last)];
  }

  #byte(byte: number): Node {
    return (this.#flags.caseless ? ONE_CASELESS : ONE)[byte] ?? this.#refuse('a character beyond bytes');
  }

  /** One atom, or null for what only sets options. */
  #atom(): Node | null {
    const char = this.#peek();
    if (char.charCodeAt(0) > 0xff) this.#refuse('a character beyond bytes');
    switch (char) {
      case '(':
        return this.#parenthesis();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      case '.':
        this.#at += 1;
        return { kind: 'byte', set: this.#flags.dotAll ? ANY : negated(NEWLINE) };
      case '^':
        this.#at += 1;
        return { kind: 'assertion', what: this.#flags.multiline ? 'line-start' : 'start' };
      case '$':
        this.#at += 1;
        return {
          kind: 'assertion',
          what: this.#flags.multiline ? 'line-end' : this.#dollarEndOnly ? 'end' : 'last',
        };
      case '*':
      case '+':
      case '?':
        return this.#refuse('a quantifier after nothing');
      default:
        if (char === '{' && this.#count(false) !== null) this.#refuse('a quantifier after nothing');
        this.#at += 1;
        return this.#byte(char.charCodeAt(0));
    }
  }

  #quantified(atom: Node): Node {
    let node = atom;
    for (let times = 0; ; times += 1) {
      this.#skipExtended();
      const bounds = this.#quantifier();
      if (bounds === null) return node;
      if (times > 0) this.#refuse('a quantifier of a quantifier');
      const [min, max] = bounds;
      const possessive = this.#take('+');
      const greedy = possessive || !this.#take('?');
      // A quantified assertion says no more than the assertion: PCRE takes it once, or not at all.
      const item = node.kind === 'assertion' || node.kind === 'look' ? node : null;
      if (item !== null) node = min > 0 ? item : EMPTY;
      else if (possessive) node = { kind: 'atomic', item: { kind: 'repeat', item: node, min, max, greedy } };
      else node = { kind: 'repeat', item: node, min, max, greedy };
    }
  }

  #quantifier(): readonly [number, number] | null {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    return this.#peek() === '{' ? this.#count(true) : null;
  }

  /** `{n}`, `{n,}`, `{n,m}`; null where the brace is only a brace. `{,m}` is a count in some versions of PCRE and text in others, so it is refused. */
  #count(consume: boolean): readonly [number, number] | null {
    const found = /^\{(\d*)(,(\d*))?\}/u.exec(this.#source.slice(this.#at, this.#at + 16));
    if (found === null || (found[1] === '' && (found[3] ?? '') === '')) return null;
    if (found[1] === '') this.#refuse('a count without its lower end');
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3]);
    if (min > MAX_COUNT || (max !== Infinity && max > MAX_COUNT)) this.#refuse(`a count above ${MAX_COUNT}`);
    if (max < min) this.#refuse('a count whose ends are the wrong way round');
    if (consume) this.#at += found[0].length;
    return [min, max];
  }

  #closed(node: Node): Node {
    if (!this.#take(')')) this.#refuse('a group without end');
    return node;
  }

  #captured(name: string | null): Node {
    this.#groups += 1;
    const index = this.#groups;
    if (name !== null) {
      if (this.#names.has(name)) this.#refuse(`a second group named ${name}`);
      this.#names.set(name, index);
    }
    return this.#closed({ kind: 'group', index, item: this.#choice() });
  }

  #parenthesis(): Node | null {
    if (this.#take('(?:')) return this.#closed(this.#choice());
    if (this.#take('(?='))
      return this.#closed({ kind: 'look', ahead: true, negative: false, item: this.#choice() });
    if (this.#take('(?!'))
      return this.#closed({ kind: 'look', ahead: true, negative: true, item: this.#choice() });
    if (this.#take('(?<='))
      return this.#closed({ kind: 'look', ahead: false, negative: false, item: this.#choice() });
    if (this.#take('(?<!'))
      return this.#closed({ kind: 'look', ahead: false, negative: true, item: this.#choice() });
    if (this.#take('(?>')) return this.#closed({ kind: 'atomic', item: this.#choice() });
    const named = /^\(\?(?:P?<([A-Za-z_]\w{0,31})>|'([A-Za-z_]\w{0,31})')/u.exec(
      this.#source.slice(this.#at, this.#at + 40),
    );
    if (named !== null) {
      this.#at += named[0].length;
      return this.#captured(named[1] ?? named[2] ?? null);
    }
    if (this.#peek(1) === '*') this.#refuse('a verb');
    if (this.#peek(1) !== '?') {
      this.#at += 1;
      return this.#captured(null);
    }
    return this.#inlineOptions();
  }

  /** `(?i-s)` holds to the end of the group it stands in, `(?i-s:…)` within itself. */
  #inlineOptions(): Node | null {
    const found = /^\(\?(\^?)([imsx]*)(?:-([imsx]*))?([:)])/u.exec(
      this.#source.slice(this.#at, this.#at + 16),
    );
    if (found === null || found[1] === '^') return this.#refuse('a group of a kind that is not known');
    const outer = this.#flags;
    const on = found[2] ?? '';
    const off = found[3] ?? '';
    const say = (letter: string, now: boolean) => (off.includes(letter) ? false : on.includes(letter) || now);
    this.#at += found[0].length;
    this.#flags = {
      caseless: say('i', outer.caseless),
      multiline: say('m', outer.multiline),
      dotAll: say('s', outer.dotAll),
      extended: say('x', outer.extended),
    };
    if (found[4] === ')') return null;
    const node = this.#choice();
    this.#flags = outer;
    return this.#closed(node);
  }

  #escape(): Node {
    const start = this.#at;
    const letter = this.#peek(1);
    const set = CLASS_ESCAPES.get(letter);
    if (set !== undefined) {
      this.#at += 2;
      return { kind: 'byte', set };
    }
    switch (letter) {
      case 'b':
      case 'B':
        this.#at += 2;
        return { kind: 'assertion', what: letter === 'b' ? 'word-edge' : 'no-word-edge' };
      case 'A':
        this.#at += 2;
        return { kind: 'assertion', what: 'start' };
      case 'z':
      case 'Z':
        this.#at += 2;
        return { kind: 'assertion', what: letter === 'z' ? 'end' : 'last' };
      case 'N':
        this.#at += 2;
        return { kind: 'byte', set: negated(NEWLINE) };
      case 'R':
        this.#at += 2;
        return {
          kind: 'atomic',
          item: {
            kind: 'choice',
            options: [sequence([this.#byte(0x0d), this.#byte(0x0a)]), { kind: 'byte', set: VERTICAL }],
          },
        };
      default:
    }
    // A number up to the groups there are, or below 10, is a back-reference; otherwise octal (pcre2pattern, "Non-printing characters").
    const number = /^\\([1-9]\d{0,2})/u.exec(this.#source.slice(this.#at, this.#at + 4));
    if (number !== null && (Number(number[1]) < 10 || Number(number[1]) <= this.#groups)) {
      this.#at += number[0].length;
      return this.#reference(Number(number[1]), start);
    }
    const braced = /^\\(?:g\{?(\d{1,3})\}?|k(?:\{(\w+)\}|<(\w+)>|'(\w+)'))/u.exec(
      this.#source.slice(this.#at, this.#at + 48),
    );
    if (braced !== null) {
      this.#at += braced[0].length;
      const name = braced[2] ?? braced[3] ?? braced[4];
      const index = name === undefined ? Number(braced[1]) : this.#names.get(name);
      if (index === undefined) return this.#refuse('a reference to a group that is not known');
      return this.#reference(index, start);
    }
    return this.#byte(this.#escapedByte());
  }

  #reference(index: number, at: number): Node {
    this.#backreferences.push({ index, at });
    return { kind: 'backreference', index, caseless: this.#flags.caseless };
  }

  /** An escape that stands for one byte, in a class or outside. */
  #escapedByte(): number {
    const rest = this.#source.slice(this.#at, this.#at + 12);
    const hex = /^\\x(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{0,2}))/u.exec(rest);
    if (hex !== null)
      return this.#number(hex[0], Number.parseInt(hex[1] ?? (hex[2] === '' ? '0' : (hex[2] ?? '0')), 16));
    const octal = /^\\(?:o\{([0-7]{1,8})\}|(0[0-7]{0,2}|[1-3]?[0-7]{2}))/u.exec(rest);
    if (octal !== null) return this.#number(octal[0], Number.parseInt(octal[1] ?? octal[2] ?? '0', 8));
    const letter = rest.charAt(1);
    const control = CONTROL_ESCAPES.get(letter);
    if (control !== undefined) return this.#number(rest.slice(0, 2), control);
    if (letter === 'c' && /^[\x20-\x7e]$/u.test(rest.charAt(2))) {
      return this.#number(rest.slice(0, 3), rest.charAt(2).toUpperCase().charCodeAt(0) ^ 0x40);
    }
    if (letter === '') this.#refuse('a backslash at the end');
    if (/[0-9A-Za-z]/u.test(letter)) this.#refuse(`the escape \\${letter}`);
    return this.#number(rest.slice(0, 2), letter.charCodeAt(0));
  }

  #number(consumed: string, byte: number): number {
    if (byte > 0xff) this.#refuse('a character beyond bytes');
    this.#at += consumed.length;
    return byte;
  }

  #class(): Node {
    this.#at += 1;
    const negative = this.#take('^');
    const set = emptySet();
    let first = true;
    for (;;) {
      const char = this.#peek();
      if (char === '') this.#refuse('a class without end');
      if (char === ']' && !first) break;
      first = false;
      if (this.#take('\\E')) continue;
      if (this.#source.startsWith('\\Q', this.#at)) this.#refuse('a quotation within a class');
      const members = this.#classMembers();
      if (members !== null) {
        addAll(set, members);
        if (this.#peek() === '-' && this.#peek(1) !== ']') this.#refuse('a range that begins with a class');
        continue;
      }
      const low = this.#classByte();
      if (this.#peek() !== '-' || this.#peek(1) === ']') {
        set[low] = 1;
        continue;
      }
      this.#at += 1;
      if (this.#classMembers() !== null) this.#refuse('a range that ends with a class');
      const high = this.#classByte();
      if (high < low) this.#refuse('a range whose ends are the wrong way round');
      set.fill(1, low, high + 1);
    }
    this.#at += 1;
    const folded = this.#flags.caseless ? caseless(set) : set;
    return { kind: 'byte', set: negative ? negated(folded) : folded };
  }

  /** `\d` and its kin, or `[:alpha:]`; null where one byte stands. */
  #classMembers(): ByteSet | null {
    const escape = this.#peek() === '\\' ? CLASS_ESCAPES.get(this.#peek(1)) : undefined;
    if (escape !== undefined) {
      this.#at += 2;
      return escape;
    }
    const posix = /^\[([:.=])(\^?)([a-z]*)\1\]/u.exec(this.#source.slice(this.#at, this.#at + 16));
    if (posix === null) return null;
    const named = posix[1] === ':' ? POSIX.get(posix[3] ?? '') : undefined;
    if (named === undefined) return this.#refuse('a class name that is not known');
    this.#at += posix[0].length;
    return posix[2] === '^' ? negated(named) : named;
  }

  #classByte(): number {
    const char = this.#peek();
    if (char !== '\\') {
      if (char === '' || char.charCodeAt(0) > 0xff)
        this.#refuse('a character beyond bytes, or a class without end,');
      this.#at += 1;
      return char.charCodeAt(0);
    }
    if (this.#take('\\b')) return 0x08;
    // Within a class, digits are octal.
    const octal = /^\\([0-7]{1,3})/u.exec(this.#source.slice(this.#at, this.#at + 4));
    return octal === null ? this.#escapedByte() : this.#number(octal[0], Number.parseInt(octal[1] ?? '0', 8));
  }
}
