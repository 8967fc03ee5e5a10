/** Numbers and words from a seed (mulberry32). */
export function generateWords(seed: number) {
  let state = seed;
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
  const pick = <T>(list: readonly T[]): T => {
    const picked = list[below(list.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  };
  const syllables = [
    'gold',
    'ring',
    'halo',
    'em',
    'er',
    'ald',
    'cut',
    'pa',
    've',
    'ro',
    'se',
    'lu',
    'na',
    'ti',
    'di',
    'a',
    'mond',
    'el',
    'ce',
    'band',
  ];
  const word = () => Array.from({ length: 2 + below(3) }, () => pick(syllables)).join('');
  const phrase = (length: number) => Array.from({ length }, word).join(' ');
  return { below, pick, word, phrase };
}
