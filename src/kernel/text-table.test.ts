import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextTable } from './text-table.ts';

/** The same characters, as a string that nobody else has. */
const another = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');

describe('a table by texts', () => {
  it('gives for a text what was kept for it, or nothing', () => {
    const text = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ minLength: 30, maxLength: 120 }));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
        const table = new TextTable<string>(16);
        for (const each of texts) {
          const found = table.get(another(each));
          if (found === undefined) table.set(each, `of ${each}`);
          expect([undefined, `of ${each}`]).toContain(found);
          expect(table.get(another(each))).toBe(`of ${each}`);
        }
      }),
    );
  });

  it('keeps what is asked about, whatever else comes', () => {
    const table = new TextTable<number>(4);
    table.set('a', 1);
    table.set('b', 2);
    for (let i = 0; i < 100; i += 1) {
      expect([table.get('a'), table.get('b')]).toEqual([1, 2]);
      table.set(`other ${i}`, i);
    }
  });

  it('does not take two texts for one that differ where they are not sampled', () => {
    const table = new TextTable<number>(64);
    const long = 'x'.repeat(400);
    table.set(long, 1);
    expect(table.get(`${long.slice(0, 1)}y${long.slice(2)}`)).toBeUndefined();
    expect(table.get(long)).toBe(1);
  });
});
