import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeedsView } from '@loupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiClient, eventually, type Installation, startInstallation } from '../support/installation.ts';

const V1 = '/api/v1';

// Worker and control are killed at moments all over a load and its publication. What was in the window stays whole; the load comes to its end all the same.
describe('a load that is killed', () => {
  let installation: Installation;
  let client: ReturnType<typeof apiClient>;
  let shop = '';
  let feed = '';
  let windowUrl = '';
  let rows = 0;

  beforeAll(async () => {
    installation = await startInstallation({ config: 'window: { port: 0 }\n' });
    const port = /the shop window is ready: port (\d+)/u.exec(installation.output())?.[1];
    client = apiClient(installation);
    await client.call('POST', `${V1}/claim`, { token: installation.setupToken });
    const samples: { address: string; feeds: { rapnet: object } }[] = JSON.parse(
      readFileSync(join(installation.folder, 'data', 'run', 'samples.json'), 'utf8'),
    );
    const [sample] = samples;
    shop = (await client.call('POST', `${V1}/shops`, { address: sample?.address })).json.shop.id;
    const made = await client.call('POST', `${V1}/shops/${shop}/feeds`, {
      provider: 'rapnet',
      credentials: sample?.feeds.rapnet,
      entitlement: { store: true, keepDays: 30, replay: true, prices: 'none', show: [], paper: 'sample' },
    });
    feed = made.json.feed;
    await eventually(async () => (await loads())[0]?.state === 'held');
    await client.call('POST', `${V1}/shops/${shop}/loads/${(await loads())[0]?.id}/verdict`, {
      verdict: 'accept',
    });
    await eventually(async () => (await view()).windowName !== null);
    windowUrl = `http://127.0.0.1:${port}/stones/${(await view()).windowName}`;
    await eventually(async () => (await fetch(windowUrl)).status === 200);
    ({ total: rows } = (await (await fetch(windowUrl)).json()) as { total: number });
  }, 120_000);
  afterAll(() => installation?.stop());

  const view = async (): Promise<FeedsView> => (await client.call('GET', `${V1}/shops/${shop}/feeds`)).json;
  const loads = async () => (await view()).feeds[0]?.loads ?? [];

  it('leaves yesterday’s catalogue whole, and comes to its end all the same', async () => {
    expect(rows).toBe(20_000);
    const good = async (): Promise<number> =>
      (await loads().catch(() => [])).filter((one) => one.state === 'good').length;
    const before = await good();
    await client.call('POST', `${V1}/shops/${shop}/feeds/${feed}/loads`);
    // A worker takes it within half a second, and needs longer than another half.
    await new Promise((resolve) => setTimeout(resolve, 600));
    installation.kill('worker', 'SIGKILL');
    installation.kill('control', 'SIGKILL');
    // All the while shoppers see all of it.
    for (let i = 0; i < 40; i++) {
      const answer = await fetch(windowUrl);
      expect(answer.status).toBe(200);
      expect(((await answer.json()) as { total: number }).total).toBe(rows);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // The dead worker's lease has to end first.
    await expect.poll(good, { timeout: 120_000, interval: 1_000 }).toBeGreaterThan(before);
  }, 150_000);

  it('leaves no part behind that counts', async () => {
    const folder = join(installation.folder, 'data', 'windows');
    const [name = ''] = readdirSync(folder);
    const pointer = readFileSync(join(folder, name, 'pointer'), 'utf8');
    const named = [...pointer.matchAll(/"sha256":"([0-9a-f]{64})"/gu)].map((match) => match[1]);
    expect(named.length).toBe(2);
    for (const file of named) expect(readdirSync(join(folder, name, 'files'))).toContain(file);
  });
});
