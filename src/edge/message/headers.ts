// Which headers come in and which go on. What names a thing twice, or steers the connection instead of the request, is where proxies and servers
// have disagreed for twenty years.
import { TextTable } from '#kernel';
import type { Why } from '../refusal.ts';

/** Names in lower case and values as sent, in order. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Steer one connection and end with it (RFC 9110, section 7.6.1), with those that old software sends. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
]);

/** In these the edge speaks to the upstream: a client's are never passed on. `proxy` becomes HTTP_PROXY behind CGI. */
const EDGES_OWN =
  /^(?:forwarded|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip|x-original-.*|x-rewrite-.*|x-http-method|x-method-override|proxy|loupe-.*)$/u;

/** Twice, each of them means something else to somebody. */
const ONCE: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'authorization',
  'expect',
  'upgrade',
  'origin',
  'referer',
  'user-agent',
  'range',
  'if-range',
]);

/** What `Connection` may name. Whatever else it names would be taken away behind the edge's back, a credential perhaps. */
const CONNECTION_TOKENS: ReadonlySet<string> = new Set([
  'close',
  'keep-alive',
  'upgrade',
  'te',
  'http2-settings',
  '',
]);

export interface HeaderFault {
  readonly why: Why;
  readonly detail: string;
}

export interface ReadHeaders {
  /** Everything that came, by name; repeats joined as RFC 9110 section 5.3 says, cookies with `; `. */
  readonly by: ReadonlyMap<string, string>;
  /** What goes on to the upstream. */
  readonly onward: string[];
}

/** What a name means, worked out once: clients send the same few hundred names again and again. */
interface NameFacts {
  readonly name: string;
  readonly once: boolean;
  readonly onward: boolean;
}

const names = new TextTable<NameFacts>(2_048);

function factsOf(sent: string): NameFacts {
  const found = names.get(sent);
  if (found !== undefined) return found;
  const name = sent.toLowerCase();
  const stays =
    name.startsWith(':') ||
    HOP_BY_HOP.has(name) ||
    name === 'host' ||
    name === 'content-length' ||
    name.includes('_') ||
    EDGES_OWN.test(name);
  const made = { name, once: ONCE.has(name), onward: !stays };
  names.set(sent, made);
  return made;
}

/**
 * Reads a raw list (name, value, name, value…) as Node gives it; its parsers have refused values with control characters. A header with an underscore is dropped:
 * behind CGI it is another's name, and nginx drops it too.
 */
export function readHeaders(raw: readonly string[]): ReadHeaders | HeaderFault {
  const by = new Map<string, string>();
  const onward: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const { name, once, onward: goes } = factsOf(raw[i] ?? '');
    const value = raw[i + 1] ?? '';
    const before = by.get(name);
    if (before === undefined) by.set(name, value);
    else if (once) return { why: 'bad-header', detail: `two ${name}` };
    else by.set(name, `${before}${name === 'cookie' ? '; ' : ', '}${value}`);
    if (name === 'connection' && !plainConnection(value))
      return { why: 'bad-header', detail: 'connection names a header' };
    if (goes) onward.push(name, value);
  }
  return { by, onward };
}

function plainConnection(value: string): boolean {
  return value.split(',').every((token) => CONNECTION_TOKENS.has(token.trim().toLowerCase()));
}

const NONE: ReadonlySet<string> = new Set();

/** An answer's headers as they may go on: hop-by-hop taken away with whatever `Connection` names, and the edge's own. */
export function answerHeaders(
  sent: Readonly<Record<string, string | readonly string[] | undefined>>,
  drop: ReadonlySet<string>,
): [name: string, value: string][] {
  const { connection } = sent;
  const named =
    connection === undefined || connection === 'keep-alive' || connection === 'close'
      ? NONE
      : new Set(
          String(connection)
            .toLowerCase()
            .split(/[\s,]+/u),
        );
  const kept: [string, string][] = [];
  for (const [name, value] of Object.entries(sent)) {
    if (
      value === undefined ||
      HOP_BY_HOP.has(name) ||
      named.has(name) ||
      drop.has(name) ||
      name.startsWith('loupe-')
    )
      continue;
    if (typeof value === 'string') kept.push([name, value]);
    else for (const one of value) kept.push([name, one]);
  }
  return kept;
}
