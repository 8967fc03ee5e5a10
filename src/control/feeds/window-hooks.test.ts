import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { FeedsView, WindowHook } from '@loupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '#kernel';
import { testAuthority } from '../../../test/support/certificates.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { databasePlaces } from '../../../test/support/databases.ts';
import { type FeedProviders, manyStones, startFeedProviders } from '../../../test/support/feed-providers.ts';
import { eventually, filesWith } from '../../../test/support/installation.ts';
import { webhookHeaders } from './webhook.ts';

const V1 = '/api/v1';
const HOST = 'hooks.shop.example';

interface Message {
  readonly id: string;
  readonly seconds: string;
  readonly signature: string;
  readonly body: string;
}

it('a message is signed as the specification’s example is', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const headers = webhookHeaders(
    secret,
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

describe.each(databasePlaces())(
  'addresses that are told of the window, with state on $engine',
  ({ place }) => {
    let t: TestControl;
    let providers: FeedProviders;
    let server: Server;
    let owner: Awaited<ReturnType<TestControl['owner']>>;
    let shop = '';
    let secret = '';
    const got: Message[] = [];
    let status = 204;

    beforeAll(async () => {
      providers = await startFeedProviders(manyStones(300));
      const authority = await testAuthority();
      const { key, cert } = await authority.issue([HOST]);
      server = createServer({ key, cert }, (request, response) => {
        let body = '';
        request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
        request.on('end', () => {
          const header = (name: string): string => String(request.headers[name]);
          got.push({
            id: header('webhook-id'),
            seconds: header('webhook-timestamp'),
            signature: header('webhook-signature'),
            body,
          });
          response.writeHead(status, status === 302 ? { location: 'https://elsewhere.example/' } : {}).end();
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const to = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
      const reach = {
        allowNetworks: ['127.0.0.1'],
        extraCa: [authority.ca],
        resolver: null,
        connectTo: { [`${HOST}:443`]: to },
      };
      t = await startTestControl({
        state: await place('control'),
        reach: { ...providers.reach, [HOST]: reach },
      });
      owner = await t.owner();
      shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://shop.example' })).json.shop.id;
    });
    afterAll(async () => {
      await t.close();
      await providers.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    const add = (url: string) => owner.call('POST', `${V1}/shops/${shop}/window-hooks`, { url });
    const hooks = async (): Promise<readonly WindowHook[]> =>
      (await owner.call('GET', `${V1}/shops/${shop}/window-hooks`)).json.hooks;
    const feed = async () =>
      ((await owner.call('GET', `${V1}/shops/${shop}/feeds`)).json as FeedsView).feeds[0];
    const setSwitch = async (on: boolean) =>
      await owner.call('PUT', `${V1}/shops/${shop}/feeds/${(await feed())?.id}/state`, { on });

    it.each([
      'http://hooks.shop.example/',
      'https://user:pass@hooks.shop.example/',
      'javascript:alert(1)',
      '',
    ])('are none of these: %s', async (url) => {
      expect((await add(url)).status).toBe(400);
    });

    it('are told once something is shown, by a message that only Loupe can have signed', async () => {
      const made = await add(`https://${HOST}/loupe`);
      expect(made.status).toBe(201);
      ({ secret } = made.json);
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/u);
      expect((await add(`https://${HOST}/loupe`)).json.code).toBe('control/conflict');
      const { username, password } = providers.feeds.account;
      await owner.call('POST', `${V1}/shops/${shop}/feeds`, {
        provider: 'rapnet',
        entitlement: { store: true, keepDays: 30, replay: true, prices: 'none', show: [], paper: 'contract' },
        credentials: { username, password },
      });
      await eventually(async () => (await feed())?.loads[0]?.state === 'held');
      const load = (await feed())?.loads[0]?.id ?? '';
      await owner.call('POST', `${V1}/shops/${shop}/loads/${load}/verdict`, { verdict: 'accept' });
      await eventually(() => Promise.resolve(got.length > 0));
      const [message] = got;
      const told = JSON.parse(message?.body ?? '');
      expect(told).toMatchObject({ type: 'window.published', data: { version: 1 } });
      const view = (await owner.call('GET', `${V1}/shops/${shop}/feeds`)).json as FeedsView;
      expect(told.data.window).toBe(view.windowName);
      const key = Buffer.from(secret.slice(6), 'base64');
      const signed = `${message?.id}.${message?.seconds}.${message?.body}`;
      expect(message?.signature).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
      expect(Math.abs(Number(message?.seconds) - t.clock.now() / SECOND_MS)).toBeLessThan(60);
      await eventually(async () => (await hooks())[0]?.deliveredAt !== null);
    });

    it('are told again until they take it, under the same name, and then no more', async () => {
      got.length = 0;
      status = 500;
      await setSwitch(false);
      await eventually(async () => (await hooks())[0]?.failures === 1);
      expect((await hooks())[0]?.says).toBe('Told in vain 1 time: it answered 500.');
      status = 302;
      t.clock.advance(2 * MINUTE_MS);
      await eventually(async () => (await hooks())[0]?.failures === 2);
      status = 200;
      t.clock.advance(3 * MINUTE_MS);
      await eventually(async () => (await hooks())[0]?.failures === 0);
      expect(got.length).toBe(3);
      expect(new Set(got.map((message) => message.id)).size).toBe(1);
      expect(JSON.parse(got[0]?.body ?? '').data.version).toBe(2);
    });

    it('are each shop’s own, and told no more once they are taken away', async () => {
      const [hook] = await hooks();
      const other = (await owner.call('POST', `${V1}/shops`, { address: 'https://other.example' })).json.shop
        .id;
      expect((await owner.call('DELETE', `${V1}/shops/${other}/window-hooks/${hook?.id}`)).status).toBe(404);
      expect((await owner.call('DELETE', `${V1}/shops/${shop}/window-hooks/${hook?.id}`)).status).toBe(204);
      got.length = 0;
      await setSwitch(true);
      await eventually(async () => (await feed())?.window !== null);
      expect(await hooks()).toEqual([]);
      expect(got).toEqual([]);
    });

    it('leave no secret in the clear, and no address in the ledger', async () => {
      expect(filesWith(t.folder, [secret, secret.slice(6, 30)])).toEqual([]);
      await eventually(
        async () =>
          (await t.leavesOf(shop)).filter((leaf) => leaf.kind === 'window-hook-changed').length === 2,
      );
      expect(JSON.stringify(await t.leavesOf(shop))).not.toContain(HOST);
      expect(t.errors).toEqual([]);
    });
  },
);
