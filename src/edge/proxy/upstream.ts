// Connections to what runs behind. One pool a upstream, kept over changes of policy; a bound on connections, on what waits for one, and on every time.
import { rootCertificates } from 'node:tls';
import { Pool } from 'undici';
import { SECOND_MS } from '#kernel';
import type { Upstream } from '#plane';
import { type Held, heldConnections } from './held-connections.ts';

export interface LiveUpstream {
  readonly rule: Upstream;
  readonly pool: Pool;
  /** Whether one more request would wait longer than it should. */
  full(): boolean;
  /** Takes one caller's place; false where it holds its share already. */
  enter(unit: string): boolean;
  leave(unit: string): void;
  /** The connection of one of them waits for its reader, until the returned function is called; it may be cut off when others want it. */
  hold(held: Held): () => void;
}

/** So many requests may wait for each connection. */
const WAITING_PER_CONNECTION = 8;
/** So many requests of one address for each connection: beyond it, it is the one who is told to wait, and not everybody. */
const SHARE_PER_CONNECTION = 2;
const CONNECT_MS = 5 * SECOND_MS;
const IDLE_MS = 30 * SECOND_MS;
const MAX_ANSWER_HEADER_BYTES = 64 * 1024;

/** Opens a pool. Throws a TypeError where the origin is none. */
function openUpstream(rule: Upstream): LiveUpstream {
  const url = new URL(rule.origin);
  if (
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.username !== ''
  )
    throw new TypeError(`not an origin: ${rule.origin}`);
  const pool = new Pool(url.origin, {
    connections: rule.connections,
    pipelining: 1,
    connectTimeout: CONNECT_MS,
    headersTimeout: rule.timeoutMs,
    bodyTimeout: rule.timeoutMs,
    keepAliveTimeout: IDLE_MS,
    maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
    allowH2: false,
    ...(url.protocol === 'https:'
      ? {
          connect: {
            minVersion: 'TLSv1.2',
            ...(rule.host === null ? {} : { servername: rule.host }),
            ...(rule.extraCa.length === 0 ? {} : { ca: [...rootCertificates, ...rule.extraCa] }),
          },
        }
      : {}),
  });
  const most = rule.connections * WAITING_PER_CONNECTION;
  const share = rule.connections * SHARE_PER_CONNECTION;
  const held = new Map<string, number>();
  /** Requests that have a connection or wait for one; the pool's own count is a walk over all its connections. */
  let inside = 0;
  const readers = heldConnections(rule.connections);
  /** Called when one more request waits, and when one more connection does. */
  const makeRoom = (): void => {
    if (inside > rule.connections) readers.wanted();
  };
  return {
    rule,
    pool,
    full: () => inside > rule.connections + most,
    enter(unit) {
      const count = held.get(unit) ?? 0;
      if (count >= share) return false;
      held.set(unit, count + 1);
      inside += 1;
      makeRoom();
      return true;
    },
    leave(unit) {
      inside -= 1;
      const count = (held.get(unit) ?? 1) - 1;
      if (count <= 0) held.delete(unit);
      else held.set(unit, count);
    },
    hold(one) {
      const release = readers.hold(one);
      makeRoom();
      return release;
    },
  };
}

/** The pools in use, by what they are; a policy that no longer names one lets it finish and closes it. */
export interface Upstreams {
  of(rule: Upstream): LiveUpstream;
  /** Keeps those that `rules` name, and closes the others once their requests are done. */
  keepOnly(rules: readonly Upstream[]): void;
  close(): Promise<void>;
}

const keyOf = (rule: Upstream): string => JSON.stringify(rule);

export function openUpstreams(): Upstreams {
  const live = new Map<string, LiveUpstream>();
  return {
    of(rule) {
      const key = keyOf(rule);
      const found = live.get(key) ?? openUpstream(rule);
      live.set(key, found);
      return found;
    },
    keepOnly(rules) {
      const kept = new Set(rules.map((rule) => keyOf(rule)));
      for (const [key, upstream] of live) {
        if (kept.has(key)) continue;
        live.delete(key);
        void upstream.pool.close().catch(() => undefined); // closed already: nothing is left to do
      }
    },
    async close() {
      await Promise.all([...live.values()].map((upstream) => upstream.pool.destroy().catch(() => undefined)));
      live.clear();
    },
  };
}
