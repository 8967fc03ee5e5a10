import type { Outbound } from '#outbound';

export interface FetchBounds {
  /** Host names that may be spoken to, exactly. */
  readonly hosts: readonly string[];
  readonly maxBodyBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Why nothing came back. Carries a code and never what the other side said. */
export class FetchFailed extends Error {
  readonly kind: string;

  constructor(kind: string) {
    super(`the platform was not reached: ${kind}`);
    this.kind = kind;
  }
}

/** The part of the fetch standard that the platforms' libraries use. */
export type BoundFetch = (
  url: string | URL,
  init?: { readonly method?: string; readonly headers?: unknown; readonly body?: unknown },
) => Promise<Response>;

/**
 * `fetch` for libraries, through the way out: https only, named hosts only, no redirect followed, certificate required, everything
 * bounded. Throws `FetchFailed`.
 */
export function boundFetch(outbound: Outbound, bounds: FetchBounds): BoundFetch {
  return async (address, init = {}) => {
    const url = new URL(address);
    if (url.protocol !== 'https:' || !bounds.hosts.includes(url.host)) throw new FetchFailed('not-allowed');
    const method = init.method ?? 'GET';
    if (method !== 'GET' && method !== 'POST') throw new FetchFailed('not-allowed');
    const answer = await outbound.request({
      url,
      method,
      headers: headersOf(init.headers),
      ...(typeof init.body === 'string' ? { body: init.body } : {}),
      maxBodyBytes: bounds.maxBodyBytes,
      timeoutMs: bounds.timeoutMs,
      signal: bounds.signal,
      certificate: 'require',
    });
    if (!answer.ok) throw new FetchFailed(answer.kind);
    if (answer.truncated) throw new FetchFailed('too-large');
    const headers = new Headers();
    for (const [name, value] of answer.headers) headers.append(name, value);
    const empty = [101, 204, 205, 304].includes(answer.status);
    return new Response(empty ? null : Buffer.from(answer.body), { status: answer.status, headers });
  };
}

function headersOf(given: unknown): Record<string, string> {
  if (typeof given !== 'object' || given === null) return {};
  const pairs = given instanceof Headers ? [...given] : Object.entries(given);
  return Object.fromEntries(
    pairs.map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
}
