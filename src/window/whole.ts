// All stones of a window as one file, for shops that fill themselves from files: what searches show, and nothing else.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Catalogue, spreadsheetCell, type WindowStone } from '#feeds';
import { hasCode, SECOND_MS, systemCode } from '#kernel';
import type { Window } from './published.ts';

/** Forms of the file, by its name. CSV has a head, and no cell that a spreadsheet would compute; JSON Lines has a stone a line. */
const WHOLE_FORMS = { 'all.csv': 'text/csv; charset=utf-8', 'all.jsonl': 'application/jsonl' } as const;
export type WholeForm = keyof typeof WHOLE_FORMS;

export function isWholeForm(name: string): name is WholeForm {
  return Object.hasOwn(WHOLE_FORMS, name);
}

const COLUMNS: Readonly<Record<string, (stone: WindowStone) => string | number | undefined>> = {
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
  price: (stone) => (stone.price === null ? '' : (stone.price.amountMinor / 100).toFixed(2)),
  currency: (stone) => stone.price?.currency,
  certificate: (stone) => stone.texts['certificate'],
  report: (stone) => stone.texts['report'],
  image: (stone) => stone.texts['image'],
  video: (stone) => stone.texts['video'],
  comment: (stone) => stone.texts['comment'],
};

/** So many stones are made ready at a time; searches go in between. */
const TOGETHER = 200;

/** The file, piece by piece. Stones are in the order of price, a feed after the other. */
function* wholeWindow(catalogues: readonly Catalogue[], form: WholeForm): Generator<string> {
  if (form === 'all.csv') yield `${Object.keys(COLUMNS).join(',')}\r\n`;
  for (const catalogue of catalogues)
    for (let begin = 0; begin < catalogue.head.rows; begin += TOGETHER) {
      const count = Math.min(TOGETHER, catalogue.head.rows - begin);
      const stones = Array.from({ length: count }, (_, i) => catalogue.stone(begin + i));
      yield stones
        .map((stone) => (form === 'all.csv' ? csvLine(stone) : `${JSON.stringify(stone)}\n`))
        .join('');
    }
}

function csvLine(stone: WindowStone): string {
  const cells = Object.values(COLUMNS).map((of) => spreadsheetCell(String(of(stone) ?? '')));
  return `${cells.join(',')}\r\n`;
}

/** Files that are sent at a time; more would keep searches waiting. */
const MAX_SENDING = 4;
/** How long a reader may take nothing. */
const SILENT_MS = 30 * SECOND_MS;

/** Sends the file of a window; false where others are being sent it, and nothing was sent. */
export type SendWhole = (
  window: Window,
  form: WholeForm,
  request: IncomingMessage,
  response: ServerResponse,
) => boolean;

/** Makes the sender of one server. Stones are made ready as they are read: a slow reader holds a place among few, and no memory. */
export function wholeSender(onError: (error: unknown) => void): SendWhole {
  let sending = 0;
  return ({ content, catalogues }, form, request, response) => {
    if (sending >= MAX_SENDING) return false;
    const tag = `"${content}-${form}"`;
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
    pipeline(Readable.from(wholeWindow(catalogues, form)), response)
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
