// One HTTP/1.1 exchange with a stranger. The connection is ours (resolved, checked, pinned); Node's strict parser reads it.
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import {
  connect as tlsConnect,
  type DetailedPeerCertificate,
  rootCertificates,
  type TLSSocket,
} from 'node:tls';
import { type Failure, failure, failureOf } from './failure.ts';
import type { Outbound } from './outbound.ts';

interface Asked {
  readonly url: URL;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
  /**
   * `require`: a certificate that does not verify fails the request, as do versions below TLS 1.2. `observe`: it is noted and the request goes on;
   * only for looking at a public page, without anything secret in the request.
   */
  readonly certificate: 'require' | 'observe';
  /** Speak to this address instead of the name's own (it must be allowed too); the name stays in SNI and Host. */
  readonly to?: string;
}

export interface RequestOptions extends Asked {
  /** The answer's body is read up to here; `truncated` says that there was more. */
  readonly maxBodyBytes: number;
  /** The whole exchange, body included. */
  readonly timeoutMs: number;
}

export interface DownloadOptions extends Asked {
  /** A body that is longer ends with `DownloadError` `too-large`. */
  readonly maxBytes: number;
  /** The whole download, body included. */
  readonly timeoutMs: number;
  /** The longest wait: for the answer's head, and from one piece of the body to the next. */
  readonly idleMs: number;
  /**
   * Bytes a second that the body must bring while it is waited for, judged after the first `idleMs`: whoever drips a byte now and then is never idle.
   */
  readonly minBytesPerS: number;
}

interface Answered {
  readonly ok: true;
  readonly url: string;
  readonly status: number;
  /** Names in lower case and values as sent, repeats and order kept. */
  readonly headers: readonly (readonly [string, string])[];
  readonly address: string;
  readonly tls: TlsSeen | null;
}

export interface Exchange extends Answered {
  readonly body: Uint8Array;
  readonly truncated: boolean;
  readonly ms: number;
}

/** An answer whose body is still to be read: once, and to its end, or `cancel` must be called. */
export interface Download extends Answered {
  /** Throws a `DownloadError` where the body ends otherwise than it should. */
  readonly body: AsyncIterable<Uint8Array>;
  cancel(): void;
}

/** A download that broke off: why, as for everything that is said to the outside. */
export class DownloadError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(`the download ended: ${failure.kind}`);
    this.failure = failure;
  }
}

export interface TlsSeen {
  readonly protocol: string;
  readonly cipher: string;
  /** Null where the chain and the name verified; else OpenSSL's code. */
  readonly problem: string | null;
  readonly chain: readonly CertificateSeen[];
}

export interface CertificateSeen {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly keyBits: number | null;
  readonly sha256: string;
}

const MAX_HEADER_BYTES = 32 * 1024;
const MAX_CHAIN = 8;

/** All values of a header, in order. */
export function headerValues(exchange: Pick<Exchange, 'headers'>, name: string): string[] {
  return exchange.headers.filter(([n]) => n === name).map(([, value]) => value);
}

export async function exchange(outbound: Outbound, options: RequestOptions): Promise<Exchange | Failure> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const begin = performance.now();
  const opened = await open(outbound, options, signal);
  if (!opened.ok) return opened;
  const { answer, answered, close } = opened;
  try {
    const { body, truncated } = await readBounded(answer, options.maxBodyBytes);
    return { ...answered, body, truncated, ms: Math.round(performance.now() - begin) };
  } catch (error) {
    return signal.aborted ? failure('timeout') : failureOf(error);
  } finally {
    close();
  }
}

/** One request whose answer is read as it comes, within its bounds. */
export async function download(outbound: Outbound, options: DownloadOptions): Promise<Download | Failure> {
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal, AbortSignal.timeout(options.timeoutMs)]);
  const head = setTimeout(() => ending.abort(), options.idleMs);
  const opened = await open(outbound, options, signal);
  clearTimeout(head);
  if (!opened.ok) return opened;
  const { answer, answered, close } = opened;
  return { ...answered, body: body(), cancel: close };

  async function* body(): AsyncGenerator<Uint8Array> {
    const pieces: AsyncIterable<Uint8Array> = answer;
    let idle = setTimeout(() => ending.abort(), options.idleMs);
    let bytes = 0;
    // How long the reader takes is not the sender's slowness: only waiting counts.
    let waitedMs = 0;
    let since = performance.now();
    try {
      for await (const piece of pieces) {
        clearTimeout(idle);
        bytes += piece.byteLength;
        if (bytes > options.maxBytes) throw new DownloadError(failure('too-large'));
        waitedMs += performance.now() - since;
        if (waitedMs > options.idleMs && (bytes * 1_000) / waitedMs < options.minBytesPerS)
          throw new DownloadError(failure('timeout', 'TOO_SLOW'));
        yield piece;
        since = performance.now();
        idle = setTimeout(() => ending.abort(), options.idleMs);
      }
    } catch (error) {
      if (error instanceof DownloadError) throw error;
      throw new DownloadError(signal.aborted ? failure('timeout') : failureOf(error));
    } finally {
      clearTimeout(idle);
      close();
    }
  }
}

interface Opened {
  readonly ok: true;
  readonly answered: Answered;
  readonly answer: IncomingMessage;
  readonly close: () => void;
}

