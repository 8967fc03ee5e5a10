import type { Outbound } from '#outbound';
import { TLS_VERSIONS, type TlsEvidence, type TlsVersion } from '../evidence.ts';
import type { Target } from '../target.ts';
import { clientHello, type HelloAnswer, readAnswer, WEAK_SUITES } from './client-hello.ts';

const HELLO_MS = 4_000;
const MAX_ANSWER_BYTES = 20_000;

/** No list is worth more than a few connections: after this many weak suites the finding is clear. */
const MAX_WEAK = 4;

/** Which protocol versions and weak suites a server accepts, and the handshake a browser would make. */
export async function probeTls(
  outbound: Outbound,
  target: Pick<Target, 'host' | 'port'>,
  signal: AbortSignal,
): Promise<TlsEvidence> {
  const { host, port } = target;
  const handshake = outbound.handshake(host, port, 2 * HELLO_MS, signal);
  const versions = await Promise.all(
    TLS_VERSIONS.map(async (version) => {
      const answer = await hello(outbound, host, port, clientHello(host, version), signal);
      return { version, ...judgeVersion(answer, version) };
    }),
  );
  const weakSuites: string[] = [];
  if (versions.some(({ version, accepted }) => accepted === true && version !== 'TLS 1.3')) {
    const left = new Map(WEAK_SUITES);
    while (weakSuites.length < MAX_WEAK && left.size > 0) {
      const answer = await hello(
        outbound,
        host,
        port,
        clientHello(host, 'TLS 1.2', [...left.keys()]),
        signal,
      );
      const name = typeof answer !== 'string' && answer.kind === 'hello' ? left.get(answer.suite) : undefined;
      if (name === undefined || typeof answer === 'string' || answer.kind !== 'hello') break;
      weakSuites.push(name);
      left.delete(answer.suite);
    }
  }
  const done = await handshake;
  return {
    host,
    port,
    versions,
    weakSuites,
    handshake: 'ok' in done ? null : done,
    failure: 'ok' in done ? done.kind : null,
  };
}

function judgeVersion(answer: HelloAnswer | string, version: TlsVersion) {
  if (typeof answer === 'string') return { accepted: answer === 'closed' ? false : null, failure: answer };
  if (answer.kind === 'hello') return { accepted: answer.version === version, failure: null };
  if (answer.kind === 'alert') return { accepted: false, failure: null };
  return { accepted: null, failure: 'not-tls' };
}

/** Sends one hello and reads the first record of the answer, or says in a word why there is none. */
async function hello(
  outbound: Outbound,
  host: string,
  port: number,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<HelloAnswer | string> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(HELLO_MS)]);
  const socket = await outbound.connect(host, port, bounded);
  if ('ok' in socket) return socket.kind;
  try {
    return await new Promise((resolve) => {
      let held = Buffer.alloc(0);
      bounded.addEventListener('abort', () => resolve('timeout'), { once: true });
      socket.on('error', () => resolve('closed'));
      socket.on('close', () => resolve('closed'));
      socket.on('data', (chunk: Buffer) => {
        held = Buffer.concat([held, chunk]);
        const answer = readAnswer(held);
        if (answer !== null) resolve(answer);
        else if (held.byteLength > MAX_ANSWER_BYTES) resolve('too-long');
      });
      socket.write(bytes);
    });
  } finally {
    socket.destroy();
  }
}
