import { ByteRegex } from '../regex/pattern.ts';

/** Names that are remembered by one pattern. */
const MAX_REMEMBERED = 512;
const OPTIONS = { caseless: true, dotAll: true, multiline: false, dollarEndOnly: true };

/** A pattern for members' names, which are few and the same from request to request, so that what was found out about them is remembered. */
export class NamePattern {
  readonly #pattern: ByteRegex;
  #remembered = new Map<string, boolean>();

  /** Throws `PatternError` and `ProgramTooLong`. */
  constructor(source: string) {
    this.#pattern = new ByteRegex(source, OPTIONS);
  }

  test(name: string): boolean {
    const known = this.#remembered.get(name);
    if (known !== undefined) return known;
    const found = this.#pattern.test(name);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered = new Map();
    this.#remembered.set(name, found);
    return found;
  }
}
