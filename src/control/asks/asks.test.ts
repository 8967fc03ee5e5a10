import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '#kernel';
import { databasePlaces } from '../../../test/support/databases.ts';
import { jpegOf, pdfOf, workbookOf } from '../../../test/support/files.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import { type ApiClient, eventually, filesWith } from '../../../test/support/installation.ts';
import { askFileData, compactReply, replyFile, respondent } from '../../../test/support/respondent.ts';
import { startWorld, type World } from '../../../sample/world.ts';
import { LOOK_CHECKS, VENDOR_CHECKS } from '#look';
import { REGISTER_CHECKS } from '../vendors/checks.ts';
import { fromRows, itemsOf, SHIPPED } from './questionnaires.ts';

const V1 = '/api/v1';
const CHECK_IDS = [...LOOK_CHECKS, ...REGISTER_CHECKS, ...VENDOR_CHECKS].map((check) =>
  check.id.replace(/^vendor\./u, ''),
);
const SECRET = 'our firewall is a sticky note';

interface Sent {
  readonly ask: string;
  readonly link: string;
}

describe.each(databasePlaces())('a conversation, with state on $engine', ({ place }) => {
  let world: World;
  let t: TestControl;
  let owner: ApiClient;
  let shop: string;
  let base: string;

  beforeAll(async () => {
    world = await startWorld({ firstPort: 0 });
    t = await startTestControl({ samples: world.shops, state: await place('asks') });
    owner = await t.owner();
    const added = await owner.call('POST', `${V1}/shops`, { address: world.shops[0]!.address });
    shop = added.json.shop.id;
    base = `${V1}/shops/${shop}`;
    await eventually(
      async () => (await owner.call('GET', `${base}/looks/${added.json.look}`)).json.state === 'done',
    );
  });
  afterAll(async () => {
    await t.close();
    await world.close();
  });

  const ask = async (given: Record<string, unknown> = {}): Promise<Sent> => {
    const sent = await owner.call('POST', `${base}/asks`, {
      questionnaire: 'developer',
      to: 'Dev',
      ...given,
    });
    expect(sent.status, sent.text).toBe(201);
    return sent.json;
  };
  const view = async (id: string) => (await owner.call('GET', `${base}/asks/${id}`)).json;
  const item = async (id: string, name: string) =>
    (await view(id)).sections
      .flatMap((s: { items: { item: { id: string } }[] }) => s.items)
      .find((i: { item: { id: string } }) => i.item.id === name);

  it('by link: saved as one goes, handed in, and set beside what was seen', async () => {
    const sent = await ask();
    const they = respondent(t.url);
    const home = await they.begin(sent.link);
    expect(home).toBe(`/answer/${sent.ask}`);
    const first = await they.save(`${home}/Q1`, { 'c:Q1.tls': 'modern', 't:Q1.tls': SECRET, 'c:Q1a': 'no' });
    expect(first.location).toBe(`${home}/Q2`);
    // Saved, and the shop sees that something is there, but not what, before it is handed in.
    expect((await view(sent.ask)).ask).toMatchObject({ state: 'begun', answered: 2 });
    expect(await item(sent.ask, 'Q1.tls')).toMatchObject({ choice: null, text: '' });
    expect((await they.send(`${home}/Q1`)).text).toContain(SECRET);
    const handed = await they.send(`${home}/hand-in`, { method: 'POST' });
    expect(handed.location).toBe(home);
    expect(await item(sent.ask, 'Q1.tls')).toMatchObject({
      choice: 'TLS 1.2 and newer, nothing older',
      claims: 'holds',
      text: SECRET,
      standing: 'differs',
    });
    expect((await view(sent.ask)).ask).toMatchObject({ state: 'answered', differs: 1 });
    // The developer is shown what was seen of the shop, beside the answer.
    expect((await they.send(`${home}/Q1`)).text).toMatch(/You say otherwise than was seen[\s\S]*TLS 1\.0/u);
    const answers = (await owner.call('GET', `${base}/answers`)).json.answers;
    const q1 = answers.find((a: { id: string }) => a.id === 'Q1');
    expect(q1.checks.find((c: { source: string }) => c.source === 'said')).toMatchObject({
      outcome: 'falls-short',
      id: 'said.Q1',
    });
    expect(q1.state).not.toBe('yes');
  });

  it('is signed into the ledger by hashes alone, and what was written lies nowhere readable', async () => {
    const leaves = await eventually(async () => {
      const found = (await t.leavesOf(shop)).filter((leaf) => leaf.kind === 'ask-answered');
      return found.length > 0 ? found : null;
    });
    expect(leaves[0]?.body).toMatchObject({ by: 'link', sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) });
    expect(filesWith(t.folder, [SECRET])).toEqual([]);
    expect(JSON.stringify(await t.leavesOf(shop))).not.toMatch(/sticky note|"Dev"/u);
  });

  it('goes on: a follow-up, its reply, an agreed action that a check decides', async () => {
    const sent = await ask();
    const they = respondent(t.url);
    const home = await they.begin(sent.link);
    await they.save(`${home}/Q1`, { 'c:Q1.tls': 'modern' });
    await they.send(`${home}/hand-in`, { method: 'POST' });
    await owner.call('POST', `${base}/asks/${sent.ask}/messages`, {
      item: 'Q1.tls',
      text: 'We saw 1.0 & <b>1.1</b>. When will it be off?',
    });
    const shown = await they.send(`${home}/Q1`);
    expect(shown.text).toContain('We saw 1.0 &amp; &lt;b&gt;1.1&lt;/b&gt;.');
    expect((await they.send(home!)).text).toContain('question back to you');
    await they.save(`${home}/Q1`, { 'c:Q1.tls': 'old', 'm:Q1.tls': 'Next week.' });
    expect((await item(sent.ask, 'Q1.tls')).messages.map((m: { text: string }) => m.text)).toEqual([
      'We saw 1.0 & <b>1.1</b>. When will it be off?',
      'Next week.',
    ]);
    const agreed = await owner.call('POST', `${base}/actions`, {
      text: 'Switch off TLS 1.0 and 1.1',
      person: 'Dev',
      dueAt: t.clock.now() + 7 * DAY_MS,
      ask: sent.ask,
      item: 'Q1.tls',
      check: 'tls.versions',
    });
    expect(agreed.status).toBe(201);
    // Nobody's word ends what a check can see.
    const word = await owner.call('POST', `${base}/actions/${agreed.json.action}/end`, {
      outcome: 'said-done',
      why: 'done',
    });
    expect(word.json.code).toBe('control/conflict');
    const agenda = await owner.call('GET', `/shops/${shop}/agenda?ask=${sent.ask}`);
    expect(agenda.text).toMatch(/They say that it is not|They say otherwise|Not answered/u);
    expect(agenda.text).not.toMatch(/(ven|con)_[0-9a-f]{32}/u);
    const compare = await owner.call('GET', `/shops/${shop}/compare`);
    expect(compare.text).toContain('Ten questions: their word, and what was seen');
  });

  it('lets a colleague fill in a part and no more', async () => {
    const sent = await ask();
    const they = respondent(t.url);
    const home = await they.begin(sent.link);
    const made = await they.send(`${home}/delegates`, {
      method: 'POST',
      body: new URLSearchParams([
        ['name', 'Cole'],
        ['section', 'Q6'],
        ['section', 'nonsense'],
      ]),
    });
    const link = /https?:\/\/[^<\s]+\/ask\/[\w-]{43}/u.exec(made.text)?.[0] ?? '';
    const colleague = respondent(t.url);
    expect(await colleague.begin(link)).toBe(home);
    expect((await colleague.save(`${home}/Q6`, { 'c:Q6': 'yes' })).status).toBe(303);
    expect((await colleague.save(`${home}/Q1`, { 'c:Q1.tls': 'old' })).status).toBe(404);
    expect((await colleague.send(`${home}/Q1`)).status).toBe(404);
    expect((await colleague.send(`${home}/hand-in`, { method: 'POST' })).status).toBe(404);
    expect((await they.send(home!)).text).toContain('1 of 3');
  });

  it('takes files that are what they say, and tells of those that are not', async () => {
    const sent = await ask();
    const they = respondent(t.url);
    const home = await they.begin(sent.link);
    const upload = (name: string, bytes: Buffer) =>
      they.save(`${home}/Q4`, { 't:Q4b': 'See the letter.' }, [{ field: 'f:Q4b', name, bytes }]);
    expect((await upload('../../test‮fdp.letter.pdf', pdfOf(['Penetration test letter']))).status).toBe(303);
    await upload('macro.xlsx', workbookOf([['a']], { 'xl/vbaProject.bin': 'x' }));
    await upload('photo.pdf', jpegOf());
    await they.send(`${home}/hand-in`, { method: 'POST' });
    const files = await eventually(async () => {
      const found = (await item(sent.ask, 'Q4b')).files as {
        state: string;
        name: string;
        id: string;
        why: string;
      }[];
      return found.length === 3 && found.every((f) => f.state !== 'waiting') ? found : null;
    });
    expect(files.map((f) => f.state)).toEqual(['kept', 'refused', 'refused']);
    expect(files[0]?.name).toBe('test_fdp.letter.pdf');
    expect(files[1]?.why).toMatch(/macros/u);
    const kept = await owner.call('GET', `${base}/files/${files[0]!.id}`);
    expect(kept.status).toBe(200);
    expect(kept.headers.get('content-type')).toBe('application/octet-stream');
    expect(kept.headers.get('content-disposition')).toMatch(/^attachment/u);
    expect((await owner.call('GET', `${base}/files/${files[1]!.id}`)).status).toBe(404);
    // The same again adds nothing; what was attached by mistake can be taken off, and another item's cannot.
    await upload('letter.pdf', pdfOf(['Penetration test letter']));
    expect((await item(sent.ask, 'Q4b')).files).toHaveLength(3);
    await they.save(`${home}/Q1`, { 'x:Q1.tls': files[0]!.id });
    expect((await item(sent.ask, 'Q4b')).files).toHaveLength(3);
    await they.save(`${home}/Q4`, { 'x:Q4b': files[1]!.id });
    expect((await item(sent.ask, 'Q4b')).files.map((f: { id: string }) => f.id)).not.toContain(files[1]!.id);
  });

  it('shows formulas and markup as the text they are', async () => {
    const sent = await ask();
    const they = respondent(t.url);
    const home = await they.begin(sent.link);
    const evil =
      '<script>alert(1)</script>"><img src=x onerror=alert(1)> =HYPERLINK("http://evil")\u202e\u0000';
    await they.save(`${home}/Q4`, { 't:Q4b': evil });
    await they.send(`${home}/hand-in`, { method: 'POST' });
    for (const page of [
      (await they.send(`${home}/Q4`)).text,
      (await owner.call('GET', `/shops/${shop}/agenda?ask=${sent.ask}`)).text,
    ]) {
      expect(page).not.toMatch(/<script>alert|<img src=x/u);
      for (const sign of ['\u202e', '\u0000']) expect(page).not.toContain(sign);
    }
  });

  describe('a link', () => {
    const tokenOf = (link: string) => link.split('/').at(-1)!;
    it('that is guessed, cut, or another’s does nothing, and every failure looks the same', async () => {
      const sent = await ask();
      const they = respondent(t.url);
      const pages = [];
      for (const token of [
        'a'.repeat(43),
        tokenOf(sent.link).slice(0, -1),
        `${tokenOf(sent.link)}x`,
        sent.ask,
      ]) {
        pages.push(await they.send(`/ask/${token}`));
      }
      expect(new Set(pages.map((p) => p.text)).size).toBe(1);
      expect(new Set(pages.map((p) => p.status))).toEqual(new Set([404]));
      expect((await they.send(`/answer/${sent.ask}`)).status).toBe(404);
      expect((await they.save(`/answer/${sent.ask}/Q1`, { 'c:Q1.tls': 'old' })).status).toBe(404);
      // One ask's cookie opens no other ask.
      const other = await ask();
      await they.begin(other.link);
      const cookie = `loupe_ask_${sent.ask.slice(-12)}=${tokenOf(other.link)}`;
      expect((await they.send(`/answer/${sent.ask}`, { headers: { cookie } })).status).toBe(404);
    });
    it('ends at its date, by a newer one, and by withdrawing, with all that was open', async () => {
      const late = await ask({ days: 1 });
      const they = respondent(t.url);
      const home = await they.begin(late.link);
      expect((await they.send(home!)).status).toBe(200);
      const before = t.clock.now();
      t.clock.advance(DAY_MS + 1);
      owner = await t.owner();
      expect((await they.send(home!)).status).toBe(404);
      expect((await they.send(new URL(late.link).pathname)).status).toBe(404);
      expect((await they.send(`${home}/hand-in`, { method: 'POST' })).status).toBe(404);
      expect((await view(late.ask)).ask.state).toBe('expired');
      expect(t.clock.now()).toBeGreaterThan(before);
      const fresh = await owner.call('POST', `${base}/asks/${late.ask}/link`, { days: 2 });
      expect(await respondent(t.url).begin(fresh.json.link)).toBe(home);
      expect((await they.send(home!)).status).toBe(404);
      const second = respondent(t.url);
      await second.begin(fresh.json.link);
      await owner.call('DELETE', `${base}/asks/${late.ask}`);
      expect((await second.send(home!)).status).toBe(404);
    });
    it('stands in no file, log or kept answer', async () => {
      const key = { 'idempotency-key': 'ask-once' };
      const given = { questionnaire: 'developer', to: 'Once' };
      const one = await owner.call('POST', `${base}/asks`, given, key);
      const again = await owner.call('POST', `${base}/asks`, given, key);
      expect(again.json).toMatchObject({ ask: one.json.ask, link: '', message: '' });
      expect(filesWith(t.folder, [tokenOf(one.json.link)])).toEqual([]);
    });
    it('is opened by a click and not by being looked at', async () => {
      const sent = await ask();
      const preview = await respondent(t.url).send(new URL(sent.link).pathname);
      expect(preview.headers.getSetCookie()).toEqual([]);
      expect(preview.headers.get('referrer-policy')).toBe('same-origin');
      expect(preview.text).not.toContain('bergstrom-jewelers.test/');
    });
  });

  describe('a reply file', () => {
    let sent: Sent;
    let html: string;
    let data: ReturnType<typeof askFileData>;
    const take = (text: string) =>
      fetch(`${t.url}${base}/replies`, {
        method: 'POST',
        headers: { cookie: owner.cookie(), 'content-type': 'application/octet-stream' },
        body: text,
      }).then(async (r) => ({ status: r.status, json: JSON.parse(await r.text()) }));
    const fileOf = async (id: string) => (await owner.call('POST', `${base}/asks/${id}/file`)).text;

    beforeAll(async () => {
      sent = await ask({ to: 'File Dev' });
      html = await fileOf(sent.ask);
      data = askFileData(html);
    });

    it('comes from a page that speaks to nobody', () => {
      expect(html.replaceAll('&#39;', "'")).toMatch(
        /content="default-src 'none'; script-src 'sha256-[^"]+; base-uri 'none'; form-action 'none'"/u,
      );
      expect(html).not.toMatch(/(src|href|action)="https?:/u);
    });
    it('is taken once, with its files, and an older one never undoes it', async () => {
      const at = t.clock.now() - 1_000;
      const reply = await replyFile(data, {
        at,
        answers: { 'Q1.tls': { choice: 'modern', text: 'by file' } },
        files: [{ item: 'Q4b', name: 'letter.pdf', data: pdfOf(['Test letter']).toString('base64') }],
      });
      expect(await take(reply)).toMatchObject({ status: 200, json: { ask: sent.ask } });
      expect(await view(sent.ask)).toMatchObject({ by: 'file', key: data.key, ask: { state: 'answered' } });
      expect(await item(sent.ask, 'Q1.tls')).toMatchObject({ text: 'by file', standing: 'differs' });
      expect((await take(reply)).status).toBe(200);
      const older = await replyFile(data, {
        at: at - 1,
        answers: { 'Q1.tls': { choice: 'old', text: 'older' } },
      });
      expect((await take(older)).json.code).toBe('control/reply-refused');
      const newer = await replyFile(data, {
        at: at + 1,
        answers: { 'Q1.tls': { choice: 'old', text: 'corrected' } },
      });
      expect((await take(newer)).status).toBe(200);
      expect(await item(sent.ask, 'Q1.tls')).toMatchObject({ text: 'corrected', standing: 'agrees' });
      const leaves = (await t.leavesOf(shop)).filter(
        (l) => l.kind === 'ask-answered' && l.body['ask'] === sent.ask,
      );
      expect(leaves.length).toBeLessThanOrEqual(2);
    });
    it('that was edited, belongs elsewhere, or is signed by another is refused', async () => {
      const good = JSON.parse(
        await replyFile(data, { at: t.clock.now(), answers: { 'Q1.tls': { choice: 'modern', text: 'x' } } }),
      );
      const payload = JSON.parse(Buffer.from(good.payload, 'base64url').toString());
      const edited = {
        ...good,
        payload: Buffer.from(JSON.stringify({ ...payload, answers: {} })).toString('base64url'),
      };
      const other = await ask();
      const otherData = askFileData(await fileOf(other.ask));
      const at = t.clock.now();
      const bad: [string, string][] = [
        ['edited', JSON.stringify(edited)],
        ['with a member more', JSON.stringify({ ...good, header: { kid: 'x' } })],
        ['of another ask', await replyFile(data, { at, ask: other.ask })],
        ['of another form', await replyFile(data, { at, form: 'f'.repeat(64) })],
        ['signed by another key', await replyFile(data, { at }, { key: otherData.private })],
        ['under another key’s name', await replyFile(data, { at }, { header: { kid: otherData.key } })],
        ['under an unknown key', await replyFile(data, { at }, { header: { kid: 'nobody' } })],
        ['with a typ of something else', await replyFile(data, { at }, { header: { typ: 'JWT' } })],
        ['from the future', await replyFile(data, { at: at + 30 * DAY_MS })],
        ['in compact form', await compactReply(data)],
        ['without a signature', JSON.stringify({ ...good, signature: '' })],
        [
          'with no algorithm',
          JSON.stringify({ ...good, protected: Buffer.from('{"alg":"none"}').toString('base64url') }),
        ],
        ['that is no JSON', 'hello'],
        ['that is a list', '[]'],
        ['of null', 'null'],
      ];
      for (const [what, text] of bad)
        expect((await take(text)).json.code, what).toBe('control/reply-refused');
    });
    it('is refused by another shop, after its date, and when withdrawn', async () => {
      const elsewhere = await owner.call('POST', `${V1}/shops`, { address: 'https://elsewhere.example' });
      const reply = await replyFile(data, {
        at: t.clock.now() + 5,
        answers: { 'Q1.tls': { choice: 'modern', text: 'z' } },
      });
      const crossed = await fetch(`${t.url}${V1}/shops/${elsewhere.json.shop.id}/replies`, {
        method: 'POST',
        headers: { cookie: owner.cookie() },
        body: reply,
      });
      expect(((await crossed.json()) as { code: string }).code).toBe('control/reply-refused');
      await owner.call('DELETE', `${base}/asks/${sent.ask}`);
      expect((await take(reply)).json.code).toBe('control/reply-refused');
    });
    it('of thirty megabytes is not read', async () => {
      const answer = await take('x'.repeat(21 * 1024 * 1024)).catch(() => null);
      expect(answer === null || answer.status === 413).toBe(true);
    });
  });

  it('is reminded of, and asked again on its day', async () => {
    const sent = await ask({ everyDays: 30 });
    const mine = async () =>
      (await owner.call('GET', `${base}/asks`)).json.asks.filter((a: { id: string }) => a.id >= sent.ask);
    const reminded = await owner.call('POST', `${base}/asks/${sent.ask}/reminder`);
    expect(reminded.json).toMatchObject({ link: sent.link, mailed: false });
    expect(reminded.json.message).toContain(sent.link);
    expect((await mine())[0].remindersSent).toBe(1);
    const they = respondent(t.url);
    const home = await they.begin(sent.link);
    await they.save(`${home}/Q1`, { 'c:Q1a': 'yes' });
    await they.send(`${home}/hand-in`, { method: 'POST' });
    t.clock.advance(31 * DAY_MS);
    owner = await t.owner();
    await t.control.keepPromises();
    await t.control.keepPromises();
    const asks = await mine();
    expect(asks).toHaveLength(2);
    expect(asks[0]).toMatchObject({ state: 'open', to: 'Dev' });
  });

  it('was had without an error', () => {
    expect(t.errors).toEqual([]);
  });
});

