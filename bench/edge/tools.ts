// Processes of the bench, each held to a core; load; figures out of both.
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WIDE } from '../../src/bin/begins.ts';
import { listening, NGINX } from '../../test/support/daemons.ts';
import { testRoute, testUpstream } from '../../test/support/edge.ts';
import { freePort } from '../../test/support/servers.ts';

const run = promisify(execFile);

export const ROUNDS = 5;
/** V8 needs some ten seconds of load before it has compiled what matters. */
export const WARM_S = 12;
export const SECONDS = 5;
const CONNECTIONS = 64;
export const PROXY_CORE = '0';
export const LOAD_CORE = '1';

export interface Proxy {
  readonly port: number;
  readonly child: ChildProcess;
  stop(): void;
}

export function held(core: string, args: readonly string[]): Promise<Proxy> {
  const child = fork(join(import.meta.dirname, 'process.ts'), [...args], {
    execPath: '/usr/bin/taskset',
    execArgv: ['-c', core, process.execPath, '--expose-gc', ...(args[0] === 'edge' ? WIDE.execArgv : [])],
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
export async function wrk(
  url: string,
  seconds: number,
  headers: readonly string[] = [],
  script: string | null = null,
  meant: 'answered' | 'refused' = 'answered',
): Promise<number> {
  const args = [
    '-c',
    LOAD_CORE,
    'wrk',
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    ...headers.flatMap((one) => ['-H', one]),
    ...(script === null ? [] : ['-s', script]),
    url,
  ];
  const { stdout } = await run('taskset', args);
  const failed = /Non-2xx or 3xx responses: (\d+)/u.exec(stdout)?.[1];
  if (failed !== undefined && meant === 'answered') throw new Error(`${failed} answers were no good`);
  return Number(/Requests\/sec:\s+([\d.]+)/u.exec(stdout)?.[1]);
}

/** Milliseconds of each request at a steady rate, as h2load logs them. */
export async function steady(
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

export async function ask<T>(proxy: Proxy, message: object): Promise<T> {
  return await new Promise((resolve) => {
    proxy.child.once('message', (answer: T) => resolve(answer));
    proxy.child.send(message);
  });
}

export function configFile(policy: object, options: object): string {
  const path = join(mkdtempSync(join(tmpdir(), 'loupe-bench-')), 'edge.json');
  writeFileSync(path, JSON.stringify({ policy, options }));
  return path;
}

export const route = (port: number, more: object = {}) => ({
  ...testRoute(port),
  hosts: ['127.0.0.1', 'bench.test'],
  upstream: testUpstream(port, { connections: CONNECTIONS, timeoutMs: 10_000 }),
  ...more,
});

export async function nginxProxy(
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
