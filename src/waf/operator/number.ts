import { type Matcher, type Operator, simple } from './operator.ts';

/** A value as C's `atoi` reads it: an optional sign and digits at the beginning; anything else is 0. */
export function wholeNumber(text: string): number {
  // As scores and lengths are.
  if (text.length === 1) {
    const digit = text.charCodeAt(0) - 0x30;
    return digit >= 0 && digit <= 9 ? digit : 0;
  }
  const found = /^[\t-\r ]*([+-]?\d{1,18})/u.exec(text);
  return found === null ? 0 : Number(found[1]);
}

function comparing(compare: (value: number, argument: number) => boolean): (argument: string) => Matcher {
  return (argument) => {
    const bound = wholeNumber(argument);
    return simple((value) => compare(wholeNumber(value), bound));
  };
}

export const NUMBER_OPERATORS: readonly Operator[] = [
  { name: 'eq', make: comparing((value, argument) => value === argument) },
  { name: 'ge', make: comparing((value, argument) => value >= argument) },
  { name: 'gt', make: comparing((value, argument) => value > argument) },
  { name: 'le', make: comparing((value, argument) => value <= argument) },
  { name: 'lt', make: comparing((value, argument) => value < argument) },
];
