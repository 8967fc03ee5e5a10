// All stones of a window, or all goods of a kind, as one file, for shops that fill themselves from files: what searches show, and nothing else.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  GOODS,
  isStone,
  type Shown,
  spreadsheetCell,
  type Ware,
  type WindowArticle,
  type WindowStone,
} from '#feeds';
import { hasCode, SECOND_MS, systemCode } from '#kernel';
import type { Window } from './published.ts';

/** Forms of the file, by its name. CSV has a head, and no cell that a spreadsheet would compute; JSON Lines has a stone a line. */
const WHOLE_FORMS = { 'all.csv': 'text/csv; charset=utf-8', 'all.jsonl': 'application/jsonl' } as const;
export type WholeForm = keyof typeof WHOLE_FORMS;

/** What a window has of one ware. */
export interface Shelf extends Window {
  readonly ware: Ware;
}

export function isWholeForm(name: string): name is WholeForm {
  return Object.hasOwn(WHOLE_FORMS, name);
}

type Cells<One> = Readonly<Record<string, (one: One) => string | number | undefined>>;

const STONE_CELLS: Cells<WindowStone> = {
  ref: (stone) => stone.ref,
  shape: (stone) => stone.shape,
  carat: (stone) => stone.carat,
  color: (stone) => stone.color,
  fancy: (stone) => stone.fancy,
  clarity: (stone) => stone.clarity,
  cut: (stone) => stone.cut,
  polish: (stone) => stone.polish,
  symmetry: (stone) => stone.symmetry,
  fluorescence: (stone) => stone.fluorescence,
  lab: (stone) => stone.lab,
  growth: (stone) => stone.growth,
  treatments: (stone) => stone.treatments.join(' '),
  length: (stone) => stone.measurements[0],
  width: (stone) => stone.measurements[1],
  height: (stone) => stone.measurements[2],
  depth: (stone) => stone.depth,
  table: (stone) => stone.table,
  price: priceCell,
  currency: (stone) => stone.price?.currency,
  certificate: (stone) => stone.texts['certificate'],
  report: (stone) => stone.texts['report'],
  image: (stone) => stone.texts['image'],
  video: (stone) => stone.texts['video'],
  comment: (stone) => stone.texts['comment'],
};

function priceCell({ price }: Shown): string {
  return price === null ? '' : (price.amountMinor / 100).toFixed(2);
}

function articleCells(kind: WindowArticle['kind']): Cells<WindowArticle> {
  const { classes, texts } = GOODS[kind];
  return {
    ref: (one) => one.ref,
    ...Object.fromEntries(texts.map(({ name }) => [name, (one: WindowArticle) => one.texts[name]])),
    ...Object.fromEntries(classes.map(({ name }) => [name, (one: WindowArticle) => one.classes[name]])),
    price: priceCell,
    currency: (one) => one.price?.currency,
    image: (one) => one.texts['image'],
    video: (one) => one.texts['video'],
    comment: (one) => one.texts['comment'],
  };
}

/** So many stones are made ready at a time; searches go in between. */
const TOGETHER = 200;

/** The file, piece by piece. Stones are in the order of price, a feed after the other. */
function* wholeShelf({ ware, catalogues }: Shelf, form: WholeForm): Generator<string> {
  const goodsCells = ware === 'stones' ? {} : articleCells(ware);
  if (form === 'all.csv') yield csvLine(Object.keys(ware === 'stones' ? STONE_CELLS : goodsCells));
  const line = (one: Shown): string => {
    if (form !== 'all.csv') return `${JSON.stringify(one)}\n`;
    const cells = isStone(one)
      ? Object.values(STONE_CELLS).map((of) => of(one))
      : Object.values(goodsCells).map((of) => of(one));
    return csvLine(cells);
  };
  for (const catalogue of catalogues)
    for (let begin = 0; begin < catalogue.head.rows; begin += TOGETHER) {
      const count = Math.min(TOGETHER, catalogue.head.rows - begin);
      yield Array.from({ length: count }, (_, i) => line(catalogue.show(begin + i))).join('');
    }
}

function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map((cell) => spreadsheetCell(String(cell ?? ''))).join(',')}\r\n`;
}

/** Files that are sent at a time; more would keep searches waiting. */
const MAX_SENDING = 4;
/** How long a reader may take nothing. */
const SILENT_MS = 30 * SECOND_MS;

/** Sends the file of a window; false where others are being sent it, and nothing was sent. */
export type SendWhole = (
  shelf: Shelf,
  form: WholeForm,
  request: IncomingMessage,
  response: ServerResponse,
) => boolean;

/** Makes the sender of one server. Stones are made ready as they are read: a slow reader holds a place among few, and no memory. */
export function wholeSender(onError: (error: unknown) => void): SendWhole {
  let sending = 0;
  return (shelf, form, request, response) => {
    if (sending >= MAX_SENDING) return false;
    const tag = `"${shelf.content}-${shelf.ware}-${form}"`;
    const isKnown = request.headers['if-none-match'] === tag;
    response.writeHead(isKnown ? 304 : 200, {
      etag: tag,
      'cache-control': 'public, no-cache',
      'x-content-type-options': 'nosniff',
      'content-type': WHOLE_FORMS[form],
    });
    if (isKnown || request.method === 'HEAD') {
      response.end();
      return true;
    }
    sending++;
    response.setTimeout(SILENT_MS, () => response.destroy());
    pipeline(Readable.from(wholeShelf(shelf, form)), response)
      .catch((error: unknown) => {
        // The reader went away, or another version came meanwhile. Half a file never ends as a whole one does.
        const isUsual =
          systemCode(error) === 'ERR_STREAM_PREMATURE_CLOSE' || hasCode(error, 'feeds/unreadable');
        if (!isUsual) onError(error);
      })
      .finally(() => sending--);
    return true;
  };
}
