import { mkdtempSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson, errorsOf, type Json, sha256Hex } from '#kernel';
import {
  decodeLeaf,
  encodeLeaf,
  eventJson,
  type Observation,
  observationLeaf,
  observationOf,
  openChannel,
  readEvent,
  readSnapshot,
  serveChannel,
  snapshotJson,
} from './index.ts';

const OBSERVATION: Observation = {
  id: 'obs_01990000000070008000000000000001',
  shop: 'shp_01990000000070008000000000000002',
  check: 'tls.versions',
  subject: 'shop.example',
  outcome: 'falls-short',
  source: 'seen',
  figure: { value: 2, unit: 'versions' },
  facts: { accepted: 'TLS 1.0, TLS 1.2' },
  observedAt: 1_795_446_000_000,
  validUntil: 1_795_532_400_000,
  evidence: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
};

describe('golden bytes', () => {
  it('of an observation’s leaf', () => {
    const bytes = encodeLeaf(observationLeaf(OBSERVATION, 'worker'));
    expect(Buffer.from(bytes).toString()).toBe(
      '{"at":1795446000000,"body":{"check":"tls.versions","evidence":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","facts":{"accepted":"TLS 1.0, TLS 1.2"},"figure":{"unit":"versions","value":2},"outcome":"falls-short","source":"seen","subject":"shop.example","validUntil":1795532400000},"by":"worker","id":"obs_01990000000070008000000000000001","kind":"observation","shop":"shp_01990000000070008000000000000002","v":1}',
    );
    expect(observationOf(decodeLeaf(bytes))).toEqual(OBSERVATION);
  });

  it('of an event and of a snapshot', () => {
    const event = {
      v: 1,
      edge: 'e1',
      boot: 'b1',
      seq: 7,
      at: 5,
      shop: 's',
      kind: 'blocked',
      body: { rule: 942100 },
    } as const;
    expect(canonicalJson(eventJson(event))).toBe(
      '{"at":5,"body":{"rule":942100},"boot":"b1","edge":"e1","kind":"blocked","seq":7,"shop":"s","v":1}',
    );
    expect(readEvent(eventJson(event))).toEqual(event);
    const snapshot = { v: 1, version: 3, madeAt: 9, shops: { s: { routes: [] } } } as const;
    expect(sha256Hex(canonicalJson(snapshotJson(snapshot)))).toBe(
      sha256Hex('{"madeAt":9,"shops":{"s":{"routes":[]}},"v":1,"version":3}'),
    );
    expect(readSnapshot(snapshotJson(snapshot))).toEqual(snapshot);
  });

  it.each<[string, (leaf: Record<string, unknown>) => unknown]>([
    ['another version', (leaf) => ({ ...leaf, v: 2 })],
    ['an unknown kind', (leaf) => ({ ...leaf, kind: 'rumour' })],
    ['an extra member', (leaf) => ({ ...leaf, more: 1 })],
    ['a missing member', ({ by: _by, ...leaf }) => leaf],
    ['a time before time', (leaf) => ({ ...leaf, at: -1 })],
    ['a list for an object', (leaf) => ({ ...leaf, body: [] })],
  ])('are not read from %s', (_what, bend) => {
    const leaf: Record<string, unknown> = JSON.parse(
      Buffer.from(encodeLeaf(observationLeaf(OBSERVATION, 'w'))).toString(),
    );
    const bytes = Buffer.from(canonicalJson(bend(leaf) as Json));
    expect(() => decodeLeaf(bytes)).toThrow(expect.objectContaining({ code: 'plane/malformed' }));
  });

  it('are one form only: the same leaf with spaces is not a leaf', () => {
    const leaf: Json = JSON.parse(Buffer.from(encodeLeaf(observationLeaf(OBSERVATION, 'w'))).toString());
    expect(() => decodeLeaf(Buffer.from(JSON.stringify(leaf, null, 1)))).toThrow();
    expect(() => decodeLeaf(Buffer.from('{'))).toThrow();
    expect(() => decodeLeaf(Buffer.of(0xff))).toThrow();
  });
});

describe('a channel', () => {
  const fail = errorsOf({ 'room/no': { says: 'No.', hint: 'Ask again.' } });
  const start = async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'loupe-channel-')), 's');
    const server = await serveChannel(path, {
      echo: (params) => params,
      refuse: () => {
        throw fail('room/no', { details: { n: 1 } });
      },
      sleep: () => new Promise(() => undefined),
    });
    return { path, server };
  };

  it('carries answers, errors with their codes, and many requests at once', async () => {
    const { path, server } = await start();
    const channel = openChannel(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const big = 'x'.repeat(3_000_000);
    const answers = await Promise.all([
      channel.call('echo', { a: 1 }),
      channel.call('echo', big),
      channel.call('echo', null),
    ]);
    expect(answers).toEqual([{ a: 1 }, big, null]);
    await expect(channel.call('refuse', null)).rejects.toMatchObject({
      code: 'room/no',
      hint: 'Ask again.',
      details: { n: 1 },
    });
    await expect(channel.call('__proto__', null)).rejects.toMatchObject({ code: 'plane/malformed' });
    await expect(channel.call('sleep', null, 20)).rejects.toMatchObject({ code: 'plane/timeout' });
    channel.close();
    await server.close();
  });

  it('says when nobody is there, and finds the way again', async () => {
    const { path, server } = await start();
    const channel = openChannel(path);
    await server.close();
    await expect(channel.call('echo', 1)).rejects.toMatchObject({ code: 'plane/unreachable' });
    const again = await serveChannel(path, { echo: (params) => params });
    expect(await channel.call('echo', 2)).toBe(2);
    channel.close();
    await again.close();
  });

  it.each([
    ['a frame that is too long', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a frame that is not JSON', Buffer.from([0, 0, 0, 1, 0x7b])],
    ['a frame that asks nothing', Buffer.from('\u0000\u0000\u0000\u0002[]')],
  ])('ends the connection at %s', async (_what, bytes) => {
    const { path, server } = await start();
    const socket = connect(path);
    socket.write(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
    const channel = openChannel(path);
    expect(await channel.call('echo', 1)).toBe(1);
    channel.close();
    await server.close();
  });
});
