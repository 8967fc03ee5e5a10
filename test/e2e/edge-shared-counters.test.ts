// One limit over two whole edges that share a Redis: exact while it is there, whichever edge is asked and whoever restarts; said aloud and bounded when it is gone.
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Edge } from '#edge';
import { found } from '../support/daemons.ts';
import { startTestEdge, type TestEdge, testRoute } from '../support/edge.ts';
import { eventually } from '../support/installation.ts';
import { optional } from '../support/optional.ts';
import { REDIS, type RedisServer, redisServer } from '../support/redis.ts';
import { httpServer, type Running } from '../support/servers.ts';

const BURST = 40;
const SOON = 15_000;

describe.runIf(optional('redis-server', found(REDIS)))('two edges and one Redis', () => {
  let redis: RedisServer;
  let upstream: Running;
  let passed = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });

  beforeAll(async () => {
    redis = await redisServer();
    upstream = await httpServer((_, response) => {
      passed++;
      response.end('through');
    });
  });
  afterAll(async () => {
    agent.destroy();
    await redis.close();
    await upstream.close();
  });

  const start = async (id: string, folder?: string): Promise<TestEdge> =>
    await startTestEdge(
      {
        routes: [
          testRoute(upstream.port, {
            id,
            limits: [{ id: 'all', per: 'route', amount: 1, windowMs: 3_600_000, burst: BURST }],
          }),
        ],
      },
      { countersUrl: redis.url, ...(folder === undefined ? {} : { folder }) },
    );

  async function ask(port: number): Promise<number> {
    return await new Promise((resolve, reject) => {
      request({ agent, host: '127.0.0.1', port, path: '/' }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      })
        .on('error', reject)
        .end();
    });
  }

  async function burst(edges: readonly Pick<Edge, 'ports'>[], count: number): Promise<Map<number, number>> {
    const statuses = new Map<number, number>();
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const status = await ask(edges[i % edges.length]?.ports[0] ?? 0);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
    );
    return statuses;
  }

  test('exactly as many pass as may, over both, and restarts give nothing back', async () => {
    const [one, two] = [await start('rt_exact'), await start('rt_exact')];
    passed = 0;
    const first = await burst([one.edge, two.edge], BURST / 2);
    expect(first).toEqual(new Map([[200, BURST / 2]]));
    await one.edge.close(100);
    await one.again();
    await burst([one.edge, two.edge], 3 * BURST);
    await two.edge.close(100);
    await two.again();
    const last = await burst([one.edge, two.edge], BURST);
    expect(last).toEqual(new Map([[429, BURST]]));
    expect(passed).toBe(BURST);
    await Promise.all([one.close(), two.close()]);
  });

  test('without it each counts alone and says so; with it back they are exact again', async () => {
    const [one, two] = [await start('rt_lost'), await start('rt_lost')];
    await redis.stop();
    const told = (edge: TestEdge): unknown[] =>
      edge
        .events()
        .filter((event) => event.kind === 'counters')
        .map((event) => event.body['shared']);
    await eventually(
      async () => (told(one).at(-1) === false && told(two).at(-1) === false ? true : null),
      SOON,
    );
    passed = 0;
    await burst([one.edge, two.edge], 6 * BURST);
    // Nobody is turned away for it, and no more pass than the limit times the number of edges.
    expect(passed).toBe(2 * BURST);
    await redis.start();
    await eventually(
      async () => (told(one).at(-1) === true && told(two).at(-1) === true ? true : null),
      SOON,
    );
    // The server has forgotten what it counted; from here on both count together.
    passed = 0;
    await burst([one.edge, two.edge], 3 * BURST);
    expect(passed).toBe(BURST);
    await Promise.all([one.close(), two.close()]);
  });
});
