import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, complaintsOf, lookAtPage, PHONE } from '../support/browser.ts';
import { optional } from '../support/optional.ts';
import { type Installation, startInstallation } from '../support/installation.ts';

describe.runIf(optional('Chromium', existsSync(CHROMIUM)))('the first hour, in a browser', () => {
  let installation: Installation;
  let browser: Browser;
  let page: Page;
  let complaints: string[] = [];

  beforeAll(async () => {
    installation = await startInstallation();
    browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
    page = await browser.newPage({ viewport: PHONE });
    complaints = complaintsOf(page);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await installation?.stop();
  });

  const look = (name: string): Promise<void> => lookAtPage(page, name);

  it('begins with the link, which works once', async () => {
    await page.goto(`${installation.url}/claim#${installation.setupToken}`);
    await page.getByRole('button', { name: 'Begin' }).waitFor();
    await look('claim');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('heading', { name: 'What is your shop’s address?' }).waitFor();
    await look('first-question');
    const second = await browser.newPage();
    await second.goto(`${installation.url}/claim#${installation.setupToken}`);
    await second.getByRole('button', { name: 'Begin' }).click();
    await second.getByText('This link does not work any more.').waitFor();
    await second.close();
  });

  it('refuses what is no shop’s address, in words', async () => {
    await page.getByLabel('Address').fill('not an address');
    await page.getByRole('button', { name: 'Look', exact: true }).click();
    await page.getByText('That is not the address of a shop.').waitFor();
  });

  it('looks at a shop and shows how far it has come', async () => {
    await page.getByRole('button', { name: 'Bergström Jewelers' }).click();
    await page.getByText('Looked.').waitFor({ timeout: 30_000 });
    await page.getByText('encrypted').first().waitFor();
    await look('shop');
  });

  it('answers ten questions on one page that needs no script and prints on two sides', async () => {
    await page.getByRole('link', { name: 'Ten answers on one page' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.locator('.answers').first().locator('> li').count()).toBe(10);
    expect(await page.locator('script').count()).toBe(0);
    await look('answers');
    const pdf = await page.pdf({ preferCSSPageSize: true, format: 'A4' });
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/gu)?.length).toBe(2);
    const sentences = await page.locator('.sentence').allTextContents();
    for (const sentence of sentences) expect(sentence.split(/\s+/u).length, sentence).toBeLessThanOrEqual(25);
  });

  it('leads to raw evidence in two clicks', async () => {
    await page.locator('#Q1 summary').first().click();
    const [evidence] = await Promise.all([
      page.waitForResponse(/\/evidence\//u),
      page.locator('#Q1').getByRole('link', { name: 'raw evidence' }).first().click(),
    ]);
    expect(await evidence.text()).toContain('"accepted":true');
    await page.goBack();
  });

  it('keeps seen, said and unknown apart on a question’s page, down to its proof', async () => {
    await page.goto(`${installation.url}/`);
    await page.getByRole('link', { name: 'Look again, people' }).click();
    await page.getByRole('link', { name: /Q3\. / }).click();
    await page.getByRole('heading', { name: 'Seen' }).waitFor();
    await page.getByText('Raw evidence and proof').first().click();
    await page.getByText('loupe/SAMPLE/').first().waitFor();
    await look('question');
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
      'Seen',
      'Unknown',
      'Follow-ups',
    ]);
  });

  it('lets its owner come back: password, second factor, recovery codes', async () => {
    await page.getByRole('link', { name: /Set your mail/u }).click();
    await page.getByLabel('Name').fill('Anna Bergström');
    await page.getByLabel('Mail').fill('anna@bergstrom-jewelers.test');
    await page.getByLabel('Password').fill('seven stones in a ring');
    await look('account');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Set up' }).click();
    const key = (await page.locator('code').first().textContent()) ?? '';
    await look('second-factor');
    const totp = new TOTP({ secret: key });
    await page.getByLabel('Six digits').fill(totp.generate());
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
    const recovery = (await page.locator('.codes code').first().textContent()) ?? '';
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Loupe' }).waitFor();
    await look('sign-in');
    await page.getByLabel('Mail').fill('anna@bergstrom-jewelers.test');
    await page.getByLabel('Password').fill('seven stones in a ring');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByLabel('Code').fill(recovery);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Your shop' }).waitFor();
    await look('home');
  });

  it('never broke its own policy on the way', () => {
    // The refusals that the journey provoked are answers, not complaints of the policy.
    expect(complaints.filter((text) => !/status of 4\d\d/u.test(text))).toEqual([]);
  });
});
