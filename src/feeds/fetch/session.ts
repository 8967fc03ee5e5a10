// How a provider is spoken to: under guard. An attacker may hold the provider's server, its name, or the line to it. What holds: only the provider's own hosts are spoken to, wherever an answer points; each address
// is resolved, checked and pinned (`outbound`); nothing goes out without TLS; credentials go to the host they are for and to no other; everything ends within its bounds.
import { MINUTE_MS, SECOND_MS } from '#kernel';
import {
  type Download,
  DownloadError,
  type Failure,
  headerValues,
  type Outbound,
  type TlsSeen,
} from '#outbound';
import { feedError } from '../errors.ts';
import { type SftpFile, sftpFile } from './sftp.ts';

export interface Question {
  readonly url: URL;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How a host was reached. */
export interface Reached {
  readonly host: string;
  readonly protocol: string;
  /** When the server's certificate ends; null where there is none, as over SSH. */
  readonly certificateUntil: number | null;
}

export interface FetchBounds {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly minBytesPerS: number;
  /** How often a question is put in all, where its failure may pass. */
  readonly maxTries: number;
}

export const FETCH_BOUNDS: FetchBounds = {
  maxBytes: 4 * 1024 ** 3,
  timeoutMs: 60 * MINUTE_MS,
  idleMs: 60 * SECOND_MS,
  minBytesPerS: 16 * 1024,
  maxTries: 4,
};

export interface SessionOptions {
  readonly outbound: Outbound;
  /** The provider's own hosts, in lower case. */
  readonly hosts: readonly string[];
  /** What signs in, by the names that the provider asks for. */
  readonly credentials: Readonly<Record<string, string>>;
  /** The least time from one question to the next. */
  readonly gapMs: number;
  /** Asked without TLS: only where a person has taken that upon them, until a day. Certificates are verified wherever there are some. */
  readonly plain: boolean;
  /** What somebody handed in, for a feed that nothing is fetched for. */
  readonly handedIn: (() => Iterable<Uint8Array>) | null;
  readonly bounds: FetchBounds;
  readonly signal: AbortSignal;
  wait(ms: number): Promise<void>;
}

export interface FetchSession {
  readonly credentials: Readonly<Record<string, string>>;
  readonly reached: readonly Reached[];
  /** A short answer, whole; any 2xx. Throws `feeds/not-fetched`. */
  ask(question: Question): Promise<Uint8Array>;
  /** An answer as it comes; any 2xx. Throws `feeds/not-fetched`, also while it is read. */
  stream(question: Question): AsyncIterable<Uint8Array>;
  /** A file of an SFTP server as it comes. Throws `feeds/not-fetched`, also while it is read. */
  file(file: SftpFile): AsyncIterable<Uint8Array>;
  /** What somebody handed in. Throws `feeds/not-fetched` where nobody did. */
  handedIn(): AsyncIterable<Uint8Array>;
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_HOPS = 4;
const FIRST_WAIT_MS = SECOND_MS;
const LONGEST_WAIT_MS = MINUTE_MS;

/** Failures that a moment later may be none. */
const PASSING: ReadonlySet<string> = new Set([
  'connection-refused',
  'connection-reset',
  'dns-failed',
  'unreachable',
  'timeout',
]);

/** Opens a session. */
export function openSession(options: SessionOptions): FetchSession {
  const { outbound, bounds, signal } = options;
  const hosts = new Set(options.hosts);
  const reached = new Map<string, Reached>();
  let turn = 0;

  /** One answer of the provider, redirects followed and passing failures tried again. */
  async function answerTo(question: Question): Promise<Download> {
    let next = options.plain ? { ...question, url: withoutTls(question.url) } : question;
    for (let hop = 0, tries = 1; ; ) {
      guard(next.url);
      await keepGap();
      const answer = await outbound.download({
        url: next.url,
        method: next.method ?? 'GET',
        headers: next.headers ?? {},
        ...(next.body === undefined ? {} : { body: next.body }),
        ...bounds,
        signal,
        certificate: 'require',
      });
      if (!answer.ok) {
        if (!PASSING.has(answer.kind) || tries++ >= bounds.maxTries) throw notFetched(answer, next.url);
        await options.wait(FIRST_WAIT_MS * 4 ** (tries - 2));
        continue;
      }
      note(next.url, answer.tls);
      const { status } = answer;
      if (status >= 200 && status < 300) return answer;
      answer.cancel();
      const [location] = headerValues(answer, 'location');
      if (status >= 300 && status < 400 && location !== undefined) {
        const to = URL.parse(location, next.url);
        if (to === null || ++hop > MAX_HOPS) throw refused('redirects', next.url);
        next = redirected(next, to, status);
      } else if ((status === 429 || status === 503) && tries++ < bounds.maxTries)
        await options.wait(retryAfter(answer, FIRST_WAIT_MS * 4 ** (tries - 2)));
      else throw refused(status === 401 || status === 403 ? 'credentials' : 'status', next.url, status);
    }
  }

  function guard(url: URL): void {
    if (!hosts.has(url.hostname)) throw refused('leads-elsewhere', null);
    if (url.protocol !== 'https:' && !(options.plain && url.protocol === 'http:'))
      throw refused('no-tls', url);
    if (url.username !== '' || url.password !== '') throw refused('credentials-in-address', url);
  }

  async function keepGap(): Promise<void> {
    const now = performance.now();
    const own = Math.max(now, turn);
    // Taken before it is waited for: several may ask at a time.
    turn = own + options.gapMs;
    if (own > now) await options.wait(own - now);
  }

  function note(url: URL, tls: TlsSeen | null): void {
    reached.set(url.host, {
      host: url.host,
      protocol: tls?.protocol ?? '',
      certificateUntil: tls?.chain[0]?.notAfter ?? null,
    });
  }

  return {
    credentials: options.credentials,
    get reached() {
      return [...reached.values()];
    },
    async ask(question) {
      const answer = await answerTo(question);
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of guarded(answer, question.url)) {
        bytes += piece.byteLength;
        if (bytes > MAX_ANSWER_BYTES) throw refused('too-large', question.url);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    },
    async *stream(question) {
      yield* gathered(guarded(await answerTo(question), question.url));
    },
    async *file(file) {
      if (!hosts.has(file.host)) throw refused('leads-elsewhere', null);
      reached.set(file.host, { host: file.host, protocol: 'SSH-2.0', certificateUntil: null });
      yield* gathered(sftpFile(file, { outbound, bounds, signal }));
    },
    async *handedIn() {
      if (options.handedIn === null) throw refused('not-handed-in', null);
      yield* options.handedIn();
    },
  };
}

/** The body, its breaking off told as every failure is. */
async function* guarded(answer: Download, url: URL): AsyncGenerator<Uint8Array> {
  try {
    yield* answer.body;
  } catch (error) {
    throw error instanceof DownloadError ? notFetched(error.failure, url) : error;
  } finally {
    answer.cancel();
  }
}

/** A file comes in records of TLS, 16 KiB at most; what reads it is quicker with fewer and larger blocks. */
const BLOCK_BYTES = 256 * 1024;

async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.byteLength;
    if (bytes < BLOCK_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(held);
}

function withoutTls(url: URL): URL {
  const plain = new URL(url);
  plain.protocol = 'http:';
  return plain;
}

/** Where a redirect leads, with what may go there: what signs in stays with the host that it is for. */
function redirected(from: Question, to: URL, status: number): Question {
  const isSame = to.origin === from.url.origin;
  const becomesGet = status !== 307 && status !== 308;
  // A body may sign in, too.
  if (!isSame && !becomesGet && from.body !== undefined) throw refused('leads-elsewhere', null);
  return {
    url: to,
    method: becomesGet ? 'GET' : (from.method ?? 'GET'),
    headers: isSame && !becomesGet ? (from.headers ?? {}) : onlyAccept(from.headers ?? {}),
    ...(becomesGet || from.body === undefined ? {} : { body: from.body }),
  };
}

function onlyAccept(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name === 'accept'));
}

/** How long a throttled server asks to wait (RFC 9110, 10.2.3), within reason. */
function retryAfter(answer: Download, usualMs: number): number {
  const [seconds] = headerValues(answer, 'retry-after');
  const asked = /^\d{1,6}$/u.test(seconds ?? '') ? Number(seconds) * SECOND_MS : usualMs;
  return Math.min(Math.max(asked, usualMs), LONGEST_WAIT_MS);
}

function notFetched(failure: Failure, url: URL): Error {
  return feedError('feeds/not-fetched', {
    details: {
      why: failure.kind,
      host: url.hostname,
      ...(failure.code === null ? {} : { code: failure.code }),
    },
  });
}

/** Named by host alone: paths and queries of providers hold tickets and keys. Where somebody else leads is not named at all. */
function refused(why: string, url: URL | null, status?: number): Error {
  return feedError('feeds/not-fetched', {
    details: {
      why,
      ...(url === null ? {} : { host: url.hostname }),
      ...(status === undefined ? {} : { status }),
    },
  });
}
