import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

export const CHROMIUM = '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Screenshots for a person to look at, where asked for. */
const SHOTS = process.env['LOUPE_TEST_SHOTS'];

export const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };

/** Errors that a page logs or throws: complaints of its own policy are among them. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
}

/** Looks at a page as it stands, on a phone and on a desktop: nothing scrolls sideways, and axe finds nothing. */
export async function lookAtPage(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of [
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ] as const) {
    await page.setViewportSize(viewport);
    const wide = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
    expect(wide, `${name} scrolls sideways on a ${size}`).toBe(false);
    if (SHOTS !== undefined) {
      mkdirSync(SHOTS, { recursive: true });
      await page.screenshot({ path: `${SHOTS}/${name}-${size}.png`, fullPage: true });
    }
  }
  await page.setViewportSize(PHONE);
  expect(await axe(page), `axe on ${name}`).toEqual([]);
}

/** axe's violations, evaluated in an isolated world that the page's policy does not bind. */
async function axe(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  });
  await session.send('Runtime.evaluate', {
    expression: readFileSync(AXE, 'utf8'),
    contextId: executionContextId,
  });
  const run = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' ').slice(0, 300))))`,
    contextId: executionContextId,
    awaitPromise: true,
  });
  await session.detach();
  const text: unknown = run.result.value;
  return JSON.parse(typeof text === 'string' ? text : '["axe did not run"]');
}
