// What a hostile feed does: one switch each. An attack changes rows, the file, the archive or the answer; everything else of the feed stays honest.
import { deflateRawSync } from 'node:zlib';
import { type SampleStone, sampleStone } from './stones.ts';
import { archive, zipped } from './zip.ts';

export interface Attack {
  readonly does: string;
  /** Another stone, other texts in its row; null: the row is left out. Undefined: as it was. */
  row?(
    stone: SampleStone,
    place: number,
  ): { readonly stone?: SampleStone; readonly more?: Readonly<Record<string, string>> } | null | undefined;
  file?(honest: Buffer): Buffer;
  /** The archive, where the provider sends one. */
  archive?(plain: Buffer): Buffer;
  answer?(bytes: Buffer): Response;
  /** A document of JSON or XML, where the provider sends one. */
  json?(honest: string): string;
  xml?(honest: string): string;
  /** Pages of a provider that is asked page by page: how many stones it says there are, and which page it gives. */
  readonly pages?: { count?(stones: number): number; offset?(asked: number): number };
}

/** Which rows an attack on single rows takes: few, so that the load as a whole looks honest. */
export const POISONED: ReadonlySet<number> = new Set([7, 77, 177]);

const texts = (does: string, more: Readonly<Record<string, string>>): Attack => ({
  does,
  row: (_, place) => (POISONED.has(place) ? { more } : undefined),
});
const stones = (does: string, twist: (stone: SampleStone) => SampleStone): Attack => ({
  does,
  row: (stone, place) => (POISONED.has(place) ? { stone: twist(stone) } : undefined),
});
const all = (does: string, twist: (stone: SampleStone) => SampleStone): Attack => ({
  does,
  row: (stone) => ({ stone: twist(stone) }),
});
const file = (does: string, change: (honest: Buffer) => Buffer): Attack => ({ does, file: change });
const priced = (stone: SampleStone, factor: number): SampleStone => ({
  ...stone,
  perCarat: Math.round(stone.perCarat * factor),
});

const firstLine = (bytes: Buffer): number => bytes.indexOf('\n') + 1;

