import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Feed, FeedGiven, FeedsView, LoadReport } from '@loupe/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '#kernel';
import { ATTACKS } from '../../../sample/feeds/attacks.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { databasePlaces } from '../../../test/support/databases.ts';
import { type FeedProviders, manyStones, startFeedProviders } from '../../../test/support/feed-providers.ts';
import { eventually, filesWith } from '../../../test/support/installation.ts';

const V1 = '/api/v1';
const STONES = manyStones(1_200);
const ENTITLEMENT: FeedGiven['entitlement'] = {
  store: true,
  keepDays: 30,
  replay: true,
  prices: 'own',
  show: ['certificate', 'media'],
  paper: 'DLS contract of 2026-03-01',
};

describe.each(databasePlaces())('feeds, with state on $engine', ({ place }) => {
  let t: TestControl;
  let providers: FeedProviders;
  let owner: Awaited<ReturnType<TestControl['owner']>>;
  let shop = '';
  let id = '';

  beforeAll(async () => {
    providers = await startFeedProviders(STONES);
    t = await startTestControl({ state: await place('control'), reach: providers.reach });
    owner = await t.owner();
    shop = (await owner.call('POST', `${V1}/shops`, { address: 'https://shop.example' })).json.shop.id;
  });
  afterAll(async () => {
    await t.close();
    await providers.close();
  });
  afterEach(() => expect(t.errors).toEqual([]));

  const credentials = () => {
    const { username, password } = providers.feeds.account;
    return { username, password };
  };
  const view = async (): Promise<FeedsView> => (await owner.call('GET', `${V1}/shops/${shop}/feeds`)).json;
  const feed = async (): Promise<Feed> => {
    const found = (await view()).feeds.find((one) => one.id === id);
    if (found === undefined) throw new Error('no feed');
    return found;
  };
  const newest = async () => (await feed()).loads[0];
  const report = async (load: string): Promise<LoadReport> =>
    (await owner.call('GET', `${V1}/shops/${shop}/loads/${load}`)).json;
  /** Loads now, and waits until it has ended. */
  async function load() {
    const before = (await feed()).loads.length;
    expect((await owner.call('POST', `${V1}/shops/${shop}/feeds/${id}/loads`)).status).toBe(202);
    await eventually(async () => {
      const { loads, progress } = await feed();
      return loads.length > before && loads[0]?.state !== 'running' && progress === null;
    });
    t.clock.advance(SECOND_MS);
    const ended = await newest();
    if (ended === undefined) throw new Error('no load');
    return ended;
  }
  const say = (loadId: string, verdict: object) =>
    owner.call('POST', `${V1}/shops/${shop}/loads/${loadId}/verdict`, verdict);

  it('are plugged in under a contract that allows it, and under no other', async () => {
    expect((await view()).providers.map((one) => one.id)).toEqual([
      'rapnet',
      'idex',
      'idex-lab-grown',
      'idex-legacy',
      'nivoda',
      'nivoda-lab-grown',
      'rapnet-instant',
    ]);
    const add = (given: object) =>
      owner.call('POST', `${V1}/shops/${shop}/feeds`, {
        provider: 'rapnet',
        entitlement: ENTITLEMENT,
        credentials: credentials(),
        ...given,
      });
    expect((await add({ entitlement: { ...ENTITLEMENT, store: false } })).json.code).toBe(
      'control/not-entitled',
    );
    expect((await add({ entitlement: { ...ENTITLEMENT, paper: ' ' } })).status).toBe(400);
    expect((await add({ provider: 'nobody' })).status).toBe(400);
    expect((await add({ credentials: { username: 'x' } })).status).toBe(400);
    expect((await view()).feeds).toEqual([]);
    const made = await add({});
    expect(made.status).toBe(201);
    id = made.json.feed;
    expect((await add({})).json.code).toBe('control/conflict');
  });

  it('are loaded at once; the first load waits for a person, and is good from then on', async () => {
    await eventually(async () => (await newest())?.state === 'held');
    const held = await newest();
    expect(held).toMatchObject({ counts: { rows: 1_200, errors: 0, before: 0 } });
    expect(held?.holds.map((one) => one.reason)).toEqual(['first']);
    expect((await feed()).reached).toMatchObject([{ host: 'technet.rapaport.com', protocol: 'TLSv1.3' }]);
    expect((await say(held?.id ?? '', { verdict: 'accept', note: 'looked at it' })).status).toBe(204);
    expect(await newest()).toMatchObject({ state: 'good', verdict: { note: 'looked at it' } });
    expect((await say(held?.id ?? '', { verdict: 'decline' })).json.code).toBe('control/conflict');
    t.clock.advance(SECOND_MS);
  });

  it('of an honest day go by themselves', async () => {
    providers.feeds.stones = manyStones(1_200, 21);
    expect(await load()).toMatchObject({
      state: 'good',
      counts: { rows: 1_200, added: 20, removed: 20, before: 1_200 },
      verdict: null,
    });
  });

  it('that look wrong are held; declined, what was there is what the next one is compared with', async () => {
    providers.feeds.attack = ATTACKS['mass-removal'];
    const held = await load();
    expect(held).toMatchObject({ state: 'held', counts: { rows: 400, removed: 800 } });
    expect(held.holds[0]?.says).toMatch(/^67 % of the stones are gone/u);
    providers.feeds.attack = ATTACKS['hundredfold'];
    const newer = await load();
    expect(newer.holds[0]?.reason).toBe('unit');
    expect((await feed()).loads[1]?.state).toBe('overtaken');
    expect((await say(held.id, { verdict: 'accept' })).json.code).toBe('control/conflict');
    expect((await say(newer.id, { verdict: 'decline', note: 'cents again' })).status).toBe(204);
    providers.feeds.attack = null;
    expect(await load()).toMatchObject({ state: 'good', counts: { before: 1_200, removed: 0 } });
  });

  it('keep poisoned stones out, side by side with what they were, until a person lets one in', async () => {
    providers.feeds.attack = ATTACKS['a-fifth'];
    const first = await load();
    expect(first).toMatchObject({ state: 'good', counts: { quarantined: 3 } });
    const { specimens, findings, currency } = await report(first.id);
    expect(currency).toBe('USD');
    expect(findings).toContainEqual({
      id: 'price-leap',
      says: 'Its price has leapt since it was last in no doubt.',
      count: 3,
      quarantines: true,
    });
    const [specimen] = specimens;
    expect(specimen?.quarantined).toBe(true);
    expect((specimen?.before?.priceMinor ?? 0) / (specimen?.now.priceMinor ?? 1)).toBeCloseTo(5, 1);
    expect(specimen?.basisMinor).toBe(specimen?.before?.priceMinor);
    // The same again is as doubtful as it was.
    const second = await load();
    expect(second.counts?.quarantined).toBe(3);
    const released = await owner.call('POST', `${V1}/shops/${shop}/loads/${second.id}/releases`, {
      place: specimen?.place,
      reason: 'a sale, they told us on the phone',
    });
    expect(released.status).toBe(204);
    expect((await load()).counts?.quarantined).toBe(2);
    providers.feeds.attack = null;
    // A file that was there before is a copy of somebody's.
    const copy = await load();
    expect(copy.holds[0]?.reason).toBe('replayed');
    await say(copy.id, { verdict: 'decline' });
    providers.feeds.stones = manyStones(1_199, 21);
    // Back at its old price it has leapt again: the word was for the other one.
    const back = await load();
    expect(back).toMatchObject({ state: 'good', counts: { quarantined: 1 } });
  });

  it('come to the same when what is kept of them is judged again, whatever people have said since', async () => {
    const inspect = async (loadId: string, what: string) => {
      const asked = await owner.call('POST', `${V1}/shops/${shop}/loads/${loadId}/inspections`, { what });
      expect(asked.status).toBe(202);
      const path = `${V1}/shops/${shop}/inspections/${asked.json.inspection}`;
      await eventually(async () => (await owner.call('GET', path)).json.state !== 'waiting');
      return { path, ...(await owner.call('GET', path)).json };
    };
    const { loads } = await feed();
    expect(loads.filter((one) => one.isKept).length).toBe(loads.length);
    for (const one of loads)
      expect([one.id, (await inspect(one.id, 'repeat')).says]).toEqual([
        one.id,
        'The same bytes come to the same figures and the same decision.',
      ]);
    const doubtful = loads.find((one) => one.counts?.quarantined === 3)?.id ?? '';
    const listed = await inspect(doubtful, 'quarantine');
    expect(listed).toMatchObject({ state: 'listed', says: 'All 3 stones in quarantine.' });
    const { text } = await owner.call('GET', `${listed.path}/quarantine.csv`);
    expect(text.trim().split('\r\n')).toHaveLength(4);
    expect(text).toContain('price-leap');
    await eventually(async () => (await t.leavesOf(shop)).some((leaf) => leaf.kind === 'load-repeated'));
    // What is no longer as it was kept is told as such.
    const path = join(t.folder, 'feeds', id, `${doubtful}.raw`);
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(await inspect(doubtful, 'repeat')).toMatchObject({
      state: 'failed',
      says: 'What was kept of it is damaged.',
    });
  });

  it('that fail say why, are tried again later, and leave what was there', async () => {
    providers.feeds.attack = ATTACKS['prose'];
    const failed = await load();
    expect(failed).toMatchObject({ state: 'failed', counts: null });
    expect(failed.says).toBe('What came is not the file that was expected: columns are missing.');
    providers.feeds.attack = null;
    t.clock.advance(6 * MINUTE_MS);
    await eventually(async () => (await newest())?.state === 'good');
    await owner.call('PUT', `${V1}/shops/${shop}/feeds/${id}/credentials`, {
      credentials: { username: 'x', password: 'wrong-wrong-wrong' },
    });
    await eventually(async () => (await newest())?.says === 'The provider does not accept the credentials.');
    await owner.call('PUT', `${V1}/shops/${shop}/feeds/${id}/credentials`, { credentials: credentials() });
    await eventually(async () => (await newest())?.state === 'good');
    t.clock.advance(SECOND_MS);
  });

  it('are switched off and on, and nothing is asked of a provider meanwhile', async () => {
    const { handedOut } = providers.feeds;
    expect((await owner.call('PUT', `${V1}/shops/${shop}/feeds/${id}/state`, { on: false })).status).toBe(
      204,
    );
    expect((await owner.call('POST', `${V1}/shops/${shop}/feeds/${id}/loads`)).json.code).toBe(
      'control/conflict',
    );
    t.clock.advance(20 * MINUTE_MS);
    expect(providers.feeds.handedOut).toBe(handedOut);
    await owner.call('PUT', `${V1}/shops/${shop}/feeds/${id}/state`, { on: true });
    await eventually(() => Promise.resolve(providers.feeds.handedOut > handedOut));
    await eventually(async () => (await feed()).progress === null && (await newest())?.state === 'good');
  });

  it('are each shop’s own', async () => {
    const other = (await owner.call('POST', `${V1}/shops`, { address: 'https://other.example' })).json.shop
      .id;
    expect((await owner.call('GET', `${V1}/shops/${other}/feeds`)).json.feeds).toEqual([]);
    const load = (await newest())?.id ?? '';
    for (const [method, path] of [
      ['GET', `loads/${load}`],
      ['POST', `feeds/${id}/loads`],
      ['DELETE', `feeds/${id}`],
    ] as const)
      expect((await owner.call(method, `${V1}/shops/${other}/${path}`)).json.code).toBe('control/not-found');
  });

  it('are judged, and what was judged stands in the answers', async () => {
    const answers = (await owner.call('GET', `${V1}/shops/${shop}/answers`)).json.answers;
    const outcome = (question: string, check: string) =>
      answers
        .find((one: { id: string }) => one.id === question)
        .checks.find((one: { id: string }) => one.id === check)?.outcome;
    expect(outcome('Q8', 'feed.plugged')).toBe('holds');
    expect(outcome('Q8', 'feed.fresh')).toBe('holds');
    expect(outcome('Q8', 'feed.assessed')).toBe('falls-short');
    expect(outcome('Q8a', 'feed.transport')).toBe('holds');
    expect(outcome('Q8b', 'feed.checked')).toBe('holds');
    expect(outcome('Q8b', 'feed.switch')).toBe('holds');
  });

  it('leave signed decisions, and no secret in the clear', async () => {
    await eventually(async () => {
      const leaves = await t.leavesOf(shop);
      return leaves.filter((leaf) => leaf.kind === 'load-judged').length === 3;
    });
    const leaves = await t.leavesOf(shop);
    const decided = leaves.filter((leaf) => leaf.kind === 'load-decided');
    expect(decided.map((leaf) => leaf.body['outcome'])).toContain('hold');
    expect(decided.at(-1)?.body).toMatchObject({ feed: id, provider: 'rapnet', rows: 1_199 });
    expect(leaves.some((leaf) => leaf.kind === 'stone-released')).toBe(true);
    const { password } = providers.feeds.account;
    expect(filesWith(t.folder, [password, 'Sample Diamonds', '0123456789'])).toEqual([]);
    expect(JSON.stringify(await view())).not.toContain(password);
  });

  it('that take their time hold up nothing else', async () => {
    providers.feeds.attack = ATTACKS['drip'];
    await owner.call('POST', `${V1}/shops/${shop}/feeds/${id}/loads`);
    await eventually(async () => (await newest())?.state === 'running');
    const { look } = (await owner.call('POST', `${V1}/shops/${shop}/looks`)).json;
    await eventually(
      async () => (await owner.call('GET', `${V1}/shops/${shop}/looks/${look}`)).json.state === 'done',
      60_000,
    );
    expect((await newest())?.state).toBe('running');
    providers.feeds.attack = null;
  });

  it('that are taken away leave nothing behind but what was decided', async () => {
    expect(readdirSync(join(t.folder, 'feeds', id)).length).toBeGreaterThan(4);
    expect((await owner.call('DELETE', `${V1}/shops/${shop}/feeds/${id}`)).status).toBe(204);
    expect((await view()).feeds).toEqual([]);
    await eventually(() => Promise.resolve(readdirSync(join(t.folder, 'feeds')).length === 0));
  });
});
