import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVerifier } from '#crypto';
import { DAY_MS } from '#kernel';
import { verifyProofFile } from '#ledger';
import { decodeLeaf } from '#plane';
import { databasePlaces } from '../../../test/support/databases.ts';
import { jpegOf, pdfOf } from '../../../test/support/files.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { type ApiClient, eventually, filesWith } from '../../../test/support/installation.ts';
import { respondent } from '../../../test/support/respondent.ts';
import { startWorld, type World } from '../../../sample/world.ts';
import { CRITERIA } from './score.ts';

const V1 = '/api/v1';
const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

describe.each(databasePlaces())('the register of a shop, with state on $engine', ({ place }) => {
  let world: World;
  let t: TestControl;
  let owner: ApiClient;
  let shop: string;
  let base: string;
  let feed: string;

  beforeAll(async () => {
    world = await startWorld({ firstPort: 0 });
    t = await startTestControl({ samples: world.shops, state: await place('vendors') });
    owner = await t.owner();
    const added = await owner.call('POST', `${V1}/shops`, { address: world.shops[0]!.address });
    shop = added.json.shop.id;
    base = `${V1}/shops/${shop}`;
    await eventually(
      async () => (await owner.call('GET', `${base}/looks/${added.json.look}`)).json.state === 'done',
    );
    // What was seen is there first; what it means for the answers a moment later.
    await eventually(async () => (await check('vendors.registered', 'Q2')).outcome !== 'unknown');
  });
  afterAll(async () => {
    await t.close();
    await world.close();
  });

  const connections = async (): Promise<
    {
      id: string;
      kind: string;
      name: string;
      vendor: string | null;
      state: string;
      gate: { open: boolean; why: string };
    }[]
  > => (await owner.call('GET', `${base}/connections`)).json.connections;
  const named = async (name: string) => (await connections()).find((c) => c.name === name)!;
  const answer = async (id: string, about?: string) =>
    (await owner.call('GET', `${base}/answers`)).json.answers.find(
      (a: { id: string; about: { id: string } | null }) =>
        a.id === id && (about === undefined || a.about?.id === about),
    );
  const check = async (id: string, question: string, about?: string) =>
    (await answer(question, about)).checks.find((c: { id: string }) => c.id === id);
  const upload = async (path: string, fields: Record<string, string>, name: string, bytes: Buffer) => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
    form.append('file', new File([Uint8Array.from(bytes)], name));
    const sent = await fetch(`${t.url}${base}${path}`, {
      method: 'POST',
      headers: { cookie: owner.cookie() },
      body: form,
    });
    return { status: sent.status, json: (await sent.json()) as Record<string, string> };
  };

  it('is challenged by what a look saw: strangers are a finding', async () => {
    expect((await connections()).map((c) => `${c.kind} ${c.name}`).toSorted()).toEqual([
      'script cdn.oldscripts.test',
      'script chat.helpdesk-widget.test',
      'script reviews.starcount.test',
    ]);
    expect(await check('vendors.registered', 'Q2')).toMatchObject({ outcome: 'falls-short', source: 'seen' });
    expect(await check('vendors.assessed', 'Q2')).toMatchObject({ outcome: 'unknown' });
    expect((await answer('Q2')).state).not.toBe('yes');
  });

  it('takes an entry, to which what is its own then belongs', async () => {
    const added = await owner.call('POST', `${base}/vendors`, {
      name: 'StoneFeed',
      kind: 'feed',
      hosts: [],
      apiHosts: ['api.stonefeed.test'],
      touches: ['stock', 'prices'],
      criticality: 'high',
    });
    expect(added.status, added.text).toBe(201);
    feed = added.json.vendor;
    for (const [name, host, kind] of [
      ['Helpdesk Widget', 'chat.helpdesk-widget.test', 'chat'],
      ['StarCount', 'reviews.starcount.test', 'reviews'],
      ['OldScripts', 'cdn.oldscripts.test', 'scripts'],
    ] as const) {
      const { json } = await owner.call('POST', `${base}/vendors`, {
        name,
        kind,
        hosts: [host],
        touches: ['contact'],
      });
      await owner.call('PUT', `${base}/connections/${(await named(host)).id}/vendor`, {
        vendor: json.vendor,
      });
    }
    expect(await check('vendors.registered', 'Q2')).toMatchObject({ outcome: 'holds' });
    expect((await owner.call('POST', `${base}/vendors`, { name: 'stonefeed', kind: 'feed' })).json.code).toBe(
      'control/conflict',
    );
    expect(
      (await owner.call('POST', `${base}/vendors`, { name: 'X', kind: 'feed', hosts: ['http://x/'] })).status,
    ).toBe(400);
  });

  it('lets nothing in without a decision in date or an exception', async () => {
    const { id } = await named('chat.helpdesk-widget.test');
    const enable = () => owner.call('PUT', `${base}/connections/${id}/state`, { state: 'enabled' });
    expect((await enable()).json.code).toBe('control/gate-shut');
    const until = t.clock.now() + 10 * DAY_MS;
    const except = (given: object) =>
      owner.call('POST', `${base}/exceptions`, {
        about: 'connection',
        id,
        reason: 'Goes in June',
        owner: 'Anna',
        until,
        ...given,
      });
    expect((await except({ reason: ' ' })).status).toBe(400);
    expect((await except({ until: t.clock.now() - 1 })).json.code).toBe('control/bad-date');
    expect((await except({ until: t.clock.now() + 400 * DAY_MS })).json.code).toBe('control/bad-date');
    expect((await except({ id: 'con_00' })).status).toBe(404);
    const made = await except({});
    expect(made.status).toBe(201);
    expect((await enable()).status).toBe(204);
    // Exceptions stand on the first page.
    const page = await owner.call('GET', `/shops/${shop}/answers`);
    expect(page.text).toMatch(/1 exception[\s\S]*chat\.helpdesk-widget\.test: Goes in June[\s\S]*Anna/u);
    await owner.call('DELETE', `${base}/exceptions/${made.json.exception}`);
    expect(await check('vendors.gate', 'Q2')).toMatchObject({ outcome: 'falls-short' });
    expect((await named('chat.helpdesk-widget.test')).gate.open).toBe(false);
  });

  it('looks at a third party from outside, within its own hosts', async () => {
    const view = await eventually(async () => {
      const { json } = await owner.call('GET', `${base}/vendors/${feed}`);
      return json.vendor.lookedAt === null ? null : json;
    });
    const line = (id: string) => view.score.lines.find((l: { id: string }) => l.id === id);
    expect(line('tls')).toMatchObject({ outcome: 'earned', observation: expect.stringMatching(/^obs_/u) });
    expect(line('answers-api')).toMatchObject({
      outcome: 'unknown',
      reason: 'Not asked yet, or not answered.',
    });
    expect(line('pci')).toMatchObject({ outcome: 'not-applicable' });
    const total = view.score.lines.reduce((sum: number, l: { weight: number }) => sum + l.weight, 0);
    const off = view.score.lines
      .filter((l: { outcome: string }) => l.outcome === 'not-applicable')
      .reduce((sum: number, l: { weight: number }) => sum + l.weight, 0);
    expect(view.score.earned + view.score.lost + view.score.unknown).toBe(total - off);
    for (const l of view.score.lines)
      if (l.outcome === 'lost') expect(l.observation ?? l.reason).toBeTruthy();
  });

  it('asks a provider the three questions, and answers them apart for it', async () => {
    expect((await answer('P1', feed)).state).toBe('unknown');
    const sent = await owner.call('POST', `${base}/asks`, {
      questionnaire: 'provider',
      to: 'StoneFeed',
      vendor: feed,
    });
    const they = respondent(t.url);
    const home = await they.begin(sent.json.link);
    await they.save(`${home}/P1`, {
      'c:P1.tls': 'modern',
      'c:P1.https': 'refused',
      'c:P1.url': 'never',
      'c:P1.auth': 'oauth',
      'c:P1.keys': 'yes',
    });
    await they.send(`${home}/hand-in`, { method: 'POST' });
    const p1 = await answer('P1', feed);
    const said = p1.checks.find((c: { id: string }) => c.id === 'provider.said.P1');
    expect(said).toMatchObject({ source: 'said', outcome: 'holds' });
    expect(
      p1.checks.some(
        (c: { source: string; outcome: string }) => c.source === 'seen' && c.outcome === 'holds',
      ),
    ).toBe(true);
    // What was not asked of it stays unknown, whatever was seen.
    expect((await answer('P2', feed)).state).toBe('unknown');
    // A third party is shown what was seen of its own hosts, and of no other.
    const shown = (await they.send(`${home}/P1`)).text;
    expect(shown).toContain('stonefeed.test');
    expect(shown).not.toContain('bergstrom-jewelers.test,');
    const score = (await owner.call('GET', `${base}/vendors/${feed}`)).json.score;
    expect(score.lines.find((l: { id: string }) => l.id === 'answers-api')).toMatchObject({
      outcome: 'earned',
    });
  });

  it('keeps papers sealed, reads their dates, and notices when they end', async () => {
    const paper = pdfOf([
      'Data processing agreement',
      'Effective date: 2026-10-01',
      'Valid until: 2027-09-30',
    ]);
    const filed = await upload(`/vendors/${feed}/papers`, { kind: 'dpa' }, 'dpa.pdf', paper);
    expect(filed.status).toBe(201);
    const papers = async () => (await owner.call('GET', `${base}/vendors/${feed}`)).json.papers;
    const read = await eventually(async () =>
      (await papers()).find((p: { state: string }) => p.state === 'kept'),
    );
    expect(read).toMatchObject({
      dates: 'read',
      validUntil: day('2027-09-30'),
      standing: 'in-date',
      readFrom: 'Valid until: 2027-09-30',
    });
    // The register is judged a moment after the paper was read.
    await eventually(async () => (await check('provider.terms', 'P2', feed)).outcome === 'holds');
    expect(await check('provider.terms', 'P2', feed)).toMatchObject({ outcome: 'holds', source: 'seen' });
    expect(filesWith(t.folder, ['Data processing agreement'])).toEqual([]);
    const soon = t.clock.now() + 5 * DAY_MS;
    await owner.call('PUT', `${base}/papers/${filed.json['paper']}/dates`, { validUntil: soon });
    expect((await papers())[0]).toMatchObject({ dates: 'typed', standing: 'ending' });
    const endings = (await owner.call('GET', `${base}/vendors`)).json.endings;
    expect(endings).toMatchObject([
      { what: 'paper', name: 'Data-processing terms of StoneFeed', ended: false },
    ]);
    expect((await owner.call('GET', `/shops/${shop}/answers`)).text).toContain(
      'Data-processing terms of StoneFeed ends',
    );
    t.clock.advance(6 * DAY_MS);
    owner = await t.owner();
    expect((await papers())[0]).toMatchObject({ standing: 'ended' });
    const liar = await upload(`/vendors/${feed}/papers`, { kind: 'soc2' }, 'report.pdf', jpegOf());
    expect(liar.status).toBe(201);
    const refused = await eventually(async () =>
      (await papers()).find((p: { state: string }) => p.state === 'refused'),
    );
    expect(refused).toMatchObject({ why: 'name-lies', standing: 'refused' });
    expect((await upload(`/vendors/${feed}/papers`, { kind: 'nonsense' }, 'a.pdf', paper)).status).toBe(400);
  });

  it('lets a person decide, signed, until a date; after it the ground is gone', async () => {
    const decide = (given: object) => owner.call('POST', `${base}/vendors/${feed}/decisions`, given);
    expect((await decide({ verdict: 'conditions' })).status).toBe(400);
    expect((await decide({ verdict: 'approved', until: t.clock.now() + 900 * DAY_MS })).json.code).toBe(
      'control/bad-date',
    );
    expect(
      (
        await decide({
          verdict: 'conditions',
          conditions: 'New key by May',
          until: t.clock.now() + 30 * DAY_MS,
        })
      ).status,
    ).toBe(204);
    const declared = await owner.call('POST', `${base}/connections`, {
      kind: 'feed',
      name: 'StoneFeed CSV',
      vendor: feed,
    });
    const id = declared.json.connection;
    expect((await owner.call('PUT', `${base}/connections/${id}/state`, { state: 'enabled' })).status).toBe(
      204,
    );
    const leaves = await eventually(async () => {
      const found = (await t.leavesOf(shop)).filter((l) => l.kind === 'vendor-decided');
      return found.length > 0 ? found : null;
    });
    expect(leaves[0]?.body).toMatchObject({
      vendor: feed,
      verdict: 'conditions',
      criteria: CRITERIA.version,
    });
    expect(JSON.stringify(leaves)).not.toContain('New key by May');
    const { vendor } = (await owner.call('GET', `${base}/vendors/${feed}`)).json;
    const proof = await eventually(async () => {
      const file = await owner.call('GET', `${base}/vendors/${feed}/decisions/${vendor.decision.id}/proof`);
      return file.status === 200 ? file.text : null;
    });
    const checked = verifyProofFile(proof, readVerifier(await t.control.logKey(shop)));
    if (!checked.ok) throw new Error(checked.why);
    expect(decodeLeaf(checked.leaf)).toMatchObject({
      kind: 'vendor-decided',
      body: { decision: vendor.decision.id },
    });
    t.clock.advance(31 * DAY_MS);
    owner = await t.owner();
    expect((await owner.call('GET', `${base}/vendors/${feed}`)).json.vendor.standing).toBe('overdue');
    expect((await named('StoneFeed CSV')).gate).toMatchObject({ open: false });
    await decide({ verdict: 'rejected' });
    expect((await owner.call('PUT', `${base}/connections/${id}/state`, { state: 'enabled' })).json.code).toBe(
      'control/gate-shut',
    );
    expect(await check('vendors.gate', 'Q2')).toMatchObject({ outcome: 'falls-short' });
  });

  it('writes down whose each requirement is', async () => {
    const list = async () => (await owner.call('GET', `${base}/responsibilities`)).json.responsibilities;
    expect((await list()).length).toBeGreaterThan(25);
    expect(await check('vendors.duties', 'Q9a')).toMatchObject({ outcome: 'falls-short' });
    expect((await owner.call('PUT', `${base}/responsibilities/99.9`, { who: 'us' })).status).toBe(404);
    for (const { requirement, usually } of await list())
      await owner.call('PUT', `${base}/responsibilities/${requirement}`, { who: usually });
    expect(await check('vendors.duties', 'Q9a')).toMatchObject({ outcome: 'holds' });
    await owner.call('PUT', `${base}/responsibilities/12.8.5`, { who: 'nobody' });
    expect(await check('vendors.duties', 'Q9a')).toMatchObject({ outcome: 'falls-short' });
  });

  it('reads news from a file, matches them to third parties, and waits for somebody to say', async () => {
    const item = (n: number, title: string) =>
      `<item><title>${title}</title><link>https://news.example/${n}</link><guid>${n}</guid><description>Details.</description></item>`;
    const rss = `<rss version="2.0"><channel><title>News</title><description>d</description>${item(1, 'StoneFeed leaks prices')}${item(2, 'A cat was found')}${item(3, 'Outage at chat.helpdesk-widget.test')}</channel></rss>`;
    const added = await upload('/news-files', { name: 'Advisories' }, 'feed.xml', Buffer.from(rss));
    expect(added.status).toBe(201);
    const items = await eventually(async () => {
      const { json } = await owner.call('GET', `${base}/news`);
      return json.items.length > 0 ? json.items : null;
    });
    expect(
      items.map((i: { title: string; vendorName: string }) => [i.title, i.vendorName]).toSorted(),
    ).toEqual([
      ['Outage at chat.helpdesk-widget.test', 'Helpdesk Widget'],
      ['StoneFeed leaks prices', 'StoneFeed'],
    ]);
    await eventually(async () => (await check('vendors.news', 'Q2b')).outcome === 'holds');
    t.clock.advance(8 * DAY_MS);
    owner = await t.owner();
    for (const one of items) {
      const done = await owner.call('PUT', `${base}/news/${one.id}`, { state: 'does-not', note: 'Old.' });
      expect(done.status).toBe(204);
    }
    expect(
      (await owner.call('GET', `${base}/news`)).json.items.every(
        (i: { state: string }) => i.state === 'does-not',
      ),
    ).toBe(true);
  });

  it('lets no feed be read from a host that was not let in', async () => {
    const add = () =>
      owner.call('POST', `${base}/news-sources`, { name: 'Feed', url: 'https://stonefeed.test/feed.xml' });
    expect((await add()).json.code).toBe('control/gate-shut');
    const { id } = await named('stonefeed.test');
    await owner.call('POST', `${base}/exceptions`, {
      about: 'connection',
      id,
      reason: 'Public advisories',
      owner: 'Anna',
      until: t.clock.now() + DAY_MS,
    });
    expect((await add()).status).toBe(201);
    expect((await add()).json.code).toBe('control/conflict');
    const plain = await owner.call('POST', `${base}/news-sources`, {
      name: 'Feed',
      url: 'http://stonefeed.test/feed.xml',
    });
    expect(plain.status).toBe(400);
  });

  it('reaches no private address through an entry', async () => {
    for (const host of ['localtest.me.example', '169.254.169.254', '10.0.0.1', '127.0.0.1']) {
      const added = await owner.call('POST', `${base}/vendors`, {
        name: `V ${host}`,
        kind: 'other',
        hosts: [host],
      });
      if (added.status !== 201) continue;
      const view = await eventually(async () => {
        const { json } = await owner.call('GET', `${base}/vendors/${added.json.vendor}`);
        return json.vendor.lookedAt === null ? null : json;
      });
      for (const line of view.score.lines) expect(line.outcome, `${host} ${line.id}`).not.toBe('earned');
    }
  });

  it('retires who is no longer needed; what was decided stays', async () => {
    expect((await owner.call('DELETE', `${base}/vendors/${feed}`)).status).toBe(204);
    const { json } = await owner.call('GET', `${base}/vendors/${feed}`);
    expect(json.vendor.standing).toBe('retired');
    expect(json.decisions).toHaveLength(2);
    expect((await answer('P1')).about).toBeNull();
  });

  it('shows names where records have ids, and has ids where pages have names', async () => {
    await owner.call('POST', `${base}/vendors`, { name: 'Aaron Roe', kind: 'developer' });
    const answers = (await owner.call('GET', `${base}/answers`)).json.answers;
    const words = JSON.stringify(
      answers.map(
        (a: { sentence: string; nextStep: unknown; checks: { sentence: string; mend: string }[] }) => [
          a.sentence,
          a.nextStep,
          a.checks.map((c) => [c.sentence, c.mend]),
        ],
      ),
    );
    expect(words).not.toMatch(/(ven|con)_[0-9a-f]{32}/u);
    expect(words).toContain('Aaron Roe');
    const leaves = JSON.stringify(await t.leavesOf(shop));
    for (const name of ['Aaron Roe', 'StoneFeed', 'Helpdesk Widget']) expect(leaves).not.toContain(name);
  });

  it('was kept without an error', () => {
    expect(t.errors).toEqual([]);
  });
});
