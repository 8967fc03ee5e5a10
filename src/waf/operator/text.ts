// Comparisons of strings; they look at bytes as they are.
import { lowercase } from '../transform/shape.ts';
import { type Operator, simple } from './operator.ts';

/** Words of which a value must contain one, if there is anything to look for. */
function wordOf(argument: string): readonly string[] | null {
  return argument === '' ? null : [lowercase(argument)];
}

export const TEXT_OPERATORS: readonly Operator[] = [
  { name: 'streq', make: (argument) => simple((value) => value === argument, wordOf(argument)) },
  { name: 'contains', make: (argument) => simple((value) => value.includes(argument), wordOf(argument)) },
  { name: 'strmatch', make: (argument) => simple((value) => value.includes(argument), wordOf(argument)) },
  { name: 'beginsWith', make: (argument) => simple((value) => value.startsWith(argument), wordOf(argument)) },
  { name: 'endsWith', make: (argument) => simple((value) => value.endsWith(argument), wordOf(argument)) },
  { name: 'within', make: (argument) => simple((value) => value === '' || argument.includes(value)) },
  {
    name: 'containsWord',
    make: (argument) => simple((value) => containsWord(value, argument), wordOf(argument)),
  },
  { name: 'unconditionalMatch', make: () => simple(() => true) },
  { name: 'noMatch', make: () => simple(() => false) },
];

/** Whether a word stands in a value with nothing of a word on either side. */
function containsWord(value: string, word: string): boolean {
  if (word === '') return true;
  for (let at = value.indexOf(word); at >= 0; at = value.indexOf(word, at + 1)) {
    if (!isWordChar(value, at - 1) && !isWordChar(value, at + word.length)) return true;
  }
  return false;
}

function isWordChar(text: string, at: number): boolean {
  return /^\w$/u.test(text.charAt(at));
}
