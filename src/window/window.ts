// The window's server: GET and HEAD, three kinds of address. It is reached through the edge.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { readVerifier } from '#crypto';
import { SECOND_MS } from '#kernel';
import { openPublished, type Published } from './published.ts';
import { readQuery } from './query.ts';
import { searchWindow } from './shop-window.ts';
import { isWholeForm, type SendWhole, wholeSender } from './whole.ts';

export interface WindowOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Where windows are published, a folder each. */
  readonly folder: string;
  /** The key that pointers are signed by. */
  readonly publicationKey: string;
  readonly onError: (error: unknown) => void;
}

export interface RunningWindow {
  readonly port: number;
  close(): Promise<void>;
}

/** How often pointers are looked at: a switch that was thrown is seen within this. */
const LOOK_MS = SECOND_MS / 2;
const MAX_URL = 4_096;
const HEADERS_MS = 10 * SECOND_MS;

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
  const server = createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS },
    (request, response) => {
      try {
        answer(published, sendWhole, request, response);
      } catch (error) {
        options.onError(error);
        send(request, response, 500, { error: 'This went wrong; try again.' });
      }
    },
  );
  return {
    port: await listen(server, options),
    async close() {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      published.close();
    },
  };
}

function answer(
  published: Published,
  sendWhole: SendWhole,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method, url = '' } = request;
  // Nothing is read of a body: whoever sends one is not kept.
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    response.setHeader('connection', 'close');
    send(request, response, 405, { error: 'Only reading is possible here.' });
    return;
  }
  const parsed = url.length > MAX_URL ? null : URL.parse(url, 'http://window.invalid');
  const [, room, name = '', ref, more] = parsed?.pathname.split('/') ?? [];
  const window = room === 'stones' && more === undefined ? published.of(name) : null;
  if (parsed === null || window === null) {
    send(request, response, 404, { error: 'There is nothing here.' });
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
  const read = readQuery(parsed.searchParams);
  if (!read.ok) {
    send(request, response, 400, { error: 'This cannot be read.', parameter: read.parameter });
    return;
  }
  send(request, response, 200, { version: window.version, ...searchWindow(window.catalogues, read.asked) });
}

function send(request: IncomingMessage, response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.setHeader('x-content-type-options', 'nosniff');
  // What was taken out of the window is out of caches as soon.
  response.setHeader('cache-control', status === 200 ? 'public, no-cache' : 'no-store');
  if (status === 200) {
    const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    response.setHeader('etag', tag);
    if (request.headers['if-none-match'] === tag) {
      response.statusCode = 304;
      response.end();
      return;
    }
  }
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function listen(server: Server, { host, port }: WindowOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