export const ATTACKS = {
  // Texts that somebody's page, sheet, database or browser would run.
  'script-in-comment': texts('a script in a comment', { 'Member Comments': '<script>alert(1)</script>' }),
  'script-in-stock': texts('a script in a stock number', {
    'Stock Number': '"><img src=x onerror=alert(1)>',
  }),
  'script-link': texts('a link that is a script', { 'Image URL': 'javascript:alert(1)' }),
  'data-link': texts('a link that is a page', {
    'Certificate URL': 'data:text/html,<script>alert(1)</script>',
  }),
  'private-link': texts('a link that leads inside', {
    'Image URL': 'http://169.254.169.254/latest/meta-data/',
    'Certificate URL': 'http://2130706433/',
  }),
  'private-link-v6': texts('a link that leads inside, in another notation', {
    'Image URL': 'http://[::ffff:7f00:1]/',
    'Certificate URL': 'https://0x7f.1/',
  }),
  'sql-in-id': texts('an id that is a statement', { 'Diamond ID': "1' OR '1'='1" }),
  formula: texts('a comment that a sheet would run', {
    'Member Comments': '=HYPERLINK("http://evil.example")',
  }),
  bidi: texts('a comment that reads otherwise than it is', {
    'Member Comments': 'GIA \u202eAIG\u202c \u200bnatural',
  }),
  'line-breaks': texts('a comment over several lines', { 'Member Comments': 'one\r\nX-Header: two\n' }),
  prototype: texts('an id that is a name of every object', { 'Diamond ID': '__proto__' }),
  // Rows that are no stones, or none that can be.
  'homoglyph-lab': texts('a laboratory in letters that look the same', { Lab: 'GΙΑ' }),
  'huge-number': texts('a price that is no number', { 'Total Price': '1e309' }),
  'zero-price': texts('a price of nothing', { 'Total Price': '0', 'Price Per Carat': '0' }),
  'negative-price': texts('a price below nothing', { 'Total Price': '-500.00' }),
  'one-price': texts('a total that is not weight times per-carat', { 'Total Price': '10.00' }),
  'a-hundredth': stones('a few prices a hundredth of what they were', (stone) => priced(stone, 0.01)),
  'a-fifth': stones('a few prices a fifth of what they were', (stone) => priced(stone, 0.2)),
  'heavier-than-measured': stones('a weight that its measurements cannot have', (stone) => ({
    ...stone,
    caratMilli: stone.caratMilli * 3,
  })),
  'moved-certificate': stones('a certificate that now belongs to a better stone', (stone) => ({
    ...stone,
    color: 'D',
    hue: '',
    intensity: '',
    clarity: 'FL',
  })),
  'moved-to-new-offer': stones('a known certificate on a better stone, under a new id', (stone) => ({
    ...stone,
    id: stone.id + 500_000,
    color: 'D',
    hue: '',
    intensity: '',
    clarity: 'FL',
  })),
  'copied-certificate': stones('one certificate on several stones', (stone) => ({
    ...stone,
    lab: 'GIA',
    certificate: '2199999999',
  })),
  'lab-grown-as-natural': texts('a lab-grown stone among natural ones', {
    Lab: 'IGI',
    'Certificate Number': 'LG612345678',
    'Grading Lab': 'IGI',
  }),
  // The load as a whole.
  hundredfold: all('dollars for cents', (stone) => priced(stone, 100)),
  'cents-as-dollars': all('cents for dollars', (stone) => priced(stone, 0.01)),
  'other-currency': all('another currency', (stone) => priced(stone, 83)),
  'all-cheaper': all('everything a third cheaper', (stone) => priced(stone, 0.65)),
  'all-better': all('every stone a better one', (stone) => ({ ...stone, clarity: 'IF' })),
  'mass-removal': { does: 'most stones gone', row: (_, place) => (place % 3 === 0 ? undefined : null) },
  flooded: {
    does: 'as many new stones again, cheap ones',
    file: (honest) => honest,
    row: (stone, place) =>
      place % 2 === 0 ? { stone: { ...priced(sampleStone(stone.id + 800_000), 0.4) } } : undefined,
  },
  empty: file('nothing at all', () => Buffer.alloc(0)),
  'only-head': file('a head and no stone', (honest) => honest.subarray(0, firstLine(honest))),
  prose: file('a sentence as a file', () => Buffer.from('You are not authorized to download this file.')),
  'cut-short': file('a file that ends in the middle', (honest) => honest.subarray(0, honest.byteLength >> 1)),
  repeated: file('the same rows again and again', (honest) => {
    const rows = honest.subarray(firstLine(honest));
    const few = rows.subarray(0, rows.indexOf('\n', 20_000) + 1);
    return Buffer.concat([honest.subarray(0, firstLine(honest)), few, few, few]);
  }),
  'column-drift': file('columns under each other’s names', (honest) => {
    const at = firstLine(honest);
    const head = honest.toString('utf8', 0, at);
    const drifted = head.includes('Total Price')
      ? head
          .replace('Total Price', 'Total\u0000')
          .replace('Price Per Carat', 'Total Price')
          .replace('Total\u0000', 'Price Per Carat')
      : head;
    return Buffer.concat([Buffer.from(drifted), honest.subarray(at)]);
  }),
  'shape-column-gone': file('a column that is gone', (honest) => {
    const at = firstLine(honest);
    const head = honest.toString('utf8', 0, at).replace(/(?<=^|,)(?:Shape|Cut)(?=,)/u, 'Form');
    return Buffer.concat([Buffer.from(head), honest.subarray(at)]);
  }),
  'utf-16': file('another encoding', (honest) =>
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(honest.toString('latin1'), 'utf16le')]),
  ),
  overlong: file('overlong encodings', (honest) =>
    Buffer.from(honest.toString('latin1').replaceAll('Round', '\u00c1\u0092ound'), 'latin1'),
  ),
  'nul-bytes': file('NUL bytes everywhere', (honest) =>
    Buffer.from(
      honest.toString('latin1').replaceAll('Israel', 'Isr\u0000el').replaceAll('Belgium', 'Bel\u0000ium'),
      'latin1',
    ),
  ),
  'huge-cell': file('a cell of many megabytes', (honest) =>
    Buffer.concat([honest, Buffer.from('"'), Buffer.alloc(12 * 1024 * 1024, 'x')]),
  ),
  ragged: file('rows of another length', (honest) => {
    const at = firstLine(honest);
    const rows = honest.toString('utf8', at).replaceAll('\r\n', ',,,\r\n');
    return Buffer.concat([honest.subarray(0, at), Buffer.from(rows)]);
  }),
  // Archives, where the provider sends them.
  'zip-bomb': {
    does: 'an archive of very many empty lines',
    archive: () => archive('feed.csv', deflateRawSync(Buffer.alloc(40 * 1024 * 1024, '\n')), 1_000, 0),
  },
  'zip-in-zip': {
    does: 'an archive in an archive',
    archive: (plain) => zipped('feed.csv', zipped('feed.csv', plain)),
  },
  'zip-path': {
    does: 'a file name that leads elsewhere',
    archive: (plain) => zipped('../../../../tmp/loupe-owned', plain),
  },
  'zip-cut': { does: 'half an archive', archive: (plain) => zipped('feed.csv', plain).subarray(0, 5_000) },
  // Documents, where the provider sends them.
  'price-twice': {
    does: 'a price that stands there twice, once for whoever checks',
    json: (text) => text.replace(/"(price|Total Price)":/u, '"$1":90000,"$1":'),
    xml: (text) => text.replace(/<Total_Price>/u, '<Total_Price>90000</Total_Price><Total_Price>'),
  },
  'price-in-disguise': {
    does: 'a price that stands there twice, once spelled otherwise',
    json: (text) => text.replace(/"(pric|Total Pric)e":/u, '"$1\\u0065":90000,"$1e":'),
  },
  'json-infinity': {
    does: 'a price beyond every number',
    json: (text) => text.replace(/"(price|Total Price)":[\d.]+/u, '"$1":1e309'),
  },
  'json-many-digits': {
    does: 'a price of very many digits',
    json: (text) => text.replace(/"(price|Total Price)":[\d.]+/u, `"$1":${'9'.repeat(400)}`),
  },
  'json-prototype': {
    does: 'names that every object has',
    json: (text) =>
      text.replace(
        /\{"(id|offer)":/u,
        '{"__proto__":{"price":1},"constructor":{"prototype":{"price":1}},"$1":',
      ),
  },
  'json-deep': {
    does: 'lists in lists in lists',
    json: (text) => text.replace(/\{"(id|offer)":/u, `{"x":${'['.repeat(50_000)}${']'.repeat(50_000)},"$1":`),
  },
  'json-cut': { does: 'half a document', json: (text) => text.slice(0, text.length >> 1) },
  'json-error': {
    does: 'an error with the status of success',
    json: () => '{"errors":[{"message":"Unauthorized"}]}',
  },
  'list-twice': {
    does: 'two lists under one name',
    json: (text) => text.replace(/"(items|stones)":/u, '"$1":[],"$1":'),
  },
  'xml-file': {
    does: 'an entity that is a file of the reader',
    xml: (text) =>
      text
        .replace('\n', '\n<!DOCTYPE list [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n')
        .replace(/(?<=<(?:Member_Comments>|item id="))/u, '&x;'),
  },
  'xml-elsewhere': {
    does: 'a definition that lies inside',
    xml: (text) =>
      text.replace('\n', '\n<!DOCTYPE list SYSTEM "http://169.254.169.254/latest/meta-data/">\n'),
  },
  'xml-laughs': {
    does: 'a billion laughs',
    xml: (text) =>
      text.replace(
        '\n',
        `\n<!DOCTYPE list [<!ENTITY a "ha">${Array.from('bcdefghij', (name, i) => `<!ENTITY ${name} "${`&${'abcdefghi'[i]};`.repeat(10)}">`).join('')}]>\n`,
      ),
  },
  'xml-deep': {
    does: 'elements in elements in elements',
    xml: (text) => text.replace(/<(?=stone |item )/u, `${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}<`),
  },
  'xml-markup': {
    does: 'markup where a text should be',
    xml: (text) => text.replaceAll('<Lab>', '<Lab><b>GIA</b>'),
  },
  // Pages, where the provider is asked page by page.
  'count-lie': {
    does: 'says that there are far more stones than come',
    pages: { count: (stones) => stones * 3 },
  },
  'page-repeated': { does: 'the same page again and again', pages: { offset: () => 0 } },
  'pages-missing': {
    does: 'pages that are left out',
    pages: { offset: (asked) => (asked > 500 ? asked + 900 : asked) },
  },
  // The line.
  endless: {
    does: 'bytes without end',
    answer: (bytes) =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(bytes)),
        }),
      ),
  },
  drip: {
    does: 'a byte now and then',
    answer: () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            controller.enqueue(new Uint8Array([0x53]));
          },
        }),
      ),
  },
  'redirect-inside': {
    does: 'an answer that leads inside',
    answer: () => Response.redirect('http://169.254.169.254/latest/meta-data/', 302),
  },
  'redirect-elsewhere': {
    does: 'an answer that leads to somebody else',
    answer: () => Response.redirect('https://stones.evil.example/feed.csv', 307),
  },
  'redirect-plain': {
    does: 'an answer that leads away from TLS',
    answer: () => Response.redirect('http://technet.rapaport.com/HTTP/DLS/GetFile.aspx?ticket=x', 302),
  },
  'error-page': {
    does: 'an error with a page',
    answer: () => new Response('<h1>Oops</h1>', { status: 500 }),
  },
} as const satisfies Readonly<Record<string, Attack>>;

export type AttackName = keyof typeof ATTACKS;
