import { randomFrom } from '../../test/support/random.ts';

/** Numbers and words from a seed. */
export function generateWords(seed: number) {
  const below = randomFrom(seed);
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
