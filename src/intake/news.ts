import { parseFeed } from 'feedsmith';
import { textOf } from '#kernel';
import { Refused } from './kind.ts';

export const MAX_FEED_BYTES: number = 2 * 1024 * 1024;
const MAX_ITEMS = 500;
const MAX_TITLE = 300;
const MAX_SUMMARY = 2_000;

/** One item of a feed, all of it plain text; `link` is http or https. */
export interface FeedItem {
  /** What the feed itself names it by, or its link or title. */
  readonly guid: string;
  readonly title: string;
  readonly link: string | null;
  readonly summary: string;
  readonly publishedAt: number | null;
}

export interface Feed {
  readonly title: string;
  readonly items: readonly FeedItem[];
}

/** Reads RSS, Atom, RDF or JSON Feed. Throws Refused. */
export function readFeed(bytes: Uint8Array): Feed {
  if (bytes.byteLength > MAX_FEED_BYTES) throw new Refused('too-large');
  const text = textOf(bytes);
  if (text === null) throw new Refused('broken');
  // No feed needs a document type; entities, and what they can do, live in one.
  if (/<!DOCTYPE|<!ENTITY/iu.test(text)) throw new Refused('bomb');
  const parsed = parse(text);
  const { feed } = parsed;
  const items = ('items' in feed ? feed.items : 'entries' in feed ? feed.entries : undefined) ?? [];
  return {
    title: plain(textField(feed.title), MAX_TITLE),
    items: items.slice(0, MAX_ITEMS).map((item) => itemOf(Object.entries(item))),
  };
}

function parse(text: string): ReturnType<typeof parseFeed> {
  try {
    return parseFeed(text);
  } catch {
    throw new Refused('unknown-kind'); // feedsmith knows no such feed
  }
}

function itemOf(entries: readonly (readonly [string, unknown])[]): FeedItem {
  const field = new Map(entries);
  const pick = (...names: readonly string[]): string =>
    names.map((name) => textField(field.get(name))).find((text) => text !== '') ?? '';
  const title = plain(pick('title'), MAX_TITLE);
  const address = URL.parse(pick('link', 'url') || linkOf(field.get('links')));
  const link = address !== null && ['http:', 'https:'].includes(address.protocol) ? address.href : null;
  const published = Date.parse(pick('pubDate', 'date_published', 'published', 'updated', 'date_modified'));
  return {
    guid: pick('guid', 'id') || link || title,
    title,
    link,
    summary: plain(pick('description', 'summary', 'content_text', 'content_html', 'content'), MAX_SUMMARY),
    publishedAt: Number.isNaN(published) ? null : published,
  };
}

/** A text, or the text inside of what Atom and RSS wrap one in. */
function textField(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'value' in value) return textField(value.value);
  return '';
}

function linkOf(links: unknown): string {
  if (!Array.isArray(links)) return '';
  const [first]: unknown[] = links;
  return typeof first === 'object' && first !== null && 'href' in first ? textField(first.href) : '';
}

/** Markup taken out, white space folded, control and bidirectional characters gone. It is shown as text all the same. */
function plain(text: string, max: number): string {
  return (
    text
      .slice(0, 8 * max)
      .replaceAll(/<(script|style)\b[\s\S]*?<\/\1\s*>/giu, ' ')
      .replaceAll(/<[^>]*>/gu, ' ')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', '’')
      .replaceAll('&amp;', '&')
      // oxlint-disable-next-line no-control-regex -- these are what is taken out
      .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, ' ')
      .replaceAll(/\s+/gu, ' ')
      .trim()
      .slice(0, max)
  );
}
