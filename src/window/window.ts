// The window's server: stones that were published, by search, one by one, or all of them. It is reached through the edge.
import { readVerifier } from '#crypto';
import { readQuery, type WindowStone } from '#feeds';
import { SECOND_MS } from '#kernel';
import { openPublished, type Window } from './published.ts';
import { proxied } from './app-proxy.ts';
import type { Liquid } from './liquid.ts';
import { formQuery, otherPage, searchPage, stonePage } from './page.ts';
import { nothing, type Place, send, sendText, serve, type Serving } from './serve.ts';
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

/** Shopify puts such an answer into the shop's theme. */
const LIQUID = 'application/liquid';

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
      const [, room, name = '', ref, stone, more] = url.pathname.split('/');
      const isPage = ref === 'page';
      const isKnown = room === 'stones' && (isPage ? more : stone) === undefined;
      const window = isKnown ? published.of(name) : null;
      const { asked, prefix } = proxied(url.searchParams);
      if (window === null || (isPage && prefix === null)) {
        nothing(request, response);
        return;
      }
      if (isPage && prefix !== null) {
        const { status, page } = pageOf(window, prefix, asked, stone);
        sendText(request, response, status, LIQUID, page.text);
        return;
      }
      if (ref !== undefined && isWholeForm(ref)) {
        if (sendWhole(window, ref, request, response)) return;
        response.setHeader('retry-after', '10');
        send(request, response, 503, { error: 'Others are being sent this; try again soon.' });
        return;
      }
      if (ref !== undefined) {
        const found = stoneIn(window, ref);
        if (found === null) send(request, response, 404, { error: 'This stone is not here any more.' });
        else send(request, response, 200, found);
        return;
      }
      const read = readQuery(asked);
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

function stoneIn({ catalogues }: Window, ref: string): WindowStone | null {
  return catalogues.map((one) => one.find(ref)).find((found) => found !== null) ?? null;
}

/** A page for the shop's theme: one stone, or a search. */
function pageOf(
  window: Window,
  prefix: string,
  form: URLSearchParams,
  ref: string | undefined,
): { readonly status: number; readonly page: Liquid } {
  if (ref !== undefined) {
    const stone = stoneIn(window, ref);
    return stone === null
      ? { status: 404, page: otherPage(prefix, 'This diamond is not here any more.') }
      : { status: 200, page: stonePage(prefix, stone) };
  }
  const read = readQuery(formQuery(form));
  return read.ok
    ? { status: 200, page: searchPage(prefix, form, read.asked, searchWindow(window.catalogues, read.asked)) }
    : { status: 400, page: otherPage(prefix, 'This search cannot be read.') };
}
