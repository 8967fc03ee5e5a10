// The firewall from end to end: what it stops, how that is explained, how somebody lets it pass and takes that back, and what the answers make of it.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Edge, startEdge } from '#edge';
import { rulePack } from '@loupe/contract';
import { openChannel } from '#plane';
import { encodePack, packLabel } from '#waf';
import { ownPack } from '../../src/bin/rule-packs.ts';
import { joinedEdge } from '../support/edge.ts';
import { startTestControl, type TestControl } from '../support/control.ts';
import { databasePlaces } from '../support/databases.ts';
import { type ApiClient, eventually } from '../support/installation.ts';
import { httpServer, type Running } from '../support/servers.ts';

const V1 = '/api/v1';
const SOON = 10_000;
const ATTACK = "' union select card from customers-- Lindqvist";

describe.each(databasePlaces())('the firewall of a shop, on $engine', (place) => {
  let t: TestControl;
  let owner: ApiClient;
  let shop: string;
  let other: string;
  let edge: Edge;
  let upstream: Running;
  let route: string;
  let reference: string;

  beforeAll(async () => {
    upstream = await httpServer((request, response) => {
      request.resume();
      request.on('end', () => response.end('inside'));
    });
    t = await startTestControl({
      state: await place.place('firewall_state'),
      events: await place.place('firewall_events'),
    });
    owner = await t.owner();
    shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://edge.example' })).json.shop.id;
    other = (await owner.call('POST', `${V1}/shops`, { address: 'https://other.example' })).json.shop.id;
    edge = await startEdge(joinedEdge(t.forEdges, mkdtempSync(join(tmpdir(), 'loupe-edge-')), 'edge-1'));
    route = (await api('POST', '/routes', rule())).json.id;
    await settled();
  });
  afterAll(async () => {
    await edge.close(100);
    await t.close();
    await upstream.close();
  });

  const rule = (firewall?: object) => ({
    name: 'Shop',
    hosts: ['127.0.0.1'],
    methods: ['GET', 'POST'],
    upstream: { origin: `http://127.0.0.1:${upstream.port}` },
    proofs: [{ kind: 'public', owner: 'Mara', reason: 'the shop window' }],
    ...(firewall === undefined ? {} : { firewall }),
  });
  const api = async (method: string, path: string, body?: object) =>
    await owner.call(method, `${V1}/shops/${shop}${path}`, body);
  const settled = async () =>
    await eventually(async () => {
      const { json } = await api('GET', '/edges');
      return json.version > 0 && json.edges.length > 0 && json.edges[0].current;
    }, SOON);
  /** Changes policy, and waits until the edge runs it. */
  const decide = async (method: string, path: string, body?: object) => {
    const before = (await api('GET', '/edges')).json.version;
    const answer = await api(method, path, body);
    expect(answer.status).toBe(204);
    await eventually(async () => (await api('GET', '/edges')).json.version > before, SOON);
    await settled();
  };
  const ask = async (name: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${edge.ports[0]}/search?${name}=${encodeURIComponent(ATTACK)}`)).status;
  const checks = async (question: string, check: string) => {
    const { json } = await owner.call('GET', `${V1}/shops/${shop}/answers`);
    return json.answers
      .find((one: { id: string }) => one.id === question)
      .checks.filter((one: { id: string }) => one.id === check);
  };

  test('a new route blocks, and the page names a reference that explains why', async () => {
    const answer = await fetch(`http://127.0.0.1:${edge.ports[0]}/search?q=${encodeURIComponent(ATTACK)}`);
    expect(answer.status).toBe(403);
    reference = JSON.parse(await answer.text()).reference;
    const explained = await eventually(async () => {
      const found = await api('GET', `/firewall/${reference}`);
      return found.status === 200 && found;
    }, SOON);
    expect(explained.json).toMatchObject({
      refused: true,
      mode: 'block',
      pack: packLabel(ownPack()),
      threshold: 5,
      route: { id: route, name: 'Shop' },
      excluded: false,
    });
    const { rules, exclusions } = explained.json;
    expect(rules.length).toBeGreaterThan(0);
    for (const one of rules) {
      expect(one.says).not.toBe('');
      expect(one.fields).toEqual(['ARGS:q']);
      expect(one.part).toContain('union select');
    }
    expect(exclusions.every((one: { field: string }) => one.field === 'ARGS:q')).toBe(true);
    expect(JSON.stringify(explained.json)).not.toMatch(/lindqvist/iu);
    const { json } = await api('GET', '/traffic?refused=true');
    expect(json.entries[0]).toMatchObject({ says: 'It looked like an attack.', inspected: true, reference });
  });

  test('nothing of it is another shop’s to see or change', async () => {
    const elsewhere = `${V1}/shops/${other}/firewall`;
    expect((await owner.call('GET', `${elsewhere}/${reference}`)).status).toBe(404);
    const change = { excluded: true };
    expect((await owner.call('PUT', `${elsewhere}/${reference}/excluded`, change)).status).toBe(404);
    expect((await api('GET', '/firewall/nothing')).status).toBe(404);
  });

  test('one click lets it pass there and there alone; another takes that back, and both are in the ledger', async () => {
    await decide('PUT', `/firewall/${reference}/excluded`, { excluded: true });
    expect(await ask('q')).toBe(200);
    expect(await ask('name')).toBe(403);
    expect((await api('GET', `/firewall/${reference}`)).json.excluded).toBe(true);
    await decide('PUT', `/firewall/${reference}/excluded`, { excluded: false });
    expect(await ask('q')).toBe(403);
    const leaves = (await t.leavesOf(shop)).filter(({ kind }) => kind === 'firewall-excluded');
    for (const action of ['made', 'ended'])
      expect(leaves.map(({ body }) => body)).toContainEqual(
        expect.objectContaining({ action, field: 'ARGS:q', route }),
      );
    expect((await api('GET', '/routes')).json.routes[0].rule.firewall.exclusions).toEqual([]);
  });

  test('the operator does the same at the command line’s socket', async () => {
    const channel = openChannel(join(t.folder, 'run', 'o'));
    expect(await channel.call('waf.explain', { reference })).toMatchObject({ shop, reference });
    expect(await channel.call('waf.exclude', { reference, action: 'make' })).toMatchObject({
      route: 'Shop',
      exclusions: expect.arrayContaining([expect.objectContaining({ field: 'ARGS:q' })]),
    });
    expect((await api('GET', `/firewall/${reference}`)).json.excluded).toBe(true);
    await channel.call('waf.exclude', { reference, action: 'undo' });
    await expect(channel.call('waf.explain', { reference: 'nothing' })).rejects.toThrow();
    channel.close();
    await settled();
  });

  test('each attack of the self-test is an observation of its own', async () => {
    const { json } = await api('POST', '/self-test');
    const sent = json.tests.filter((one: { test: string }) => one.test === 'attack');
    expect(sent.filter((one: { passed: boolean }) => !one.passed)).toEqual([]);
    const seen = await checks('Q4a', 'firewall.attack');
    expect(seen.length).toBe(sent.length - 1);
    for (const one of seen) expect(one).toMatchObject({ outcome: 'holds', source: 'seen' });
    expect(await checks('Q4', 'firewall.blocks')).toMatchObject([{ outcome: 'holds' }]);
    expect(await checks('Q4', 'firewall.rules')).toMatchObject([{ outcome: 'holds' }]);
  });

  test('other rules are tried beside, put in force, and taken back', async () => {
    const bytes = encodePack({
      name: 'other',
      version: '1.0',
      madeOn: '2026-11-01',
      rules: [
        {
          path: 'a.conf',
          text: 'SecRule ARGS "@contains goldsmith" "id:77,phase:2,deny,msg:\'A word that is not liked\'"',
        },
      ],
      data: {},
    });
    const path = join(mkdtempSync(join(tmpdir(), 'loupe-pack-')), 'pack.json');
    writeFileSync(path, bytes);
    const channel = openChannel(join(t.folder, 'run', 'o'));
    const told = rulePack.parse(await channel.call('waf.import', { path, source: 'folder' }));
    expect(told).toMatchObject({ name: 'other', rules: 1, source: 'folder' });
    writeFileSync(path, 'SecRule');
    await expect(channel.call('waf.import', { path, source: 'folder' })).rejects.toThrow();
    channel.close();
    const goldsmith = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${edge.ports[0]}/?q=goldsmith`)).status;
    const rules = async () => (await api('GET', '/firewall-rules')).json;

    expect((await api('PUT', '/firewall-rules/candidate', { pack: 'unknown' })).status).toBe(404);
    expect((await api('POST', '/firewall-rules/enforce')).status).toBe(409);
    // What is counted is counted from here on.
    t.clock.advance(Date.now() - t.clock.now());
    await decide('PUT', '/firewall-rules/candidate', { pack: told.id });
    expect(await goldsmith()).toBe(200);
    expect(await ask('q')).toBe(403);
    const { comparison } = await eventually(async () => {
      const found = await rules();
      return found.comparison?.onlyCandidate > 0 && found.comparison.onlyEnforced > 0 && found;
    }, SOON);
    expect(comparison).toMatchObject({
      both: 0,
      onlyEnforced: 1,
      onlyCandidate: 1,
      rules: [{ rule: 77, says: 'A word that is not liked', count: 1 }],
    });

    await decide('POST', '/firewall-rules/enforce');
    expect(await goldsmith()).toBe(403);
    expect(await ask('q')).toBe(200);
    await api('POST', '/self-test');
    expect(await checks('Q4', 'firewall.rules')).toMatchObject([
      { outcome: 'holds', sentence: expect.stringContaining('“other” 1.0') },
    ]);
    for (const one of await checks('Q4a', 'firewall.attack')) expect(one.outcome).toBe('falls-short');

    await decide('POST', '/firewall-rules/back');
    expect(await goldsmith()).toBe(200);
    expect(await ask('q')).toBe(403);
    expect(await rules()).toMatchObject({ enforced: 'own', candidate: null, before: told.id });
    const kinds = (await t.leavesOf(shop)).filter(({ kind }) => kind === 'firewall-rules-chosen');
    expect(kinds.map(({ body }) => body['action'])).toEqual(['tried', 'enforced', 'went-back']);
  });

  test('a route that only watches shows: attacks come through, and the answers say where', async () => {
    await decide('PUT', `/routes/${route}`, rule({ mode: 'watch' }));
    expect(await ask('q')).toBe(200);
    await api('POST', '/self-test');
    for (const one of await checks('Q4a', 'firewall.attack'))
      expect(one).toMatchObject({ outcome: 'falls-short', sentence: expect.stringContaining('“Shop”') });
    expect(await checks('Q4', 'firewall.blocks')).toMatchObject([{ outcome: 'falls-short' }]);
    const { json } = await eventually(async () => {
      const found = await api('GET', '/traffic');
      return found.json.entries[0]?.refused === false && found;
    }, SOON);
    expect(json.entries[0]).toMatchObject({
      inspected: true,
      says: expect.stringContaining('would have refused'),
    });
  });
});
