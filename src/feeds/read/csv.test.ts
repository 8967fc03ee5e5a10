import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellText, COMMA, csvReader, CSV_BOUNDS, type CsvBounds, type RowFault } from './csv.ts';

interface Read {
  readonly rows: string[][];
  readonly faults: (RowFault | null)[];
  readonly places: { readonly offset: number; readonly length: number }[];
}

/** Reads bytes cut into pieces at the given places. */
function read(bytes: Uint8Array, cuts: readonly number[] = [], bounds: CsvBounds = CSV_BOUNDS): Read {
  const found: Read = { rows: [], faults: [], places: [] };
  const reader = csvReader(
    COMMA,
    (row) => {
      found.rows.push(Array.from({ length: row.cells }, (_, cell) => cellText(row, cell)));
      found.faults.push(row.fault);
      found.places.push({ offset: row.offset, length: row.length });
    },
    bounds,
  );
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (let i = 0; i + 1 < places.length; i++) reader.push(bytes.slice(places[i], places[i + 1]));
  reader.end();
  return found;
}

const written = (rows: readonly (readonly string[])[], quoteAll: boolean, end: string): string =>
  rows
    .map((row) =>
      row
        .map((cell) => (quoteAll || /[",\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join(','),
    )
    .join(end);

describe('CSV', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '💎', '0'),
    maxLength: 12,
  });

  test('what was written is read, however it was cut, and each row’s place is told', () => {
    fc.assert(
      fc.property(
        // A row of one empty cell is an empty line, which is none.
        fc.array(fc.array(cell, { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.boolean(),
        (rows, quoteAll, end, cuts, closed) => {
          const text = written(rows, quoteAll, end) + (closed ? end : '');
          const bytes = Buffer.from(text);
          const got = read(bytes, cuts);
          expect(got.rows).toEqual(rows);
          expect(got.faults.every((fault) => fault === null)).toBe(true);
          for (const [i, { offset, length }] of got.places.entries())
            expect(read(bytes.subarray(offset, offset + length)).rows).toEqual([rows[i]]);
          const last = got.places.at(-1);
          expect((last?.offset ?? 0) + (last?.length ?? 0)).toBe(bytes.length);
        },
      ),
    );
  });

  test('whatever bytes come, cutting them changes nothing', () => {
    const odd = fc.array(fc.constantFrom(0, 9, 10, 13, 34, 44, 65, 0xc3, 0xa9, 0xff), { maxLength: 60 });
    const outcome = (bytes: Buffer, cuts: readonly number[]): unknown => {
      try {
        return read(bytes, cuts);
      } catch (error) {
        return String(error);
      }
    };
    fc.assert(
      fc.property(odd, fc.array(fc.nat(), { maxLength: 6 }), (values, cuts) => {
        const bytes = Buffer.from(values);
        expect(outcome(bytes, cuts)).toEqual(outcome(bytes, []));
      }),
    );
  });

  test.each<[string, string | Buffer, RowFault]>([
    ['text after a closing quote', 'a,"b"c,d\n', 'quote'],
    ['a quoted cell that goes on after it', '"a" "b",c\n', 'quote'],
    ['NUL', 'a,b\0c\n', 'byte'],
    ['NUL in quotes', 'a,"b\0c"\n', 'byte'],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0x2c, 0xe9, 0x0a]), 'encoding'],
    ['an overlong form', Buffer.from([0x61, 0x2c, 0xc0, 0xaf, 0x0a]), 'encoding'],
    ['a lone surrogate', Buffer.from([0x61, 0x2c, 0xed, 0xa0, 0x80, 0x0a]), 'encoding'],
    ['a cell of 17,000 bytes', `a,${'x'.repeat(17_000)}\n`, 'cell-too-long'],
    ['300 cells', `${'a,'.repeat(300)}\n`, 'too-many-cells'],
  ])('%s spoils its row and no other', (_, text, fault) => {
    const bytes = Buffer.concat([Buffer.from('1,2\n'), Buffer.from(text), Buffer.from('3,4\n')]);
    const { faults, rows } = read(bytes);
    expect(faults).toEqual([null, fault, null]);
    expect(rows[2]).toEqual(['3', '4']);
  });

  test.each<[string, Buffer, string]>([
    ['a quote that never closes', Buffer.from('a,b\nc,"d\ne,f\n'), 'open-quote'],
    ['a row without end', Buffer.from(`a,b\n${'x'.repeat(300_000)}`), 'row-too-long'],
    ['UTF-16', Buffer.from('\uFEFFa,b\n', 'utf16le'), 'utf-16'],
  ])('%s ends the file', (_, bytes, why) => {
    expect(() => read(bytes, [bytes.length / 2])).toThrow(
      expect.objectContaining({ code: 'feeds/unreadable', details: expect.objectContaining({ why }) }),
    );
  });

  test('an open quote holds no more than a row may be', () => {
    const reader = csvReader(COMMA, () => undefined);
    reader.push(Buffer.from('a,"'));
    expect(() => {
      for (let i = 0; i < 100; i++) reader.push(Buffer.alloc(10_000, 0x78));
    }).toThrow(expect.objectContaining({ code: 'feeds/unreadable' }));
  });

  test('a byte order mark and empty lines are no rows; a quote inside a bare cell is a character', () => {
    expect(read(Buffer.from('\uFEFFa,b\r\n\r\n\n5" ring,d\n')).rows).toEqual([
      ['a', 'b'],
      ['5" ring', 'd'],
    ]);
    expect(read(Buffer.from('""\n')).rows).toEqual([['']]);
    expect(read(Buffer.from('')).rows).toEqual([]);
  });
});
