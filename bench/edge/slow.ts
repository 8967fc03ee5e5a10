// What somebody else notices while slow clients hold on, in every way that slowhttptest knows.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { promisify } from 'node:util';
import { figure, median, percentile, say } from '../harness.ts';
import { configFile, held, LOAD_CORE, type Proxy, PROXY_CORE, route } from './tools.ts';

const SLOWHTTPTEST = '/usr/bin/slowhttptest';
const run = promisify(execFile);

const MODES: Readonly<Record<string, readonly string[]>> = {
  headers: ['-H'],
  bodies: ['-B', '-s', '8192'],
  ranges: ['-R', '-a', '10', '-b', '3000'],
  readers: ['-X', '-k', '3', '-w', '1', '-y', '20', '-n', '1', '-z', '5'],
};
/** A thousand of them, two hundred more each second; the edge's bound on one address is lifted, so that all of them count. */
const COMMON = ['-c', '1000', '-r', '200', '-i', '2', '-l', '15', '-p', '3'];
const CALLS_MS = 12_000;
const PAUSE_MS = 10;

export async function slowClients(upstreamPort: number): Promise<Record<string, number>> {
  if (!existsSync(SLOWHTTPTEST)) {
    say('slow clients: slowhttptest is not here, left out');
    return {};
  }
  const options = { bounds: { perAddress: 20_000 } };
  const edge = await held(PROXY_CORE, ['edge', configFile({ routes: [route(upstreamPort)] }, options)]);
  await times(edge, CALLS_MS);
  const idle: number[] = [];
  const ratios: string[] = [];
  let worst = 0;
  for (const [name, mode] of Object.entries(MODES)) {
    const before = percentile(await times(edge, CALLS_MS), 0.99);
    idle.push(before);
    const target = `http://127.0.0.1:${edge.port}/`;
    const attack = run('taskset', ['-c', LOAD_CORE, SLOWHTTPTEST, ...mode, ...COMMON, '-u', target]).catch(
      () => undefined, // its exit code tells what it saw
    );
    const under = percentile(await times(edge, CALLS_MS), 0.99);
    await attack;
    const ratio = under / before;
    worst = Math.max(worst, ratio);
    ratios.push(`${name} ${figure(under)} ms (${figure(ratio)})`);
  }
  edge.stop();
  say(`another's p99: idle ${figure(median(idle))} ms; beside 1,000 slow ${ratios.join(', ')}`);
  return { slowP99Ratio: figure(worst) };
}

/** Milliseconds of each call that another client makes, one after another. */
async function times(edge: Proxy, ms: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, localAddress: '127.0.0.2' });
  const taken: number[] = [];
  const until = performance.now() + ms;
  while (performance.now() < until) {
    const begin = performance.now();
    await new Promise<void>((resolve, reject) => {
      request({ agent, host: '127.0.0.1', port: edge.port, path: '/' }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
        answer.resume();
        answer.on('end', resolve);
      })
        .on('error', reject)
        .end();
    });
    taken.push(performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  agent.destroy();
  return taken;
}
