import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { SetOfRules } from './set-of-rules.ts';

it.each([1, 31, 32, 33, 64, 96, 100])('a set of %i rules gives its own, in order, and then none', (count) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(count - 1)), (ordinals) => {
      const empty = SetOfRules.for(count);
      const set = empty.copy();
      for (const one of ordinals) set.add(one);
      const given: number[] = [];
      for (let at = set.from(0); at < count; at = set.from(at + 1)) given.push(at);
      expect(given).toEqual(ordinals.toSorted((a, b) => a - b));
      expect(empty.from(0)).toBeGreaterThanOrEqual(count);
    }),
    { numRuns: 200 },
  );
});
