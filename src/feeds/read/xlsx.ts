// Rows of the first sheet of a workbook (ECMA-376, part 1, SpreadsheetML), each cell as the text that stands in the file: numbers are not read as numbers, dates not as dates, and no formula is ever computed.
import type { Workbook } from '#intake';
import { feedError } from '../errors.ts';
import { CSV_BOUNDS } from './csv.ts';
import { strictXmlParser } from './xml-parser.ts';

const MAX_SHARED = 2_000_000;
/** A cell's place: letters of its column, digits of its row. */
const PLACE = /^([A-Z]{1,3})\d+$/u;

function unreadable(why: string): Error {
  return feedError('feeds/unreadable', { details: { why } });
}

/** The rows of a workbook's first sheet, those left out not counted. Throws `feeds/unreadable`. */
export function sheetRows(workbook: Workbook): readonly (readonly string[])[] {
  const part = (name: string): string | null => {
    const found = workbook.find((file) => file.name.toLowerCase() === name.toLowerCase());
    return found === undefined ? null : Buffer.from(found.bytes).toString('utf8');
  };
  const sheet = part(firstSheet(part('xl/workbook.xml') ?? '', part('xl/_rels/workbook.xml.rels') ?? ''));
  if (sheet === null) throw unreadable('no-records');
  return rowsOf(sheet, sharedTexts(part('xl/sharedStrings.xml')));
}

const bare = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Follows the elements of a part: `open` with attributes, `close` with the text that stood directly within. Prefixes of names do not count. */
function follow(
  xml: string,
  on: {
    open?(name: string, attributes: Readonly<Record<string, string>>): void;
    close?(name: string, text: string): void;
  },
): void {
  const parser = strictXmlParser();
  const texts: string[] = [];
  parser.on('opentag', ({ name, attributes }) => {
    texts.push('');
    on.open?.(bare(name), attributes);
  });
  const add = (text: string): void => {
    if (texts.length > 0) texts.push(`${texts.pop() ?? ''}${text}`);
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', ({ name }) => on.close?.(bare(name), texts.pop() ?? ''));
  parser.write(xml).close();
}

/** Where the first sheet lies. */
function firstSheet(workbook: string, relations: string): string {
  let id: string | null = null;
  if (workbook !== '')
    follow(workbook, {
      open(name, attributes) {
        if (name === 'sheet') id ??= attributes['r:id'] ?? '';
      },
    });
  let target: string | null = null;
  if (relations !== '')
    follow(relations, {
      open(name, attributes) {
        if (name === 'Relationship' && attributes['Id'] === id) target = attributes['Target'] ?? null;
      },
    });
  return target === null ? 'xl/worksheets/sheet1.xml' : inside(target);
}

/** A target is written from the workbook or from the archive; it names a file of the archive, whatever else it may look like. */
function inside(target: string): string {
  return target.startsWith('/') ? target.slice(1) : `xl/${target}`;
}

/** Texts that cells share, by their number. */
function sharedTexts(xml: string | null): readonly string[] {
  const texts: string[] = [];
  if (xml === null) return texts;
  let text = '';
  let phonetic = false;
  follow(xml, {
    open(name) {
      if (name === 'si') text = '';
      if (name === 'rPh') phonetic = true;
    },
    close(name, told) {
      if (name === 't' && !phonetic) text += told;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'si' && texts.push(text) > MAX_SHARED) throw unreadable('too-large');
    },
  });
  return texts;
}

function rowsOf(xml: string, shared: readonly string[]): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let kind = 'n';
  let place = 0;
  let text = '';
  follow(xml, {
    open(name, attributes) {
      if (name === 'row') row = [];
      else if (name === 'c') {
        kind = attributes['t'] ?? 'n';
        place = columnOf(attributes['r']) ?? row.length;
        text = '';
        if (place >= CSV_BOUNDS.maxCells) throw unreadable('too-many-cells');
      }
    },
    close(name, told) {
      if (name === 'v') text = kind === 's' ? (shared[Number(told)] ?? '') : told;
      else if (name === 't') text += told;
      else if (name === 'c') {
        while (row.length < place) row.push('');
        row[place] = text;
      } else if (name === 'row' && row.some((cell) => cell !== '')) rows.push(row);
    },
  });
  return rows;
}

function columnOf(place: string | undefined): number | null {
  const letters = PLACE.exec(place ?? '')?.[1];
  if (letters === undefined) return null;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}
