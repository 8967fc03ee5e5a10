// The engine beside nginx with ModSecurity, with the same rules, in turn, both on one core. `--crs DIR`: another copy of the Core Rule Set than Debian's.
import { fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { CRS_RULES, CRS_SETUP, type ModSecurity, modsecurity } from '../../test/support/modsecurity.ts';
import { httpServer } from '../../test/support/servers.ts';
import { PROXY_CORE } from '../edge/tools.ts';
import { figure, median, say } from '../harness.ts';
import type { Cost, Order } from './process.ts';
import { type Kind, KINDS, requestsOf, wire } from './requests.ts';
import { benchPack } from './rules.ts';
import { throughEdge } from './through-edge.ts';

const WRK = '/usr/bin/wrk';
const ROUNDS = 5;
const COUNTS: Readonly<Record<Kind, { readonly engine: number; readonly other: number }>> = {
  get: { engine: 4000, other: 600 },
  json: { engine: 1500, other: 120 },
  attack: { engine: 4000, other: 600 },
  upload: { engine: 200, other: 60 },
};

export async function wafBench(): Promise<Record<string, number>> {
  const at = process.argv.indexOf('--crs');
  const folder = at < 0 ? null : (process.argv[at + 1] ?? '');
  const rules = folder === null ? CRS_RULES : join(folder, 'rules');
  const setup =
    folder === null
      ? CRS_SETUP
      : (['crs-setup.conf', 'crs-setup.conf.example']
          .map((name) => join(folder, name))
          .find((path) => existsSync(path)) ?? '');
  const engine = await engineProcess(rules, setup);
  const upstream = await httpServer((request, response) => {
    request.resume().on('end', () => response.end('ok'));
  });
  const include = `SecRuleEngine On\nSecRequestBodyAccess On\nSecRequestBodyLimit 13107200\nSecRequestBodyNoFilesLimit 131072\nSecPcreMatchLimit 500000\nSecRule REQUEST_HEADERS:Content-Type "@rx ^application/json" "id:200001,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON"\nInclude ${setup}\nInclude ${rules}/*.conf\n`;
  const hold = ['taskset', '-c', PROXY_CORE];
  const guarded = await modsecurity(upstream.port, include, { audit: false, hold });
  const plain = await modsecurity(upstream.port, null, { audit: false, hold });
  const figures: Record<string, number> = {};
  for (const kind of KINDS) {
    const { engine: own, other } = COUNTS[kind];
    const ours: number[] = [];
    const theirs: number[] = [];
    let refused = { ours: 0, theirs: 0 };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const cost = await engine.ask({ kind, count: own, seed: 100 + round });
      const requests = requestsOf(kind, other, 100 + round).map(wire);
      const with_ = await costOf(guarded, requests);
      const without = await costOf(plain, requests);
      refused = { ours: cost.refused / own, theirs: with_.refused / other };
      if (round === 0) continue;
      ours.push(cost.cost);
      theirs.push(with_.us - without.us);
    }
    say(
      `${kind}: engine ${figure(median(ours))} µs, ModSecurity ${figure(median(theirs))} µs; refused ${refused.ours} and ${refused.theirs}`,
    );
    figures[`${kind}Us`] = figure(median(ours));
    figures[`${kind}Ratio`] = figure(median(theirs) / median(ours));
  }
  figures['redosMsPerKb'] = figure((await engine.ask({ kind: 'redos', count: 1, seed: 7 })).cost);
  figures['engineMb'] = figure(engine.megabytes);
  engine.stop();
  if (existsSync(WRK)) Object.assign(figures, await throughEdge(benchPack(rules, setup), guarded));
  else say('wrk is missing: requests through the edge are left out');
  await guarded.close();
  await plain.close();
  await upstream.close();
  return figures;
}

async function engineProcess(rules: string, setup: string) {
  const child = fork(join(import.meta.dirname, 'process.ts'), [rules, setup], {
    execPath: '/usr/bin/taskset',
    execArgv: ['-c', PROXY_CORE, process.execPath, '--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const next = <T>() =>
    new Promise<T>((resolve) => void child.once('message', (message: T) => resolve(message)));
  const { megabytes } = await next<{ megabytes: number }>();
  return {
    megabytes,
    ask(order: Order): Promise<Cost> {
      const answer = next<Cost>();
      child.send(order);
      return answer;
    },
    stop: () => child.kill('SIGKILL'),
  };
}

/** Processor time of a process so far, µs: fields 14 and 15 of /proc/PID/stat, in hundredths of a second (proc(5)). */
function processorUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /u, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** What a proxy's process spends on each of some requests, sent over four connections that stay. */
async function costOf(
  proxy: ModSecurity,
  requests: readonly Buffer[],
): Promise<{ readonly us: number; readonly refused: number }> {
  const before = processorUs(proxy.pid);
  let refused = 0;
  const lanes = 4;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      let socket: Socket | null = null;
      for (let i = lane; i < requests.length; i += lanes) {
        const answer = await exchange(
          (socket ??= connect(proxy.port, '127.0.0.1')),
          requests[i] ?? Buffer.alloc(0),
        );
        if (answer.startsWith('HTTP/1.1 403')) refused += 1;
        if (/\r\nconnection: close/iu.test(answer)) {
          socket.destroy();
          socket = null;
        }
      }
      socket?.destroy();
    }),
  );
  return { us: (processorUs(proxy.pid) - before) / requests.length, refused };
}

/** Sends a request and waits for the whole answer, by its length. */
function exchange(socket: Socket, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const done = (error: Error | null) => {
      socket.removeAllListeners();
      if (error === null) resolve(text);
      else reject(error);
    };
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = /\r\ncontent-length: (\d+)/iu.exec(text.slice(0, head));
      if (length !== null ? text.length >= head + 4 + Number(length[1]) : text.endsWith('0\r\n\r\n'))
        done(null);
    });
    socket.on('error', (error) => done(error));
    socket.on('close', () => done(null));
    socket.write(request);
  });
}
