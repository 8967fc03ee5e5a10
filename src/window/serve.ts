// What both servers of this room have in common: GET and HEAD alone, bounds on a request, JSON with a tag.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { SECOND_MS } from '#kernel';

const MAX_URL = 4_096;
const HEADERS_MS = 10 * SECOND_MS;

/** Answers one request for an address; throws or rejects where this went wrong. */
export type Answer = (url: URL, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface Place {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

export interface Serving {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves GET and HEAD; the path has the names of a room first, anything else there is nothing of. */
export async function serve(
  place: Place,
  answer: Answer,
  onError: (error: unknown) => void,
): Promise<Serving> {
  const server = createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS },
    (request, response) => {
      guarded(answer, request, response).catch((error: unknown) => {
        onError(error);
        if (response.headersSent) response.destroy();
        else send(request, response, 500, { error: 'This went wrong; try again.' });
      });
    },
  );
  return {
    port: await listen(server, place),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function guarded(answer: Answer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '' } = request;
  // Nothing is read of a body: whoever sends one is not kept.
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    response.setHeader('connection', 'close');
    send(request, response, 405, { error: 'Only reading is possible here.' });
    return;
  }
  const parsed = url.length > MAX_URL ? null : URL.parse(url, 'http://window.invalid');
  if (parsed === null) nothing(request, response);
  else await answer(parsed, request, response);
}

export function nothing(request: IncomingMessage, response: ServerResponse): void {
  send(request, response, 404, { error: 'There is nothing here.' });
}

/** Sends JSON. What is `live` may be kept by nobody on the way. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: object,
  keeping: 'shown' | 'live' = 'shown',
): void {
  sendText(request, response, status, 'application/json', JSON.stringify(body), keeping);
}

/** Sends a text; one that is shown has a tag, by which whoever has it need not be sent it again. */
export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  keeping: 'shown' | 'live' = 'shown',
): void {
  response.statusCode = status;
  response.setHeader('content-type', type);
  response.setHeader('x-content-type-options', 'nosniff');
  const isKept = status === 200 && keeping === 'shown';
  // What was taken out of the window is out of caches as soon.
  response.setHeader('cache-control', isKept ? 'public, no-cache' : 'no-store');
  if (isKept) {
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

async function listen(server: Server, { host, port }: Place): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
