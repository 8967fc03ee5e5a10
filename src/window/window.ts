// The window's server: stones and goods that were published, by search, one by one, or all of them. It is reached through the edge.
import { readVerifier } from '#crypto';
import { isStone, readQuery, type Shown, WARES } from '#feeds';
import { SECOND_MS } from '#kernel';
import { openPublished } from './published.ts';
import { proxied } from './app-proxy.ts';
import type { Liquid } from './liquid.ts';
import { formQuery, otherPage, searchPage, stonePage } from './page.ts';
import { nothing, type Place, send, sendText, serve, type Serving } from './serve.ts';
import { searchWindow } from './shop-window.ts';
import { isWholeForm, type Shelf, wholeSender } from './whole.ts';

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
      const ware = WARES.find((one) => one === room);
      const isPage = ref === 'page' && ware === 'stones';
      const window = ware !== undefined && (isPage ? more : stone) === undefined ? published.of(name) : null;
      const { asked, prefix } = proxied(url.searchParams);
      if (ware === undefined || window === null || (isPage && prefix === null)) {
        nothing(request, response);
        return;
      }
      const shelf = { ...window, ware, catalogues: window.catalogues.filter(({ head }) => head.of === ware) };
      if (isPage && prefix !== null) {
        const { status, page } = pageOf(shelf, prefix, asked, stone);
        sendText(request, response, status, LIQUID, page.text);
      } else if (ref === undefined) {
        const { status, body } = searched(shelf, asked);
        send(request, response, status, body);
      } else if (isWholeForm(ref)) {
        if (sendWhole(shelf, ref, request, response)) return;
        response.setHeader('retry-after', '10');
        send(request, response, 503, { error: 'Others are being sent this; try again soon.' });
      } else {
        const found = shownIn(shelf, ref);
        if (found === null) send(request, response, 404, { error: 'It is not here any more.' });
        else send(request, response, 200, found);
      }
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

function shownIn({ catalogues }: Shelf, ref: string): Shown | null {
  return catalogues.map((one) => one.find(ref)).find((found) => found !== null) ?? null;
}

/** What a search comes to: `stones`, or `articles` of goods. */
function searched(
  { version, ware, catalogues }: Shelf,
  asked: URLSearchParams,
): { readonly status: number; readonly body: object } {
  const read = readQuery(asked, ware);
  if (!read.ok) return { status: 400, body: { error: 'This cannot be read.', parameter: read.parameter } };
  const { shown, ...page } = searchWindow(catalogues, ware, read.asked);
  return { status: 200, body: { version, ...page, [ware === 'stones' ? 'stones' : 'articles']: shown } };
}

/** A page for the shop's theme: one stone, or a search. */
function pageOf(
  shelf: Shelf,
  prefix: string,
  form: URLSearchParams,
  ref: string | undefined,
): { readonly status: number; readonly page: Liquid } {
  if (ref !== undefined) {
    const stone = shownIn(shelf, ref);
    return stone === null || !isStone(stone)
      ? { status: 404, page: otherPage(prefix, 'This diamond is not here any more.') }
      : { status: 200, page: stonePage(prefix, stone) };
  }
  const read = readQuery(formQuery(form));
  return read.ok
    ? {
        status: 200,
        page: searchPage(prefix, form, read.asked, searchWindow(shelf.catalogues, 'stones', read.asked)),
      }
    : { status: 400, page: otherPage(prefix, 'This search cannot be read.') };
}
