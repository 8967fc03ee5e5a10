import { textOf } from '#kernel';
import { headerValues, type Outbound } from '#outbound';
import type { LibrarySeen, PageEvidence, PageSeen, ScriptSeen } from '../evidence.ts';
import type { Target } from '../target.ts';
import { type BrowserOptions, renderPage } from './browser.ts';
import { type ReadPage, readPage } from './html.ts';
import { librariesIn } from './libraries.ts';
import type { HomePage } from './web.ts';

const MAX_SCRIPTS_FETCHED = 10;
const MAX_SCRIPT_BYTES = 1_000_000;
const REQUEST_MS = 4_000;
const MAX_PAGE_BYTES = 2 * 1024 * 1024;

/** A second page worth a look: where people sign in or pay. */
const TELLING = /(^|[/_-])(checkout|cart|basket|account|login|sign-?in|my-account)([/_.?-]|$)/iu;

/** Reads the home page and one more, rendered in a browser where there is one. */
export async function probePages(
  outbound: Outbound,
  target: Target,
  home: HomePage | null,
  options: { readonly browser: BrowserOptions; readonly browserMs: number; mayRead(page: URL): boolean },
  signal: AbortSignal,
): Promise<PageEvidence> {
  if (home === null || !isHtml(home)) return { rendered: false, notRendered: null, pages: [], libraries: [] };
  const sent = readPage(decode(home), home.url);
  const ports = home.url.port === '' ? [] : [Number(home.url.port)];
  const [rendered, second] = await Promise.all([
    renderPage(outbound, home.url, options.browser, ports, options.browserMs, signal),
    readSecond(outbound, target, sent, (page) => options.mayRead(page), signal),
  ]);
  const contents = new Map<string, string | null>();
  let first = sent.page;
  if (rendered.ok) {
    first = merge(sent.page, readPage(rendered.html, URL.parse(rendered.url) ?? home.url).page, rendered);
    for (const script of rendered.scripts) contents.set(script.url, script.text);
  }
  const pages = second === null ? [first] : [first, second.page];
  const urls = [...new Set(pages.flatMap((page) => page.scripts.map((script) => script.url)))];
  const unread = urls.filter((url) => !contents.has(url)).slice(0, MAX_SCRIPTS_FETCHED);
  await Promise.all(unread.map(async (url) => contents.set(url, await fetchScript(outbound, url, signal))));
  const libraries = new Map<string, LibrarySeen>();
  for (const url of urls) {
    for (const library of librariesIn(url, contents.get(url) ?? null)) {
      libraries.set(`${library.name} ${library.version}`, library);
    }
  }
  return {
    rendered: rendered.ok,
    notRendered: rendered.ok ? null : rendered.why,
    pages,
    libraries: [...libraries.values()],
  };
}

function isHtml(home: HomePage): boolean {
  const type = headerValues(home.exchange, 'content-type')[0] ?? 'text/html';
  return /html/iu.test(type);
}

/** Pages say their encoding in many ways; for what is read here Latin-1 is a safe reading of what is not UTF-8. */
function decode(home: HomePage): string {
  return textOf(home.exchange.body) ?? Buffer.from(home.exchange.body).toString('latin1');
}

async function readSecond(
  outbound: Outbound,
  target: Target,
  home: ReadPage,
  mayRead: (page: URL) => boolean,
  signal: AbortSignal,
): Promise<ReadPage | null> {
  const link = home.links.find((url) => TELLING.test(new URL(url).pathname));
  const url = link === undefined ? null : URL.parse(link);
  if (url === null || url.host !== target.url.host || !mayRead(url)) return null;
  const exchange = await outbound.request({
    url,
    maxBodyBytes: MAX_PAGE_BYTES,
    timeoutMs: REQUEST_MS,
    signal,
    certificate: 'observe',
  });
  if (!exchange.ok || exchange.status !== 200 || !isHtml({ url, exchange })) return null;
  return readPage(decode({ url, exchange }), url);
}

/** What was sent and what it became: the sum, since a page may remove its own traces. */
function merge(
  sent: PageSeen,
  became: PageSeen,
  rendered: { readonly scripts: readonly { readonly url: string }[]; readonly frames: readonly string[] },
): PageSeen {
  const scripts = new Map<string, ScriptSeen>();
  for (const script of [...sent.scripts, ...became.scripts]) scripts.set(script.url, script);
  for (const { url } of rendered.scripts) if (!scripts.has(url)) scripts.set(url, { url, integrity: false });
  const frames = rendered.frames.filter((url) => /^https?:/u.test(url));
  return {
    ...became,
    title: became.title === '' ? sent.title : became.title,
    generator: sent.generator ?? became.generator,
    scripts: [...scripts.values()],
    frames: [...new Set([...sent.frames, ...became.frames, ...frames])],
    mixed: [...new Set([...sent.mixed, ...became.mixed])],
  };
}

async function fetchScript(outbound: Outbound, url: string, signal: AbortSignal): Promise<string | null> {
  const answer = await outbound.request({
    url: new URL(url),
    maxBodyBytes: MAX_SCRIPT_BYTES,
    timeoutMs: REQUEST_MS,
    signal,
    certificate: 'observe',
  });
  return answer.ok && answer.status === 200 ? Buffer.from(answer.body).toString('utf8') : null;
}
