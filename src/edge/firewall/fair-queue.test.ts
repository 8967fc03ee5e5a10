import { describe, expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const BOUNDS = { count: 6, bytes: 100, countOfOne: 3, bytesOfOne: 50 };
const queue = (): FairQueue<{ unit: string; bytes: number; name: string }> => new FairQueue(BOUNDS);

describe('what waits', () => {
  test('has its turn by whose it is, and in order then', () => {
    const waiting = queue();
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'])
      expect(waiting.add({ unit: name.charAt(0), bytes: 1, name })).toBe(true);
    const taken = Array.from({ length: 7 }, () => waiting.take()?.name);
    expect(taken).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', undefined]);
  });

  test.each([
    ['too many of one', ['a', 'a', 'a', 'a'], 1, [true, true, true, false]],
    ['too many of all', ['a', 'a', 'b', 'b', 'c', 'c', 'd'], 1, [true, true, true, true, true, true, false]],
    ['too long for one', ['a', 'a', 'a'], 20, [true, true, false]],
    ['too long for all', ['a', 'b', 'c'], 40, [true, true, false]],
    ['long, and alone', ['a', 'a'], 90, [true, false]],
  ])('has bounds: %s', (_, units, bytes, expected) => {
    const waiting = queue();
    expect(units.map((unit) => waiting.add({ unit, bytes, name: unit }))).toEqual(expected);
  });

  test('makes room when it goes', () => {
    const waiting = queue();
    for (let i = 0; i < 3; i += 1) waiting.add({ unit: 'a', bytes: 10, name: 'a' });
    expect(waiting.add({ unit: 'a', bytes: 10, name: 'a' })).toBe(false);
    waiting.take();
    expect(waiting.add({ unit: 'a', bytes: 10, name: 'a' })).toBe(true);
  });
});
