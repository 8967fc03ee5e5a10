// The window's server: stones that were published, by search, one by one, or all of them. It is reached through the edge.
import { readVerifier } from '#crypto';
import { readQuery } from '#feeds';
import { SECOND_MS } from '#kernel';
import { openPublished } from './published.ts';
import { nothing, type Place, send, serve, type Serving } from './serve.ts';
import { searchWindow } from './shop-window.ts';
import { isWholeForm, wholeSender } from './whole.ts';

export interface WindowOptions extends Place {
  /** Where windows are published, a folder each. */
  readonly folder: string;
  /** The key that pointers are signed by. */
  readonly publicationKey: string;
  readonly onError: (error: unknown) => void;
}

export type RunningWindow = Serving;

/** How often pointers are looked at: a switch that was thrown is seen within this. */
const LOOK_MS = SECOND_MS / 2;

/** Starts serving what is published. */
export async function startWindow(options: WindowOptions): Promise<RunningWindow> {
  const published = openPublished(options.folder, readVerifier(options.publicationKey), options.onError);
  await published.refresh();
  const sendWhole = wholeSender(options.onError);
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    published
      .refresh()
      .catch(options.onError)
      .finally(() => (looking = false));
  }, LOOK_MS);

  const serving = await serve(
    options,
    (url, request, response) => {
      const [, room, name = '', ref, more] = url.pathname.split('/');
      const window = room === 'stones' && more === undefined ? published.of(name) : null;
      if (window === null) {
        nothing(request, response);
        return;
      }
      if (ref !== undefined && isWholeForm(ref)) {
        if (sendWhole(window, ref, request, response)) return;
        response.setHeader('retry-after', '10');
        send(request, response, 503, { error: 'Others are being sent this; try again soon.' });
        return;
      }
      if (ref !== undefined) {
        const stone = window.catalogues.map((one) => one.find(ref)).find((found) => found !== null);
        if (stone === undefined) send(request, response, 404, { error: 'This stone is not here any more.' });
        else send(request, response, 200, stone);
        return;
      }
      const read = readQuery(url.searchParams);
      if (!read.ok) {
        send(request, response, 400, { error: 'This cannot be read.', parameter: read.parameter });
        return;
      }
      const { version, catalogues } = window;
      send(request, response, 200, { version, ...searchWindow(catalogues, read.asked) });
    },
    options.onError,
  );
  return {
    port: serving.port,
    async close() {
      clearInterval(timer);
      await serving.close();
      published.close();
    },
  };
}
