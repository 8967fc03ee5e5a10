import { sha256Hex, textOf } from '#kernel';
import type { Exchange, Failure, Outbound } from '#outbound';
import { headerValues } from '#outbound';
import type { Hop, WebEvidence } from '../evidence.ts';
import type { Target } from '../target.ts';
import { mayFetch } from './robots.ts';

const MAX_HOPS = 6;
const REQUEST_MS = 6_000;
const MAX_PAGE_BYTES = 2 * 1024 * 1024;
const MAX_TEXT_BYTES = 64 * 1024;

/** The name under which robots.txt may speak to us. */
export const ROBOT_NAME = 'LoupeLook';

/** The home page as fetched, for the probes that read it. */
export interface HomePage {
  readonly url: URL;
  readonly exchange: Exchange;
}

function hopOf(url: URL, answer: Exchange | Failure, keepText = false): Hop {
  if (!answer.ok) {
    return {
      url: url.href,
      status: null,
      headers: [],
      address: null,
      failure: answer.kind,
      failureCode: answer.code,
      bodySha256: null,
      bodyBytes: 0,
      truncated: false,
      ms: null,
      text: null,
    };
  }
  return {
    url: url.href,
    status: answer.status,
    headers: answer.headers,
    address: answer.address,
    failure: null,
    failureCode: answer.tls?.problem ?? null,
    bodySha256: sha256Hex(answer.body),
    bodyBytes: answer.body.byteLength,
    truncated: answer.truncated,
    ms: answer.ms,
    text: keepText && answer.body.byteLength <= MAX_TEXT_BYTES ? textOf(answer.body) : null,
  };
}

export async function fetchText(outbound: Outbound, url: URL, signal: AbortSignal): Promise<Hop> {
  const answer = await outbound.request({
    url,
    maxBodyBytes: MAX_TEXT_BYTES,
    timeoutMs: REQUEST_MS,
    signal,
    certificate: 'observe',
  });
  return hopOf(url, answer, true);
}

/** Follows redirects from `start`; stops at the first answer that is none, at a loop, and after a few hops. */
async function follow(
  outbound: Outbound,
  start: URL,
  signal: AbortSignal,
): Promise<{ hops: Hop[]; last: HomePage | null }> {
  const hops: Hop[] = [];
  const seen = new Set<string>();
  let url = start;
  while (hops.length < MAX_HOPS && !seen.has(url.href)) {
    seen.add(url.href);
    const answer = await outbound.request({
      url,
      headers: { accept: 'text/html,application/xhtml+xml' },
      maxBodyBytes: MAX_PAGE_BYTES,
      timeoutMs: REQUEST_MS,
      signal,
      certificate: 'observe',
    });
    hops.push(hopOf(url, answer));
    if (!answer.ok) return { hops, last: null };
    const location = [301, 302, 303, 307, 308].includes(answer.status)
      ? headerValues(answer, 'location')[0]
      : undefined;
    const next = location === undefined ? null : URL.parse(location, url);
    if (next === null) return { hops, last: { url, exchange: answer } };
    url = next;
  }
  return { hops, last: null };
}

/** What the shop's web server says to a visitor: redirects, headers, robots.txt, security.txt. */
export async function probeWeb(
  outbound: Outbound,
  target: Target,
  signal: AbortSignal,
): Promise<{ evidence: WebEvidence; home: HomePage | null; mayRead: (page: URL) => boolean }> {
  const plainUrl =
    target.port === 443 ? new URL(`http://${target.url.hostname}${target.url.pathname}`) : null;
  const [plain, secure, robots, wellKnown, topLevel] = await Promise.all([
    plainUrl === null ? { hops: [] } : follow(outbound, plainUrl, signal),
    follow(outbound, target.url, signal),
    fetchText(outbound, new URL('/robots.txt', target.url), signal),
    fetchText(outbound, new URL('/.well-known/security.txt', target.url), signal),
    fetchText(outbound, new URL('/security.txt', target.url), signal),
  ]);
  const mayRead = (page: URL): boolean => robots.status !== 200 || mayEnter(robots, page);
  const keptOut = !mayRead(secure.last?.url ?? target.url);
  return {
    evidence: { plain: plain.hops, secure: secure.hops, robots, securityTxt: [wellKnown, topLevel], keptOut },
    home: keptOut ? null : secure.last,
    mayRead,
  };
}

function mayEnter(robots: Hop, page: URL): boolean {
  return mayFetch(robots.text ?? '', ROBOT_NAME, `${page.pathname}${page.search}`);
}
