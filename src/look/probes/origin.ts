import type { Outbound } from '#outbound';
import type { DnsEvidence, OriginEvidence, WebEvidence } from '../evidence.ts';
import type { Target } from '../target.ts';
import { readPage } from './html.ts';
import type { HomePage } from './web.ts';

/** Headers by which networks in front of shops give themselves away. */
const CDN_SIGNS: readonly { readonly name: string; readonly header: RegExp }[] = [
  { name: 'Cloudflare', header: /^(cf-ray: |server: cloudflare)/iu },
  { name: 'Fastly', header: /^(x-served-by: cache-|x-fastly-request-id: )/iu },
  { name: 'CloudFront', header: /^(x-amz-cf-id: |via: .*cloudfront)/iu },
  { name: 'Akamai', header: /^(x-akamai-|server: akamai)/iu },
  { name: 'Sucuri', header: /^(x-sucuri-id: |server: sucuri)/iu },
  { name: 'Bunny', header: /^server: bunnycdn/iu },
];

/** Names under which the server behind a CDN often stays reachable. */
const ORIGIN_NAMES = ['origin', 'direct', 'server'] as const;

const MAX_CANDIDATES = 4;
const REQUEST_MS = 4_000;
const MAX_PAGE_BYTES = 512 * 1024;

/** Whether the shop answers beside its CDN, where none of the CDN's protection reaches. */
export async function probeOrigin(
  outbound: Outbound,
  target: Target,
  web: WebEvidence,
  dns: DnsEvidence,
  home: HomePage | null,
  signal: AbortSignal,
): Promise<OriginEvidence> {
  const headers = (web.secure.at(-1)?.headers ?? []).map(([name, value]) => `${name}: ${value}`);
  const cdn = CDN_SIGNS.find((sign) => headers.some((header) => sign.header.test(header)))?.name ?? null;
  if (cdn === null || home === null || target.domain === null) return { cdn, candidates: [] };
  const title = titleOf(home.exchange.body, home.url);
  const own = home.exchange.address;
  const found = new Map<string, string>();
  for (const record of dns.lookups.find((l) => l.type === 'TXT' && l.name === target.domain)?.records ?? []) {
    for (const [, address] of record.matchAll(/\bip4:(\d+\.\d+\.\d+\.\d+)(?:\/32)?(?=\s|$)/gu)) {
      if (address !== undefined) found.set(address, 'SPF');
    }
  }
  for (const name of ORIGIN_NAMES) {
    const host = `${name}.${target.domain}`;
    const resolved = await outbound.resolve(host, signal);
    if (resolved.ok) for (const address of resolved.addresses) found.set(address, host);
  }
  const candidates = [...found].filter(([address]) => address !== own).slice(0, MAX_CANDIDATES);
  return {
    cdn,
    candidates: await Promise.all(
      candidates.map(async ([address, from]) => {
        const answer = await outbound.request({
          url: new URL('/', target.url),
          to: address,
          maxBodyBytes: MAX_PAGE_BYTES,
          timeoutMs: REQUEST_MS,
          signal,
          certificate: 'observe',
        });
        const same =
          answer.ok && answer.status === 200 && title !== '' && titleOf(answer.body, target.url) === title;
        const behindToo =
          answer.ok &&
          CDN_SIGNS.some((sign) => answer.headers.some(([n, v]) => sign.header.test(`${n}: ${v}`)));
        return { address, from, answersAsShop: same && !behindToo };
      }),
    ),
  };
}

function titleOf(body: Uint8Array, url: URL): string {
  return readPage(Buffer.from(body).toString('utf8'), url).page.title;
}
