/** So many places are looked at for one text. */
const WAYS = 4;
/** Of a long text so many characters tell it from others. */
const SAMPLED = 32;

/** A number for a text, out of its length and at most 32 of its characters. */
export function hashOfText(text: string): number {
  const { length } = text;
  const step = length <= SAMPLED ? 1 : Math.ceil(length / SAMPLED);
  let hash = length;
  for (let at = 0; at < length; at += step) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);
}

/**
 * What was found out about texts that come again and again, for texts that are new strings each time: headers, names, addresses. Bounded: each text has four places, and
 * what was not asked about for longest, or nearly so, leaves them first.
 *
 * A `Map` does the same at several times the cost: V8 puts a string into its table of names before it looks for it as a key.
 */
export class TextTable<V> {
  readonly #hashes: Int32Array;
  readonly #texts: (string | undefined)[];
  readonly #values: (V | undefined)[];
  readonly #mask: number;

  /** For about so many texts: a power of two, at least 4. */
  constructor(places: number) {
    this.#hashes = new Int32Array(places);
    this.#texts = Array.from({ length: places }, () => undefined);
    this.#values = Array.from({ length: places }, () => undefined);
    this.#mask = places - WAYS;
  }

  get(text: string, hash = hashOfText(text)): V | undefined {
    const first = hash & this.#mask;
    for (let at = first; at < first + WAYS; at += 1) {
      if (this.#hashes[at] !== hash || this.#texts[at] !== text) continue;
      const value = this.#values[at];
      if (at > first) this.#swap(at, at - 1);
      return value;
    }
    return undefined;
  }

  /** Keeps a value for a text that has none so far. */
  set(text: string, value: V, hash = hashOfText(text)): void {
    const first = hash & this.#mask;
    let at = first;
    while (at < first + WAYS - 1 && this.#texts[at] !== undefined) at += 1;
    const isFull = this.#texts[at] !== undefined;
    this.#hashes[at] = hash;
    this.#texts[at] = text;
    this.#values[at] = value;
    // What comes next takes the place of the one that was before it, unless that is asked about in the meantime.
    if (isFull) this.#swap(at, at - 1);
  }

  #swap(one: number, other: number): void {
    const hash = this.#hashes[one] ?? 0;
    const text = this.#texts[one];
    const value = this.#values[one];
    this.#hashes[one] = this.#hashes[other] ?? 0;
    this.#texts[one] = this.#texts[other];
    this.#values[one] = this.#values[other];
    this.#hashes[other] = hash;
    this.#texts[other] = text;
    this.#values[other] = value;
  }
}
