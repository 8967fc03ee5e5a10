import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Download, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, complaintsOf, lookAtPage, PHONE } from '../support/browser.ts';
import { pdfOf } from '../support/files.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { optional } from '../support/optional.ts';

describe.runIf(optional('Chromium', existsSync(CHROMIUM)))(
  'a conversation, with both sides in a browser',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'loupe-talk-'));
    let installation: Installation;
    let browser: Browser;
    /** The jeweler, and whoever answers: another browser, on a phone. */
    let owner: Page;
    let they: Page;
    let shop: string;
    const complaints: string[][] = [];

    const person = async (): Promise<Page> => {
      const context = await browser.newContext({ viewport: PHONE, acceptDownloads: true });
      const page = await context.newPage();
      complaints.push(complaintsOf(page));
      return page;
    };
    const saved = async (download: Promise<Download>, name: string): Promise<string> => {
      const path = join(folder, name);
      await (await download).saveAs(path);
      return path;
    };

    beforeAll(async () => {
      installation = await startInstallation();
      browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
      owner = await person();
      await owner.goto(`${installation.url}/claim#${installation.setupToken}`);
      await owner.getByRole('button', { name: 'Begin' }).click();
      await owner.getByRole('button', { name: 'Bergström Jewelers' }).click();
      await owner.getByText('Looked.').waitFor({ timeout: 30_000 });
      shop = new URL(owner.url()).pathname.split('/')[2]!;
    }, 90_000);
    afterAll(async () => {
      await browser?.close();
      await installation?.stop();
    });

    describe('by link', () => {
      let link: string;

      it('begins within a few taps', async () => {
        await owner.getByRole('link', { name: 'Ask your developer' }).click();
        await owner.getByLabel('Who builds and runs your shop').fill('Nordlicht Agency');
        await owner.getByText('See the questions').click();
        await owner.getByText('Does card data ever touch your servers?').waitFor();
        await lookAtPage(owner, 'ask-new');
        await owner.getByRole('button', { name: 'Make the questions' }).click();
        await owner.getByText('Ready to send').waitFor();
        link = (await owner.locator('.link code').textContent()) ?? '';
        await lookAtPage(owner, 'ask-ready');
        await owner.getByRole('button', { name: 'Done' }).click();
      });

      it('opens by a button, and is filled in part by part', async () => {
        they = await person();
        await they.goto(link);
        await lookAtPage(they, 'answer-link');
        await they.getByRole('button', { name: 'Begin' }).click();
        await they.getByRole('link', { name: 'APIs and third-party connections' }).waitFor();
        expect(they.url()).not.toContain(link.split('/').at(-1));
        await lookAtPage(they, 'answer-parts');
        await they.getByRole('link', { name: 'APIs and third-party connections' }).click();
        await they.getByLabel('TLS 1.2 and newer, nothing older').check();
        await they.getByText('Saved.').waitFor();
        await lookAtPage(they, 'answer-part');
        // Closed in the middle, and opened again by the same link: what was typed is there.
        await they.goto('about:blank');
        await they.goto(link);
        await they.getByRole('button', { name: 'Begin' }).click();
        await they.getByRole('link', { name: 'APIs and third-party connections' }).click();
        expect(await they.getByLabel('TLS 1.2 and newer, nothing older').isChecked()).toBe(true);
        await they.getByRole('button', { name: 'Save and go on' }).click();
        await they.getByRole('heading', { name: 'Third-party apps' }).waitFor();
        await they
          .getByLabel('Your answer')
          .first()
          .fill('=HYPERLINK("http://evil") <b>We look at the rating.</b>');
        await they.getByRole('button', { name: 'Save and go on' }).click();
        await they.getByRole('link', { name: 'All parts' }).click();
        await they.getByRole('button', { name: 'Hand in' }).click();
        await they.getByText('Thank you.').waitFor();
        await lookAtPage(they, 'answer-handed-in');
      });

      it('stands beside what was seen, for both', async () => {
        await they.getByRole('link', { name: 'APIs and third-party connections' }).click();
        await they.getByText('You say otherwise than was seen.').waitFor();
        await lookAtPage(they, 'answer-beside');
        await owner.goto(`${installation.url}/shops/${shop}/asks`);
        await owner.getByText('On 1 point they say otherwise than was seen.').waitFor();
        await lookAtPage(owner, 'asks');
        await owner.getByRole('link', { name: /Nordlicht Agency/u }).click();
        await owner.getByText('We saw:').first().waitFor();
        expect((await owner.locator('#Q1\\.tls .we').allTextContents()).join(' ')).toContain('TLS 1.0');
        expect(await owner.locator('#Q2a .typed').textContent()).toContain('<b>We look at the rating.</b>');
        await lookAtPage(owner, 'conversation');
      });

      it('goes back and forth, and ends in an agreed action', async () => {
        const item = owner.locator('#Q1\\.tls');
        await item.getByRole('button', { name: 'Ask back' }).click();
        await item.getByLabel('Your question').fill('We saw TLS 1.0. When is it off?');
        await item.getByRole('button', { name: 'Ask', exact: true }).click();
        await item.getByText('You asked:').waitFor();
        await they.goto(link);
        await they.getByRole('button', { name: 'Begin' }).click();
        await they.getByText('1 question back to you.').waitFor();
        await they.getByRole('link', { name: 'APIs and third-party connections' }).click();
        await they.getByLabel('Your reply').fill('By the end of next week.');
        await lookAtPage(they, 'answer-follow-up');
        await they.getByRole('button', { name: 'Save and go on' }).click();
        await owner.reload();
        await item.getByText('By the end of next week.').waitFor();
        await item.getByRole('button', { name: 'Agree on an action' }).click();
        await item.getByLabel('What will be done').fill('Switch off TLS 1.0 and 1.1');
        await item.getByText(/decides\.$/u).waitFor();
        await item.getByRole('button', { name: 'Agree', exact: true }).click();
        await owner.getByText('When the date comes, Loupe looks again and decides.').waitFor();
        await lookAtPage(owner, 'conversation-agreed');
        await owner.getByRole('link', { name: 'Agenda for the call' }).click();
        await owner.getByRole('heading', { name: 'They say otherwise than was seen' }).waitFor();
        await lookAtPage(owner, 'agenda');
        await owner.goto(`${installation.url}/shops/${shop}/compare`);
        await owner.getByText('We saw:').first().waitFor();
        await lookAtPage(owner, 'compare');
      });

      it('tells nothing once it was withdrawn', async () => {
        await owner.goto(`${installation.url}/shops/${shop}/asks`);
        await owner.getByRole('link', { name: /Nordlicht Agency/u }).click();
        await owner.getByRole('button', { name: 'Withdraw' }).click();
        await owner.getByText('Withdrawn').first().waitFor();
        await they.goto(link);
        await they.getByRole('heading', { name: 'This link does not work' }).waitFor();
        await lookAtPage(they, 'answer-gone');
      });
    });

    describe('by file', () => {
      let file: string;
      let reply: string;

      it('is asked of a provider out of the register', async () => {
        await owner.goto(`${installation.url}/shops/${shop}/third-parties`);
        await owner.getByText('Whose is this?').first().waitFor();
        await owner.getByText('Somebody else').click();
        await owner.getByLabel('Name', { exact: true }).fill('StoneFeed');
        await owner.getByLabel('What it is').selectOption('feed');
        await owner.getByLabel('Its API hosts').fill('api.stonefeed.test');
        await owner.getByLabel('Stock').check();
        await owner.getByRole('button', { name: 'Save' }).click();
        await owner.getByRole('heading', { name: 'StoneFeed' }).waitFor();
        await owner.getByText(/Looked at from outside/u).waitFor({ timeout: 60_000 });
        await lookAtPage(owner, 'vendor');
        await owner.getByText('Ask StoneFeed').click();
        await owner.getByRole('button', { name: 'Make the questions' }).click();
        const download = owner.waitForEvent('download');
        await owner.getByRole('button', { name: 'Save the questions as a file' }).click();
        file = await saved(download, 'questions.html');
      });

      it('is filled in without any network, and comes back signed', async () => {
        they = await person();
        await they.context().setOffline(true);
        await they.goto(`file://${file}`);
        await they.getByLabel('TLS 1.2 and newer, nothing older').check();
        await they.getByLabel('Never: in a header or body only').check();
        await they.getByLabel('Your answer').first().fill('Hosted in Antwerp; nobody else.');
        await lookAtPage(they, 'file');
        const download = they.waitForEvent('download');
        await they.getByRole('button', { name: 'Make the reply file' }).click();
        reply = await saved(download, 'reply.loupe-reply');
        await they.getByText('The reply file is in your downloads.').waitFor();
        const requests: string[] = [];
        they.on('request', (request) => requests.push(request.url()));
        await they.reload();
        // What was typed is kept by the browser, where it keeps anything for files.
        expect(await they.getByLabel('TLS 1.2 and newer, nothing older').isChecked()).toBe(true);
        expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
      });

      it('is taken in, and a changed one is not', async () => {
        const text = readFileSync(reply, 'utf8');
        await owner.goto(`${installation.url}/shops/${shop}/asks`);
        await owner.getByText('A reply file came back').click();
        const take = async (content: string) => {
          await owner.getByLabel(/Reply file/u).setInputFiles({
            name: 'r.loupe-reply',
            mimeType: 'application/octet-stream',
            buffer: Buffer.from(content),
          });
          await owner.getByRole('button', { name: 'Take it in' }).last().isVisible();
          await owner.locator('form:has(#reply)').getByRole('button', { name: 'Take it in' }).click();
        };
        const parsed = JSON.parse(text) as { payload: string };
        const content = Buffer.from(parsed.payload, 'base64url').toString().replace('Antwerp', 'Nowhere');
        await take(JSON.stringify({ ...parsed, payload: Buffer.from(content).toString('base64url') }));
        await owner.getByText('This reply file cannot be taken.').waitFor();
        await take(text);
        await owner.getByText('by a signed reply file').waitFor();
        await owner.getByText('Hosted in Antwerp; nobody else.').waitFor();
        await owner.getByText('Said, and seen').first().waitFor();
        await lookAtPage(owner, 'conversation-by-file');
      });

      it('goes back and forth by file too, and ends in an agreed action', async () => {
        const item = owner.locator('#P1\\.auth');
        await item.getByRole('button', { name: 'Ask back' }).click();
        await item.getByLabel('Your question').fill('How do we sign in to your API?');
        await item.getByRole('button', { name: 'Ask', exact: true }).click();
        await item.getByText('You asked:').waitFor();
        await owner.getByRole('button', { name: 'New link or file' }).click();
        const again = owner.waitForEvent('download');
        await owner.getByRole('button', { name: 'Save the questions as a file' }).click();
        file = await saved(again, 'questions-2.html');
        await they.goto(`file://${file}`);
        // What was said, and what was seen of their own hosts, travels in the file.
        await they.getByText('The shop asks:').waitFor();
        await they.getByText('What was seen from outside:').first().waitFor();
        expect(await they.getByLabel('TLS 1.2 and newer, nothing older').isChecked()).toBe(true);
        await they.getByLabel('A key in a header, one for each client').check();
        await they.getByLabel('Your reply').fill('With a key in a header.');
        await lookAtPage(they, 'file-follow-up');
        const download = they.waitForEvent('download');
        await they.getByRole('button', { name: 'Make the reply file' }).click();
        const second = await saved(download, 'reply-2.loupe-reply');
        const take = async (path: string): Promise<void> => {
          await owner.goto(`${installation.url}/shops/${shop}/asks`);
          await owner.getByText('A reply file came back').click();
          await owner.getByLabel(/Reply file/u).setInputFiles(path);
          await owner.locator('form:has(#reply)').getByRole('button', { name: 'Take it in' }).click();
          await owner.getByText('by a signed reply file').waitFor();
        };
        await take(second);
        await item.getByText('With a key in a header.').waitFor();
        await item.getByRole('button', { name: 'Agree on an action' }).click();
        await item.getByLabel('What will be done').fill('A key of our own, changed each spring');
        await item.getByRole('button', { name: 'Agree', exact: true }).click();
        await owner.getByText('Nothing shows it: their word counts.').waitFor();
        // The first file once more changes nothing: it was taken before.
        await take(reply);
        expect(await item.locator('.they').textContent()).toContain('A key in a header');
      });
    });

    describe('the register', () => {
      it('holds papers, decisions and exceptions', async () => {
        await owner.goto(`${installation.url}/shops/${shop}/third-parties`);
        await owner.getByRole('link', { name: 'StoneFeed' }).click();
        await owner.getByText('File a paper').click();
        await owner.getByLabel('What it is').first().selectOption('dpa');
        await owner.getByLabel('File', { exact: true }).setInputFiles({
          name: 'terms.pdf',
          mimeType: 'application/pdf',
          buffer: pdfOf(['Data processing terms', 'Effective date: 2026-06-01', 'Valid until: 2028-05-31']),
        });
        await owner.getByRole('button', { name: 'File it' }).click();
        await owner.getByText(/read from “Valid until: 2028-05-31”/u).waitFor({ timeout: 60_000 });
        await owner.getByText('Decide', { exact: true }).first().click();
        await owner.getByLabel('Verdict').selectOption('conditions');
        await owner.getByLabel('Conditions, in words').fill('A new key by May.');
        await owner.locator('form').getByRole('button', { name: 'Decide' }).click();
        await owner.getByText(/Conditions: A new key by May\./u).waitFor();
        await lookAtPage(owner, 'vendor-decided');
        await owner.goto(`${installation.url}/shops/${shop}/third-parties`);
        const chat = owner.locator('li.card', { hasText: 'chat.helpdesk-widget.test' });
        await chat.getByRole('button', { name: 'Exception' }).click();
        await chat.getByLabel('Why').fill('Being replaced');
        await chat.getByLabel('Who answers for it').fill('Anna');
        await lookAtPage(owner, 'third-parties');
        await chat.getByRole('button', { name: 'Enter the exception' }).click();
        await owner.getByText('Anna answers for it').waitFor();
        await owner.goto(`${installation.url}/shops/${shop}/answers`);
        await owner.getByText('1 exception: let in without an assessment.').waitFor();
        await lookAtPage(owner, 'answers-with-exception');
        const pdf = await owner.pdf({ preferCSSPageSize: true, format: 'A4' });
        expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/gu)?.length).toBe(2);
      });

      it('is told of news, and knows whose duty what is', async () => {
        await owner.goto(`${installation.url}/shops/${shop}/news`);
        await owner.getByText('Read a feed from a file').click();
        const form = owner.locator('form', { has: owner.locator('input[type=file]') });
        await form.getByLabel('Name').fill('Trade news');
        await form.getByLabel('File').setInputFiles({
          name: 'feed.xml',
          mimeType: 'application/xml',
          buffer: Buffer.from(
            '<rss version="2.0"><channel><title>T</title><description>d</description><item><title>StoneFeed prices leaked</title><link>https://news.example/1</link><guid>1</guid><description>Somebody saw them.</description></item></channel></rss>',
          ),
        });
        await form.getByRole('button', { name: 'Read it' }).click();
        await expect
          .poll(() => owner.reload().then(() => owner.getByText('StoneFeed prices leaked').count()), {
            timeout: 60_000,
          })
          .toBe(1);
        await lookAtPage(owner, 'news');
        await owner.getByRole('button', { name: 'It concerns us' }).click();
        await owner.getByText('Concerns us').waitFor();
        await owner.goto(`${installation.url}/shops/${shop}/responsibilities`);
        await owner.getByLabel(/12\.8\.5/u).selectOption('us');
        await owner.getByText(/1 of \d+ written down/u).waitFor();
        await lookAtPage(owner, 'responsibilities');
      });
    });

    it('never broke a page’s policy on the way', () => {
      expect(complaints.flat().filter((text) => !/status of 4\d\d/u.test(text))).toEqual([]);
    });
  },
);
