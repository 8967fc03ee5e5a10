import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '#kernel';
import { testAuthority } from '../../../test/support/certificates.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { type ApiClient, eventually } from '../../../test/support/installation.ts';
import { httpsServer, type Running } from '../../../test/support/servers.ts';

const V1 = '/api/v1';
const FEED =
  '<rss version="2.0"><channel><title>T</title><description>d</description><item><title>StoneFeed breached</title><guid>1</guid><link>https://news.test/1</link></item></channel></rss>';

describe('a feed by its address', () => {
  const servers: Running[] = [];
  let elsewhere = 0;
  let t: TestControl;
  let owner: ApiClient;
  let base: string;

  beforeAll(async () => {
    const authority = await testAuthority();
    const pem = await authority.issue(['news.test', 'other.test']);
    const news = await httpsServer({ key: pem.key, cert: pem.cert }, (request, response) => {
      const path = new URL(request.url ?? '/', 'https://news.test').pathname;
      if (path === '/moved') response.writeHead(301, { location: '/feed' }).end();
      else if (path === '/away') response.writeHead(302, { location: 'https://other.test/feed' }).end();
      else if (path === '/inside') response.writeHead(302, { location: 'https://127.0.0.1/feed' }).end();
      else if (path === '/bomb') response.end(`<!DOCTYPE r [<!ENTITY a "b">]>${FEED}`);
      else if (path === '/large') response.end('x'.repeat(3_000_000));
      else if (path === '/page') response.end('<html>no feed</html>');
      else response.end(FEED);
    });
    const other = await httpsServer({ key: pem.key, cert: pem.cert }, (_, response) => {
      elsewhere += 1;
      response.end(FEED);
    });
    servers.push(news, other);
    const reach = {
      allowNetworks: ['127.0.0.1'],
      extraCa: [authority.ca],
      resolver: null,
      connectTo: { 'news.test:443': `127.0.0.1:${news.port}`, 'other.test:443': `127.0.0.1:${other.port}` },
    };
    t = await startTestControl({ reach: { 'news.test': reach, 'other.test': reach } });
    owner = await t.owner();
    const shop = await owner.call('POST', `${V1}/shops`, { address: 'https://one.example' });
    base = `${V1}/shops/${shop.json.shop.id}`;
    await owner.call('POST', `${base}/vendors`, { name: 'StoneFeed', kind: 'feed' });
  });
  afterAll(async () => {
    await t.close();
    for (const server of servers) await server.close();
  });

  const add = (path: string) =>
    owner.call('POST', `${base}/news-sources`, { name: path, url: `https://news.test${path}` });
  const source = async (name: string) =>
    (await owner.call('GET', `${base}/news`)).json.sources.find((one: { name: string }) => one.name === name);

  it('is read once its host was let in, and matched', async () => {
    expect((await add('/feed')).json.code).toBe('control/gate-shut');
    const { connections } = (await owner.call('GET', `${base}/connections`)).json;
    const host = connections.find((one: { name: string }) => one.name === 'news.test');
    await owner.call('POST', `${base}/exceptions`, {
      about: 'connection',
      id: host.id,
      reason: 'Public advisories',
      owner: 'Anna',
      until: t.clock.now() + 2 * DAY_MS,
    });
    expect((await add('/feed')).status).toBe(201);
    await eventually(async () => (await source('/feed')).lastReadAt !== null);
    const { items } = (await owner.call('GET', `${base}/news`)).json;
    expect(items).toMatchObject([{ title: 'StoneFeed breached', vendorName: 'StoneFeed', state: 'new' }]);
  });

  it.each([
    ['/moved', null],
    ['/away', 'It leads to another host, which was not let in.'],
    ['/inside', 'It leads to another host, which was not let in.'],
    ['/bomb', 'It carries a document type, which no feed needs.'],
    ['/large', 'It is larger than 2 MiB.'],
    ['/page', 'It is neither RSS, Atom nor a JSON feed.'],
  ])('%s is read, or says why not', async (path, problem) => {
    await add(path);
    const read = await eventually(async () => {
      const one = await source(path);
      return one.lastReadAt !== null || one.problem !== null ? one : null;
    });
    expect(read.problem).toBe(problem);
    expect(elsewhere).toBe(0);
  });

  it('is not read any more when what let it in has ended', async () => {
    t.clock.advance(3 * DAY_MS);
    owner = await t.owner();
    const shut = await eventually(async () => {
      const one = await source('/feed');
      return one.problem === null ? null : one;
    }, 40_000);
    expect(shut.problem).toBe('Its host is not let in any more.');
    expect((await add('/again')).json.code).toBe('control/gate-shut');
  });
});
