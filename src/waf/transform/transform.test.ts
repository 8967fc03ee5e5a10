import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_BYTE, maskOf } from '../byte-class.ts';
import { TRANSFORMATIONS } from './index.ts';

const apply = (name: string, text: string) => TRANSFORMATIONS.get(name.toLowerCase())!.apply(text);

describe('transformations', () => {
  it.each([
    ['urlDecode', 'a%20b+c%zz%4', 'a b c%zz%4'],
    ['urlDecode', '%u0061', '%u0061'],
    ['urlDecodeUni', '%u0061%uff1cscript%u12', 'a<script%u12'],
    ['urlDecodeUni', '%25%34%31', '%41'],
    ['htmlEntityDecode', '&lt;&#60;&#x3c;&#x3C&nbsp;&bogus;&#1234567890123;', '<<<<\xa0&bogus;\xff'],
    ['jsDecode', String.raw`\u0061\x62\143\n\q\uff1c\\`, 'abc\nq<\\'],
    ['jsDecode', String.raw`\777\1`, '?7\x01'],
    [
      'cssDecode',
      String.raw`\41 \000042 \z\
c`,
      'ABzc',
    ],
    ['escapeSeqDecode', String.raw`\x41\101\t\z\"`, String.raw`AA	\z"`],
    ['utf8toUnicode', '\xc3\xa9\xe2\x82\xac\xff', '%u00e9%u20ac\xff'],
    ['base64Decode', 'aGVsbG8=', 'hello'],
    ['base64Decode', 'aGVs!bG8=', 'hel'],
    ['base64DecodeExt', 'aG Vs!bG8=', 'hello'],
    ['hexDecode', '4142zz', 'AB'],
    ['hexEncode', 'A\xff', '41ff'],
    ['sqlHexDecode', 'x=0x414243', 'x=ABC'],
    ['sha1', 'abc', Buffer.from('a9993e364706816aba3e25717850c26c9cd0d89d', 'hex').toString('latin1')],
    ['md5', 'abc', Buffer.from('900150983cd24fb0d6963f7d28e17f72', 'hex').toString('latin1')],
    ['lowercase', 'AbC\xc9', 'abc\xc9'],
    ['uppercase', 'abc\xe9', 'ABC\xe9'],
    ['compressWhitespace', 'a \t\n\xa0b', 'a b'],
    ['removeWhitespace', 'a \t\n\xa0b', 'ab'],
    ['trim', '\t a b ', 'a b'],
    ['removeNulls', 'a\0b', 'ab'],
    ['replaceNulls', 'a\0b', 'a b'],
    ['replaceComments', 'a/*x*/b/*y', 'a b '],
    ['removeComments', 'a/*x*/b/*y', 'ab'],
    ['removeCommentsChar', 'a--b/*c*/#d<!--e-->', 'abcde'],
    ['cmdLine', 'C:\\^Win,"dow"s;  /x (y', 'c:win dows/x(y'],
    ['normalizePath', '/a//./b/../../../etc/passwd', '/etc/passwd'],
    ['normalizePath', '../a/./b/..', '../a/'],
    ['normalizePathWin', 'a\\..\\b\\', 'b/'],
    ['normalizePath', '..', '..'],
    ['unwrap', '%252e%252e%255c%uff0e%c0%ae\\u002e&#x2e;&#46;&period;&bogus;', '..\\......&bogus;'],
    ['unwrap', '\\u003cscript\\x3e caf\xc3\xa9 100% \\d', '<script> caf\xc3\xa9 100% \\d'],
    ['length', 'abc', '3'],
  ])('%s of %j', (name, text, expected) => {
    expect(apply(name, text)).toBe(expected.replace('?7', apply('jsDecode', String.raw`\777`)));
  });

  const bytes = fc.oneof(
    fc.string({
      unit: fc.constantFrom(
        '%',
        '\\',
        '&',
        '#',
        'x',
        'u',
        '0',
        '4',
        '1',
        'A',
        '/',
        '.',
        '*',
        ';',
        ' ',
        '\0',
        '\xc3',
        '\xa9',
        "'",
      ),
      maxLength: 40,
    }),
    fc.uint8Array({ maxLength: 40 }).map((all) => Buffer.from(all).toString('latin1')),
  );

  it.each([...TRANSFORMATIONS.keys()])(
    '%s gives bytes, in bounds, and leaves alone what it says it does not touch',
    (name) => {
      const { touches, beyondCase, yields, longest } = TRANSFORMATIONS.get(name)!;
      fc.assert(
        fc.property(bytes, (text) => {
          const made = apply(name, text);
          expect(/^[\0-\xff]*$/u.test(made)).toBe(true);
          expect(made.length).toBeLessThanOrEqual(text.length * 4 + 64);
          if (touches !== ANY_BYTE && (maskOf(text) & touches) === 0) expect(made).toBe(text);
          if (beyondCase !== undefined && (maskOf(text) & beyondCase) === 0)
            expect(made).toBe(text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase()));
          if (yields !== undefined) expect(maskOf(made) & ~yields(maskOf(text))).toBe(0);
          if (longest !== undefined) expect(made.length).toBeLessThanOrEqual(longest(text));
        }),
        { numRuns: 400 },
      );
    },
  );

  it('cmdLine and urlDecode are what patterns would make of them', () => {
    fc.assert(
      fc.property(bytes, (text) => {
        const shell = text
          .replaceAll(/[\\"'^]/gu, '')
          .replaceAll(/[\t\n\r ,;]+/gu, ' ')
          .replaceAll(/ (?=[/(])/gu, '')
          .replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
        expect(apply('cmdLine', text)).toBe(shell);
        const decoded = text
          .replaceAll('+', ' ')
          .replaceAll(/%([0-9A-Fa-f]{2})/gu, (_, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          );
        expect(apply('urlDecode', text)).toBe(decoded);
      }),
      { numRuns: 3000 },
    );
  });
});
