// What an event may hold of a request. Whatever could name a person or hold a card number is gone before it is written anywhere.
import { TextTable } from '#kernel';

const MAX_PATH = 200;
const MAX_AGENT = 160;

/** Segments that name somebody or something of theirs: digits, mail addresses, ids, tokens, anything encoded. */
const NAMING: readonly (readonly [RegExp, string])[] = [
  [/[^/]*(?:@|%40)[^/]*/giu, '{mail}'],
  [/(?<=\/)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}(?=\/|$)/giu, '{id}'],
  [/(?<=\/)(?=[^/]*\d)[\w-]{20,}(?=\/|$)/gu, '{token}'],
  [/(?<=\/)[^/]*%[^/]*(?=\/|$)/gu, '{text}'],
  [/\d(?:[ -]?\d){3,}/gu, '{n}'],
];

/** A path without what it says about anybody. */
export function redactPath(path: string): string {
  // Most paths hold none of it.
  if (!/\d|@|%|[\w-]{20}/u.test(path)) return path.slice(0, MAX_PATH);
  let redacted = path.slice(0, 4 * MAX_PATH);
  for (const [pattern, word] of NAMING) redacted = redacted.replace(pattern, word);
  return redacted.slice(0, MAX_PATH);
}

const MAX_PAIRS = 50;
const MAX_NAMES = 20;
/** What a parameter is called, without four digits in a row. */
const NAME = /^(?!.*\d{4})[A-Za-z_][\w.[\]-]{0,39}$/u;

/** The names of query parameters; values are never kept, nor names that look like values. */
export function queryNames(query: string): string[] {
  if (query === '') return [];
  const names: string[] = [];
  for (let from = 1, pairs = 0; from <= query.length && pairs < MAX_PAIRS; pairs++) {
    const and = query.indexOf('&', from);
    const to = and === -1 ? query.length : and;
    const equals = query.indexOf('=', from);
    const name = query.slice(from, equals === -1 || equals > to ? to : equals);
    const kept = NAME.test(name) ? name : '{name}';
    if (names.length < MAX_NAMES && !names.includes(kept)) names.push(kept);
    from = to + 1;
  }
  return names;
}

/** A few programs and pages send most requests. */
const KNOWN = 512;
const agents = new TextTable<string>(KNOWN);
const referrers = new TextTable<string | null>(KNOWN);

/** A browser's or program's name for itself. */
export function redactAgent(agent: string | undefined): string | null {
  if (agent === undefined) return null;
  const known = agents.get(agent);
  if (known !== undefined) return known;
  const plain = agent.slice(0, MAX_AGENT).replace(/[^\x20-\x7E]/gu, '?');
  const redacted = plain.replace(/\S*@\S*/gu, '{mail}').replace(/\d(?:[ -]?\d){11,}/gu, '{n}');
  if (agent.length <= MAX_AGENT) agents.set(agent, redacted);
  return redacted;
}

/** The site that a referring page lies on. */
export function referrerHost(referrer: string | undefined): string | null {
  if (referrer === undefined) return null;
  // The same for every page of a site, whose address is short.
  const [site = ''] = /^https?:\/\/[^/?#@\\]{1,100}(?=\/)/u.exec(referrer) ?? [];
  const known = site === '' ? undefined : referrers.get(site);
  if (known !== undefined) return known;
  if (!URL.canParse(referrer)) return null;
  const host = new URL(referrer).hostname.slice(0, 100) || null;
  if (site !== '') referrers.set(site, host);
  return host;
}
