// What Node's own server asks of a request's headers, and what everybody else finds in them.
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEdge, type TestEdge, testRoute } from '../../../test/support/edge.ts';
import { httpServer, type Running } from '../../../test/support/servers.ts';
import { firstOf, LeanRequest } from './lean-request.ts';

/** Sends lines as they are, and reads until the other side ends. */
function exchange(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.write(lines.join('\r\n'));
  });
}

describe('through an edge', () => {
  let upstream: Running;
  let edge: TestEdge;
  beforeAll(async () => {
    upstream = await httpServer((request, answer) => {
      request.resume().on('end', () => answer.end('fine'));
    });
    edge = await startTestEdge({ routes: [testRoute(upstream.port)] });
  });
  afterAll(async () => {
    await edge.close();
    await upstream.close();
  });

  const END = ['Connection: close', '', ''];
  test.each([
    ['no host', ['GET / HTTP/1.1', ...END], /^HTTP\/1\.1 400 /u],
    ['a host, however spelt', ['GET / HTTP/1.1', 'hOST: shop.test', ...END], /^HTTP\/1\.1 200 [^]*fine/u],
    [
      'another expectation',
      ['POST / HTTP/1.1', 'Host: shop.test', 'Expect: more', ...END],
      /^HTTP\/1\.1 417 /u,
    ],
    [
      'that it may go on',
      [
        'POST / HTTP/1.1',
        'Host: shop.test',
        'EXPECT: 100-continue',
        'Content-Length: 2',
        ...END.slice(0, 2),
        'ab',
      ],
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /u,
    ],
    [
      'a page, of a head that is none',
      ['GET /%zz HTTP/1.1', 'Host: shop.test', 'Accept: text/html', ...END],
      /^HTTP\/1\.1 400 [^]*content-type: text\/html/u,
    ],
  ])('%s', async (_, lines, expected) => {
    expect(await exchange(edge.port, lines)).toMatch(expected);
  });
});

test('whoever takes it over finds all headers', async () => {
  let seen: { before: IncomingMessage['headers']; after: IncomingMessage['headers'] } | null = null;
  const server = createServer({ IncomingMessage: LeanRequest }, (request, answer) => {
    const before = request.headers;
    request.isHandedOver = true;
    seen = { before, after: request.headers };
    answer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await exchange(port, [
    'GET / HTTP/1.1',
    'Host: shop.test',
    'X-A: 1',
    'x-a: 2',
    'Connection: close',
    '',
    '',
  ]);
  expect(seen).toEqual({
    before: { host: 'shop.test', expect: undefined },
    after: { host: 'shop.test', 'x-a': '1, 2', connection: 'close' },
  });
  await new Promise((resolve) => server.close(resolve));
});

test('the first of a name', () => {
  expect(firstOf(['A', '1', 'b', '2', 'B', '3'], 'b')).toBe('2');
  expect(firstOf(['A', '1', 'odd'], 'odd')).toBeUndefined();
});
