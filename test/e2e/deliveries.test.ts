import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ApiClient,
  apiClient,
  eventually,
  type Installation,
  startInstallation,
} from '../support/installation.ts';

interface SamplePlatform {
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly callBase: string;
}

// What was answered was kept: control is killed again and again while deliveries come in.
describe('deliveries, with control killed -9 under them', () => {
  let installation: Installation;
  let owner: ApiClient;
  let platform: SamplePlatform;
  let path = '';

  /** Sends one delivery; its status, or 0 where the connection broke. */
  const send = (id: string): Promise<number> => {
    const body = JSON.stringify({ id: 1, updated_at: id });
    return new Promise((resolve) => {
      const sending = request(
        {
          host: '127.0.0.1',
          port: new URL(installation.url).port,
          path,
          method: 'POST',
          headers: {
            host: new URL(platform.callBase).host,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'x-shopify-topic': 'orders/create',
            'x-shopify-shop-domain': platform.domain,
            'x-shopify-api-version': '2026-10',
            'x-shopify-webhook-id': id,
            'x-shopify-triggered-at': new Date().toISOString(),
            'x-shopify-hmac-sha256': createHmac('sha256', platform.clientSecret)
              .update(body)
              .digest('base64'),
          },
          timeout: 5_000,
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode ?? 0));
          answer.on('error', () => resolve(0));
        },
      );
      sending.on('timeout', () => sending.destroy());
      sending.on('error', () => resolve(0));
      sending.end(body);
    });
  };

  beforeAll(async () => {
    installation = await startInstallation();
    owner = apiClient(installation);
    await owner.call('POST', '/api/v1/claim', { token: installation.setupToken });
    const samples: { platform?: SamplePlatform }[] = JSON.parse(
      readFileSync(join(installation.folder, 'data', 'run', 'samples.json'), 'utf8'),
    );
    platform = samples
      .flatMap((one) => one.platform ?? [])
      .find((one) => one.domain.endsWith('.myshopify.com'))!;
    const added = await owner.call('POST', '/api/v1/shops', { address: 'https://maison-aurora.test/' });
    const { domain, clientId, clientSecret } = platform;
    const connected = await owner.call('POST', `/api/v1/shops/${added.json.shop.id}/platform`, {
      domain,
      clientId,
      clientSecret,
    });
    path = `/hooks/shopify/${connected.json.platform}`;
  }, 90_000);
  afterAll(() => installation?.stop());

  it('loses nothing that it answered, and takes what is sent again', async () => {
    const answered: string[] = [];
    const again: string[] = [];
    const ending = new AbortController();
    const sender = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        const id = randomUUID();
        const status = await send(id);
        if (status === 200) answered.push(id);
        else again.push(id);
        if (status === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const senders = Array.from({ length: 8 }, sender);
    for (let kill = 0; kill < 5; kill++) {
      const before = answered.length;
      await eventually(async () => answered.length > before + 100);
      installation.kill('control');
    }
    const last = answered.length;
    await eventually(async () => answered.length > last + 100);
    ending.abort();
    await Promise.all(senders);
    // The platform sends what was not answered once more.
    for (const id of again) expect(await send(id)).toBe(200);
    await eventually(async () => (await fetch(`${installation.url}/readyz`)).ok);
    const db = new DatabaseSync(join(installation.folder, 'data', 'state.db'), { readOnly: true });
    const kept = new Set(
      db
        .prepare('select webhook_id from delivery')
        .all()
        .map((row) => String(row['webhook_id'])),
    );
    db.close();
    expect(answered.length).toBeGreaterThan(500);
    expect([...answered, ...again].filter((id) => !kept.has(id))).toEqual([]);
    // And each was handled once it was there.
    await eventually(async () => {
      const reader = new DatabaseSync(join(installation.folder, 'data', 'state.db'), { readOnly: true });
      const [row] = reader.prepare('select count(*) as waiting from delivery where handled_at is null').all();
      reader.close();
      return row?.['waiting'] === 0;
    });
  });
});
