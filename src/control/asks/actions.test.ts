import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '#kernel';
import { testAuthority } from '../../../test/support/certificates.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { type ApiClient, eventually } from '../../../test/support/installation.ts';
import { respondent } from '../../../test/support/respondent.ts';
import { httpServer, httpsServer, type Running } from '../../../test/support/servers.ts';

const V1 = '/api/v1';

describe('an agreed action', () => {
  /** A provider's API that answers over plain http until it is mended. */
  let mended = false;
  const servers: Running[] = [];
  let t: TestControl;
  let owner: ApiClient;
  let base: string;
  let vendor: string;

  beforeAll(async () => {
    const authority = await testAuthority();
    const pem = await authority.issue(['api.vendor.test']);
    const secure = await httpsServer({ key: pem.key, cert: pem.cert }, (_, response) =>
      response.writeHead(401).end(),
    );
    const plain = await httpServer((_, response) =>
      mended ? response.writeHead(301, { location: 'https://api.vendor.test/' }).end() : response.end('{}'),
    );
    servers.push(secure, plain);
    t = await startTestControl({
      reach: {
        'api.vendor.test': {
          allowNetworks: ['127.0.0.1'],
          extraCa: [authority.ca],
          resolver: null,
          connectTo: {
            'api.vendor.test:443': `127.0.0.1:${secure.port}`,
            'api.vendor.test:80': `127.0.0.1:${plain.port}`,
          },
        },
      },
    });
    owner = await t.owner();
    const shop = await owner.call('POST', `${V1}/shops`, { address: 'https://one.example' });
    base = `${V1}/shops/${shop.json.shop.id}`;
    const added = await owner.call('POST', `${base}/vendors`, {
      name: 'Feed',
      kind: 'feed',
      apiHosts: ['api.vendor.test'],
    });
    vendor = added.json.vendor;
    await eventually(async () => (await view()).vendor.lookedAt !== null);
  });
  afterAll(async () => {
    await t.close();
    for (const server of servers) await server.close();
  });

  const view = async () => (await owner.call('GET', `${base}/vendors/${vendor}`)).json;
  const action = async (id: string) =>
    (await owner.call('GET', `${base}/actions`)).json.actions.find((a: { id: string }) => a.id === id);
  const agree = async (given: object): Promise<string> =>
    (
      await owner.call('POST', `${base}/actions`, {
        text: 'Close port 80',
        person: 'Feed',
        dueAt: t.clock.now() + 7 * DAY_MS,
        vendor,
        ...given,
      })
    ).json.action;
  const seen = { check: 'vendor.api.plain-http', subject: 'api.vendor.test' };

  /** Lets days go by, and everything that comes due then be done. */
  const pass = async (days: number): Promise<void> => {
    t.clock.advance(days * DAY_MS);
    owner = await t.owner();
    await t.control.keepPromises();
  };

  it('that a check can see is decided by a look when its date has come: missed', async () => {
    const id = await agree(seen);
    await pass(6);
    expect(await action(id)).toMatchObject({ state: 'open' });
    const before = (await view()).vendor.lookedAt;
    await pass(1.1);
    await eventually(async () => (await view()).vendor.lookedAt > before);
    await t.control.keepPromises();
    expect(await action(id)).toMatchObject({ state: 'missed', observation: expect.stringMatching(/^obs_/u) });
  });

  it('… and kept; and only what changed is reported', async () => {
    expect((await view()).changes).toEqual([]);
    const id = await agree(seen);
    mended = true;
    const before = (await view()).vendor.lookedAt;
    await pass(7.1);
    await eventually(async () => (await view()).vendor.lookedAt > before);
    await t.control.keepPromises();
    expect(await action(id)).toMatchObject({ state: 'kept' });
    expect((await view()).changes).toMatchObject([
      { better: true, text: expect.stringContaining('falls short → holds') },
    ]);
  });

  it('that nothing shows waits for somebody’s word, and says so', async () => {
    const id = await agree({ text: 'Train the staff' });
    await pass(8);
    expect(await action(id)).toMatchObject({ state: 'due' });
    await owner.call('POST', `${base}/actions/${id}/end`, { outcome: 'said-done', why: 'They say so' });
    expect(await action(id)).toMatchObject({ state: 'said-done', why: 'They say so', observation: null });
    expect(
      (await owner.call('POST', `${base}/actions/${id}/end`, { outcome: 'dropped', why: 'x' })).status,
    ).toBe(404);
  });

  it('is not the end: what gets worse, and news of concern, make Loupe ask again', async () => {
    const asks = async (): Promise<number> => (await owner.call('GET', `${base}/asks`)).json.asks.length;
    const answer = async (): Promise<void> => {
      const sent = await owner.call('POST', `${base}/asks`, {
        questionnaire: 'provider',
        to: 'Feed',
        vendor,
      });
      const they = respondent(t.url);
      const home = await they.begin(sent.json.link);
      await they.save(`${home}/P1`, { 'c:P1.keys': 'yes' });
      await they.send(`${home}/hand-in`, { method: 'POST' });
    };
    await answer();
    expect(await asks()).toBe(1);
    mended = false;
    const before = (await view()).vendor.lookedAt;
    t.clock.advance(1_000);
    await owner.call('POST', `${base}/vendors/${vendor}/looks`);
    await eventually(async () => (await view()).vendor.lookedAt > before);
    await eventually(async () => {
      await t.control.keepPromises();
      return (await asks()) === 2;
    });
    t.clock.advance(1_000);
    await answer();
    const form = new FormData();
    form.append('name', 'News');
    const rss =
      '<rss version="2.0"><channel><title>T</title><description>d</description><item><title>Feed breached</title><guid>1</guid></item></channel></rss>';
    form.append('file', new File([rss], 'n.xml'));
    await fetch(`${t.url}${base}/news-files`, {
      method: 'POST',
      headers: { cookie: owner.cookie() },
      body: form,
    });
    const item = await eventually(async () => (await owner.call('GET', `${base}/news`)).json.items[0]);
    await owner.call('PUT', `${base}/news/${item.id}`, { state: 'concerns-us' });
    await t.control.keepPromises();
    expect(await asks()).toBe(4);
  });

  it('has a date ahead, and not too far', async () => {
    for (const dueAt of [t.clock.now() - 1, t.clock.now() + 900 * DAY_MS]) {
      const refused = await owner.call('POST', `${base}/actions`, { text: 'x', person: 'y', dueAt });
      expect(refused.json.code).toBe('control/bad-date');
    }
  });

  it('is a leaf when it is agreed and when it ends, without its words', async () => {
    const leaves = await eventually(async () => {
      const found = (await t.leavesOf(base.split('/').at(-1)!)).filter((leaf) =>
        leaf.kind.startsWith('action-'),
      );
      return found.length >= 6 ? found : null;
    });
    expect(leaves.map((leaf) => leaf.body['outcome']).filter((outcome) => outcome !== undefined)).toEqual([
      'missed',
      'kept',
      'said-done',
    ]);
    expect(JSON.stringify(leaves)).not.toMatch(/Close port|Train the staff/u);
  });
});
