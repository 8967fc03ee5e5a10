import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packLabel } from '#waf';
import { ownPack } from '../../src/bin/rule-packs.ts';
import { CHROMIUM, complaintsOf, lookAtPage, PHONE } from '../support/browser.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { optional } from '../support/optional.ts';
import { freePort, httpServer, type Running } from '../support/servers.ts';

/** What a command prints. */
const said = async (args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [...args])).stdout;

// A developer puts a shop's API behind the edge: a route, a key, an attack that is stopped, a lock that is lifted, a third party that is switched off.
describe.runIf(optional('Chromium', existsSync(CHROMIUM)))('guarding a shop’s API', () => {
  let installation: Installation;
  let upstream: Running;
  let browser: Browser;
  let page: Page;
  let shop: string;
  let port: number;
  let key: string;
  let complaints: string[];

  const open = (path: string) => page.goto(`${installation.url}/shops/${shop}/${path}`);
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, init);

  beforeAll(async () => {
    upstream = await httpServer((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(request.url === '/login' ? 401 : 200).end('stock'));
    });
    port = await freePort();
    installation = await startInstallation({
      samples: false,
      config: `edge: { listeners: [{ port: ${port}, tls: false }], broker: { port: 0 } }\n`,
    });
    browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
    page = await (await browser.newContext({ viewport: PHONE })).newPage();
    page.setDefaultTimeout(60_000);
    complaints = complaintsOf(page);
    await page.goto(`${installation.url}/claim#${installation.setupToken}`);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page
      .getByLabel(/address/iu)
      .first()
      .waitFor();
    const added = await page.request.post(`${installation.url}/api/v1/shops`, {
      data: { address: 'https://guarded.example' },
    });
    shop = (await added.json()).shop.id;
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await installation?.stop();
    await upstream?.close();
  });

  it('makes a route that asks for a key', async () => {
    await open('edge');
    await page.getByText('runs the newest policy').waitFor();
    await page.getByText('Nothing of this shop goes through Loupe yet').waitFor();
    await page.getByText('New route').click();
    await page.getByLabel('What it is').fill('Stock API');
    await page.getByLabel('Host').fill('127.0.0.1');
    await page.getByLabel('What runs behind it').fill(`http://127.0.0.1:${upstream.port}`);
    await page.getByLabel('What may be done').selectOption({ label: 'Read, and send forms' });
    await page.getByLabel('Who may call').selectOption({ label: 'Who has an API key' });
    await page.getByLabel('Scopes it takes').fill('stock');
    await page.getByText('People sign in here').click();
    await page.getByLabel('Path of the login').fill('/login');
    await lookAtPage(page, 'edge-new-route');
    await page.getByRole('button', { name: 'Add the route' }).click();
    await page.getByRole('heading', { name: 'Stock API' }).waitFor();
    await page.getByText('Only with an API key').waitFor();
    await expect.poll(async () => (await call('/')).status).toBe(401);
  });

  it('gives out a key that is shown once', async () => {
    await page.getByRole('link', { name: 'Keys and clients' }).click();
    await page.getByText('New key or client').click();
    await page.getByLabel('Which program is it for').fill('Warehouse');
    await page.getByLabel('Scopes').fill('stock');
    await page.getByRole('button', { name: 'Make it' }).click();
    key = (await page.getByText(/^lk_/u).textContent()) ?? '';
    await lookAtPage(page, 'edge-callers');
    await expect.poll(async () => (await call('/', { headers: { 'x-api-key': key } })).status).toBe(200);
    await page.reload();
    await page.getByText('Warehouse').waitFor();
    expect(await page.getByText(/^lk_/u).count()).toBe(0);
    await page.getByText('Last used').waitFor();

    for (let i = 0; i < 12; i++)
      await call('/login', {
        method: 'POST',
        headers: { 'x-api-key': key },
        body: new URLSearchParams({ email: 'mara@guarded.example', password: 'x' }),
      });
  });

  it('shows what was stopped and why, and lifts a lock', async () => {
    await page.getByRole('link', { name: 'Traffic' }).click();
    await page.getByText('Too many tries failed before').first().waitFor();
    await lookAtPage(page, 'edge-traffic');
    expect(await page.content()).not.toContain('mara@');
    await page.getByRole('button', { name: 'Lift the lock on this account' }).click();
    await page.getByText('The lock on this account was lifted').waitFor();
    await page.getByLabel('Only what was refused').check();
    await page.getByText('It did not say who was calling').first().waitFor();
  });

  it('explains what the firewall stopped, and lets it pass by one click', async () => {
    const attack = `/search?q=${encodeURIComponent("' union select card from customers-- Lindqvist")}`;
    const ask = async () => (await call(attack, { headers: { 'x-api-key': key } })).status;
    expect(await ask()).toBe(403);
    await page.getByText('It looked like an attack.').first().waitFor();
    await page.getByText('Why?').first().click();
    await page.getByText('it scored').first().waitFor();
    await page.getByRole('button', { name: 'Let it pass there' }).first().waitFor();
    await lookAtPage(page, 'edge-explained');
    expect(await page.content()).not.toContain('Lindqvist');
    await page.getByRole('button', { name: 'Let it pass there' }).first().click();
    await page.getByText('such a request passes').first().waitFor();
    await expect.poll(ask).toBe(200);
    await open('edge');
    await page.getByText('Firewall: blocks').click();
    await page.getByText('alone').first().waitFor();
    await lookAtPage(page, 'edge-firewall');
    for (const button of (await page.getByRole('button', { name: 'Look at it again' }).all()).toReversed()) {
      await button.click();
      await expect.poll(async () => await button.isVisible()).toBe(false);
    }
    await expect.poll(ask).toBe(403);
    await page.getByLabel('The firewall').first().selectOption({ label: 'Off' });
    await page.getByText('Firewall: off').waitFor();
    await page
      .getByLabel('The firewall')
      .first()
      .selectOption({ label: 'Refuses what looks like an attack' });
    await page.getByText('Firewall: blocks').waitFor();
  });

  it('tries other rules beside, puts them in force, and goes back', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'loupe-crs-')), 'crs');
    mkdirSync(join(path, 'rules'), { recursive: true });
    writeFileSync(join(path, 'crs-setup.conf'), 'SecComponentSignature "OWASP_CRS/9.9.9"\n');
    writeFileSync(
      join(path, 'rules', 'a.conf'),
      'SecRule ARGS "@contains goldsmith" "id:77,phase:2,deny,msg:\'A word that is not liked\'"\n',
    );
    const imported = [
      'src/bin/loupe.ts',
      '--config',
      installation.configFile,
      'waf',
      'rules',
      'import',
      path,
    ];
    expect(await said(imported)).toContain('crs 9.9.9, 1 rules');
    await open('edge');
    await page.getByText(`Firewall rules: ${packLabel(ownPack())}`).click();
    await page.getByRole('button', { name: 'Try beside' }).click();
    await page.getByRole('button', { name: 'Put “crs 9.9.9” in force' }).waitFor();
    const ask = async () => (await call('/search?q=goldsmith', { headers: { 'x-api-key': key } })).status;
    await expect
      .poll(
        async () => ((await ask()) === 200 ? await page.getByText('A word that is not liked').count() : 0),
        {
          timeout: 30_000,
          interval: 3_000,
        },
      )
      .toBe(1);
    await lookAtPage(page, 'edge-rules');
    await page.getByRole('button', { name: 'Put “crs 9.9.9” in force' }).click();
    await expect.poll(ask).toBe(403);
    await page.getByRole('button', { name: `Go back to ${packLabel(ownPack())}` }).click();
    await expect.poll(ask).toBe(200);
  });

  it('undoes a change, and brings back what was taken away', async () => {
    await open('edge');
    await page.getByRole('button', { name: 'Learn what it sees' }).click();
    await page.getByRole('button', { name: 'Stop learning' }).waitFor();
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await page.getByRole('button', { name: 'Learn what it sees' }).waitFor();
    await page.getByText('Change or take away').click();
    await page.getByRole('button', { name: 'Take the route away' }).click();
    await page.getByText('Taken away in the last month (1)').click();
    await lookAtPage(page, 'edge-undo');
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await page.getByRole('heading', { name: 'Stock API' }).waitFor();
    await expect.poll(async () => (await call('/')).status).toBe(401);
  });

  it('takes tokens back, and shows what browsers reported', async () => {
    await open('edge/callers');
    await page.getByText('Take tokens back').click();
    await page.getByLabel('Account, client or token id').fill('customer-17');
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByText('Taken back: no edge lets customer-17 in').waitFor();
    const report = {
      'csp-report': {
        'effective-directive': 'script-src-elem',
        'blocked-uri': 'https://widgets.example/x.js',
        'document-uri': 'https://guarded.example/rings/',
      },
    };
    await call('/.well-known/loupe/csp', { method: 'POST', body: JSON.stringify(report) });
    await expect
      .poll(
        async () => {
          await open('edge/traffic');
          await page.getByText('Last hour').waitFor();
          return await page.getByText('What browsers reported in a week (1)').count();
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBe(1);
    await page.getByText('What browsers reported in a week').click();
    await page.getByText('widgets.example').waitFor();
    await lookAtPage(page, 'edge-reports');
  });

  it('tests itself, and the answers know', async () => {
    await open('edge');
    await page.getByRole('button', { name: 'Test now' }).click();
    await page.getByText('Nobody gets in without a proof').waitFor();
    expect(await page.getByText('NOT so').count()).toBe(0);
    await lookAtPage(page, 'edge');
    await open('questions/Q1');
    await page.getByText('Loupe tried to get in without a proof').waitFor();
    await open('questions/Q4');
    await page.getByText('was locked out as it should be').waitFor();
  });

  it('names a third party, which the register does not let out yet', async () => {
    await open('edge/calls');
    await page.getByText('Name a third party').click();
    await page.getByLabel('Name', { exact: true }).fill('rapnet');
    await page.getByLabel('Address').fill('https://technet.rapnetapis.com');
    await page.getByRole('button', { name: 'Add it, switched off' }).click();
    await page.getByText('rapnet is switched off').waitFor();
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByText('Nothing new is enabled without an assessment').waitFor();
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByText(/^lb_/u).waitFor();
    await lookAtPage(page, 'edge-calls');
    // An answer that refuses is no fault of the page.
    expect(complaints.filter((one) => !one.startsWith('Failed to load resource'))).toEqual([]);
  });
});
