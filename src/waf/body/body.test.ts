import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readForm } from './form.ts';
import { isBinary, readable } from './readable.ts';
import { readJson } from './json.ts';
import { isStrictFault, readMultipart } from './multipart.ts';
import { readXml } from './xml.ts';

const hasControls = (text: string) => Array.from(text).some((char) => char < ' ');
const LIMITS = { args: 100, depth: 20, texts: 'one' } as const;

describe('forms', () => {
  it('give pairs, decoded, with names that have no value', () => {
    expect(readForm('a=1&b=%41+c&&d&=e&f=g=h', '&', 100)).toEqual({
      args: [
        ['a', '1'],
        ['b', 'A c'],
        ['d', ''],
        ['', 'e'],
        ['f', 'g=h'],
      ],
      error: null,
    });
  });

  it('say when there are too many', () => {
    expect(readForm('a&b&c', '&', 2)).toEqual({
      args: [
        ['a', ''],
        ['b', ''],
      ],
      error: 'more than 2 arguments',
    });
  });
});

describe('what nothing reads', () => {
  it('is shown as it is where it is text, in any encoding', () => {
    for (const text of [
      'a=1; b',
      Buffer.from('Ольга, 山田; ring\n', 'utf8').toString('latin1'),
      Buffer.from('<a>ring</a>', 'utf16le').toString('latin1'),
      '\x1b$B$3$l\x1b(B',
      '',
    ])
      expect([readable(text), isBinary(text)]).toEqual([text, false]);
  });

  it('is shown by its beginning and its texts where it is something else', () => {
    const bytes = '\x01\x02\xf0\x9f'.repeat(10);
    expect(readable(`\xac\xed\x00\x05${bytes}cat /etc/passwd${bytes}id\x01`)).toBe(
      `\xac\xed\x00\x05${bytes.slice(0, 28)}\x01cat /etc/passwd`,
    );
    expect(readable(`${bytes.repeat(250)}short one${bytes}long enough it is`)).toBe(
      `${bytes.slice(0, 32)}\x01long enough it is`,
    );
  });
});

