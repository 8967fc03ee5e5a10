// The head of a request, read strictly. Node's parser has refused what no server should take (both lengths, bad chunks, bare line feeds, folded lines); here
// goes what it lets through and others read differently.
import { isRefusal, type Refusal, refusal } from '../refusal.ts';
import { type ReadHeaders, readHeaders } from './headers.ts';
import { hostName } from './host.ts';
import { readTarget, type Target } from './path.ts';

/** What an HTTP/1.1 or HTTP/2 request begins with. */
export interface RawHead {
  readonly version: string;
  readonly method: string;
  readonly target: string;
  /** `:authority` of HTTP/2, else undefined. */
  readonly authority: string | undefined;
  readonly rawHeaders: readonly string[];
  /** HTTP/2 says with the head whether a body follows; HTTP/1.1 says it by its headers. */
  readonly bodyFollows: boolean | undefined;
}

export interface Head extends Target, ReadHeaders {
  readonly method: string;
  readonly host: string;
  /** Host and port as the client gave them, in whichever way its version of HTTP does. */
  readonly authority: string;
  /** What the upstream is to do instead of POST, where the client says so as old clients must. */
  readonly override: string | null;
  /** Body length where it was told; null: chunked, or HTTP/2 without one. */
  readonly length: number | null;
  readonly hasBody: boolean;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** A body on these means nothing (RFC 9110, section 9.3), and servers differ on whether they read it. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export function readHead(raw: RawHead): Head | Refusal {
  if (raw.version !== '1.1' && raw.version !== '1.0' && raw.version !== '2.0')
    return refusal('bad-version', 'version');
  if (!METHODS.has(raw.method)) return refusal('wrong-method', 'method');
  const headers = readHeaders(raw.rawHeaders);
  if ('why' in headers) return refusal(headers.why, headers.detail);
  const authority = authorityOf(raw, headers);
  if (typeof authority !== 'string') return authority;
  const host = hostName(authority);
  if (host === null) return refusal('bad-host', 'host');
  const target = readTarget(raw.target);
  if (typeof target === 'string') return refusal('bad-path', target);
  const framing = framingOf(raw, headers);
  if (isRefusal(framing)) return framing;
  const override = headers.by.get('x-http-method-override')?.toUpperCase() ?? null;
  if (override !== null && (raw.method !== 'POST' || !METHODS.has(override)))
    return refusal('bad-header', 'method override');
  return { method: raw.method, override, host, authority, ...target, ...headers, ...framing };
}

function authorityOf(raw: RawHead, { by }: ReadHeaders): string | Refusal {
  const named = by.get('host');
  if (
    raw.authority !== undefined &&
    named !== undefined &&
    named.toLowerCase() !== raw.authority.toLowerCase()
  )
    return refusal('bad-host', 'host and authority differ');
  return raw.authority ?? named ?? '';
}

function framingOf(raw: RawHead, { by }: ReadHeaders): Pick<Head, 'length' | 'hasBody'> | Refusal {
  const coding = by.get('transfer-encoding');
  const told = by.get('content-length');
  if (coding !== undefined) {
    if (raw.version === '1.0') return refusal('bad-message', 'coding in HTTP/1.0');
    if (coding.toLowerCase() !== 'chunked') return refusal('bad-message', 'coding');
    if (told !== undefined) return refusal('bad-message', 'two lengths');
  }
  if (told !== undefined && !/^\d{1,15}$/u.test(told)) return refusal('bad-message', 'length');
  const expect = by.get('expect');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return refusal('bad-header', 'expect');
  const length = told === undefined ? null : Number(told);
  const hasBody = raw.bodyFollows ?? (coding !== undefined || (length ?? 0) > 0);
  if (hasBody && BODILESS.has(raw.method)) return refusal('bad-message', 'body on a method without one');
  return { length, hasBody };
}
