// The figures of the edge: plain proxying beside a bare undici proxy, everything on beside nginx with TLS and limit_req, memory for idle connections, how soon a
// change of policy is in force. The proxy under test is held to one core; load and upstream share the other.
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as tcpConnect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { promisify } from 'node:util';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { testAuthority } from '../test/support/certificates.ts';
import { listening, NGINX } from '../test/support/daemons.ts';
import { testListener, testRoute, testUpstream } from '../test/support/edge.ts';
import { freePort } from '../test/support/servers.ts';
import { figure, median, percentile, say } from './harness.ts';

const run = promisify(execFile);

const ROUNDS = 5;
/** V8 needs some ten seconds of load before it has compiled what matters. */
const WARM_S = 12;
const SECONDS = 5;
const CONNECTIONS = 64;
const IDLE = 10_000;
const PROXY_CORE = '0';
const LOAD_CORE = '1';

interface Proxy {
  readonly port: number;
  readonly child: ChildProcess;
  stop(): void;
}

function held(core: string, args: readonly string[]): Promise<Proxy> {
  const child = fork(join(import.meta.dirname, 'edge-process.ts'), [...args], {
    execPath: '/usr/bin/taskset',
    execArgv: ['-c', core, process.execPath, '--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message: { port: number }) =>
      resolve({ port: message.port, child, stop: () => child.kill('SIGKILL') }),
    );
    child.once('exit', (code) => reject(new Error(`a process of the bench ended: ${code}`)));
  });
}

/** Requests a second as wrk counts them. */
async function wrk(url: string, seconds: number, headers: readonly string[] = []): Promise<number> {
  const args = [
    '-c',
    LOAD_CORE,
    'wrk',
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    ...headers.flatMap((one) => ['-H', one]),
    url,
  ];
  const { stdout } = await run('taskset', args);
  const failed = /Non-2xx or 3xx responses: (\d+)/u.exec(stdout)?.[1];
  if (failed !== undefined) throw new Error(`${failed} answers were no good`);
  return Number(/Requests\/sec:\s+([\d.]+)/u.exec(stdout)?.[1]);
}

/** Milliseconds of each request at a steady rate, as h2load logs them. */
async function steady(
  url: string,
  perS: number,
  seconds: number,
  headers: readonly string[],
): Promise<number[]> {
  const log = join(mkdtempSync(join(tmpdir(), 'loupe-bench-')), 'log');
  const clients = 32;
  const args = [
    '-c',
    LOAD_CORE,
    'h2load',
    '--h1',
    `-c${clients}`,
    '-t1',
    `--rps=${perS / clients}`,
    `-D${seconds}`,
    `--log-file=${log}`,
    ...headers.flatMap((one) => ['-H', one]),
    url,
  ];
  await run('taskset', args, { maxBuffer: 64 * 1024 * 1024 });
  // Each line: when (µs), status, how long (µs).
  return readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split('\t')[2]) / 1_000);
}

async function ask<T>(proxy: Proxy, message: object): Promise<T> {
  return await new Promise((resolve) => {
    proxy.child.once('message', (answer: T) => resolve(answer));
    proxy.child.send(message);
  });
}

function configFile(policy: object, options: object): string {
  const path = join(mkdtempSync(join(tmpdir(), 'loupe-bench-')), 'edge.json');
  writeFileSync(path, JSON.stringify({ policy, options }));
  return path;
}

export async function edgeBench(): Promise<Record<string, number>> {
  const upstream = await held(LOAD_CORE, ['upstream']);
  try {
    return {
      ...(await plain(upstream.port)),
      ...(await full(upstream.port)),
      ...(await idle(upstream.port)),
    };
  } finally {
    upstream.stop();
  }
}

const route = (port: number, more: object = {}) => ({
  ...testRoute(port),
  hosts: ['127.0.0.1', 'bench.test'],
  upstream: testUpstream(port, { connections: CONNECTIONS, timeoutMs: 10_000 }),
  ...more,
});

async function plain(upstreamPort: number): Promise<Record<string, number>> {
  const edge = await held(PROXY_CORE, ['edge', configFile({ routes: [route(upstreamPort)] }, {})]);
  const undici = await held(PROXY_CORE, ['undici', String(upstreamPort)]);
  const url = (proxy: Proxy): string => `http://127.0.0.1:${proxy.port}/catalogue/rings?page=2`;
  const rates: { edge: number[]; undici: number[] } = { edge: [], undici: [] };
  for (const proxy of [edge, undici]) await wrk(url(proxy), WARM_S);
  for (let i = 0; i < ROUNDS; i++) {
    rates.undici.push(await wrk(url(undici), SECONDS));
    rates.edge.push(await wrk(url(edge), SECONDS));
  }
  edge.stop();
  undici.stop();
  say(
    `plain: edge ${rates.edge.map(figure).join(' ')}, bare undici ${rates.undici.map(figure).join(' ')} requests/s`,
  );
  return {
    ratioToUndici: figure(median(rates.edge) / median(rates.undici)),
    plainRps: figure(median(rates.edge)),
  };
}