describe('JSON', () => {
  it('gives every member, also those of one name, by paths without indices', () => {
    expect(
      readJson(
        String.raw`{"a":1,"a":"\u0041\ud83d\ude00","b":[{"c":true},{"c":null}],"d":{},"":-1.5e3}`,
        LIMITS,
      ).args,
    ).toEqual([
      ['json.a', '1'],
      ['json.a', 'A\xf0\x9f\x98\x80'],
      ['json.b.c', 'true'],
      ['json.b.c', ''],
      ['json.', '-1.5e3'],
    ]);
  });

  it('gives lines of JSON where many texts are expected', () => {
    const lines = '{"a":1}\n{"a":"x"}\n\n[2]\n';
    expect(readJson(lines, { ...LIMITS, texts: 'many' })).toEqual({
      args: [
        ['json.a', '1'],
        ['json.a', 'x'],
        ['json', '2'],
      ],
      error: null,
    });
    expect(readJson(lines, LIMITS).error).toBe('something after the JSON');
    expect(readJson('{"a":1} x', { ...LIMITS, texts: 'many' }).error).toMatch(/^no JSON/u);
  });

  it.each([
    ['{"a":1', [['json.a', '1']]],
    ['{"a":"x","b":', [['json.a', 'x']]],
    [
      `{"a":"x",b:'1\\' or',"c" "d`,
      [
        ['json.a', 'x'],
        ['json', "1' or"],
        ['json', 'c'],
        ['json', 'd'],
      ],
    ],
    ['{a:1}', []],
    ['[1,]', [['json', '1']]],
    ['{"a":01}', []],
    ['"a" x', [['json', 'a']]],
    ['', []],
    [`${'['.repeat(30)}1${']'.repeat(30)}`, []],
  ])('%j is an error, and what was read stands', (text, args) => {
    const read = readJson(text, LIMITS);
    expect(read.error).not.toBeNull();
    expect(read.args).toEqual(args);
  });

  it('agrees with the language about what JSON is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json({ maxDepth: 4 }),
          fc.string({
            unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', 'a', '\\', ' ', '-', '.', 'null'),
            maxLength: 12,
          }),
        ),
        (text) => {
          const bytes = Buffer.from(text, 'utf8').toString('latin1');
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          // Control characters within strings are read over: what is behind may do so, too.
          const { error } = readJson(bytes, { args: 10_000, depth: 100, texts: 'one' });
          if (valid) expect(error).toBeNull();
          else if (!text.includes('\\') && !hasControls(text)) expect(error).not.toBeNull();
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('XML', () => {
  it('gives text and attributes, references decoded, entities of its own as they are', () => {
    const read = readXml(
      '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r a="1&lt;" b=\'&#x41;\'>x&e;<![CDATA[<y>]]><!-- no --><z/>&amp;</r>',
    );
    expect(read).toEqual({
      text: 'x&e;<y>&',
      attributes: ['1<', 'A'],
      declarations: ['<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>'],
      error: null,
    });
  });

  it.each([
    '<a>',
    '<a></b>',
    '<a b></a>',
    '<a b=1></a>',
    'x',
    '<a/><b/>',
    '<a><!-- </a>',
    '<',
    '<a b="',
    '<a>'.repeat(600),
  ])('%j is an error', (text) => {
    expect(readXml(text).error).not.toBeNull();
  });
});

describe('multipart', () => {
  const read = (body: string, type = 'multipart/form-data; boundary=xyz') =>
    readMultipart(body.replaceAll('\n', '\r\n'), type, 10);

  it('gives fields, files and headers', () => {
    const { parts, error, faults } = read(
      '--xyz\nContent-Disposition: form-data; name="size"\n\n7\n--xyz\nContent-Disposition: form-data; name="f"; filename="a.png"\nContent-Type: image/png\n\nPNG\n\n--xyz--\n',
    );
    expect(error).toBeNull();
    expect(isStrictFault(faults)).toBe(false);
    expect(
      parts.map(({ name, fileName, content, headers }) => [name, fileName, content, headers.length]),
    ).toEqual([
      ['size', null, '7', 1],
      ['f', 'a.png', 'PNG\r\n', 2],
    ]);
  });

  it.each([
    ['no boundary', '--xyz--\n', 'multipart/form-data', { error: 'no boundary' }],
    ['no end', '--xyz\nContent-Disposition: form-data; name="a"\n\nb\n', undefined, { error: 'no end' }],
    [
      'quoted boundary',
      '--xyz--\n',
      'multipart/form-data; boundary="xyz"',
      { faults: { boundaryQuoted: true } },
    ],
    ['something before', 'x\n--xyz--\n', undefined, { faults: { dataBefore: true } }],
    ['something after', '--xyz--\nx\n', undefined, { faults: { dataAfter: true } }],
    [
      'folded header',
      '--xyz\nContent-Disposition: form-data;\n name="a"\n\nb\n--xyz--\n',
      undefined,
      { faults: { headerFolding: true } },
    ],
    [
      'single quotes',
      "--xyz\nContent-Disposition: form-data; name='a'\n\nb\n--xyz--\n",
      undefined,
      { faults: { invalidQuoting: true } },
    ],
    [
      'two file names',
      '--xyz\nContent-Disposition: form-data; name="a"; filename="b"; filename="c"\n\nb\n--xyz--\n',
      undefined,
      { faults: { invalidPart: true }, parts: [{ fileName: 'b c' }] },
    ],
    [
      'a part without name',
      '--xyz\n\nb\n--xyz--\n',
      undefined,
      { faults: { invalidPart: true }, parts: [{ name: '', content: 'b' }] },
    ],
    [
      'nearly the boundary',
      '--xyz\nContent-Disposition: form-data; name="a"\n\n--xyzz\n--xyz--\n',
      undefined,
      { faults: { unmatchedBoundary: true } },
    ],
  ])('tells %s', (_, body, type, expected) => {
    expect(read(body, type)).toMatchObject(expected);
  });

  it('tells bare newlines', () => {
    const { faults, parts } = readMultipart(
      '--xyz\nContent-Disposition: form-data; name="a"\n\nb\n--xyz--',
      'multipart/form-data; boundary=xyz',
      10,
    );
    expect(faults.lfLine).toBe(true);
    expect(parts[0]).toMatchObject({ name: 'a', content: 'b' });
  });
});
