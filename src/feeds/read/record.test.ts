import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LoupeError } from '#kernel';
import { COMMA, csvReader, rowCells } from './csv.ts';
import { jsonRecords } from './json.ts';
import { flatJson } from './json-value.ts';
import { type FlatRecord, RECORD_BOUNDS } from './record.ts';
import { transcript } from './transcript.ts';
import { sheetRows } from './xlsx.ts';
import { xmlRecords } from './xml.ts';

/** Bytes cut into pieces at the given places. */
async function* pieces(text: string | Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (let i = 0; i + 1 < places.length; i++) yield bytes.subarray(places[i], places[i + 1]);
}

type Reads = (bytes: AsyncIterable<Uint8Array>, path: readonly string[]) => AsyncGenerator<FlatRecord>;

async function read(
  reads: Reads,
  text: string | Uint8Array,
  path: readonly string[] = [],
  cuts: readonly number[] = [],
): Promise<(Readonly<Record<string, string>> | null)[] | string> {
  const found = [];
  try {
    for await (const { texts } of reads(pieces(text, cuts), path))
      found.push(texts === null ? null : Object.fromEntries(texts));
  } catch (error) {
    if (error instanceof LoupeError) return String(error.details['why']);
    throw error;
  }
  return found;
}

/** What JSON.parse makes of it, made flat. */
function flat(value: unknown, path = ''): [string, string][] {
  const under = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (Array.isArray(value)) return value.flatMap((one, i) => flat(one, under(String(i))));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, one]) => flat(one, under(name)));
  return [[path, value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)]];
}

const name = fc.stringMatching(/^[a-z_$" \\é💎]{1,6}$/u);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const cuts = fc.array(fc.nat(2_000), { maxLength: 8 });

describe('JSON', () => {
  test('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(0, 2), (value, indent) => {
        const found = flatJson(JSON.stringify(value, null, indent), RECORD_BOUNDS);
        expect(found === null ? null : [...found]).toEqual(flat(value));
      }),
    );
  });

  test('what JSON.parse refuses is refused', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            '"',
            ':',
            ',',
            '1',
            '-',
            '.',
            'e',
            '\\',
            'n',
            'true',
            ' ',
          ),
        }),
        (text) => {
          let isJson = true;
          try {
            JSON.parse(text);
          } catch {
            isJson = false;
          }
          if (!isJson) expect(flatJson(text, RECORD_BOUNDS)).toBeNull();
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test('records are found wherever their list is, however the bytes are cut', async () => {
    const record = fc.dictionary(name, json, { minKeys: 1, maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 5 }), json, cuts, async (records, other, at) => {
        const expected = records.map((one) => Object.fromEntries(flat(one)));
        const within = { before: other, response: { more: other, body: { list: records } }, after: other };
        expect(await read(jsonRecords, JSON.stringify(within), ['response', 'body', 'list'], at)).toEqual(
          expected,
        );
        expect(await read(jsonRecords, JSON.stringify(records), [], at)).toEqual(expected);
        const lines = records.map((one) => `${JSON.stringify(one)}\n`).join('');
        if (records.length > 0) expect(await read(jsonRecords, lines, [], at)).toEqual(expected);
      }),
    );
  });

  test.each([
    ['a name twice', '[{"price":1,"price":900}]', [null]],
    ['a name twice, once in disguise', '[{"price":1,"pric\\u0065":900}]', [null]],
    ['a name that stands for a path', '[{"a":{"b":1},"a.b":2}]', [null]],
    [
      'the names of every object',
      '[{"__proto__":{"price":"1"},"constructor":"x"}]',
      [{ '__proto__.price': '1', constructor: 'x' }],
    ],
    [
      'numbers that are none',
      '[{"a":1e309,"b":-0,"c":123456789012345678901234567890}]',
      [{ a: '1e309', b: '-0', c: '123456789012345678901234567890' }],
    ],
    [
      'what only some call JSON',
      '[{a:1},{\'b\':2},{"c":01},{"d":NaN},{"e":1,}]',
      [null, null, null, null, null],
    ],
    ['a record that is none', '[1,"two",{"a":3}]', [{ '': '1' }, { '': 'two' }, { a: '3' }]],
    ['too deep a record', `[${'{"a":'.repeat(40)}1${'}'.repeat(40)}]`, [null]],
    ['too many members', `[{${Array.from({ length: 2_000 }, (_, i) => `"k${i}":1`).join(',')}}]`, [null]],
    ['a list that does not end', '[{"a":1},{"a":2}', 'cut-short'],
    ['a record that does not end', '[{"a":1},{"a":"2', 'cut-short'],
    ['a record without end', `[{"a":"${'x'.repeat(300_000)}"}]`, 'record-too-long'],
    ['brackets that are not each other’s', '[{"a":1}}', 'damaged'],
    ['lists in lists without end', '['.repeat(200_000), 'record-too-long'],
    ['nothing', '', 'no-records'],
    ['a sentence', 'You are not authorized', [null, null, null, null]],
    ['UTF-16', Buffer.from('\ufeff[{"a":1}]', 'utf16le'), 'utf-16'],
    ['bytes that are no text', Buffer.from('[{"a":"\xc1\x92"}]', 'latin1'), [null]],
  ])('%s', async (_, text, expected) => {
    expect(await read(jsonRecords, text)).toEqual(expected);
  });

  test.each([
    ['another document', '{"error":"unauthorized"}', 'no-records'],
    ['two lists', '{"data":{"items":[{"a":1}],"items":[{"a":2}]}}', 'two-lists'],
    ['objects in objects without end', '{"x":'.repeat(1_000), 'too-deep'],
    ['a list of the same name elsewhere', '{"other":{"items":[1]},"data":{"items":[{"a":1}]}}', [{ a: '1' }]],
  ])('under a path, %s', async (_, text, expected) => {
    expect(await read(jsonRecords, text, ['data', 'items'])).toEqual(expected);
  });
});

