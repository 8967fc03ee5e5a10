import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, complaintsOf, lookAtPage, PHONE } from '../support/browser.ts';
import { eventually, type Installation, startInstallation } from '../support/installation.ts';
import { optional } from '../support/optional.ts';
import { freePort } from '../support/servers.ts';

// The journey of a feed: plugged in under a contract, the first load looked at and taken, an honest day, a poisoned one, a held one declined, the switch.
describe.runIf(optional('Chromium', existsSync(CHROMIUM)))('plugging in a feed', () => {
  let installation: Installation;
  let browser: Browser;
  let page: Page;
  let provider: string;
  let complaints: string[];
  let livePort = 0;

  beforeAll(async () => {
    livePort = await freePort();
    installation = await startInstallation({ config: `live: { port: ${livePort} }\n` });
    const [sample]: { reach: { connectTo: Record<string, string> } }[] = JSON.parse(
      readFileSync(join(installation.folder, 'data', 'run', 'samples.json'), 'utf8'),
    );
    provider = `https://${sample?.reach.connectTo['technet.rapaport.com:443']}/`;
    browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
    page = await (await browser.newContext({ viewport: PHONE })).newPage();
    page.setDefaultTimeout(60_000);
    complaints = complaintsOf(page);
    await page.goto(`${installation.url}/claim#${installation.setupToken}`);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('button', { name: 'Bergström Jewelers' }).click();
    await page.getByText('Looked.').waitFor({ timeout: 30_000 });
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await installation?.stop();
  });

  /** Has the sample's providers do something from now on. */
  const provides = async (what: string): Promise<void> => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const admin = await context.newPage();
    await admin.goto(provider);
    await admin.getByRole('button', { name: what, exact: true }).click();
    await context.close();
  };
  const load = async (): Promise<void> => {
    const lines = page.locator('.checks li');
    const before = await lines.count();
    await page.getByRole('button', { name: 'Load now' }).click();
    await expect.poll(() => lines.count(), { timeout: 60_000 }).toBeGreaterThan(before);
    await page.getByRole('button', { name: 'Load now', disabled: false }).waitFor();
  };

  it('asks for the contract first, and loads at once', async () => {
    await page.getByRole('link', { name: 'Feeds', exact: true }).click();
    await page.getByText('No feed is plugged in here.').waitFor();
    await lookAtPage(page, 'feeds-none');
    await page.getByLabel('Stones may be downloaded and stored').uncheck();
    await page.getByRole('button', { name: 'Plug in' }).click();
    await page.getByText('The contract does not allow this feed to be loaded.').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Plug in' }).click();
    await page.getByText('RapNet, download service: a load waits for your word.').waitFor();
    await lookAtPage(page, 'feeds-first');
  });

  it('has the first load looked at, and taken', async () => {
    await page.locator('.checks a').first().click();
    await page.getByText('It is the first load').waitFor();
    await lookAtPage(page, 'load-first');
    await page.getByLabel('A word on why').fill('Counted with the provider on the phone.');
    await page.getByRole('button', { name: 'Take this load' }).click();
    await page.getByText('Accepted.').waitFor();
    await page.getByRole('link', { name: 'All feeds' }).click();
    await page.getByText('without a price: no rule fits').waitFor();
  });

  it('has its prices tried, then saved', async () => {
    for (const [i, markup] of ['60', '50', '40', '30', '25'].entries())
      await page.locator(`[name=markup-${i}]`).fill(markup);
    await page.getByLabel('Stones at most').fill('5000');
    await page.getByRole('button', { name: 'Try' }).click();
    await page.getByText('5,000 would be shown').waitFor();
    await lookAtPage(page, 'feeds-showing');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('5,000 stones in the window').waitFor();
  });

  it('lets honest days in, and keeps poisoned stones out of them', async () => {
    await provides('Be honest, with the stones of another day');
    await load();
    await page.getByText('Nothing waits for your word.').waitFor();
    await provides('a-fifth');
    await load();
    await page.getByText('3 in quarantine', { exact: false }).first().waitFor();
    await page.locator('.checks a').first().click();
    await page.getByRole('heading', { name: 'Its price has leapt' }).waitFor();
    await lookAtPage(page, 'load-quarantine');
    await page.getByRole('link', { name: 'All feeds' }).click();
  });

  it('holds what looks wrong as a whole, and keeps what was there', async () => {
    await provides('mass-removal');
    await load();
    await page.getByText('of the stones are gone').first().waitFor();
    await lookAtPage(page, 'feeds-held');
    await page.locator('.checks a').first().click();
    await page.getByText('Held: somebody has to look.').waitFor();
    await lookAtPage(page, 'load-held');
    await page.getByRole('button', { name: 'Keep what is there' }).click();
    await page.getByText('Declined; what was there stayed.').waitFor();
    await page.getByRole('link', { name: 'All feeds' }).click();
    await provides('zip-in-zip');
    await provides('prose');
    await load();
    await page.getByText('The last load failed.').waitFor();
  });

  it('plugs a supplier in by its list, looked at first', async () => {
    await provides('Be honest, with the stones of another day');
    await page.getByText('Plug in another supplier, by its list').click();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('heading', { name: 'What its columns mean' }).waitFor();
    // What is likely meant is chosen.
    expect(await page.getByLabel('Weight, carats').inputValue()).toBe('stone.Weight');
    await lookAtPage(page, 'feeds-list');
    await page.getByLabel('Discounts are written as').selectOption('fraction');
    const form = page.locator('form', { has: page.getByRole('heading', { name: 'What its columns mean' }) });
    await form.getByRole('button', { name: 'Plug in' }).click();
    await page.getByText('Sample supplier: a load waits for your word.').waitFor();
    const card = page.locator('.cards > li', { hasText: 'Sample supplier' });
    await card.getByText('Contract and credentials').click();
    await card.getByLabel('New: Token').waitFor();
    await card.getByRole('button', { name: 'Take this feed away' }).click();
    await card.waitFor({ state: 'detached' });
  });

  it('takes a list that somebody hands in, and the next one', async () => {
    const list = (price: number) => ({
      name: 'list.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        `Stock;Shape;Ct;Col;Clar;Lab;Report;Price\n${Array.from(
          { length: 30 },
          (_, i) => `S-${i};Round;1.${10 + i};F;VS1;GIA;62${10_000_000 + i};${price + i}\n`,
        ).join('')}`,
      ),
    });
    const part = page.locator('details', { hasText: 'Plug in another supplier, by its list' });
    await part.getByLabel('The list is').selectOption('sftp');
    await lookAtPage(page, 'feeds-list-sftp');
    await part.getByLabel('The list is').selectOption('by-hand');
    await part.getByLabel('Supplier', { exact: true }).fill('Ostrander & Sons');
    await part.getByLabel('The file').setInputFiles(list(5_000));
    await part.getByLabel('Form of the list').selectOption('csv');
    await part.getByLabel('Between cells').selectOption(';');
    await part.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('heading', { name: 'What its columns mean' }).waitFor();
    for (const [column, name] of [
      ['id', 'Stock'],
      ['shape', 'Shape'],
      ['weight', 'Ct'],
      ['color', 'Col'],
      ['clarity', 'Clar'],
      ['lab', 'Lab'],
      ['certificate', 'Report'],
      ['total', 'Price'],
    ] as const)
      await page.locator(`[name=column-${column}]`).selectOption(name);
    const form = page.locator('form', { has: page.getByRole('heading', { name: 'What its columns mean' }) });
    await form.getByRole('button', { name: 'Plug in' }).click();
    await page.getByText('Ostrander & Sons: a load waits for your word.').waitFor();
    const card = page.locator('.cards > li', { hasText: 'Ostrander & Sons' });
    await card.locator('.checks a').first().click();
    await page.getByRole('button', { name: 'Take this load' }).click();
    await page.getByText('Accepted.').waitFor();
    await page.getByRole('link', { name: 'All feeds' }).click();
    await card.getByLabel('The newest list').setInputFiles(list(5_010));
    await card.getByRole('button', { name: 'Hand it in' }).click();
    await expect.poll(() => card.locator('.checks li').count(), { timeout: 60_000 }).toBe(2);
    await card.getByText('30 repriced').waitFor();
    await lookAtPage(page, 'feeds-handed-in');
    await card.getByText('Contract and credentials').click();
    await card.getByRole('button', { name: 'Take this feed away' }).click();
    await card.waitFor({ state: 'detached' });
  });

  it('passes through what may not be stored', async () => {
    await provides('Be honest, with the stones of another day');
    await page.getByText('Plug in a feed', { exact: true }).click();
    await page.getByLabel('Provider').selectOption('rapnet-instant');
    await page.getByText('passed through, and kept nowhere').waitFor();
    expect(await page.getByLabel('Stones may be downloaded and stored').count()).toBe(0);
    const form = page.locator('details', { hasText: 'Plug in a feed' });
    await form.getByRole('button', { name: 'Plug in', exact: true }).first().click();
    const card = page.locator('.cards > li', { hasText: 'RapNet, Instant Inventory' });
    const name = await card.locator('code').textContent();
    await eventually(async () => (await fetch(`http://127.0.0.1:${livePort}${name}`)).status === 200);
    await card.getByText('1 answer').waitFor();
    await lookAtPage(page, 'feeds-live');
    await card.getByText('Contract and credentials').click();
    await card.getByRole('button', { name: 'Take this feed away' }).click();
    await card.waitFor({ state: 'detached' });
  });

  it('has somebody told when the window changes, and a kept load judged again', async () => {
    await page.getByText('Who is told when the window changes').click();
    await page.getByLabel('Address', { exact: true }).fill('https://shop.example/hooks/loupe');
    await page.getByRole('button', { name: 'Tell it', exact: true }).click();
    await page.getByText('which is shown this once').waitFor();
    await lookAtPage(page, 'feeds-hooks');
    await page.getByRole('button', { name: 'Tell it no more' }).click();
    await page.locator('.checks a', { hasText: /./u }).last().click();
    await page.getByRole('button', { name: 'Judge its file again' }).click();
    await page.getByText('The same bytes come to the same figures and the same decision.').waitFor();
    await page.getByRole('button', { name: 'List all stones in quarantine' }).click();
    await page.getByText('No stone is in quarantine.').waitFor();
    await lookAtPage(page, 'load-inspected');
    await page.getByRole('link', { name: 'All feeds' }).click();
  });

  it('is switched off at once', async () => {
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('OFF', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Load now' }).isDisabled()).toBe(true);
    await page.getByText('Contract and credentials').click();
    await page.getByLabel('API key of GIA’s report results').fill('a key');
    await page.getByRole('button', { name: 'Look reports up' }).click();
    await page.getByRole('button', { name: 'Ask no more' }).waitFor();
    await lookAtPage(page, 'feeds-off');
    // The refusals that the journey provoked are answers, not complaints of the policy.
    expect(complaints.filter((text) => !/status of 4\d\d/u.test(text))).toEqual([]);
  });
});
