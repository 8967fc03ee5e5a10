import { ByteRegex } from '../regex/pattern.ts';
import { lowercase } from '../transform/shape.ts';
import { WordFinder } from '../words.ts';
import { ArgumentError, type Matcher, type Operator } from './operator.ts';

/** How patterns are read: `.` is every byte, `$` the very end, as in ModSecurity 2, for which the Core Rule Set is written (decision 34). */
const RULE_PATTERN = { caseless: false, dotAll: true, multiline: false, dollarEndOnly: true };

function rx(argument: string): Matcher {
  const pattern = new ByteRegex(argument, RULE_PATTERN);
  return {
    matches: (value) => pattern.test(value),
    captures: (value, exact) => pattern.exec(value, exact) ?? [value],
    requirement: pattern.requirement,
    phrases: null,
  };
}

function phrases(list: readonly string[]): Matcher {
  const lowered = [...new Set(list.map(lowercase))].filter((phrase) => phrase !== '');
  if (lowered.length === 0) throw new ArgumentError('no phrase');
  // Made when first asked: most are never asked, because the program looks for all words of all rules at once.
  let finder: WordFinder | null = null;
  const find = (value: string): number => {
    finder ??= new WordFinder(lowered);
    return finder.find(value)[0] ?? -1;
  };
  return {
    matches: (value) => find(value) >= 0,
    captures: (value) => [lowered[find(value)] ?? value],
    requirement: { words: lowered, sets: [] },
    phrases: lowered,
  };
}

/** The lines of a phrase file: one phrase each, `#` begins a comment. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const phrasesFromFile: Operator['make'] = (argument, files) => {
  const names = argument.split(/\s+/u).filter((name) => name !== '');
  const texts = names.map((name) => {
    const text = files.read(name);
    if (text === null) throw new ArgumentError(`the file ${name} is not there`);
    return text;
  });
  return phrases(texts.flatMap(linesOf));
};

/** `|41 42|` within a phrase stands for the bytes of those numbers (Snort's notation, which ModSecurity's `@pm` knows). */
function unpiped(phrase: string): string {
  return phrase.replaceAll(/\|((?:[0-9A-Fa-f]{2} ?)+)\|/gu, (_, hex: string) =>
    Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('latin1'),
  );
}

export const PATTERN_OPERATORS: readonly Operator[] = [
  { name: 'rx', make: rx },
  {
    name: 'pm',
    make: (argument) =>
      phrases(
        argument
          .split(/\s+/u)
          .filter((word) => word !== '')
          .map(unpiped),
      ),
  },
  { name: 'pmFromFile', make: phrasesFromFile },
  { name: 'pmf', make: phrasesFromFile },
];
