import type { Caller } from './callers/caller.ts';
import type { Line } from './admit.ts';
import type { Head } from './message/head.ts';
import type { LiveRoute } from './routing/live.ts';
import type { Served } from './served.ts';

/** What the upstream is told: the client's own headers, and in the edge's own who it is. */
export function onwardHeaders(
  head: Head,
  line: Line,
  route: LiveRoute,
  caller: Caller,
  served: Served,
  body: Uint8Array | null,
  plain: boolean,
): string[] {
  const headers = ['host', route.rule.upstream.host ?? head.authority];
  const keyHeader = caller.kind === 'api-key' || caller.kind === 'client-token';
  for (let i = 0; i + 1 < head.onward.length; i += 2) {
    const name = head.onward[i] ?? '';
    const value = head.onward[i + 1] ?? '';
    // What is looked at must be readable, and a key that the edge gave is nobody else's to see.
    if (plain && name === 'accept-encoding') continue;
    if (keyHeader && (value.includes('lk_') || (name === 'authorization' && caller.kind === 'client-token')))
      continue;
    headers.push(name, value);
  }
  if (plain) headers.push('accept-encoding', 'identity');
  if (body !== null && head.hasBody) headers.push('content-length', String(body.byteLength));
  else if (head.hasBody && head.length !== null) headers.push('content-length', String(head.length));
  headers.push(
    'x-forwarded-for',
    served.address,
    'x-forwarded-host',
    head.authority,
    'x-forwarded-proto',
    line.secure ? 'https' : 'http',
    'x-real-ip',
    served.address,
    'loupe-request',
    served.reference,
  );
  if (caller.kind !== 'public') {
    headers.push('loupe-caller', `${caller.kind} ${encodeURI(caller.id)}`);
    if (caller.account !== null) headers.push('loupe-account', encodeURIComponent(caller.account));
    if (caller.scopes.length > 0)
      headers.push('loupe-scopes', caller.scopes.map((scope) => encodeURI(scope)).join(' '));
  }
  return headers;
}