describe('XML', () => {
  const path = ['root', 'item'];

  test('records are attributes and texts, however the bytes are cut', async () => {
    const value = fc.stringMatching(/^[a-z0-9é💎 .&<>"']{1,12}$/u);
    const escaped = (text: string): string => text.replace(/[&<>"']/gu, (char) => `&#${char.charCodeAt(0)};`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 5 }),
        cuts,
        async (rows, at) => {
          const items = rows.map(
            ([a, b, c]) => `<item id="${escaped(a)}"> <x>${escaped(b)}</x><n><y>${escaped(c)}</y></n></item>`,
          );
          expect(
            await read(xmlRecords, `<?xml version="1.0"?><root>${items.join('\n')}</root>`, path, at),
          ).toEqual(rows.map(([a, b, c]) => ({ id: a, x: b.trim(), 'n.y': c.trim() })));
        },
      ),
    );
  });

  const bomb = `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">${Array.from('bcdefghij', (one, i) => `<!ENTITY ${one} "${`&${'abcdefghi'[i]};`.repeat(10)}">`).join('')}]>`;
  test.each([
    [
      'an entity of a file',
      '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><root><item id="&x;"/></root>',
      'document-type',
    ],
    [
      'a definition elsewhere',
      '<!DOCTYPE root SYSTEM "http://169.254.169.254/"><root><item id="1"/></root>',
      'document-type',
    ],
    ['a billion laughs', `${bomb}<root><item id="&j;"/></root>`, 'document-type'],
    ['an entity that nobody defined', '<root><item id="&x;"/></root>', 'damaged'],
    ['an attribute twice', '<root><item id="1" id="2"/></root>', 'damaged'],
    ['an element twice', '<root><item id="1"><p>1</p><p>2</p></item></root>', [null]],
    ['an attribute and an element of one name', '<root><item p="1"><p>2</p></item></root>', [null]],
    ['another encoding', '<?xml version="1.0" encoding="UTF-7"?><root><item id="1"/></root>', 'encoding'],
    ['bytes that are no text', Buffer.from('<root><item id="\xc1\x92"/></root>', 'latin1'), 'encoding'],
    ['too deep', `<root><item>${'<a>'.repeat(40)}`, 'too-deep'],
    ['a text without end', `<root><item><a>${'x'.repeat(400_000)}`, 'record-too-long'],
    ['a comment without end', `<root><!--${'x'.repeat(400_000)}`, 'record-too-long'],
    ['an end in the middle', '<root><item id="1"/>', 'damaged'],
    ['another document', '<html><body>Not authorized</body></html>', 'no-records'],
    ['no document', 'You are not authorized', 'damaged'],
    [
      'the names of every object',
      '<root><item __proto__="1" constructor="2"/></root>',
      [JSON.parse('{"__proto__":"1","constructor":"2"}')],
    ],
    ['markup as text', '<root><item><c><![CDATA[<script>]]></c></item></root>', [{ c: '<script>' }]],
  ])('%s', async (_, text, expected) => {
    const cut = Array.from({ length: 20 }, (__, i) => i * 20_000);
    expect(await read(xmlRecords, text, path, cut)).toEqual(expected);
  });
});

test('a transcript holds what was read, and what could not be as a row that is none', async () => {
  const given = '[{"id":"1","note":"a \\"b\\",\\r\\nc"},{"id":"2","id":"3"},{"note":"=1+1"}]';
  const rows: string[][] = [];
  const csv = csvReader(COMMA, (row) => rows.push(rowCells(row)));
  for await (const block of transcript(['id', 'note'], jsonRecords(pieces(given), []))) csv.push(block);
  csv.end();
  expect(rows).toEqual([['id', 'note'], ['1', 'a "b",\r\nc'], ['{"id":"2","id":"3"}'], ['', '=1+1']]);
});

describe('a workbook', () => {
  const sheet = (xml: string, shared = '<sst/>') => [
    {
      name: 'xl/worksheets/sheet1.xml',
      bytes: Buffer.from(`<worksheet><sheetData>${xml}</sheetData></worksheet>`),
    },
    { name: 'xl/sharedStrings.xml', bytes: Buffer.from(shared) },
  ];
  const why = (reason: string) =>
    expect.objectContaining({ code: 'feeds/unreadable', details: { why: reason } });

  test('is the texts that stand in it, each in its column', () => {
    const shared =
      '<sst><si><t>a</t><rPh><t>read so</t></rPh></si><si><r><t>b</t></r><r><t>c</t></r></si></sst>';
    const rows = sheetRows(
      sheet(
        '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row><row/><row><c t="inlineStr"><is><t>x</t></is></c><c><f>1+1</f><v>1.04E+11</v></c><c t="s"><v>9</v></c></row>',
        shared,
      ),
    );
    expect(rows).toEqual([
      ['a', '', 'bc'],
      ['x', '1.04E+11', ''],
    ]);
  });

  test('with a column beyond every table, a document type, or no sheet is none', () => {
    expect(() => sheetRows(sheet('<row><c r="ZZZ1"><v>1</v></c></row>'))).toThrow(why('too-many-cells'));
    expect(() => sheetRows(sheet('', '<!DOCTYPE sst [<!ENTITY x "y">]><sst/>'))).toThrow(
      why('document-type'),
    );
    expect(() => sheetRows([])).toThrow(why('no-records'));
    expect(() => sheetRows(sheet('<row><c>'))).toThrow(why('damaged'));
  });
});
