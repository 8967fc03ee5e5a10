import { describe, expect, it } from 'vitest';
import { startTestControl } from '../../test/support/control.ts';
import { eventually } from '../../test/support/installation.ts';

const V1 = '/api/v1';

describe('a name that is not ours', () => {
  it('is not answered under (DNS rebinding)', async () => {
    const t = await startTestControl();
    const { request } = await import('node:http');
    const status = await new Promise<number>((resolve, reject) => {
      request(`${t.url}${V1}/me`, { headers: { host: 'evil.example' } }, (res) =>
        resolve(res.resume().statusCode ?? 0),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
    await t.close();
  });
});

describe('a change of people or policy', () => {
  it('is a leaf of the ledger, by ids alone', async () => {
    const t = await startTestControl();
    const owner = await t.owner();
    const added = await owner.call('POST', `${V1}/shops`, { address: 'https://one.example' });
    const shop: string = added.json.shop.id;
    await owner.call('PATCH', `${V1}/shops/${shop}`, { name: 'One', timeZone: 'Europe/Paris' });
    const granted = await owner.call('POST', `${V1}/shops/${shop}/grants`, {
      email: 'dev@one.example',
      name: 'Dev',
      role: 'developer',
    });
    await owner.call('DELETE', `${V1}/shops/${shop}/grants/${granted.json.grant}`);
    await owner.call('PUT', `${V1}/me/credentials`, {
      name: 'Anna',
      email: 'anna@one.example',
      password: 'seven stones in a ring',
    });
    const kinds = await eventually(async () => {
      const leaves = [...(await t.leavesOf(shop)), ...(await t.leavesOf('installation'))];
      return leaves.length >= 8 ? leaves.filter((leaf) => leaf.kind !== 'observation') : null;
    });
    expect(kinds.map((leaf) => leaf.kind).toSorted()).toEqual([
      'grant-added',
      'grant-added',
      'grant-ended',
      'person-added',
      'person-added',
      'person-changed',
      'shop-added',
      'shop-changed',
    ]);
    for (const leaf of kinds) {
      expect(JSON.stringify(leaf)).not.toMatch(/Anna|dev@|anna@|seven stones/u);
      expect(leaf.by).toMatch(/^per_/u);
    }
    await t.close();
  });
});
