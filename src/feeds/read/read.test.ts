import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimal } from './decimal.ts';
import { publicLink } from './link.ts';
import { plainText, spreadsheetCell } from './text.ts';
import { wordTable } from './word-table.ts';

const number = (text: string, scale: number): number => {
  const bytes = Buffer.from(`,${text},`);
  return decimal(bytes, 1, bytes.length - 1, scale);
};

describe('numbers', () => {
  test('are the integer nearest to what stands there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999_999, max: 99_999_999 }),
        fc.integer({ min: 0, max: 4 }),
        (value, scale) => {
          const text = (value / 10 ** scale).toFixed(scale);
          expect(number(text, scale)).toBe(value === 0 ? number('0', scale) : value);
          expect(number(` ${text} `, scale)).toBe(number(text, scale));
        },
      ),
    );
    expect(number('0.705', 3)).toBe(705);
    expect(number('5.655', 2)).toBe(566);
    expect(number('-0.455', 2)).toBe(-46);
    expect(number('1.', 2)).toBe(100);
    expect(number('.5', 2)).toBe(50);
    expect(number('0001.50', 2)).toBe(150);
  });

  test.each([
    '',
    ' ',
    '-',
    '.',
    '--1',
    '+1',
    '1e5',
    '1.04075E+11',
    '1,234.50',
    '1.234,50',
    '1 000',
    '$5',
    '5%',
    '1.2.3',
    'NaN',
    'Infinity',
    '0x10',
    '١٢',
    '99999999999999999999',
    '1e309',
    '70368744177664.1',
  ])('%j is none', (text) => {
    expect(number(text, 2)).toBeNaN();
  });
});

describe('words', () => {
  test('are found whatever their case and blanks, and nothing else is', () => {
    const table = wordTable({ Round: 0, 'Old Miner': 1, '': 2, B: 0 });
    const find = (text: string): number => {
      const bytes = Buffer.from(text);
      return table.find(bytes, 0, bytes.length);
    };
    expect([find('round'), find(' ROUND '), find('old miner'), find(''), find('  '), find('b')]).toEqual([
      0, 0, 1, 2, 2, 0,
    ]);
    for (const other of ['roun', 'rounds', 'old  miner', 'ronud', 'Ｒound', 'r\u200Bound', '__proto__'])
      expect(find(other)).toBe(-1);
    expect(() => wordTable({ a: 1, A: 2 })).toThrow(RangeError);
  });

  test('every word of a table is found, and as itself', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{0,12}$/u), { maxLength: 60 }), (words) => {
        const table = wordTable(Object.fromEntries(words.map((word, code) => [word, code])));
        for (const [code, word] of words.entries()) {
          const bytes = Buffer.from(word);
          expect(table.find(bytes, 0, bytes.length)).toBe(code);
        }
      }),
    );
  });
});

describe('text', () => {
  test('has nothing that is not seen, and is one line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.integer({ min: 1, max: 40 }),
        (given, most) => {
          const text = plainText(given, most);
          expect(text).not.toMatch(/[\p{Cc}\p{Cs}\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/u);
          expect(Array.from(text).length).toBeLessThanOrEqual(most);
          expect(text.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  test.each([
    ['gnp.exe\u202Egpj', 'gnp.exegpj'],
    ['GI\u200BA', 'GIA'],
    ['a\r\nb\tc', 'a b c'],
    ['\u0000\u001B[31mred', '[31mred'],
    ['e\u0301clat', 'éclat'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['\u{E0041}tag', 'tag'],
    ['\uD800x', '\uFFFDx'],
  ])('%j becomes %j', (given, text) => {
    expect(plainText(given, 100)).toBe(text);
  });

  test('a cell of ours is never computed by a spreadsheet, and reads as it was', () => {
    for (const formula of ['=1+1', '+2 Rap Pt', '-ML35', '@SUM(A1)', "=cmd|' /C calc'!A0"])
      expect(spreadsheetCell(formula)).toMatch(/^"?'/u);
    expect(spreadsheetCell('plain')).toBe('plain');
    expect(spreadsheetCell('a,"b"')).toBe('"a,""b"""');
  });
});

describe('links', () => {
  test.each([
    ['http://certificates.example/1.pdf', 'http://certificates.example/1.pdf'],
    ['//images.example/a b.jpg', 'https://images.example/a%20b.jpg'],
    ['https://images.example/x?y=1', 'https://images.example/x?y=1'],
    ['https://93.184.216.34/x', 'https://93.184.216.34/x'],
  ])('%s may be shown', (given, link) => {
    expect(publicLink(given)).toBe(link);
  });

  test.each([
    '',
    'javascript:alert(1)',
    ' java\tscript:alert(1)',
    'data:text/html,x',
    'ftp://files.example/x',
    'file:///etc/passwd',
    'https://user:secret@images.example/',
    'https://127.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://localhost/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'https://images.example:8443/',
    'images.example/x.jpg',
    `https://images.example/${'x'.repeat(3_000)}`,
  ])('%s may not', (given) => {
    expect(publicLink(given)).toBeNull();
  });
});
