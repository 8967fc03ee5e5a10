// An edge, a bare undici proxy or a plain server as a process of its own, so that each can be held to one core. Talks to the bench over IPC.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { startTestEdge } from '../test/support/edge.ts';

const [kind, file] = process.argv.slice(2);

function say(port: number): void {
  process.send?.({ port });
}

if (kind === 'upstream') {
  const body = Buffer.from('x'.repeat(1_024));
  const server = createServer((_, response) => {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': String(body.byteLength),
    });
    response.end(body);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => say((server.address() as AddressInfo).port));
} else if (kind === 'undici') {
  const pool = new Pool(`http://127.0.0.1:${file}`, { connections: 64 });
  const server = createServer((request, response) => {
    pool
      .stream(
        {
          path: request.url ?? '/',
          method: 'GET',
          headers: request.headers as Record<string, string>,
          opaque: response,
        },
        ({ statusCode, headers }) => {
          response.writeHead(statusCode, headers as Record<string, string>);
          return response;
        },
      )
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1', () => say((server.address() as AddressInfo).port));
} else {
  const { policy, options } = JSON.parse(readFileSync(file ?? '', 'utf8'));
  const test = await startTestEdge(policy, {
    ...options,
    onError: (error) => process.stderr.write(`${String(error)}\n`),
  });
  process.on('message', (message: { policy?: object; memory?: true }) => {
    if (message.memory === true) {
      globalThis.gc?.();
      process.send?.({ rssBytes: process.memoryUsage.rss() });
    }
    if (message.policy !== undefined)
      void test.publish(message.policy).then(() => process.send?.({ published: test.edge.version() }));
  });
  say(test.port);
}

process.on('disconnect', () => process.exit(0));
