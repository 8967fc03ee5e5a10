// Words looked up as bytes, without making a string of each cell first: twenty cells a row, two million rows.

/** A code for each word. Blanks around a word and the case of ASCII letters do not count. */
export interface WordTable {
  /** The code of the bytes from `start` to `end`; −1 where they are no word of the table. */
  find(bytes: Uint8Array, start: number, end: number): number;
}

const BLANK = 0x20;

/** FNV-1a over bytes with ASCII letters in lower case. Collisions are settled by comparing, so the hash need not be strong: the table's words are ours. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ lower(bytes[i] ?? 0), 0x01000193);
  return hash >>> 0;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Makes a table of words and their codes. Throws a RangeError where two words that are the same have different codes. */
export function wordTable(words: Readonly<Record<string, number>>): WordTable {
  const entries = Object.entries(words).map(
    ([word, code]) => [Buffer.from(word.trim().toLowerCase()), code] as const,
  );
  let size = 16;
  while (size < entries.length * 4) size *= 2;
  const slots: (readonly [Buffer, number] | undefined)[] = Array.from({ length: size });
  const longest = Math.max(0, ...entries.map(([word]) => word.byteLength));
  for (const entry of entries) {
    let at = hashOf(entry[0], 0, entry[0].byteLength) & (size - 1);
    for (let there = slots[at]; there !== undefined; there = slots[at]) {
      if (there[0].equals(entry[0])) {
        if (there[1] !== entry[1]) throw new RangeError(`two meanings of ${entry[0].toString()}`);
        break;
      }
      at = (at + 1) & (size - 1);
    }
    slots[at] = entry;
  }
  return {
    find(bytes, from, to) {
      let start = from;
      let end = to;
      while (start < end && bytes[start] === BLANK) start++;
      while (end > start && bytes[end - 1] === BLANK) end--;
      const length = end - start;
      if (length > longest) return -1;
      let at = hashOf(bytes, start, end) & (size - 1);
      for (let there = slots[at]; there !== undefined; there = slots[at]) {
        const [word, code] = there;
        if (word.byteLength === length) {
          let i = 0;
          while (i < length && word[i] === lower(bytes[start + i] ?? 0)) i++;
          if (i === length) return code;
        }
        at = (at + 1) & (size - 1);
      }
      return -1;
    },
  };
}
