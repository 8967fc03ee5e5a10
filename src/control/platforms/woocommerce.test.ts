import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, SECOND_MS } from '#kernel';
import type { Answer, Change } from '@loupe/contract';
import { startWorld, type World } from '../../../sample/world.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { type ApiClient, eventually, filesWith } from '../../../test/support/installation.ts';

const V1 = '/api/v1';

describe('a shop on WooCommerce', () => {
  let t: TestControl;
  let world: World;
  let owner: ApiClient;
  let path = '';
  beforeAll(async () => {
    world = await startWorld({ firstPort: 0, weaknesses: new Set() });
    t = await startTestControl({ samples: world.shops });
    owner = await t.owner();
    const added = await owner.call('POST', `${V1}/shops`, { address: 'https://bergstrom-jewelers.test/' });
    path = `${V1}/shops/${added.json.shop.id}`;
    await eventually(
      async () => (await owner.call('GET', `${path}/looks/${added.json.look}`)).json.state === 'done',
    );
  });
  afterAll(async () => {
    await t.close();
    await world.close();
  });

  const view = async () => (await owner.call('GET', `${path}/platform`)).json;
  const check = async (question: string, id: string) =>
    (await owner.call('GET', `${path}/answers`)).json.answers
      .find((one: Answer) => one.id === question)
      .checks.find((one: { id: string }) => one.id === id);
  const read = async () => {
    const before = (await view()).platform.readAt;
    t.clock.advance(15 * SECOND_MS);
    await owner.call('POST', `${path}/platform/readings`);
    t.clock.advance(5 * SECOND_MS);
    await eventually(async () => (await view()).platform.readAt > before);
  };

  it('is read by its key at its own address, whatever else is asked for', async () => {
    const made = await owner.call('POST', `${path}/platform`, {
      platform: 'woocommerce',
      domain: 'evil.example',
      clientId: world.wooCommerce.key,
      clientSecret: world.wooCommerce.secret,
    });
    expect(made.status).toBe(201);
    await eventually(async () => (await view()).platform.readAt !== null);
    expect((await view()).platform).toMatchObject({
      kind: 'woocommerce',
      domain: 'bergstrom-jewelers.test',
      callbackUrl: null,
    });
    expect(filesWith(t.folder, [world.wooCommerce.secret])).toEqual([]);
  });

  it('shows what changed in the same timeline, and its extensions in the register', async () => {
    world.wooCommerce.store.gateways[0]!.settings['instructions']!.value = 'IBAN LT60 1010 0123 4567 8901';
    world.wooCommerce.store.plugins.push({
      plugin: 'x/x.php',
      name: 'Free Sizer',
      version: '1',
      author_name: '?',
    });
    await read();
    const changes: Change[] = (await owner.call('GET', `${path}/changes`)).json.changes;
    expect(changes.map((change) => `${change.weight}: ${change.sentence}`).toSorted()).toEqual([
      'alarm: Payment method “Bank transfer” was changed.',
      'warn: App “Free Sizer” was added.',
    ]);
    const { connections } = (await owner.call('GET', `${path}/connections`)).json;
    expect(
      connections
        .filter((one: { kind: string }) => one.kind === 'app')
        .map((one: { name: string }) => one.name),
    ).toContain('Free Sizer');
  });

  it('says honestly that its key never ends, and what such a shop does not have', async () => {
    await eventually(async () => (await check('Q1', 'platform.tokens')).outcome === 'falls-short');
    expect(await check('Q1', 'platform.deliveries')).toMatchObject({ outcome: 'not-applicable' });
    expect(await check('Q2', 'platform.apps')).toMatchObject({ outcome: 'holds', source: 'seen' });
  });

  it('is no address for deliveries: what only Shopify signs is taken by no other hookup', async () => {
    const { platform } = await view();
    const answer = await fetch(`${t.url}/hooks/shopify/${platform.id}`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(401);
  });

  it('says when the key was taken back', async () => {
    world.wooCommerce.refuses = true;
    t.clock.advance(HOUR_MS / 2);
    owner = await t.owner();
    await owner.call('POST', `${path}/platform/readings`);
    await eventually(async () => {
      t.clock.advance(5 * SECOND_MS);
      return (await view()).platform.state === 'refused';
    });
    await eventually(async () => (await check('Q1', 'platform.connected')).outcome === 'falls-short');
    expect(t.errors).toEqual([]);
  });

  it('is forgotten with its shop: key, items and readings', async () => {
    expect((await owner.call('DELETE', path)).status).toBe(204);
    const db = new DatabaseSync(join(t.folder, 'state.db'), { readOnly: true });
    const one = (sql: string) => Object.values(db.prepare(sql).get() ?? {})[0];
    expect(one('select count(*) from hookup where secret_sealed is not null')).toBe(0);
    expect(one('select count(*) from item')).toBe(0);
    expect(one("select count(*) from job where kind = 'reading' and state in ('queued', 'running')")).toBe(0);
    db.close();
  });
});
