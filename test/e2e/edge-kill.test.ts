// Each process killed -9 under load: edges go on serving from the last good policy, and every event that was acknowledged is told exactly once.
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { apiClient, eventually, startInstallation } from '../support/installation.ts';
import { freePort, httpServer } from '../support/servers.ts';

/** Spooled within this long; what came later before a kill of the edge itself was not acknowledged. */
const WRITTEN_MS = 500;

test('control, keeper and edge killed -9 under load', { timeout: 180_000 }, async () => {
  const finished: { ref: string; at: number }[] = [];
  const upstream = await httpServer((incoming, answer) => {
    incoming.resume();
    incoming.on('end', () => {
      answer.on('finish', () =>
        finished.push({ ref: String(incoming.headers['loupe-request']), at: Date.now() }),
      );
      answer.end('ok');
    });
  });
  const port = await freePort();
  const installation = await startInstallation({
    samples: false,
    config: `edge: { listeners: [{ port: ${port}, tls: false }] }\n`,
  });
  const owner = apiClient(installation);
  await owner.call('POST', '/api/v1/claim', { token: installation.setupToken });
  const shop = (await owner.call('POST', '/api/v1/shops', { address: 'https://kill.example' })).json.shop.id;
  const added = await owner.call('POST', `/api/v1/shops/${shop}/routes`, {
    name: 'All',
    hosts: ['127.0.0.1'],
    upstream: { origin: `http://127.0.0.1:${upstream.port}` },
    proofs: [{ kind: 'public', owner: 'M', reason: 'test' }],
    limits: [],
  });
  expect(added.status).toBe(201);

  const agent = new Agent({ keepAlive: true });
  const get = (): Promise<number> =>
    new Promise((resolve) => {
      const sending = request({ agent, host: '127.0.0.1', port, path: '/' }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.on('error', () => resolve(0));
      });
      sending.on('error', () => resolve(0));
      sending.end();
    });
  await eventually(async () => (await get()) === 200);

  const state = { running: true, edgeDown: false };
  const misses: string[] = [];
  let served = 0;
  const caller = async (): Promise<void> => {
    while (state.running) {
      const status = await get();
      if (status === 200) served++;
      // While the edge itself is started again nobody can answer; at any other time everybody is.
      else if (!state.edgeDown) misses.push(String(status));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const callers = Array.from({ length: 6 }, caller);
  const kills: number[] = [];
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  for (const name of ['control', 'keeper', 'edge', 'control', 'edge'] as const) {
    await pause(1_000);
    if (name === 'edge') {
      state.edgeDown = true;
      kills.push(Date.now());
    }
    installation.kill(name);
    if (name === 'edge') {
      await eventually(async () => (await get()) === 200);
      state.edgeDown = false;
    }
    await pause(1_000);
  }
  state.running = false;
  await Promise.all(callers);
  expect(misses).toEqual([]);
  expect(served).toBeGreaterThan(500);

  const acknowledged = finished.filter(
    ({ at }) => !kills.some((kill) => at > kill - WRITTEN_MS && at <= kill + 50),
  );
  const told = await eventually(async () => {
    const database = new DatabaseSync(join(installation.folder, 'data', 'events.db'), { readOnly: true });
    const rows = database.prepare(`select body from event where kind = 'request'`).all();
    database.close();
    const counts = new Map<string, number>();
    for (const row of rows) {
      const { ref } = JSON.parse(String(row['body']));
      counts.set(ref, (counts.get(ref) ?? 0) + 1);
    }
    return acknowledged.every(({ ref }) => counts.has(ref)) ? counts : null;
  }, 30_000);
  expect([...told.values()].filter((count) => count !== 1)).toEqual([]);

  agent.destroy();
  await installation.stop();
  // A boot that was killed has no farewell; the last one has.
  const database = new DatabaseSync(join(installation.folder, 'data', 'events.db'), { readOnly: true });
  const boots = database.prepare('select farewell, missed from event_boot order by first_at').all();
  database.close();
  expect(boots.map((boot) => boot['missed'])).toEqual([0, 0, 0]);
  expect(boots.map((boot) => boot['farewell'])).toEqual([0, 0, 1]);
  await upstream.close();
});
