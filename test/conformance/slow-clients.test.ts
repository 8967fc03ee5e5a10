// Clients that hold on by being slow, in every way that slowhttptest knows; somebody else is served all the while.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEdge, type TestEdge, testRoute } from '../support/edge.ts';
import { eventually } from '../support/installation.ts';
import { optional } from '../support/optional.ts';
import { httpServer, type Running } from '../support/servers.ts';

const SLOWHTTPTEST = '/usr/bin/slowhttptest';
const run = promisify(execFile);

/** Of one attack: few enough for a test, more than the edge takes from one address. */
const COMMON = ['-c', '400', '-r', '200', '-i', '2', '-l', '12', '-p', '3'];

describe.runIf(optional('slowhttptest', existsSync(SLOWHTTPTEST)))('slow clients', () => {
  let upstream: Running;
  let edge: TestEdge;

  beforeAll(async () => {
    upstream = await httpServer((incoming, answer) => {
      incoming.resume();
      incoming.on('end', () => answer.end(Buffer.alloc(incoming.url === '/large' ? 2_000_000 : 500)));
    });
    edge = await startTestEdge(
      { routes: [testRoute(upstream.port)] },
      { bounds: { headersMs: 4_000, requestMs: 6_000, silentMs: 4_000 } },
    );
  });
  afterAll(async () => {
    await edge.close();
    await upstream.close();
  });

  test.each([
    ['headers that never end', ['-H']],
    ['a body that drips', ['-B', '-s', '8192']],
    ['ranges without end', ['-R', '-a', '10', '-b', '3000']],
    ['an answer that is read by the byte', ['-X', '-k', '3', '-w', '1', '-y', '20', '-n', '1', '-z', '5']],
  ])('%s', { timeout: 90_000 }, async (_, mode) => {
    const target = `http://127.0.0.1:${edge.port}/${mode[0] === '-X' ? 'large' : ''}`;
    const attack = run(SLOWHTTPTEST, [...mode, ...COMMON, '-u', target], { timeout: 60_000 }).catch(
      () => undefined,
    ); // its exit code tells what it saw
    const state = { over: false };
    void attack.then(() => (state.over = true));
    // Another address of this machine: what one address may hold is bounded.
    const agent = new Agent({ keepAlive: true, localAddress: '127.0.0.2' });
    const statuses = new Map<number | string, number>();
    while (!state.over) {
      const status = await new Promise<number | string>((resolve) => {
        const sending = request(
          { agent, host: '127.0.0.1', port: edge.port, path: '/', timeout: 5_000 },
          (answer) => {
            answer.resume();
            answer.on('end', () => resolve(answer.statusCode ?? 0));
          },
        );
        sending.on('timeout', () => sending.destroy(new Error('not answered in 5 s')));
        sending.on('error', (error) => resolve(error.message));
        sending.end();
      });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    agent.destroy();
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(50);
    // Nothing of it stays.
    await eventually(async () => edge.edge.connections() === 0, 30_000);
  });
});
