// Whole loads of two million stones: fetched over TLS, kept sealed, typed, checked, compared with the load before, published; in a process of its own, from an nginx that stands for the provider. And what they do to an edge on the same machine.
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MODEST } from '../../src/bin/begins.ts';
import { RAPNET_HOST } from '../../sample/feeds/services.ts';
import { testAuthority, type TestCertificate } from '../../test/support/certificates.ts';
import { listening, NGINX } from '../../test/support/daemons.ts';
import { freePort } from '../../test/support/servers.ts';
import { configFile, held, LOAD_CORE, PROXY_CORE, route, steady } from '../edge/tools.ts';
import { figure, percentile, say } from '../harness.ts';
import type { LoadAsked, LoaderOptions, LoadTold } from './process.ts';

const run = promisify(execFile);
/** Requests a second through the edge while stones are loaded: what a busy shop has. */
const TRAFFIC_PER_S = 1_000;
const TRAFFIC_S = 20;

export async function wholeLoads(
  folder: string,
  first: string,
  second: string,
): Promise<Record<string, number>> {
  const authority = await testAuthority();
  const service = await rapnetService(folder, await authority.issue([RAPNET_HOST]));
  const options: LoaderOptions = { folder, ca: authority.ca, port: service.port };
  const loader = fork(join(import.meta.dirname, 'process.ts'), [JSON.stringify(options)], {
    execArgv: [...MODEST.execArgv],
    env: { ...process.env, ...MODEST.env },
  });
  try {
    await told(loader);
    const load = async (what: string, file: string, asked: LoadAsked): Promise<LoadTold> => {
      service.serve(file);
      loader.send(asked);
      const done = await told<LoadTold>(loader);
      say(
        `${what}: ${figure(done.loadS)} s to the decision, ${figure(done.publishS)} s to the catalogue of ${done.shown}; ${done.rows} stones, ${done.repriced} repriced; peak ${figure(done.peakMb)} MB`,
      );
      return done;
    };
    const alone = await load('alone', first, { typedAlike: false });
    const beside = await load('beside the load before', second, { typedAlike: false });
    const again = await load('one in a hundred changed', first, { typedAlike: true });
    return {
      load2mS: figure(Math.max(alone.loadS + alone.publishS, beside.loadS + beside.publishS)),
      reload1pctS: figure(again.loadS + again.publishS),
      peakMb: figure(again.peakMb),
      ...(await underTraffic(() => load('under traffic', second, { typedAlike: false }))),
      ...(await copied(second)),
    };
  } finally {
    loader.kill('SIGKILL');
    service.stop();
  }
}

/** A RapNet download service that is no work for this machine: nginx, one file. */
async function rapnetService(
  folder: string,
  { certPath, keyPath }: TestCertificate,
): Promise<{ readonly port: number; serve(file: string): void; stop(): void }> {
  const port = await freePort();
  const current = join(folder, 'current.csv');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; user root; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1; events {}
http { access_log off; sendfile on; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certPath}; ssl_certificate_key ${keyPath};
location = /HTTP/Authenticate.aspx { return 200 '${'A'.repeat(32)}'; }
location = /HTTP/DLS/GetFile.aspx { alias ${current}; } } }`,
  );
  const child = spawn(NGINX, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  await listening(port);
  return {
    port,
    serve(file) {
      rmSync(current, { force: true });
      symlinkSync(file, current);
    },
    stop: () => child.kill('SIGTERM'),
  };
}

async function told<T>(child: ChildProcess): Promise<T> {
  return await new Promise((resolve, reject) => {
    child.once('message', (message: T) => resolve(message));
    child.once('exit', (code) => reject(new Error(`a process of the bench ended: ${code}`)));
  });
}

/** How long requests through an edge take while stones are loaded, beside how long they take when nothing else is done. */
async function underTraffic(load: () => Promise<LoadTold>): Promise<Record<string, number>> {
  const upstream = await held(LOAD_CORE, ['upstream']);
  const edge = await held(PROXY_CORE, ['edge', configFile({ routes: [route(upstream.port)] }, {})]);
  try {
    const traffic = (): Promise<number[]> =>
      steady(`http://127.0.0.1:${edge.port}/catalogue/rings`, TRAFFIC_PER_S, TRAFFIC_S, []);
    await traffic();
    const idle = percentile(await traffic(), 0.99);
    const [busyMs, done] = await Promise.all([traffic(), load()]);
    const busy = percentile(busyMs, 0.99);
    say(
      `edge at ${TRAFFIC_PER_S} requests/s: p99 ${figure(idle)} ms alone, ${figure(busy)} ms while stones are loaded`,
    );
    return {
      loadUnderTrafficS: figure(done.loadS + done.publishS),
      edgeP99Ratio: figure(busy / idle),
      edgeP99MoreMs: figure(busy - idle),
    };
  } finally {
    edge.stop();
    upstream.stop();
  }
}

const PSQL = process.env['LOUPE_BENCH_POSTGRES'];

/** The same file into an untyped table of PostgreSQL's, where there is one: nothing is checked, nothing is compared. */
async function copied(file: string): Promise<Record<string, number>> {
  if (PSQL === undefined) {
    say('PostgreSQL is not measured: LOUPE_BENCH_POSTGRES names none');
    return {};
  }
  const columns = Array.from({ length: 80 }, (_, i) => `c${i} text`).join(', ');
  await run('psql', [PSQL, '-qc', `drop table if exists stones; create unlogged table stones (${columns})`]);
  const begin = performance.now();
  await run('psql', [PSQL, '-qc', `\\copy stones from '${file}' with (format csv, header)`]);
  const copy = (performance.now() - begin) / 1_000;
  await run('psql', [PSQL, '-qc', 'drop table stones']);
  return { postgresCopyS: figure(copy) };
}
