// Large answers that nobody reads, and whoever wants a connection meanwhile.
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEdge, type TestEdge, testRoute, testUpstream } from '../../../test/support/edge.ts';
import { eventually } from '../../../test/support/installation.ts';
import { httpServer, type Running } from '../../../test/support/servers.ts';
import { heldConnections } from './held-connections.ts';

/** More than waits in memory for one reader. */
const LARGE = Buffer.alloc(24 * 1024 * 1024, 7);
const CONNECTIONS = 4;

let upstream: Running;
let edge: TestEdge;
/** Large answers under way. */
let large = 0;

beforeAll(async () => {
  upstream = await httpServer((incoming, answer) => {
    incoming.resume();
    if (incoming.url === '/large') {
      large += 1;
      answer.on('close', () => (large -= 1));
    }
    answer.end(incoming.url === '/large' ? LARGE : 'hello');
  });
  edge = await startTestEdge({
    routes: [
      testRoute(upstream.port, {
        upstream: testUpstream(upstream.port, { connections: CONNECTIONS, timeoutMs: 60_000 }),
      }),
    ],
  });
});
afterAll(async () => {
  await edge.close();
  await upstream.close();
});

/** Asks for the large answer and never reads of it. */
function unread(localAddress: string): Socket {
  const socket = connect({ host: '127.0.0.1', port: edge.port, localAddress });
  socket.on('error', () => undefined); // cut off: what is to be seen
  socket.pause();
  socket.write('GET /large HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  return socket;
}

/** A reader who takes nothing is cut off after ten seconds by himself. */
const PATIENCE_MS = 8_000;

/** Asks as somebody else does, and waits for less than readers may dawdle; the bytes that came. */
async function ask(path: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    request(
      { host: '127.0.0.1', port: edge.port, localAddress: '127.0.0.9', path, agent: false },
      (answer) => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
        answer.on('end', () => resolve(bytes));
        answer.on('error', reject);
      },
    )
      .on('error', reject)
      .setTimeout(PATIENCE_MS, () => reject(new Error('not answered')))
      .end();
  });
}

test.each([
  ['one address', () => '127.0.0.20'],
  ['an address each', (index: number) => `127.0.0.${21 + index}`],
])('readers of %s never hold everything', async (_, addressOf) => {
  const sockets = Array.from({ length: CONNECTIONS }, (_unused, index) => unread(addressOf(index)));
  await eventually(async () => large === CONNECTIONS);
  const more = Array.from({ length: CONNECTIONS }, (_unused, index) => unread(addressOf(index)));
  expect(await ask('/')).toBe(5);
  // And one who reads takes all of it beside them.
  expect(await ask('/large')).toBe(LARGE.byteLength);
  for (const socket of [...sockets, ...more]) socket.destroy();
  await eventually(async () => edge.edge.connections() === 0);
});

test('whose address holds most is cut off first, the longest held of it', () => {
  const cut: string[] = [];
  const held = heldConnections(4);
  const hold = (unit: string, name: string): (() => void) => held.hold({ unit, cut: () => cut.push(name) });
  hold('a', 'a1');
  const release = hold('b', 'b1');
  held.wanted();
  expect(cut).toEqual([]);
  hold('b', 'b2');
  hold('b', 'b3');
  held.wanted();
  expect(cut).toEqual(['b1']);
  release();
  held.wanted();
  expect(cut).toEqual(['b1', 'b2']);
  held.wanted();
  expect(cut).toEqual(['b1', 'b2']);
});
