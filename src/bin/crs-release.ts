// Releases of the OWASP Core Rule Set: fetched, and taken in only under the project's own signature. Nothing of an archive is written to disk.
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseTar } from 'nanotar';
import { verifyOpenpgp } from '#crypto';
import { asBuffer, SECOND_MS } from '#kernel';
import { openOutbound, type OutboundPolicy } from '#outbound';
import { MAX_PACK_BYTES, type RuleFile, type RulePack, wafError } from '#waf';
import { crsPackOf } from './rule-packs.ts';

/** The project's signing key, as its documentation names it. The file that holds it is fetched; only this says whether it is the one. */
const FINGERPRINT = '36006F0E0BA167832158821138EEACA1AB8A6E72';
const KEY_URL = 'https://coreruleset.org/security.asc';
const RELEASES = 'https://github.com/coreruleset/coreruleset/releases/download';
/** Where a release may lie: the project, and where its host keeps files. */
const HOSTS = /^(?:coreruleset\.org|github\.com|[a-z0-9-]+\.githubusercontent\.com)$/u;
const MAX_REDIRECTS = 5;
const MAX_ARCHIVE_BYTES = 4 * 1024 * 1024;
const MAX_SMALL_BYTES = 256 * 1024;
const TIMEOUT_MS = 60 * SECOND_MS;

/** Fetches a release by its version, as `4.20.0`. Throws `waf/not-fetched` where it cannot be had, `waf/not-signed` where its signature is not the project's, `crypto/bad-openpgp`, `waf/pack-refused`. */
export async function fetchCrs(
  version: string,
  policy: OutboundPolicy,
  fingerprint: string = FINGERPRINT,
): Promise<RulePack> {
  if (!/^\d+\.\d+\.\d+$/u.test(version))
    throw wafError('waf/not-fetched', { details: { why: 'no such version' } });
  const file = `coreruleset-${version}-minimal.tar.gz`;
  const release = `${RELEASES}/v${version}/${file}`;
  const key = await fetched(KEY_URL, MAX_SMALL_BYTES, policy);
  const signature = await fetched(`${release}.asc`, MAX_SMALL_BYTES, policy);
  const archive = await fetched(release, MAX_ARCHIVE_BYTES, policy);
  if (
    !verifyOpenpgp(
      asBuffer(key).toString('latin1'),
      fingerprint,
      asBuffer(signature).toString('latin1'),
      archive,
    )
  )
    throw wafError('waf/not-signed', { details: { version } });
  const pack = packIn(archive);
  // A signed release of another version is signed, too.
  if (pack.version !== version)
    throw wafError('waf/not-signed', { details: { version, found: pack.version } });
  return pack;
}

async function fetched(address: string, maxBytes: number, policy: OutboundPolicy): Promise<Uint8Array> {
  const outbound = openOutbound(policy);
  let url = new URL(address);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    if (url.protocol !== 'https:' || !HOSTS.test(url.hostname))
      throw wafError('waf/not-fetched', { details: { url: url.origin, why: 'a redirect elsewhere' } });
    const answer = await outbound.request({
      url,
      maxBodyBytes: maxBytes,
      timeoutMs: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      certificate: 'require',
    });
    if (!answer.ok) throw wafError('waf/not-fetched', { details: { url: url.href, why: answer.kind } });
    const location = answer.headers.find(([name]) => name === 'location')?.[1];
    if (
      answer.status >= 300 &&
      answer.status < 400 &&
      location !== undefined &&
      URL.canParse(location, url)
    ) {
      url = new URL(location, url);
      continue;
    }
    if (answer.status !== 200 || answer.truncated)
      throw wafError('waf/not-fetched', {
        details: { url: url.href, why: answer.truncated ? 'too long' : `status ${answer.status}` },
      });
    return answer.body;
  }
  throw wafError('waf/not-fetched', { details: { url: address, why: 'too many redirects' } });
}

/** The rules of an archive whose signature was good. */
function packIn(archive: Uint8Array): RulePack {
  const files = entriesOf(archive);
  const within = (folder: RegExp, end: string): readonly RuleFile[] =>
    files
      .filter(({ path }) => folder.test(path) && path.endsWith(end))
      .map(({ path, text }) => ({ path: basename(path), text }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const RULES = /^[^/]+\/rules\/[^/]+$/u;
  const data = Object.fromEntries(within(RULES, '.data').map(({ path, text }) => [path, text]));
  return crsPackOf(
    { rules: within(RULES, '.conf'), data, others: within(/^[^/]+\/[^/]+$/u, '') },
    () => new Date(),
  );
}

function entriesOf(archive: Uint8Array): readonly RuleFile[] {
  try {
    // A copy, because the reader takes a buffer from where its memory begins.
    const tar = Uint8Array.from(gunzipSync(archive, { maxOutputLength: 2 * MAX_PACK_BYTES }));
    return parseTar(tar).flatMap(({ name, type, data }) =>
      type === 'file' && data !== undefined ? [{ path: name, text: asBuffer(data).toString('latin1') }] : [],
    );
  } catch (error) {
    throw wafError('waf/pack-refused', { details: { why: 'not an archive' }, cause: error });
  }
}
