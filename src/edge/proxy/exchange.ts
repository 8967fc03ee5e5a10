// One request and its answer, alike for HTTP/1.1 and HTTP/2.
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

/** What of Node's two kinds of answer is used. */
export interface Responding {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  readonly writableLength: number;
  writeHead(status: number, headers: Record<string, string | string[]>): unknown;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  end(chunk: Uint8Array): unknown;
  end(text: string, encoding: 'latin1'): unknown;
  destroy(): unknown;
  on(event: 'close' | 'drain', listener: () => void): unknown;
  once(event: 'drain', listener: () => void): unknown;
  off(event: 'close' | 'drain', listener: () => void): unknown;
}

export interface Answering {
  readonly request: IncomingMessage | Http2ServerRequest;
  readonly response: Responding;
}

export function sendHead(
  response: Responding,
  status: number,
  headers: readonly (readonly [string, string])[],
): void {
  const named: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of headers) {
    const before = named[name];
    named[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  response.writeHead(status, named);
}
