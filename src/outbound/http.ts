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

export interface RequestOptions {
  readonly url: URL;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The answer's body is read up to here; `truncated` says that there was more. */
  readonly maxBodyBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /**
   * `require`: a certificate that does not verify fails the request, as do versions below TLS 1.2. `observe`: it is noted and the request goes on;
   * only for looking at a public page, without anything secret in the request.
   */
  readonly certificate: 'require' | 'observe';
  /** Speak to this address instead of the name's own (it must be allowed too); the name stays in SNI and Host. */
  readonly to?: string;
}

export interface Exchange {
  readonly ok: true;
  readonly url: string;
  readonly status: number;
  /** Names in lower case and values as sent, repeats and order kept. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly truncated: boolean;
  readonly address: string;
  readonly tls: TlsSeen | null;
  readonly ms: number;
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
  const { url } = options;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return failure('unreachable', 'BAD_SCHEME');
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const begin = performance.now();
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
  try {
    const answer = await send(socket, outbound.policy.userAgent, options, signal);
    const { body, truncated } = await readBounded(answer, options.maxBodyBytes);
    return {
      ok: true,
      url: url.href,
      status: answer.statusCode ?? 0,
      headers: pairs(answer.rawHeaders),
      body,
      truncated,
      address,
      tls,
      ms: Math.round(performance.now() - begin),
    };
  } catch (error) {
    return signal.aborted ? failure('timeout') : failureOf(error);
  } finally {
    socket.destroy();
    tcp.destroy();
  }
}

/** Sends the request on an open connection; fulfilled when the answer's headers are whole. */
async function send(
  socket: Socket,
  userAgent: string,
  options: RequestOptions,
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
  certificate: RequestOptions['certificate'],
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
