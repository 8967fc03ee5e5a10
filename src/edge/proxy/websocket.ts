// WebSockets (RFC 6455): the same way through as any request, and then bytes both ways until one side ends or both are silent.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { MINUTE_MS } from '#kernel';
import type { Refusal } from '../refusal.ts';
import { refusal } from '../refusal.ts';
import type { LiveUpstream } from './upstream.ts';

/** A socket over which nothing came for this long is ended. */
const IDLE_MS = 10 * MINUTE_MS;

/** Whether a page of this very host opened it, or no page: a foreign page brings the visitor's cookies along. */
export function sameOrigin(request: IncomingMessage, host: string): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).hostname.toLowerCase() === host;
}

/** Opens the upstream's side and joins both; resolves when they are joined, or with a refusal. */
export async function joinWebSocket(
  client: Duplex,
  early: Buffer,
  upstream: LiveUpstream,
  path: string,
  headers: readonly string[],
  onEnd: (bytes: number) => void,
): Promise<Refusal | null> {
  const named: Record<string, string> = {};
  for (let i = 0; i + 1 < headers.length; i += 2) named[headers[i] ?? ''] = headers[i + 1] ?? '';
  let opened;
  try {
    opened = await upstream.pool.upgrade({ path, method: 'GET', protocol: 'websocket', headers: named });
  } catch {
    return refusal('upstream-unreachable', 'no upgrade');
  }
  const { socket, headers: answer } = opened;
  if (client.destroyed) {
    // It left while the other side was being opened: its end was told already, and nobody would end this one.
    socket.destroy();
    return refusal('upstream-unreachable', 'the client left');
  }
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'];
  for (const name of ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions']) {
    const value = answer[name];
    if (typeof value === 'string') lines.push(`${name}: ${value}`);
  }
  client.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (early.byteLength > 0) socket.write(early);
  let bytes = 0;
  let ended = false;
  let lastAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - lastAt > IDLE_MS) end();
  }, IDLE_MS / 10);
  function end(): void {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    client.destroy();
    socket.destroy();
    onEnd(bytes);
  }
  const alive = (chunk: Buffer): void => {
    bytes += chunk.byteLength;
    lastAt = performance.now();
  };
  for (const [from, to] of [
    [client, socket],
    [socket, client],
  ] as const) {
    from.on('data', alive);
    from.on('error', end);
    from.on('close', end);
    from.pipe(to);
  }
  return null;
}
