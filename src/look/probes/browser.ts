// Rendering a stranger's page in Chromium. The page runs: so the browser has its sandbox, no profile, no way out but the egress
// proxy, no downloads, and is killed at the deadline. Where it cannot have its sandbox (as root) it is not started.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { openEgressProxy, type Outbound } from '#outbound';

export interface BrowserOptions {
  /** `sandboxed` refuses to run as root; `unsandboxed` is for one's own pages alone; `off` never runs one. */
  readonly mode: 'sandboxed' | 'unsandboxed' | 'off';
  /** Where Chromium is; the usual places are searched where null. */
  readonly executable: string | null;
}

export interface Rendered {
  readonly ok: true;
  readonly url: string;
  readonly html: string;
  /** Scripts as they arrived, also those that other scripts loaded. */
  readonly scripts: readonly { readonly url: string; readonly text: string | null }[];
  readonly frames: readonly string[];
}

export interface NotRendered {
  readonly ok: false;
  readonly why: 'off' | 'not-found' | 'root' | 'failed' | 'timeout';
}

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const MAX_TRAFFIC_BYTES = 24 * 1024 * 1024;
const MAX_CONNECTIONS = 80;
const MAX_SCRIPT_CHARS = 1_000_000;
const MAX_SCRIPTS = 60;
const SETTLE_MS = 1_500;

export function findBrowser(options: BrowserOptions): string | NotRendered {
  if (options.mode === 'off') return { ok: false, why: 'off' };
  const path = options.executable ?? PLACES.find((place) => existsSync(place));
  if (path === undefined || !existsSync(path)) return { ok: false, why: 'not-found' };
  if (options.mode === 'sandboxed' && process.getuid?.() === 0) return { ok: false, why: 'root' };
  return path;
}

/** Renders one page and says what it loaded. Ends within `timeoutMs`, whatever the page does. */
export async function renderPage(
  outbound: Outbound,
  url: URL,
  options: BrowserOptions,
  extraPorts: readonly number[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Rendered | NotRendered> {
  const executablePath = findBrowser(options);
  if (typeof executablePath !== 'string') return executablePath;
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  if (bounded.aborted) return { ok: false, why: 'timeout' };
  const proxy = await openEgressProxy(outbound, {
    maxBytes: MAX_TRAFFIC_BYTES,
    maxConnections: MAX_CONNECTIONS,
    ports: [80, 443, ...extraPorts],
    signal: bounded,
  });
  let browser: Awaited<ReturnType<typeof chromium.launch>> | undefined;
  try {
    browser = await chromium.launch({
      executablePath,
      chromiumSandbox: options.mode === 'sandboxed',
      // `<-loopback>`: loopback addresses too go through the proxy, which refuses them.
      proxy: { server: proxy.url, bypass: '<-loopback>' },
      args: [
        '--disable-quic',
        '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
        '--disable-background-networking',
      ],
      timeout: timeoutMs,
    });
    const running = browser;
    const kill = (): void => {
      running.close().catch(() => undefined); // it may be gone already
    };
    bounded.addEventListener('abort', kill, { once: true });
    const context = await running.newContext({
      userAgent: `${await defaultUserAgent(running)} ${outbound.policy.userAgent}`,
      acceptDownloads: false,
      serviceWorkers: 'block',
      // The certificate is judged by the TLS probe; here a bad one would only hide the page.
      ignoreHTTPSErrors: true,
    });
    const page = await context.newPage();
    const scripts: { url: string; text: Promise<string | null> }[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() !== 'script' || scripts.length >= MAX_SCRIPTS) return;
      const text = response.text().then(
        (body) => body.slice(0, MAX_SCRIPT_CHARS),
        () => null, // a redirect, or cut off
      );
      scripts.push({ url: response.url(), text });
    });
    await page
      .goto(url.href, { waitUntil: 'load', timeout: Math.max(1, timeoutMs - 1_000) })
      .catch(() => null);
    await page.waitForLoadState('networkidle', { timeout: SETTLE_MS }).catch(() => null);
    const html = await page.content();
    return {
      ok: true,
      url: page.url(),
      html,
      scripts: await Promise.all(
        scripts.map(async (script) => ({ url: script.url, text: await script.text })),
      ),
      frames: page
        .frames()
        .slice(1, MAX_SCRIPTS)
        .map((frame) => frame.url()),
    };
  } catch {
    return { ok: false, why: bounded.aborted ? 'timeout' : 'failed' };
  } finally {
    await browser?.close().catch(() => undefined); // it may be gone already
    await proxy.close();
  }
}

async function defaultUserAgent(browser: Awaited<ReturnType<typeof chromium.launch>>): Promise<string> {
  return `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
}
