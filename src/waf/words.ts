// Finds any of many words in one pass. Each word is filed under the rarest three bytes in a row that it has; a text is read once, and only where such three bytes stand in it are
// words compared. What is read for each byte is a table of 32 KiB, which stays in the processor's nearest cache; the automaton of Aho and Corasick over the same words is one
// of 10 MB, and waits for memory at nearly every byte (decision 34). Words and text are compared with ASCII letters lowered.
import { CLASS_BIT } from './byte-class.ts';
import { bytesOfText, LOWERED } from './bytes.ts';

/** Bytes in 64 kinds: letters, digits and marks one each, the rest by their remainder. */
const KIND: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const lower = byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
  if (lower >= 0x61 && lower <= 0x7a) return 1 + lower - 0x61;
  if (byte >= 0x30 && byte <= 0x39) return 27 + byte - 0x30;
  const mark = ' !"#$%&\'()*+,-./:;<=>?@[\\]^_'.indexOf(String.fromCharCode(byte));
  return mark < 0 ? (byte % 2 === 0 ? 0 : 63) : 37 + (mark % 26);
});

/** How often kinds of bytes occur in requests, in steps of about two: letters by English, then digits, then marks of addresses and headers. */
const OFTEN: Uint8Array = (() => {
  const often = new Uint8Array(64).fill(2);
  for (const [letters, weight] of [
    ['etaoinsr', 9],
    ['hldcumpg', 8],
    ['fbwyvk', 6],
    ['jxqz', 3],
    ['0123456789', 7],
    ['/.-; =', 7],
  ] as const) {
    for (let i = 0; i < letters.length; i += 1) often[KIND[letters.charCodeAt(i)] ?? 0] = weight;
  }
  return often;
})();

interface Filed {
  readonly word: number;
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Bytes of the word up to and with the ones it is filed under. */
  readonly upTo: number;
}

const NOTHING: number[] = [];
const NONE_FILED: readonly Filed[] = [];
const GRAM_BITS = 0x3ffff;

export class WordFinder {
  /** A bit for each three kinds in a row that some word is filed under. */
  readonly #filed = new Uint32Array((GRAM_BITS + 1) / 32);
  readonly #byGram = new Map<number, readonly Filed[]>();
  #mask = 0;

  /** Words are told by their place in the list; each at least one byte, letters lower. */
  constructor(words: readonly string[]) {
    const byGram = new Map<number, Filed[]>();
    for (const [word, text] of words.entries()) {
      const bytes = Buffer.from(text, 'latin1');
      for (const [gram, upTo] of gramsOf(text)) {
        const filed = { word, bytes, upTo };
        const list = byGram.get(gram);
        if (list === undefined) byGram.set(gram, [filed]);
        else list.push(filed);
        this.#filed[gram >>> 5] = (this.#filed[gram >>> 5] ?? 0) | (1 << (gram & 31));
      }
    }
    this.#byGram = byGram;
  }

  /** The classes of the bytes of the text that was read last (`byte-class.ts`). */
  get mask(): number {
    return this.#mask;
  }

  /** The places in the list of the words that a text contains, each once, in no order. */
  find(text: string): readonly number[] {
    const filed = this.#filed;
    const bytes = bytesOfText(text);
    const { length } = text;
    let gram = 0;
    let mask = 0;
    let found: number[] = NOTHING;
    for (let i = 0; i < length; i += 1) {
      const byte = bytes[i] ?? 0;
      mask |= CLASS_BIT[byte] ?? 0;
      gram = ((gram << 6) | (KIND[byte] ?? 0)) & GRAM_BITS;
      if ((((filed[gram >>> 5] ?? 0) >>> (gram & 31)) & 1) === 0) continue;
      const list = this.#byGram.get(gram) ?? NONE_FILED;
      for (let at = 0; at < list.length; at += 1) {
        const each = list[at];
        if (
          each === undefined ||
          !standsAt(bytes, length, i + 1 - each.upTo, each.bytes) ||
          found.includes(each.word)
        )
          continue;
        if (found === NOTHING) found = [each.word];
        else found.push(each.word);
      }
    }
    this.#mask = mask;
    return found;
  }
}

/** Whether a word stands at a place of a text of so many bytes, letters of the text lowered. */
function standsAt(text: Uint8Array, length: number, from: number, word: Uint8Array): boolean {
  if (from < 0 || from + word.length > length) return false;
  for (let at = 0; at < word.length; at += 1) {
    if (LOWERED[text[from + at] ?? 0] !== word[at]) return false;
  }
  return true;
}

/**
 * Where a word is filed: under its rarest three bytes; a shorter one under every three that end in it. The beginning of a text counts as bytes of kind 0, so that what is
 * compared there is in bounds.
 */
function gramsOf(text: string): readonly (readonly [gram: number, upTo: number])[] {
  const kind = (at: number) => KIND[text.charCodeAt(at)] ?? 0;
  if (text.length === 1)
    return Array.from({ length: 4096 }, (_, before) => [(before << 6) | kind(0), 1] as const);
  if (text.length === 2)
    return Array.from({ length: 64 }, (_, before) => [(before << 12) | (kind(0) << 6) | kind(1), 2] as const);
  let best = 0;
  let bestOften = Infinity;
  for (let at = 0; at + 3 <= text.length; at += 1) {
    const often = (OFTEN[kind(at)] ?? 0) + (OFTEN[kind(at + 1)] ?? 0) + (OFTEN[kind(at + 2)] ?? 0);
    if (often < bestOften) {
      best = at;
      bestOften = often;
    }
  }
  return [[(kind(best) << 12) | (kind(best + 1) << 6) | kind(best + 2), best + 3]];
}