describe('the questionnaires that ship', () => {
  it('name only checks that there are, and no item twice', () => {
    expect(SHIPPED.map((form) => form.id)).toEqual(['developer', 'provider', 'jeweler', 'mvsp']);
    for (const form of SHIPPED) {
      const items = itemsOf(form);
      expect(new Set(items.map((item) => item.id)).size, form.id).toBe(items.length);
      for (const item of items) {
        for (const check of item.seen) expect(CHECK_IDS, `${form.id} ${item.id}`).toContain(check);
        expect(item.kind === 'choice').toBe(item.options.length > 0);
        if (form.id !== 'mvsp') expect(item.good, item.id).toMatch(/\S/u);
      }
    }
    const asked = new Set(itemsOf(SHIPPED[0]!).map((item) => item.question));
    expect(asked.size).toBe(30);
    expect(itemsOf(SHIPPED[3]!)).toHaveLength(25);
  });

  it('take in a spreadsheet’s questions, whatever stands around them', () => {
    const form = fromRows('Bank', [
      ['ACME Bank vendor assessment', '', ''],
      ['', '', ''],
      ['No.', 'Domain', 'Control Question', 'Response'],
      ['1.1', 'Access', '=cmd|’ /C calc’!A0', ''],
      ['1.2', 'Access', 'Do you review access?', ''],
      ['2.1', 'Backups', 'Are backups tested?', ''],
    ]);
    expect(form?.sections.map((s) => [s.title, s.items.length])).toEqual([
      ['Access', 2],
      ['Backups', 1],
    ]);
    expect(form?.sections[0]?.items[0]).toMatchObject({ refs: ['1.1'], asks: '=cmd|’ /C calc’!A0' });
    expect(fromRows('x', [['Name', 'Price']])).toBeNull();
  });
});