/** What a small API would list. */
const DOCUMENT = {
  openapi: '3.1.0',
  paths: {
    '/catalogue/{kind}': {
      get: {
        parameters: [
          { name: 'kind', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } },
          { name: 'page', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1_000 } },
        ],
      },
    },
  },
};

async function full(upstreamPort: number): Promise<Record<string, number>> {
  const pem = await (await testAuthority()).issue(['bench.test', '127.0.0.1']);
  const keys = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'ES256' };
  const token = await new SignJWT({ scope: 'catalogue' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer('https://issuer.test')
    .setAudience('bench')
    .setSubject('bench')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(keys.privateKey);
  const guarded = route(upstreamPort, {
    proofs: [
      {
        kind: 'jwt',
        issuer: 'https://issuer.test',
        audience: 'bench',
        algorithms: ['ES256'],
        scopes: ['catalogue'],
        keys: { from: 'policy', jwks: { keys: [jwk] } },
        maxAgeMs: 3_600_000,
      },
    ],
    limits: [
      { id: 'address', per: 'address', amount: 1_000_000, windowMs: 1_000, burst: 100_000 },
      { id: 'caller', per: 'caller', amount: 1_000_000, windowMs: 1_000, burst: 100_000 },
    ],
    allow: { mode: 'enforce', document: DOCUMENT },
  });
  const options = {
    listeners: [testListener({ tls: true })],
    certificates: [{ cert: pem.certPath, key: pem.keyPath }],
    bounds: { perAddress: 20_000 },
  };
  const edge = await held(PROXY_CORE, ['edge', configFile({ routes: [guarded] }, options)]);
  const url = (port: number): string => `https://127.0.0.1:${port}/catalogue/rings?page=2`;
  const headers = [`Authorization: Bearer ${token}`];
  const nginx = existsSync(NGINX) ? await nginxProxy(upstreamPort, pem) : null;
  await wrk(url(edge.port), WARM_S, headers);
  const rates: { edge: number[]; nginx: number[] } = { edge: [], nginx: [] };
  for (let i = 0; i < ROUNDS; i++) {
    if (nginx !== null) rates.nginx.push(await wrk(url(nginx.port), SECONDS));
    rates.edge.push(await wrk(url(edge.port), SECONDS, headers));
  }
  const rps = median(rates.edge);
  const times = [];
  for (let i = 0; i < 3; i++)
    times.push(percentile(await steady(url(edge.port), Math.round(rps * 0.7), SECONDS * 2, headers), 0.99));
  say(
    `everything on: edge ${rates.edge.map(figure).join(' ')}, nginx with TLS and limit_req ${rates.nginx.map(figure).join(' ')} requests/s; p99 at 70 % ${times.map(figure).join(' ')} ms`,
  );
  const changed = [];
  for (let i = 0; i < 5; i++) {
    const begin = performance.now();
    await ask(edge, { policy: { routes: [guarded] } });
    changed.push(performance.now() - begin);
  }
  nginx?.stop();
  edge.stop();
  return {
    fullRps: figure(rps),
    p99Ms: figure(median(times)),
    ...(nginx === null ? {} : { nginxRps: figure(median(rates.nginx)) }),
    policyMs: figure(median(changed)),
  };
}

async function nginxProxy(
  upstreamPort: number,
  pem: { readonly certPath: string; readonly keyPath: string },
) {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-bench-nginx-'));
  const port = await freePort();
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
events { worker_connections 4096; }
http { access_log off; client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
limit_req_zone $binary_remote_addr zone=all:10m rate=1000000r/s;
upstream shop { server 127.0.0.1:${upstreamPort}; keepalive ${CONNECTIONS}; }
server { listen 127.0.0.1:${port} ssl; ssl_certificate ${pem.certPath}; ssl_certificate_key ${pem.keyPath}; keepalive_requests 1000000;
location / { limit_req zone=all burst=100000 nodelay; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://shop; } } }`,
  );
  const child = spawn('taskset', ['-c', PROXY_CORE, NGINX, '-p', dir, '-c', join(dir, 'nginx.conf')], {
    stdio: 'ignore',
  });
  await listening(port);
  return { port, stop: () => child.kill('SIGTERM') };
}

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

async function idle(upstreamPort: number): Promise<Record<string, number>> {
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
