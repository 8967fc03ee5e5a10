// Certificates for the names of routes, ordered before they are needed and again before they end. One name a certificate: a name that fails holds up no other.
import { type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type Clock, HOUR_MS, MINUTE_MS, systemCode } from '#kernel';
import { openOutbound, type OutboundPolicy } from '#outbound';
import { writeFileDurably } from '#storage';
import { type AuthorityOptions, orderCertificate } from './authority.ts';
import { openChallenges } from './challenges.ts';
import { accountKey, type AcmeFolder, readOrdered, writeOrdered } from './files.ts';

export interface AcmeOptions {
  /** The authority's directory (RFC 8555, section 7.1.1). */
  readonly directory: string;
  /** A mail address that the authority may write to, or null. */
  readonly contact: string | null;
  readonly outbound: OutboundPolicy;
  /** Whether this edge is the one of its machine that orders; the others take what it puts into the folder. */
  readonly orders: boolean;
}

/** A name whose certificate could not be ordered. */
export interface Unordered {
  readonly name: string;
  /** What the last try failed of. */
  readonly problem: string;
  readonly againAt: number;
  /** Until when the one it has is good; null: there is none. */
  readonly notAfter: number | null;
}

export interface Orders {
  /** Looks now whether something is to be ordered; `names` has changed. */
  wake(): void;
  /** What somebody has to know: names that have no certificate, or cannot get the next. */
  unordered(): readonly Unordered[];
  close(): Promise<void>;
}

export interface OrdersOptions extends AcmeOptions {
  readonly folder: AcmeFolder;
  readonly clock: Clock;
  /** The names that need a certificate. */
  names(): readonly string[];
  /** A certificate lies in the folder that was not there before. */
  onOrdered(name: string): void;
  onFailed(name: string, problem: string): void;
  onError(error: unknown): void;
}

const LOOK_MS = MINUTE_MS;
/** After a failure: 5 minutes, then three times as long each time, an hour at most, so that a name that was mended is not left waiting. Authorities allow about five failures an hour and name. */
const FIRST_RETRY_MS = 5 * MINUTE_MS;
const MAX_RETRY_MS = HOUR_MS;
/** A certificate is ordered again when a third of its time is left. */
const LEFT = 1 / 3;
/** An authority that asks for more patience than this is asked again all the same. */
const MAX_TOLD_MS = 7 * 24 * HOUR_MS;
const MAX_NAMES = 200;

interface Try {
  readonly failures: number;
  readonly problem: string;
  readonly againAt: number;
}

/** Whether an authority could certify a name: a host name of two labels or more, none of which is for private use alone (RFC 6761, RFC 8375). */
export function certifiable(name: string): boolean {
  if (isIP(name.replace(/^\[|\]$/gu, '')) !== 0 || !/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/u.test(name)) return false;
  return !/\.(?:invalid|localhost|local|internal|home\.arpa|onion)$/u.test(name);
}

/** Keeps ordering until closed. */
export function openOrders(options: OrdersOptions): Orders {
  const { folder, clock } = options;
  const challenges = openChallenges(folder.challenges);
  const tries = new Map<string, Try>(readTries(folder));
  const closing = new AbortController();
  let running: Promise<void> | null = null;
  let again = false;

  const wanted = (): string[] => [...new Set(options.names())].filter(certifiable).slice(0, MAX_NAMES);

  function due(name: string): boolean {
    if ((tries.get(name)?.againAt ?? 0) > clock.now()) return false;
    const held = readOrdered(folder, name);
    if (held === null) return true;
    const [from, to] = [held.validFromDate.getTime(), held.validToDate.getTime()];
    return clock.now() > to - (to - from) * LEFT;
  }

  async function order(name: string, authority: AuthorityOptions): Promise<void> {
    // Loaded where something is ordered: one edge, a few times a year.
    const { signingRequest } = await import('./signing-request.ts');
    const { key, request } = await signingRequest(name);
    const ordered = await orderCertificate(authority, name, request, challenges, closing.signal);
    const problem = ordered.ok ? (fits(ordered.chain, name, key) ? null : 'unreadable') : ordered.problem;
    if (ordered.ok && problem === null) {
      writeOrdered(folder, name, ordered.chain, key);
      if (tries.delete(name)) keepTries();
      options.onOrdered(name);
      return;
    }
    if (closing.signal.aborted || problem === null) return;
    failed(name, problem, ordered.ok ? null : ordered.againMs);
  }

  function failed(name: string, problem: string, againMs: number | null): void {
    const failures = (tries.get(name)?.failures ?? 0) + 1;
    const usual = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 3 ** (failures - 1));
    const waitMs = Math.max(usual, Math.min(againMs ?? 0, MAX_TOLD_MS));
    tries.set(name, { failures, problem, againAt: clock.now() + waitMs });
    options.onFailed(name, problem);
    keepTries();
  }

  async function look(): Promise<void> {
    do {
      again = false;
      const needed = wanted().filter(due);
      if (needed.length === 0) return;
      const authority: AuthorityOptions = {
        directory: options.directory,
        contact: options.contact,
        outbound: openOutbound(options.outbound),
        key: await accountKey(folder),
      };
      for (const name of needed) {
        if (closing.signal.aborted) return;
        try {
          await order(name, authority);
        } catch (error) {
          // A disk that takes no certificate: it waits like any other failure, so that no authority is asked once a minute.
          options.onError(error);
          failed(name, 'unwritten', null);
        }
      }
    } while (again);
  }

  function wake(): void {
    again = true;
    if (closing.signal.aborted) return;
    running ??= look()
      .catch((error: unknown) => options.onError(error))
      .finally(() => (running = null));
  }

  /** Kept, so that a restart does not ask an authority again that has had enough of us. */
  function keepTries(): void {
    writeFileDurably(folder.tries, JSON.stringify([...tries]));
  }

  const timer = setInterval(wake, LOOK_MS);
  timer.unref();
  wake();
  return {
    wake,
    unordered: () =>
      wanted().flatMap((name) => {
        const last = tries.get(name);
        if (last === undefined) return [];
        const notAfter = readOrdered(folder, name)?.validToDate.getTime() ?? null;
        return [{ name, problem: last.problem, againAt: last.againAt, notAfter }];
      }),
    async close() {
      clearInterval(timer);
      closing.abort();
      await running;
    },
  };
}

function readTries({ tries }: AcmeFolder): [string, Try][] {
  try {
    const kept: [string, Try][] = JSON.parse(readFileSync(tries, 'utf8'));
    return kept;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Whether what came is a certificate for our key and this name. */
function fits(chain: string, name: string, key: KeyObject): boolean {
  try {
    const leaf = new X509Certificate(chain);
    return leaf.checkPrivateKey(key) && leaf.checkHost(name) !== undefined;
  } catch {
    return false; // no certificate at all
  }
}
