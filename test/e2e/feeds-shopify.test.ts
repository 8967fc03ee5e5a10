// A hosted shop's shoppers see the window within the shop's own theme: Shopify's app proxy → the edge, which checks its signature → the window. Nothing is ever written into Shopify.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Edge, startEdge } from '#edge';
import { type RunningWindow, startWindow } from '#window';
import { SHOPIFY_DOMAIN } from '../../sample/shopify/platform.ts';
import { databasePlaces } from '../support/databases.ts';
import { joinedEdge } from '../support/edge.ts';
import { type HostedShop, startHostedShop, V1 } from '../support/hosted-shop.ts';
import { eventually } from '../support/installation.ts';

describe('the window of a Shopify shop', () => {
  let hosted: HostedShop;
  let edge: Edge;
  let window: RunningWindow;
  let name = '';
  const complaints: unknown[] = [];

  beforeAll(async () => {
    const [database] = databasePlaces();
    if (database === undefined) throw new Error('no database');
    hosted = await startHostedShop(await database.place('feeds_shopify'));
    const { t, shop } = hosted;
    const owner = hosted.owner();
    const path = `${V1}/shops/${shop}`;
    window = await startWindow({
      host: '127.0.0.1',
      port: 0,
      folder: join(t.folder, 'windows'),
      publicationKey: t.forEdges.publicationKey,
      onError: (error) => complaints.push(error),
    });
    const platform = await hosted.connect();
    const folder = mkdtempSync(join(tmpdir(), 'loupe-edge-'));
    edge = await startEdge(joinedEdge(t.forEdges, folder, 'edge-1'));
    const { username, password } = hosted.world.feeds.account;
    const { feed } = (
      await owner.call('POST', `${path}/feeds`, {
        provider: 'rapnet',
        credentials: { username, password },
        entitlement: {
          store: true,
          keepDays: 20,
          replay: true,
          prices: 'own',
          show: ['certificate', 'media', 'comment'],
          paper: 'contract',
        },
      })
    ).json;
    const feeds = async () => (await owner.call('GET', `${path}/feeds`)).json;
    await owner.call('PUT', `${path}/feeds/${feed}/showing`, {
      price: { currency: 'USD', rules: [{ markupBp: 3_000 }] },
      choice: { most: 500 },
    });
    await eventually(async () => (await feeds()).feeds[0].loads[0]?.state === 'held');
    const load = (await feeds()).feeds[0].loads[0].id;
    await owner.call('POST', `${path}/loads/${load}/verdict`, { verdict: 'accept' });
    await eventually(async () => (await feeds()).windowName !== null);
    name = (await feeds()).windowName;
    const made = await owner.call('POST', `${path}/routes`, {
      name: 'Diamonds',
      hosts: ['127.0.0.1'],
      path: '/stones/',
      methods: ['GET', 'HEAD'],
      upstream: { origin: `http://127.0.0.1:${window.port}` },
      proofs: [{ kind: 'shopify-proxy', domain: SHOPIFY_DOMAIN, secrets: [platform] }],
    });
    expect(made.status, made.text).toBe(201);
    await eventually(async () => (await through('')).status === 200);
  }, 60_000);
  afterAll(async () => {
    await edge.close(100);
    await window.close();
    await hosted.close();
    expect(complaints).toEqual([]);
  });

  /** What a shopper's browser gets at `/apps/loupe…` of the shop, as Shopify fetches it. */
  const through = async (path: string, query: Record<string, string> = {}) =>
    await fetch(
      `http://127.0.0.1:${edge.ports[0]}/stones/${name}${path}?${hosted.platform.signProxy(query)}`,
    );

  it('is searched by the shop’s own pages', async () => {
    const answer = await through('', { shape: 'round', per: '5' });
    expect(answer.headers.get('content-type')).toBe('application/json');
    const found = (await answer.json()) as {
      readonly perPage: number;
      readonly stones: readonly { shape: string }[];
    };
    expect(found).toMatchObject({ perPage: 5 });
    expect(found.stones.every((one) => one.shape === 'round')).toBe(true);
  });

  it('is a page of the shop’s, with a page for each stone', async () => {
    const answer = await through('/page', { shape: 'round', 'carat-from': '0.5', 'carat-to': '' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/liquid');
    const page = await answer.text();
    const [, ref = ''] = /href="\/apps\/loupe\/page\/([0-9a-f]{16})"/u.exec(page) ?? [];
    expect(page).toMatch(/\d+\.\d\d ct Round, [D-Z], /u);
    const one = await (await through(`/page/${ref}`)).text();
    expect(one).toContain(`<td>${ref}</td>`);
    expect((await through('/page/0000000000000000')).status).toBe(404);
    expect((await through('/page', { shape: 'circle' })).status).toBe(400);
  });

  it('is nobody’s who does not come through the shop', async () => {
    const direct = `http://127.0.0.1:${edge.ports[0]}/stones/${name}/page`;
    for (const query of ['', '?path_prefix=/apps/x&shop=a&signature=b&timestamp=1'])
      expect((await fetch(`${direct}${query}`)).status).toBe(401);
    const signed = hosted.platform.signProxy({ shape: 'round' }).replace('round', 'oval');
    expect((await fetch(`${direct}?${signed}`)).status).toBe(401);
    const other = hosted.platform.signProxy({ shop: 'other.myshopify.com' });
    expect((await fetch(`${direct}?${other}`)).status).toBe(401);
  });
});
