import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { apiClient, eventually, startInstallation } from '../test/support/installation.ts';
import { figure, median, say } from './harness.ts';

const CHROMIUM = '/usr/bin/chromium';
const ROUNDS = 11;

/** A phone on slow 4G: 1.6 Mbit/s, 150 ms there and back, a processor four times slower than this one. */
const SLOW_4G = {
  offline: false,
  latency: 150,
  downloadThroughput: 200_000,
  uploadThroughput: 94_000,
} as const;
const CPU_RATE = 4;

/** When the ten answers are first painted on a phone, and how much script they need. */
export async function answersBench(): Promise<Record<string, number>> {
  if (!existsSync(CHROMIUM)) throw new Error(`this bench needs ${CHROMIUM}`);
  const installation = await startInstallation();
  const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
  try {
    const owner = apiClient(installation);
    await owner.call('POST', '/api/v1/claim', { token: installation.setupToken });
    const added = await owner.call('POST', '/api/v1/shops', { address: 'bergstrom-jewelers.test' });
    const shop = String(added.json.shop.id);
    const look = `/api/v1/shops/${shop}/looks/${String(added.json.look)}`;
    await eventually(async () => (await owner.call('GET', look)).json.state === 'done');
    const [name = '', value = ''] = owner.cookie().split('=');
    const paints: number[] = [];
    let scriptBytes = 0;
    for (let round = -1; round < ROUNDS; round++) {
      const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
      await context.addCookies([{ name, value, url: installation.url }]);
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.emulateNetworkConditions', SLOW_4G);
      await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE });
      page.on('response', (response) => {
        if (response.request().resourceType() === 'script')
          scriptBytes += Number(response.headers()['content-length'] ?? 0);
      });
      await page.goto(`${installation.url}/shops/${shop}/answers`);
      await page.waitForFunction("performance.getEntriesByName('first-contentful-paint').length > 0");
      const paint = await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime",
      );
      if (round >= 0 && typeof paint === 'number') paints.push(paint);
      await context.close();
    }
    say(`first contentful paint of ${ROUNDS} loads, ms: ${paints.map((ms) => Math.round(ms)).join(', ')}`);
    return { firstPaintMs: figure(median(paints)), scriptKb: figure(scriptBytes / 1000) };
  } finally {
    await browser.close();
    await installation.stop();
  }
}
