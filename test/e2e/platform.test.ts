import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, complaintsOf, lookAtPage, PHONE } from '../support/browser.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { optional } from '../support/optional.ts';

// The journey of a hosted shop: connected, something happens to it, the timeline shows it, somebody says whose it was, the answers know.
describe.runIf(optional('Chromium', existsSync(CHROMIUM)))('connecting a Shopify shop', () => {
  let installation: Installation;
  let browser: Browser;
  let page: Page;
  let shop: string;
  let dashboard: string;
  let complaints: string[];

  const open = (path: string) => page.goto(`${installation.url}/shops/${shop}/${path}`);
  /** Lets something happen in the sample shop's simulated admin. */
  const happens = async (deed: string) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const admin = await context.newPage();
    await admin.goto(dashboard);
    await admin.getByRole('button', { name: deed }).click();
    await context.close();
  };

  beforeAll(async () => {
    installation = await startInstallation();
    const samples: { platform?: { domain: string; visit: string } }[] = JSON.parse(
      readFileSync(join(installation.folder, 'data', 'run', 'samples.json'), 'utf8'),
    );
    dashboard =
      samples.flatMap((one) => one.platform ?? []).find((one) => one.domain.endsWith('.myshopify.com'))
        ?.visit ?? '';
    browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
    page = await (await browser.newContext({ viewport: PHONE })).newPage();
    page.setDefaultTimeout(60_000);
    complaints = complaintsOf(page);
    await page.goto(`${installation.url}/claim#${installation.setupToken}`);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('button', { name: 'Maison Aurora' }).click();
    await page.getByText('Looked.').waitFor({ timeout: 30_000 });
    shop = new URL(page.url()).pathname.split('/')[2]!;
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await installation?.stop();
  });

  it('guides through the set-up, each right named with what it unlocks', async () => {
    await page.getByRole('link', { name: 'Platform', exact: true }).click();
    await page.getByText('The files of your theme').waitFor();
    await lookAtPage(page, 'platform-connect');
    await page.getByLabel('Client secret').fill('shpss_not_the_secret_at_all');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('The platform does not accept these credentials').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText(/^Last read/u).waitFor({ timeout: 30_000 });
    await page.getByText('6 products').waitFor();
    await page.getByText('Closed to apps on this plan').first().waitFor();
    await lookAtPage(page, 'platform-connected');
  });

  it('shows what is done to the shop, and why it matters', async () => {
    await open('changes');
    await page.getByText('Nothing has changed since Loupe began to watch').waitFor();
    await happens('add a skimmer');
    await happens('all prices to one');
    await happens('give everything away');
    for (;;) {
      await open('changes');
      await page.getByRole('heading', { name: 'What changed in your shop' }).waitFor();
      const seen = await page.getByRole('heading', { level: 3 }).allTextContents();
      if (
        seen.some((text) => text.includes('6 products')) &&
        seen.some((text) => text.includes('Staff test'))
      )
        break;
      await page.waitForTimeout(1_000);
    }
    const file = page.getByRole('listitem').filter({ hasText: 'layout/theme.liquid' });
    await file.getByText('This is how card skimmers come in.').waitFor();
    await file.getByText('What exactly').click();
    await file.getByText('jewels-metrics.test/a.js').first().waitFor();
    await lookAtPage(page, 'changes');
  });

  it('takes a person’s word: ours, not ours, dealt with', async () => {
    const entry = (text: string) => page.getByRole('listitem').filter({ hasText: text });
    await entry('6 products').getByRole('button', { name: 'This was us' }).click();
    await entry('6 products').getByText(/^Ours/u).waitFor();
    await entry('layout/theme.liquid').getByRole('button', { name: 'Not us' }).click();
    await entry('layout/theme.liquid').getByText('Undo it in the shop’s admin').waitFor();
    await lookAtPage(page, 'changes-not-ours');
    await entry('layout/theme.liquid').getByRole('button', { name: 'It has been dealt with' }).click();
    await page.getByLabel('How it was dealt with').fill('Line taken out, the temp’s account closed.');
    await page.getByRole('button', { name: 'Write it down' }).click();
    await entry('layout/theme.liquid')
      .getByText(/Not ours, and dealt with/u)
      .waitFor();
    await page.getByLabel('Only what waits').check();
    await entry('Staff test').waitFor();
    expect(await page.getByRole('heading', { level: 3 }).count()).toBe(1);
  });

  it('keeps the lists that the platform does not show', async () => {
    await open('platform');
    await page.getByRole('button', { name: 'Take stock of installed apps' }).click();
    await page.getByLabel('One a line').fill('Star Reviews: read products\nChat Widget: customers');
    await lookAtPage(page, 'platform-stock');
    await page.getByRole('button', { name: 'Write it down' }).click();
    await page.getByText('Chat Widget: customers').waitFor();
  });

  it('says whose each check is', async () => {
    await open('responsibilities');
    await page.getByText(/^The platform’s \(/u).click();
    await page
      .getByText(/No paper on file\. It takes: SOC 2/u)
      .first()
      .waitFor();
    await page.getByText(/^Nobody’s \(/u).click();
    await lookAtPage(page, 'who-does-what');
  });

  it('knows of it in the answers, seen apart from said and from the provider’s', async () => {
    await open('questions/Q1');
    await page.getByText('The platform is connected').waitFor();
    await page.getByText('Loupe’s app may only read').waitFor();
    await lookAtPage(page, 'question-connected');
    await open('answers');
    await lookAtPage(page, 'answers-connected');
  });

  it('disconnects, and keeps the history', async () => {
    await open('platform');
    await page.getByText('Disconnect', { exact: true }).click();
    await page.getByRole('button', { name: 'Disconnect now' }).click();
    await page.getByText('In Shopify’s').waitFor();
    await open('changes');
    await page.getByText('Staff test').waitFor();
  });

  it('went without a complaint of the page’s own policy', () => {
    // The refusals that the journey provoked are answers, not complaints of the policy.
    expect(complaints.filter((text) => !/status of 4\d\d/u.test(text))).toEqual([]);
  });
});
