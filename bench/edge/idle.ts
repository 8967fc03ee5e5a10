// Memory that idle connections hold.
import { connect as tcpConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { testAuthority } from '../../test/support/certificates.ts';
import { testListener } from '../../test/support/edge.ts';
import { figure, say } from '../harness.ts';
import { ask, configFile, held, PROXY_CORE, route } from './tools.ts';

const IDLE = 10_000;

/** Opens connections, makes one request on each, and leaves them open. */
async function openIdle(port: number, secure: boolean): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket: Socket = secure
        ? tlsConnect({ host: '127.0.0.1', port, servername: 'bench.test', rejectUnauthorized: false })
        : tcpConnect(port, '127.0.0.1');
      socket.once(secure ? 'secureConnect' : 'connect', () =>
        socket.write('GET / HTTP/1.1\r\nHost: bench.test\r\n\r\n'),
      );
      socket.once('data', () => {
        sockets.push(socket);
        resolve();
      });
      socket.once('error', reject);
    });
  for (let i = 0; i < IDLE; i += 100) await Promise.all(Array.from({ length: 100 }, one));
  return sockets;
}

export async function idle(upstreamPort: number): Promise<Record<string, number>> {
  const pem = await (await testAuthority()).issue(['bench.test']);
  const figures: Record<string, number> = {};
  for (const [name, tls] of [
    ['idle10kMb', false],
    ['idle10kTlsMb', true],
  ] as const) {
    const options = {
      listeners: [testListener({ tls })],
      certificates: tls ? [{ cert: pem.certPath, key: pem.keyPath }] : [],
      bounds: { perAddress: 20_000, idleMs: 300_000, silentMs: 300_000 },
    };
    const edge = await held(PROXY_CORE, ['edge', configFile({ routes: [route(upstreamPort)] }, options)]);
    const sockets = await openIdle(edge.port, tls);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { rssBytes } = await ask<{ rssBytes: number }>(edge, { memory: true });
    figures[name] = figure(rssBytes / 1024 / 1024);
    for (const socket of sockets) socket.destroy();
    edge.stop();
  }
  say(`10,000 idle connections: ${figures['idle10kMb']} MB plain, ${figures['idle10kTlsMb']} MB over TLS`);
  return figures;
}
