// An edge, a bare undici proxy or a plain server as a process of its own, so that each can be held to one core. Talks to the bench over IPC.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { importJWK, type JWK } from 'jose';
import { Pool } from 'undici';
import { startTestEdge } from '../../test/support/edge.ts';

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
  process.on('message', (message: Message) => {
    if (message.cpu === true) {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpu: user + system });
    }
    if (message.verify !== undefined)
      void verifyUs(message.verify).then((us) => process.send?.({ verifyUs: us }));
    if (message.memory === true) {
      globalThis.gc?.();
      process.send?.({ rssBytes: process.memoryUsage.rss() });
    }
    if (message.policy !== undefined)
      void test.publish(message.policy).then(() => process.send?.({ published: test.edge.version() }));
  });
  say(test.port);
}

interface Message {
  readonly policy?: object;
  readonly memory?: true;
  /** CPU so far, µs. */
  readonly cpu?: true;
  /** A bare signature check of a token. */
  readonly verify?: { readonly jwk: JWK; readonly token: string };
}

const CHECKS = 20_000;
const AT_ONCE = 64;

/** CPU of one check of an ES256 signature, by the means that jose uses. */
async function verifyUs({ jwk, token }: NonNullable<Message['verify']>): Promise<number> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const key = await importJWK(jwk, 'ES256');
  if (key instanceof Uint8Array) throw new TypeError('a public key was meant');
  const dot = token.lastIndexOf('.');
  const [signed, signature] = [
    Buffer.from(token.slice(0, dot)),
    Buffer.from(token.slice(dot + 1), 'base64url'),
  ];
  const check = () => crypto.subtle.verify(algorithm, key, signature, signed);
  const before = process.cpuUsage();
  for (let i = 0; i < CHECKS; i += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, check));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CHECKS;
}

process.on('disconnect', () => process.exit(0));
