import { afterAll, describe, expect, it } from 'vitest';
import { httpServer, rawServer, type Running } from '../../test/support/servers.ts';
import { DownloadError, type DownloadOptions, openOutbound } from './index.ts';

const opened: Running[] = [];
const keep = async (server: Promise<Running>): Promise<Running> => {
  const running = await server;
  opened.push(running);
  return running;
};
afterAll(async () => {
  for (const server of opened) await server.close();
});

const outbound = openOutbound({
  allowNetworks: ['127.0.0.1'],
  extraCa: [],
  resolver: null,
  userAgent: 'LoupeTest/1',
  connectTo: {},
});

/** What a download came to: how many bytes, or why it ended. */
async function outcome(server: Running, more: Partial<DownloadOptions> = {}): Promise<number | string> {
  const answer = await outbound.download({
    url: new URL(`http://127.0.0.1:${server.port}/`),
    maxBytes: 1_000_000,
    timeoutMs: 5_000,
    idleMs: 300,
    minBytesPerS: 0,
    certificate: 'require',
    signal: new AbortController().signal,
    ...more,
  });
  if (!answer.ok) return answer.kind;
  let bytes = 0;
  try {
    for await (const piece of answer.body) bytes += piece.byteLength;
  } catch (error) {
    if (error instanceof DownloadError) return error.failure.code ?? error.failure.kind;
    throw error;
  }
  return bytes;
}

/** A server that sends a head and then so many bytes every 20 ms. */
const dripping = (bytes: number): Promise<Running> =>
  rawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n');
    const timer = setInterval(() => socket.write('x'.repeat(bytes)), 20);
    socket.on('close', () => clearInterval(timer));
  });

describe('a download', () => {
  it('brings the whole body, however long the reader takes', async () => {
    const server = await keep(httpServer((_, res) => res.end(Buffer.alloc(600_000))));
    expect(await outcome(server)).toBe(600_000);
    const answer = await outbound.download({
      url: new URL(`http://127.0.0.1:${server.port}/`),
      maxBytes: 1_000_000,
      timeoutMs: 5_000,
      idleMs: 100,
      minBytesPerS: 1_000_000,
      certificate: 'require',
      signal: new AbortController().signal,
    });
    let bytes = 0;
    if (answer.ok)
      for await (const piece of answer.body) {
        if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 300));
        bytes += piece.byteLength;
      }
    expect(bytes).toBe(600_000);
  });

  it('ends at each of its bounds, and says which', async () => {
    const endless = await keep(
      httpServer((_, res) => {
        const more = (): void => {
          while (res.write(Buffer.alloc(65_536))) if (res.destroyed) return;
          res.once('drain', more);
        };
        more();
      }),
    );
    expect(await outcome(endless)).toBe('too-large');
    const silent = await keep(rawServer(() => undefined));
    expect(await outcome(silent)).toBe('timeout');
    const stops = await keep(
      rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc')),
    );
    expect(await outcome(stops)).toBe('timeout');
    const drips = await keep(dripping(1));
    expect(await outcome(drips, { minBytesPerS: 10_000 })).toBe('TOO_SLOW');
    expect(await outcome(drips, { timeoutMs: 800 })).toBe('timeout');
    const short = await keep(
      rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc')),
    );
    expect(await outcome(short)).toBe('ECONNRESET');
    const chunks = await keep(
      rawServer((socket) =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n'),
      ),
    );
    expect(await outcome(chunks)).toBe('ECONNRESET');
  });

  it('does not follow where it is sent, and can be left unread', async () => {
    const server = await keep(
      httpServer((_, res) => res.writeHead(302, { location: 'http://169.254.169.254/' }).end('elsewhere')),
    );
    const answer = await outbound.download({
      url: new URL(`http://127.0.0.1:${server.port}/`),
      maxBytes: 10,
      timeoutMs: 1_000,
      idleMs: 500,
      minBytesPerS: 0,
      certificate: 'require',
      signal: new AbortController().signal,
    });
    expect(answer).toMatchObject({ ok: true, status: 302 });
    if (answer.ok) answer.cancel();
  });
});
