// An edge, a bare undici proxy or a plain server as a process of its own, so that each can be held to one core. Talks to the bench over IPC.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { importJWK, type JWK } from 'jose';
import { Pool } from 'undici';
import { jwtProver, readHead } from '#edge';
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
    if (message.proving !== undefined) void provingUs(message.proving).then((us) => process.send?.(us));
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
  readonly proving?: Proving;
}

interface Proving {
  readonly proof: Parameters<typeof jwtProver>[0];
  readonly jwk: JWK;
  readonly tokens: readonly string[];
}

/** CPU of one ES256 signature check by the means that jose uses, and of one whole proof with a token that is new, µs. */
async function provingUs({ proof, jwk, tokens }: Proving): Promise<{ verifyUs: number; proveUs: number }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const key = await importJWK(jwk, 'ES256');
  if (key instanceof Uint8Array) throw new TypeError('a public key was meant');
  const prover = jwtProver(proof, null, { has: () => false });
  const parts = tokens.map((token) => {
    const dot = token.lastIndexOf('.');
    return [Buffer.from(token.slice(dot + 1), 'base64url'), Buffer.from(token.slice(0, dot))] as const;
  });
  const presented = tokens.map((token) => ({
    head: readHead({
      version: '1.1',
      method: 'GET',
      target: '/',
      authority: undefined,
      rawHeaders: ['Host', 'bench.test', 'Authorization', `Bearer ${token}`],
      bodyFollows: undefined,
    }),
    certificate: null,
    body: async () => new Uint8Array(0),
    now: Date.now(),
  }));
  const verifyUs = await cpuEach(parts, ([signature, signed]) =>
    crypto.subtle.verify(algorithm, key, signature, signed),
  );
  const proveUs = await cpuEach(presented, async ({ head, ...rest }) => {
    if ('why' in head) throw new TypeError('a good head was meant');
    const verdict = await prover.prove({ head, ...rest });
    if (verdict === null || 'refused' in verdict) throw new TypeError('a good token was meant');
  });
  return { verifyUs, proveUs };
}

const AT_ONCE = 64;

/** CPU of the whole process per item, µs; as many under way as connections would bring. */
async function cpuEach<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < items.length; i += AT_ONCE) await Promise.all(items.slice(i, i + AT_ONCE).map(act));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / items.length;
}

process.on('disconnect', () => process.exit(0));
