import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { RawHead } from './head.ts';

/** The head of a request as Node gives it, alike for HTTP/1.1 and HTTP/2. */
export function rawHead(request: IncomingMessage | Http2ServerRequest): RawHead {
  const isH2 = 'stream' in request && 'authority' in request;
  return {
    version: request.httpVersion,
    method: request.method ?? '',
    target: request.url ?? '',
    authority: isH2 ? (request.headers[':authority'] ?? request.headers.host) : undefined,
    rawHeaders: request.rawHeaders,
    bodyFollows: isH2 ? !request.stream.endAfterHeaders : undefined,
  };
}

/** An upgrade has no body and is HTTP/1.1; everything else is read as of any request. */
export function rawUpgradeHead(request: IncomingMessage): RawHead {
  return {
    version: request.httpVersion,
    method: request.method ?? '',
    target: request.url ?? '',
    authority: undefined,
    rawHeaders: request.rawHeaders,
    bodyFollows: undefined,
  };
}
