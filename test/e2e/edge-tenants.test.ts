// Two shops behind one edge: what is wrong with the one holds up nothing of the other, and is nothing for its people to see.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Edge, startEdge } from '#edge';
import { testAuthority } from '../support/certificates.ts';
import { startTestControl, type TestControl } from '../support/control.ts';
import { joinedEdge, testListener } from '../support/edge.ts';
import { type ApiClient, eventually } from '../support/installation.ts';
import { httpServer, type Running } from '../support/servers.ts';

const V1 = '/api/v1';
const SOON = 10_000;

describe('two shops behind one edge', () => {
  let t: TestControl;
  let edge: Edge;
  let admin: ApiClient;
  let developer: ApiClient;
  let upstream: Running;
  const shops: string[] = [];

  beforeAll(async () => {
    t = await startTestControl();
    admin = await t.owner();
    for (const address of ['one.test', 'two.test'])
      shops.push((await admin.call('POST', `${V1}/shops`, { address: `https://${address}` })).json.shop.id);
    const invited = await admin.call('POST', `${V1}/shops/${shops[1]}/grants`, {
      email: 'dev@two.example',
      name: 'Dev',
      role: 'developer',
    });
    developer = t.client();
    await developer.call('POST', `${V1}/claim`, { token: String(invited.json.invite).split('#')[1] });
    upstream = await httpServer((_, response) => response.end('through'));
    const authority = await testAuthority();
    const [one, two] = [await authority.issue(['one.test']), await authority.issue(['*.two.test'])];
    edge = await startEdge({
      ...joinedEdge(t.forEdges, mkdtempSync(join(tmpdir(), 'loupe-edge-')), 'edge-1'),
      listeners: [testListener(), testListener({ tls: true })],
      certificates: [one, two].map(({ certPath, keyPath }) => ({ cert: certPath, key: keyPath })),
    });
  });
  afterAll(async () => {
    await edge.close(100);
    await t.close();
    await upstream.close();
  });

  const rule = (host: string, more: object = {}) => ({
    name: `Route of ${host}`,
    hosts: [host],
    upstream: { origin: `http://127.0.0.1:${upstream.port}` },
    proofs: [{ kind: 'public', owner: 'Mara', reason: 'the shop window' }],
    ...more,
  });
  const edgesSeen = async (by: ApiClient, n: number) =>
    (await by.call('GET', `${V1}/shops/${shops[n]}/edges`)).json.edges[0];
  const outcome = async (n: number): Promise<string> => {
    await admin.call('POST', `${V1}/shops/${shops[n]}/self-test`);
    const { json } = await admin.call('GET', `${V1}/shops/${shops[n]}/answers`);
    const { checks } = json.answers.find((answer: { id: string }) => answer.id === 'Q1');
    return checks.find((check: { id: string }) => check.id === 'edge.current').outcome;
  };

  test('a rule that no edge can work with holds up its route alone', async () => {
    const document = {
      openapi: '3.1.0',
      paths: {
        '/x': {
          get: { parameters: [{ name: 'q', in: 'query', schema: { type: 'string', pattern: '(?=a)b' } }] },
        },
      },
    };
    const bad = rule('one.test', { allow: { mode: 'enforce', document } });
    expect((await admin.call('POST', `${V1}/shops/${shops[0]}/routes`, bad)).status).toBe(201);
    expect(
      (await developer.call('POST', `${V1}/shops/${shops[1]}/routes`, rule('www.two.test'))).status,
    ).toBe(201);
    await eventually(async () => ((await edgesSeen(admin, 1)).current ? true : null), SOON);
    await eventually(async () => ((await edgesSeen(admin, 0)).held.length > 0 ? true : null), SOON);
    expect(await outcome(0)).toBe('falls-short');
    expect(await outcome(1)).toBe('holds');
  });

  test('the people of one see nothing of the other', async () => {
    expect((await edgesSeen(admin, 0)).held).toMatchObject([{ route: 'Route of one.test' }]);
    const seen = await edgesSeen(developer, 1);
    expect(seen.held).toEqual([]);
    expect(seen.certificates.map((one: { names: string[] }) => one.names)).toEqual([['*.two.test']]);
    expect((await edgesSeen(admin, 1)).certificates).toHaveLength(2);
  });
});
