// An API's host, as far as a stranger without a key may ask: does it talk over plain http, and does it read keys out of addresses? Six small
// requests, with credentials that belong to nobody.
import { sha256Hex } from '#kernel';
import type { Outbound } from '#outbound';
import type { ApiEvidence, ApiTry } from '../evidence.ts';
import { fetchText } from './web.ts';

/** Says what it is to whoever reads the API's log. Nobody's key. */
const DUMMY = 'loupe-dummy-credential';

/** Names under which APIs that read keys from addresses expect them. */
const KEY_NAMES = ['api_key', 'key', 'token', 'access_token'] as const;

export async function probeApi(outbound: Outbound, host: string, signal: AbortSignal): Promise<ApiEvidence> {
  const attempt = async (query: string): Promise<ApiTry> => {
    const hop = await fetchText(outbound, new URL(`https://${host}/${query}`), signal);
    // An answer may quote the query; what is compared is the rest.
    const said = hop.text
      ?.replaceAll(DUMMY, '')
      .replaceAll(query, '')
      .replaceAll(/\w*(api_key|key|token|loupe)\w*/giu, '');
    return {
      query,
      status: hop.status,
      failure: hop.failure,
      said: said === undefined ? null : sha256Hex(said),
    };
  };
  const bare = host.replace(/:\d+$/u, '');
  // The same question twice with a parameter that means nothing: what differs between these two is noise.
  const [plain, ...tries] = await Promise.all([
    host === bare ? fetchText(outbound, new URL(`http://${bare}/`), signal) : null,
    attempt(`?loupe=${DUMMY}`),
    attempt(`?loupe=${DUMMY}`),
    ...KEY_NAMES.map((name) => attempt(`?${name}=${DUMMY}`)),
  ]);
  return { host, plain, neutral: tries.slice(0, 2), withKey: tries.slice(2) };
}
