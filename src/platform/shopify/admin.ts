// Calls of the Admin API (GraphQL), by Shopify's client: within the cost limits, bounded, and without a word of its messages.
import { createAdminApiClient } from '@shopify/admin-api-client';
import { MINUTE_MS, type Json, SECOND_MS } from '#kernel';
import type { Outbound } from '#outbound';
import { fieldsOf, isObject, type JsonObject } from '#plane';
import { AccessDenied, ReadFailed } from '../failed.ts';
import { boundFetch, FetchFailed } from '../fetch.ts';
import { SHOPIFY_VERSION } from './protocol.ts';

/** An open access to one shop's Admin API. */
export interface Admin {
  /** Runs one operation; its `data`. Throws `AccessDenied` for a field that the token may not read, `ReadFailed` for all else. */
  ask(operation: string, variables?: Readonly<Record<string, Json>>): Promise<JsonObject>;
  /** The version that the last answer named. */
  servedVersion(): string | null;
}

export interface AdminAccess {
  readonly domain: string;
  readonly token: string;
}

const CALL_MS = 20 * SECOND_MS;
const CALL_BYTES = 16 * 1024 * 1024;
/** How long one operation waits, in all, for its turn. */
const PATIENCE_MS = 2 * MINUTE_MS;
const SHORTEST_WAIT_MS = 100;
const MAX_FAULTS = 3;

export function openAdmin(outbound: Outbound, access: AdminAccess, signal: AbortSignal): Admin {
  let served: string | null = null;
  const fetchOwn = boundFetch(outbound, {
    hosts: [access.domain],
    maxBodyBytes: CALL_BYTES,
    timeoutMs: CALL_MS,
    signal,
  });
  const client = createAdminApiClient({
    storeDomain: access.domain,
    apiVersion: SHOPIFY_VERSION,
    accessToken: access.token,
    userAgentPrefix: outbound.policy.userAgent,
    retries: 0,
    async customFetchApi(url, init) {
      // A failure to reach is told as a status of its own: the client would put the thrown words into a message.
      const answer = await fetchOwn(url, init).catch((error: unknown) => {
        if (signal.aborted || !(error instanceof FetchFailed)) throw error;
        return new Response(null, { status: error.kind === 'timeout' ? 504 : 502 });
      });
      served = answer.headers.get('x-shopify-api-version') ?? served;
      return answer;
    },
    logger: () => undefined,
  });

  return {
    servedVersion: () => served,
    async ask(operation, variables = {}) {
      const began = performance.now();
      let faults = 0;
      for (;;) {
        signal.throwIfAborted();
        const answer = await client.request(operation, { variables: { ...variables } });
        const { errors } = answer;
        if (errors === undefined) return dataOf(answer.data);
        const status = errors.networkStatusCode ?? 0;
        const codes = (errors.graphQLErrors ?? []).map(codeOf);
        if (status === 200 && codes.length === 0) throw new ReadFailed('bad-answer');
        if (status === 401 || status === 402 || status === 423) throw new ReadFailed('refused');
        if (status === 403) throw new AccessDenied();
        if (status === 404) throw new ReadFailed('retired-version');
        if (codes.includes('ACCESS_DENIED')) throw new AccessDenied();
        const throttled = status === 429 || codes.includes('THROTTLED');
        if (!throttled && status < 500) throw new ReadFailed('bad-answer');
        faults += throttled ? 0 : 1;
        if (faults >= MAX_FAULTS) throw new ReadFailed('unreachable');
        const waitMs = throttled ? turnMs(answer.extensions) : SECOND_MS * faults;
        if (performance.now() - began + waitMs > PATIENCE_MS)
          throw new ReadFailed(throttled ? 'throttled' : 'unreachable');
        await pause(waitMs, signal);
      }
    },
  };
}

function dataOf(data: unknown): JsonObject {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read out of JSON by the client
  const value = data as Json;
  if (!isObject(value)) throw new ReadFailed('bad-answer');
  return value;
}

function codeOf(error: unknown): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read out of JSON by the client
  const value = error as Json;
  const extensions = isObject(value) ? value['extensions'] : undefined;
  const code = isObject(extensions) ? extensions['code'] : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

/** How long until the bucket holds what the operation costs: (asked − there) ÷ points a second. */
function turnMs(extensions: unknown): number {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read out of JSON by the client
    const cost = fieldsOf(fieldsOf(extensions as Json).object('cost'));
    const bucket = cost.object('throttleStatus');
    const asked = Number(cost.json('requestedQueryCost'));
    const there = Number(bucket['currentlyAvailable']);
    const rate = Number(bucket['restoreRate']);
    const ms = ((asked - there) / rate) * SECOND_MS;
    return Number.isFinite(ms) ? Math.min(Math.max(ms, SHORTEST_WAIT_MS), 30 * SECOND_MS) : SECOND_MS;
  } catch {
    return SECOND_MS; // a 429 without a bucket: a second is what the documents say
  }
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      signal.removeEventListener('abort', abort);
      resolve();
    }
    function abort(): void {
      clearTimeout(timer);
      reject(signal.reason);
    }
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** All nodes of a connection, page by page, `limit` at most; null where there are more. */
export async function nodesOf(
  admin: Admin,
  operation: string,
  path: readonly string[],
  limit: number,
  variables: Readonly<Record<string, Json>> = {},
): Promise<readonly JsonObject[] | null> {
  const nodes: JsonObject[] = [];
  let after: string | null = null;
  for (;;) {
    const data = await admin.ask(operation, { ...variables, after });
    const connection = fieldsOf(path.reduce<JsonObject>((value, name) => fieldsOf(value).object(name), data));
    const page = connection.json('nodes');
    if (!Array.isArray(page)) throw new ReadFailed('bad-answer');
    for (const node of page) {
      if (!isObject(node)) throw new ReadFailed('bad-answer');
      nodes.push(node);
    }
    if (nodes.length > limit) return null;
    const info = fieldsOf(connection.object('pageInfo'));
    if (!info.flag('hasNextPage')) return nodes;
    const next = info.textOrNull('endCursor');
    // A cursor that does not move would be read for ever.
    if (next === null || next === after || page.length === 0) throw new ReadFailed('bad-answer');
    after = next;
  }
}
