// A small supplier's list in the forms that suppliers send: CSV with another separator, JSON, JSON Lines, XML, a workbook. One set of column names for all of them.
import { zippedFiles } from './zip.ts';

/** A stone as the supplier writes it, by column. */
export type Listed = Readonly<Record<string, string>>;

const names = (rows: readonly Listed[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))];

export function asCsv(rows: readonly Listed[]): string {
  const head = names(rows);
  const cell = (text: string): string => (/[";\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = (cells: readonly string[]): string => `${cells.map(cell).join(';')}\n`;
  return line(head) + rows.map((row) => line(head.map((name) => row[name] ?? ''))).join('');
}

/** Numbers as numbers, where they are some; everything about the stone one level down. */
const record = (row: Listed): object => ({
  offer: row['Diamond ID'],
  stone: Object.fromEntries(
    Object.entries(row).map(([name, text]) => [
      name,
      /^(?:0|[1-9]\d{0,8})(?:\.\d+)?$/u.test(text) ? Number(text) : text,
    ]),
  ),
});

export function asJson(rows: readonly Listed[]): string {
  return JSON.stringify({ status: 'ok', response: { total: rows.length, stones: rows.map(record) } });
}

export function asJsonLines(rows: readonly Listed[]): string {
  return rows.map((row) => `${JSON.stringify(record(row))}\n`).join('');
}

const escaped = (text: string): string => text.replace(/[&<>"\n\r]/gu, (char) => `&#${char.charCodeAt(0)};`);
/** Element names have no blanks. */
const tag = (name: string): string => name.replaceAll(' ', '_');

export function asXml(rows: readonly Listed[]): string {
  const items = rows.map(
    (row) =>
      `<stone offer="${escaped(row['Diamond ID'] ?? '')}">${Object.entries(row)
        .map(([name, text]) => `<${tag(name)}>${escaped(text)}</${tag(name)}>`)
        .join('')}</stone>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<list>${items.join('\n')}</list>`;
}

const NUMBER = /^(?:0|[1-9]\d{0,14})(?:\.\d+)?$/u;

/** A workbook as spreadsheets write it: shared texts, numbers as numbers, empty cells left out. */
export function asXlsx(rows: readonly Listed[]): Buffer {
  const head = names(rows);
  const shared = new Map<string, number>();
  const column = (place: number): string =>
    place < 26
      ? String.fromCharCode(65 + place)
      : `${column(Math.floor(place / 26) - 1)}${column(place % 26)}`;
  const line = (cells: readonly string[], number: number): string =>
    `<row r="${number}">${cells
      .map((text, place) => {
        if (text === '') return '';
        const at = `${column(place)}${number}`;
        if (NUMBER.test(text)) return `<c r="${at}"><v>${text}</v></c>`;
        const known = shared.get(text) ?? shared.size;
        shared.set(text, known);
        return `<c r="${at}" t="s"><v>${known}</v></c>`;
      })
      .join('')}</row>`;
  const sheet = [head, ...rows.map((row) => head.map((name) => row[name] ?? ''))]
    .map((cells, i) => line(cells, i + 1))
    .join('');
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  return zippedFiles([
    ['[Content_Types].xml', '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'],
    [
      'xl/workbook.xml',
      `<workbook xmlns="${main}" xmlns:r="r"><sheets><sheet name="Stones" sheetId="1" r:id="rId3"/></sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      '<Relationships><Relationship Id="rId3" Target="worksheets/stones.xml"/></Relationships>',
    ],
    ['xl/worksheets/stones.xml', `<worksheet xmlns="${main}"><sheetData>${sheet}</sheetData></worksheet>`],
    [
      'xl/sharedStrings.xml',
      `<sst xmlns="${main}">${[...shared.keys()].map((text) => `<si><t>${escaped(text)}</t></si>`).join('')}</sst>`,
    ],
  ]);
}
