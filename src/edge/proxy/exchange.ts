// One request and its answer, alike for HTTP/1.1 and HTTP/2.
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { type Refusal, refusal } from '../refusal.ts';

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

/** Reads a body whole; a refusal where it is longer than it may be. What was refused is not read on. */
export async function readWhole(
  request: Answering['request'],
  maxBytes: number,
): Promise<Uint8Array | Refusal> {
  const chunks: Buffer[] = [];
  let length = 0;
  return await new Promise<Uint8Array | Refusal>((resolve) => {
    const onData = (chunk: Buffer): void => {
      length += chunk.byteLength;
      chunks.push(chunk);
      if (length > maxBytes) {
        request.off('data', onData);
        request.pause();
        resolve(refusal('too-large', 'body'));
      }
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => resolve(refusal('bad-body', 'cut off')));
    request.once('close', () => resolve(refusal('bad-body', 'cut off')));
  });
}
