// Half an hour of everything at once, to see that memory stays flat: TLS, tokens old and new, limits, an allowlist, refusals, WebSockets, slow clients, clients that leave,
// changes of policy. On demand: npm run bench -- soak
import { connect as tlsConnect } from 'node:tls';
import { testAuthority } from '../../test/support/certificates.ts';
import { testListener } from '../../test/support/edge.ts';
import { figure, median, say } from '../harness.ts';
import { DOCUMENT } from './full.ts';
import { ask, configFile, held, PROXY_CORE, LOAD_CORE, route, wrk } from './tools.ts';
import { coldScript, issuer } from './tokens.ts';

const MINUTES = 30;
const MINUTE_S = 60;

export async function soakBench(): Promise<Record<string, number>> {
  const upstream = await held(LOAD_CORE, ['upstream']);
  const pem = await (await testAuthority()).issue(['bench.test', '127.0.0.1']);
  const own = await issuer();
  const routes = [
    route(upstream.port, {
      id: 'rt_guarded',
      path: '/catalogue/',
      proofs: [own.proof],
      limits: [{ id: 'address', per: 'address', amount: 100_000, windowMs: 1_000, burst: 10_000 }],
      allow: { mode: 'enforce', document: DOCUMENT },
    }),
    route(upstream.port, { id: 'rt_open', learn: true }),
    route(upstream.port, {
      id: 'rt_login',
      path: '/login',
      guards: [
        {
          id: 'login',
          what: 'login',
          methods: ['POST'],
          paths: ['/login'],
          missStatus: [200],
          missWords: [],
          per: ['account', 'address'],
          accountField: 'email',
          tries: 10,
          windowMs: 3_600_000,
          lockMs: 60_000,
          surge: null,
        },
      ],
    }),
  ];
  const options = {
    listeners: [testListener({ tls: true })],
    certificates: [{ cert: pem.certPath, key: pem.keyPath }],
    bounds: { perAddress: 20_000 },
    // Nobody takes the events: what does not fit becomes a counted gap.
    maxSpoolBytes: 64 * 1024 * 1024,
  };
  const edge = await held(PROXY_CORE, ['edge', configFile({ routes }, options)]);
  const at = `https://127.0.0.1:${edge.port}`;
  const cold = await coldScript(own);
  const token = [`Authorization: Bearer ${await own.token()}`];
  const megabytes: number[] = [];
  for (let minute = 1; minute <= MINUTES; minute++) {
    const until = performance.now() + MINUTE_S * 1_000;
    const others = Promise.all([leavers(edge.port, until), guessers(edge.port, until, minute)]);
    await wrk(`${at}/catalogue/rings?page=2`, MINUTE_S / 4, token);
    await wrk(`${at}/catalogue/rings?page=2`, MINUTE_S / 4, ['X-Bench: cold'], cold);
    await wrk(`${at}/open/${minute}/rings`, MINUTE_S / 4);
    await ask(edge, { policy: { routes } });
    await wrk(`${at}/catalogue/rings?page=0`, MINUTE_S / 4, token, null, 'refused');
    await others;
    const { rssBytes } = await ask<{ rssBytes: number }>(edge, { memory: true });
    megabytes.push(rssBytes / 1024 / 1024);
    say(`minute ${minute}: ${figure(rssBytes / 1024 / 1024)} MB`);
  }
  edge.stop();
  upstream.stop();
  const third = Math.floor(MINUTES / 3);
  const [early, late] = [megabytes.slice(third, 2 * third), megabytes.slice(-third)].map(median);
  return {
    middleMb: figure(early ?? 0),
    lastMb: figure(late ?? 0),
    growth: figure((late ?? 0) / (early ?? 1)),
  };
}

/** Clients that begin a request, or a handshake, and are gone. */
async function leavers(port: number, until: number): Promise<void> {
  for (let n = 0; performance.now() < until; n++) {
    await new Promise<void>((resolve) => {
      const socket = tlsConnect({
        host: '127.0.0.1',
        port,
        servername: 'bench.test',
        rejectUnauthorized: false,
      });
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
      socket.once('secureConnect', () => {
        if (n % 3 === 0) socket.write(`GET /open/${n} HTTP/1.1\r\nHost: bench.te`);
        if (n % 3 === 1)
          socket.write(`POST /open/ HTTP/1.1\r\nHost: bench.test\r\nContent-Length: 100000\r\n\r\nx`);
        if (n % 3 === 2) socket.write(`GET /open/${n} HTTP/1.1\r\nHost: bench.test\r\n\r\n`);
        setTimeout(() => socket.destroy(), 5);
      });
    });
  }
}

/** Wrong passwords for ever new accounts. */
async function guessers(port: number, until: number, minute: number): Promise<void> {
  for (let n = 0; performance.now() < until; n++) {
    const body = `email=${minute}-${n}@shop.test&password=wrong`;
    await new Promise<void>((resolve) => {
      const socket = tlsConnect(
        { host: '127.0.0.1', port, servername: 'bench.test', rejectUnauthorized: false },
        () =>
          socket.write(
            `POST /login HTTP/1.1\r\nHost: bench.test\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          ),
      );
      socket.on('error', () => undefined);
      socket.on('data', () => undefined);
      socket.once('close', () => resolve());
    });
  }
}