/** Connects, secures and asks; the answer's body is not read yet. */
async function open(outbound: Outbound, options: Asked, signal: AbortSignal): Promise<Opened | Failure> {
  const { url } = options;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return failure('unreachable', 'BAD_SCHEME');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const tcp = await outbound.connect(url.hostname, port, signal, options.to);
  if ('ok' in tcp) return tcp;
  const address = tcp.remoteAddress ?? '';
  let socket: Socket = tcp;
  let tls: TlsSeen | null = null;
  if (secure) {
    const secured = await secureSocket(
      tcp,
      url.hostname,
      outbound.policy.extraCa,
      options.certificate,
      signal,
    );
    if ('ok' in secured) return secured;
    socket = secured;
    tls = seenOf(secured);
    if (options.certificate === 'require' && tls.problem !== null) {
      socket.destroy();
      return failure('tls-failed', tls.problem);
    }
  }
  const close = (): void => {
    socket.destroy();
    tcp.destroy();
  };
  try {
    const answer = await send(socket, outbound.policy.userAgent, options, signal);
    const headers = pairs(answer.rawHeaders);
    const answered: Answered = {
      ok: true,
      url: url.href,
      status: answer.statusCode ?? 0,
      headers,
      address,
      tls,
    };
    return { ok: true, answered, answer, close };
  } catch (error) {
    close();
    return signal.aborted ? failure('timeout') : failureOf(error);
  }
}

/** Sends the request on an open connection; fulfilled when the answer's headers are whole. */
async function send(
  socket: Socket,
  userAgent: string,
  options: Asked,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    const { url } = options;
    const sent = request(
      {
        host: url.hostname,
        path: `${url.pathname}${url.search}`,
        method: options.method ?? 'GET',
        headers: {
          host: url.host,
          'user-agent': userAgent,
          accept: '*/*',
          'accept-encoding': 'identity',
          connection: 'close',
          ...options.headers,
        },
        createConnection: () => socket,
        maxHeaderSize: MAX_HEADER_BYTES,
        insecureHTTPParser: false,
        signal,
      },
      resolve,
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}

/** A TLS handshake and nothing more: what was agreed and which certificate came. */
export async function handshake(
  outbound: Outbound,
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TlsSeen | Failure> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const tcp = await outbound.connect(host, port, bounded);
  if ('ok' in tcp) return tcp;
  const secured = await secureSocket(tcp, host, outbound.policy.extraCa, 'observe', bounded);
  if ('ok' in secured) return secured;
  const seen = seenOf(secured);
  secured.destroy();
  tcp.destroy();
  return seen;
}

/** A TLS handshake over an open connection; verification is made and noted, and never ends the handshake. */
async function secureSocket(
  tcp: Socket,
  urlHost: string,
  extraCa: readonly string[],
  certificate: Asked['certificate'],
  signal: AbortSignal,
): Promise<TLSSocket | Failure> {
  return await new Promise((resolve) => {
    // An IPv6 address stands in brackets in a URL, and without them in a certificate.
    const host = urlHost.replace(/^\[|\]$/gu, '');
    const isName = !/^[\d.]+$|:/u.test(host);
    const socket = tlsConnect({
      socket: tcp,
      host,
      ...(isName ? { servername: host } : {}),
      ALPNProtocols: ['http/1.1'],
      // Where one only looks, old versions and ciphers are let in so that what is behind them can be seen; the look reports them.
      ...(certificate === 'observe'
        ? { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }
        : { minVersion: 'TLSv1.2' }),
      rejectUnauthorized: false,
      ...(extraCa.length === 0 ? {} : { ca: [...rootCertificates, ...extraCa] }),
    });
    const giveUp = (): void => {
      socket.destroy();
      resolve(failure('timeout'));
    };
    if (signal.aborted) {
      giveUp();
      return;
    }
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('error', (error) => {
      signal.removeEventListener('abort', giveUp);
      tcp.destroy();
      const found = failureOf(error);
      resolve(found.kind === 'connection-reset' ? failure('tls-failed', found.code) : found);
    });
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', giveUp);
      socket.removeAllListeners('error');
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

function seenOf(socket: TLSSocket): TlsSeen {
  const chain: CertificateSeen[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < MAX_CHAIN) {
    chain.push({
      subject: nameText(certificate.subject),
      issuer: nameText(certificate.issuer),
      names: (certificate.subjectaltname ?? '').split(', ').filter((name) => name !== ''),
      notBefore: Date.parse(certificate.valid_from),
      notAfter: Date.parse(certificate.valid_to),
      keyBits: certificate.bits ?? null,
      sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    });
    const issuer: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
    certificate = issuer?.fingerprint256 === certificate.fingerprint256 ? undefined : issuer;
  }
  const problem: unknown = socket.authorizationError;
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    problem: socket.authorized ? null : problemCode(problem),
    chain,
  };
}

function problemCode(problem: unknown): string {
  if (typeof problem === 'string') return problem;
  if (typeof problem === 'object' && problem !== null && 'code' in problem) return String(problem.code);
  return 'UNVERIFIED';
}

function nameText(name: { [field: string]: string | string[] | undefined } | undefined): string {
  return Object.entries(name ?? {})
    .map(([field, value]) => `${field}=${String(value)}`)
    .join(', ');
}

async function readBounded(body: AsyncIterable<Uint8Array>, maxBytes: number) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    const room = maxBytes - length;
    if (chunk.byteLength > room) {
      chunks.push(chunk.subarray(0, room));
      return { body: Buffer.concat(chunks), truncated: true };
    }
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  return { body: Buffer.concat(chunks), truncated: false };
}

function pairs(raw: readonly string[]): (readonly [string, string])[] {
  const result: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) result.push([(raw[i] ?? '').toLowerCase(), raw[i + 1] ?? '']);
  return result;
}
