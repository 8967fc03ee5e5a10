import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jpegOf, pdfOf, pngOf, workbookOf, zipOf } from '../../test/support/files.ts';
import { paperDates } from './dates.ts';
import { readFile } from './index.ts';
import { doTask } from './task.ts';

const file = (bytes: Uint8Array, name: string) => doTask({ kind: 'file', bytes, name, words: null });
const EICAR = 'a harmless text, and more of it';

describe('a file that is what it says', () => {
  it.each([
    ['report.pdf', pdfOf(['SOC 2 report']), 'pdf'],
    ['seal.png', pngOf(), 'png'],
    ['photo.JPG', jpegOf(), 'jpeg'],
    ['answers.txt', Buffer.from('Yes.\r\n“Ja” – sí\n'), 'text'],
    ['answers.csv', Buffer.from('a,b\n1,2\n'), 'text'],
    ['answers.xlsx', workbookOf([['a', 'b']]), 'xlsx'],
  ] as const)('%s is kept', async (name, bytes, kind) => {
    expect(await file(bytes, name)).toMatchObject({ ok: true, file: { kind } });
  });
});

describe('a file that is not', () => {
  const pdf = pdfOf(['x']);
  const script = { catalog: '/OpenAction << /S /JavaScript /JS (app.alert(1)) >>' };
  const objects = deflateSync(Buffer.from('1 0 << /S /JavaScript /JS (x) >>')).toString('latin1');
  const pictureWithoutSize = Buffer.from('89504e470d0a1a0a0000000049484452a8a1ae0a', 'hex');
  it.each([
    ['nothing', 'a.txt', Buffer.alloc(0), 'empty'],
    ['a page under a text’s name', 'a.txt', Buffer.from('<html><script>1</script>'), 'unknown-kind'],
    ['a page with a text before it', 'a.txt', Buffer.from('hello <script>1</script>'), 'unknown-kind'],
    ['a vector picture', 'a.svg', Buffer.from('<svg onload=alert(1)>'), 'unknown-kind'],
    ['a program', 'a.pdf', Buffer.from('7f454c460201010000', 'hex'), 'unknown-kind'],
    ['an old office file', 'a.xls', Buffer.from('d0cf11e0a1b11ae1000000', 'hex'), 'macros'],
    ['a text that says it is a picture', 'a.png', Buffer.from(EICAR), 'name-lies'],
    ['a picture that says it is a paper', 'a.pdf', pngOf(), 'name-lies'],
    ['a double name', 'report.pdf.exe', pdf, 'name-lies'],
    ['a workbook with macros', 'a.xlsx', workbookOf([['a']], { 'xl/vbaProject.bin': 'x' }), 'macros'],
    [
      'a workbook with an embedded object',
      'a.xlsx',
      workbookOf([['a']], { 'xl/embeddings/ole.doc': 'x' }),
      'embedded-file',
    ],
    [
      'a workbook that fetches',
      'a.xlsx',
      workbookOf([['a']], { 'xl/externalLinks/l.xml': 'x' }),
      'embedded-file',
    ],
    [
      'a workbook with entities',
      'a.xlsx',
      workbookOf([['a']], { 'xl/x.xml': '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' }),
      'bomb',
    ],
    ['any other archive', 'a.xlsx', zipOf({ 'a.txt': 'x' }), 'unknown-kind'],
    [
      'an archive that unpacks to 100 MB',
      'a.xlsx',
      zipOf({ 'xl/workbook.xml': Buffer.alloc(100_000_000) }),
      'bomb',
    ],
    [
      'an archive behind another',
      'a.xlsx',
      Buffer.concat([workbookOf([['a']]), zipOf({ b: 'c' })]),
      'two-files',
    ],
    [
      'an archive with a tail',
      'a.xlsx',
      Buffer.concat([workbookOf([['a']]), Buffer.from('<script>')]),
      'two-files',
    ],
    [
      'a picture with a page behind it',
      'a.png',
      Buffer.concat([pngOf(), Buffer.from('<script>')]),
      'two-files',
    ],
    ['a photo with an archive behind it', 'a.jpg', Buffer.concat([jpegOf(), zipOf({ a: 'b' })]), 'two-files'],
    ['a picture of 4 thousand million points', 'a.png', pngOf(65_000, 65_000), 'bomb'],
    ['a picture without its size', 'a.png', pictureWithoutSize, 'broken'],
    ['two bytes', 'a.png', Buffer.from('8950', 'hex'), 'unknown-kind'],
    ['a picture cut off', 'a.png', pngOf().subarray(0, 40), 'broken'],
    ['a paper with a script', 'a.pdf', pdfOf(['x'], script), 'scripts'],
    [
      'a paper with a script by another spelling',
      'a.pdf',
      pdfOf(['x'], { catalog: '/OpenAction << /S /J#61vaScript /J#53 (x) >>' }),
      'scripts',
    ],
    [
      'a paper with a script in a packed object',
      'a.pdf',
      pdfOf(['x'], {
        objects: [
          `<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length ${objects.length} >>\nstream\n${objects}\nendstream`,
        ],
      }),
      'scripts',
    ],
    [
      'a paper that starts a program',
      'a.pdf',
      pdfOf(['x'], { catalog: '/OpenAction << /S /Launch /F (cmd.exe) >>' }),
      'scripts',
    ],
    [
      'a paper with a file in it',
      'a.pdf',
      pdfOf(['x'], { objects: ['<< /Type /EmbeddedFile >>'] }),
      'embedded-file',
    ],
    ['an encrypted paper', 'a.pdf', pdfOf(['x'], { objects: ['<< /Encrypt 9 0 R >>'] }), 'encrypted'],
    ['a paper with an archive in its tail', 'a.pdf', Buffer.concat([pdf, zipOf({ a: 'b' })]), 'two-files'],
    [
      'a paper with a page before it',
      'a.pdf',
      Buffer.concat([Buffer.from('<script>1</script>'), pdf]),
      'unknown-kind',
    ],
    ['a paper without an end', 'a.pdf', pdf.subarray(0, -8), 'broken'],
    ['a paper of nonsense', 'a.pdf', Buffer.from('%PDF-1.4\nnothing\n%%EOF'), 'broken'],
    ['eleven megabytes', 'a.txt', Buffer.alloc(11 * 1024 * 1024, 'a'), 'too-large'],
  ] as const)('%s is refused', async (_, name, bytes, why) => {
    expect(await file(bytes, name)).toEqual({ ok: false, why });
  });

  it('is refused or read, never a crash, whatever bytes were changed and wherever it was cut off', async () => {
    const originals = [
      ['a.pdf', pdfOf(['Valid until: 2027-01-01'])],
      ['a.xlsx', workbookOf([['a', 'b']])],
      ['a.png', pngOf()],
      ['a.jpg', jpegOf()],
    ] as const;
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals),
        edits,
        fc.option(fc.nat()),
        async ([name, original], changes, cut) => {
          const bytes = Buffer.from(original);
          for (const [at, value] of changes) bytes[at % bytes.byteLength] = value;
          const answer = await file(cut === null ? bytes : bytes.subarray(0, cut % bytes.byteLength), name);
          expect(typeof answer.ok).toBe('boolean');
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('dates of a paper', () => {
  const words = {
    goodForDays: 365,
    begins: ['date of report', 'issue date'],
    ends: ['valid until', 'expiry date'],
  };
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
  it.each([
    ['Valid until: 31 March 2027', '2027-03-31'],
    ['Issue date 2026-01-05. Expiry date 2027-01-04.', '2027-01-04'],
    ['Date of report: June 30th, 2026', '2027-06-30'],
    ['Certificate … valid until 4.11.2027', '2027-11-04'],
    ['EXPIRY DATE 25/12/2026', '2026-12-25'],
    ['Expiry date 12/25/2026', '2026-12-25'],
  ] as const)('%s', (text, end) => {
    expect(paperDates(text, words).validUntil).toBe(day(end));
  });
  it.each([
    'Expiry date 03/04/2027',
    'Copyright 2026',
    'invalid until 2027-01-01 is no end',
    '',
    '2026-02-31 valid until',
  ])('are not guessed: %s', (text) => {
    expect(paperDates(text, words).validUntil).toBeNull();
  });
  it('are read out of a real PDF, in its own thread', async () => {
    const answer = await readFile({
      kind: 'file',
      bytes: pdfOf(['Attestation of Compliance', 'Date of report: 2026-05-01', 'Valid until: 2027-04-30']),
      name: 'aoc.pdf',
      words,
    });
    expect(answer).toMatchObject({
      ok: true,
      file: { kind: 'pdf', pages: 1, dates: { issuedAt: day('2026-05-01'), validUntil: day('2027-04-30') } },
    });
  });
});

describe('a sheet', () => {
  const rows = [
    ['Section', 'Question', 'Answer type'],
    ['Access', 'Do you use =HYPERLINK("x")?', 'yes/no'],
  ];
  it.each([
    ['q.xlsx', workbookOf(rows)],
    [
      'q.csv',
      Buffer.from(
        rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';')).join('\n'),
      ),
    ],
  ] as const)('%s gives its rows as text', async (name, bytes) => {
    expect(await readFile({ kind: 'sheet', bytes, name })).toEqual({ ok: true, rows });
  });
  it('is refused where it is no sheet', async () => {
    expect(await doTask({ kind: 'sheet', bytes: pngOf(), name: 'a.png' })).toEqual({
      ok: false,
      why: 'unknown-kind',
    });
  });
});

describe('a feed', () => {
  const news = (text: string) => doTask({ kind: 'news', bytes: Buffer.from(text) });
  it.each([
    [
      'RSS',
      '<rss version="2.0"><channel><title>T</title><link>https://t.example</link><description>d</description><item><title>RapNet &lt;b&gt;breach&lt;/b&gt;</title><link>https://t.example/1</link><guid>g1</guid><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate><description>&lt;script&gt;x&lt;/script&gt;It happened.</description></item></channel></rss>',
    ],
    [
      'Atom',
      '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>u</id><updated>2026-11-02T10:00:00Z</updated><entry><title>RapNet breach</title><id>g1</id><link href="https://t.example/1"/><updated>2026-11-02T10:00:00Z</updated><summary>It happened.</summary></entry></feed>',
    ],
    [
      'JSON Feed',
      JSON.stringify({
        version: 'https://jsonfeed.org/version/1.1',
        title: 'T',
        items: [
          {
            id: 'g1',
            url: 'https://t.example/1',
            title: 'RapNet breach',
            content_text: 'It happened.',
            date_published: '2026-11-02T10:00:00Z',
          },
        ],
      }),
    ],
  ])('%s is read as plain text', async (_, text) => {
    const answer = await news(text);
    expect(answer).toMatchObject({
      ok: true,
      feed: {
        title: 'T',
        items: [
          {
            guid: 'g1',
            link: 'https://t.example/1',
            summary: 'It happened.',
            publishedAt: Date.parse('2026-11-02T10:00:00Z'),
          },
        ],
      },
    });
    if (answer.ok && 'feed' in answer)
      expect(answer.feed.items[0]?.title).toMatch(/^RapNet (breach|b reach)/u);
  });
  it.each([
    [
      'with entities',
      '<!DOCTYPE lolz [<!ENTITY a "b">]><rss version="2.0"><channel><title>&a;</title></channel></rss>',
      'bomb',
    ],
    ['that is a page', '<html><body>404</body></html>', 'unknown-kind'],
    ['of three megabytes', 'x'.repeat(3_000_000), 'too-large'],
  ])('%s is refused', async (_, text, why) => {
    expect(await news(text)).toEqual({ ok: false, why });
  });
  it('keeps no link that is not a web address', async () => {
    const answer = await news(
      '<rss version="2.0"><channel><title>T</title><description>d</description><item><title>x</title><link>javascript:alert(1)</link></item></channel></rss>',
    );
    expect(answer).toMatchObject({ ok: true, feed: { items: [{ link: null }] } });
  });
});

describe('a file that keeps a thread busy', () => {
  it('costs its time and is refused', async () => {
    const bytes = pdfOf(Array.from({ length: 2_000 }, (_, i) => `line ${i}`));
    expect(await readFile({ kind: 'file', bytes, name: 'a.pdf', words: null }, 1)).toEqual({
      ok: false,
      why: 'too-slow',
    });
  });
});
