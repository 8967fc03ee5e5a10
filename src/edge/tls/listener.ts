// Where connections come in. Everything that an attacker can make many of, long of or slow is bounded here, before there is a request.
import { constants, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { MINUTE_MS, SECOND_MS, systemCode } from '#kernel';
import type { ClientCertificate } from '../callers/caller.ts';
import { fingerprint } from '../callers/client-certificate.ts';
import { busyPort } from '../errors.ts';
import { unitsOf } from '../message/client.ts';
import { firstOf, LeanRequest } from '../message/lean-request.ts';
import { type Certificates, TLS_OPTIONS } from './certificates.ts';

export interface ListenerPlace {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly tls: boolean;
  /** Asks clients for a certificate; a listener of its own, because browsers would ask their users. */
  readonly clientCertificates: boolean;
  /** Shows everybody to https and answers certificate authorities; nothing is served here. Without TLS. */
  readonly redirect: boolean;
  /** Several edges listen on one port, and the system spreads connections over them. */
  readonly shared: boolean;
}

/** Bounds of one listener. */
export interface ConnectionBounds {
  readonly connections: number;
  /** By address or IPv6 /64. Listed proxies are not counted: all visitors come through them. */
  readonly perAddress: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly idleMs: number;
  readonly silentMs: number;
}

export const CONNECTION_BOUNDS: ConnectionBounds = {
  connections: 16_384,
  perAddress: 256,
  headersMs: 10 * SECOND_MS,
  requestMs: MINUTE_MS,
  idleMs: 65 * SECOND_MS,
  silentMs: MINUTE_MS,
};

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
const HANDSHAKE_MS = 10 * SECOND_MS;

export interface ListenerHandlers {
  request(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void;
  upgrade(request: IncomingMessage, socket: Duplex, early: Buffer): void;
  /** A message that no request came of: the parser's code. */
  malformed(code: string): void;
  trusts(peer: string): boolean;
}

export interface Listener {
  readonly place: ListenerPlace;
  readonly port: number;
  connections(): number;
  /** Takes no more connections, tells open ones to end after the request they are at, and waits; what is left after `graceMs` is cut. */
  drain(graceMs: number): Promise<void>;
}

/** Opens a listener. Throws `edge/busy-port`. */
export async function openListener(
  place: ListenerPlace,
  certificates: Certificates,
  handlers: ListenerHandlers,
  bounds: ConnectionBounds = CONNECTION_BOUNDS,
): Promise<Listener> {
  const open = new Set<Socket>();
  const perAddress = new Map<string, number>();
  const sessions = new Set<ServerHttp2Session>();
  let draining = false;

  const onRequest = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    if (draining && 'shouldKeepAlive' in response) response.shouldKeepAlive = false;
    if (request instanceof LeanRequest) request.isHandedOver = true;
    handlers.request(request, response);
  };
  // Of the listener's own context: what SNI brings in place of it changes certificates alone.
  const secureOptions =
    constants.SSL_OP_NO_RENEGOTIATION | (place.clientCertificates ? constants.SSL_OP_NO_TICKET : 0);
  const http1 = {
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
    requireHostHeader: true,
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    keepAliveTimeout: bounds.idleMs,
    connectionsCheckingInterval: 2 * SECOND_MS,
    noDelay: true,
    IncomingMessage: LeanRequest,
    shouldUpgradeCallback: (request: IncomingMessage) =>
      firstOf(request.rawHeaders, 'upgrade')?.toLowerCase() === 'websocket',
  };
  const server: Server | Http2SecureServer = place.tls
    ? createSecureServer(
        {
          ...TLS_OPTIONS,
          ...http1,
          http1Options: http1,
          allowHTTP1: true,
          SNICallback: (name, done) => {
            const context = certificates.context(name);
            done(context === null ? new Error('no certificate') : null, context ?? undefined);
          },
          secureOptions,
          handshakeTimeout: HANDSHAKE_MS,
          requestCert: place.clientCertificates,
          rejectUnauthorized: false,
          settings: { maxConcurrentStreams: 100, maxHeaderListSize: MAX_HEADER_BYTES, enablePush: false },
          maxHeaderListPairs: MAX_HEADERS,
          maxSessionMemory: 4,
          maxSettings: 16,
          maxOutstandingPings: 5,
          streamResetBurst: 200,
          streamResetRate: 20,
        },
        onRequest,
      )
    : createServer(http1, onRequest);
  // Who sends no name (an address was asked for, an old program) is not asked about by SNI.
  if ('setSecureContext' in server)
    certificates.follow((options) => server.setSecureContext({ ...options, secureOptions }));
  if (!place.tls && 'maxHeadersCount' in server) server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = bounds.connections;
  server.setTimeout(bounds.silentMs);

  server.prependListener('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    const unit = unitsOf(peer.replace(/^::ffff:/u, '')).address;
    const count = (perAddress.get(unit) ?? 0) + 1;
    if (count > bounds.perAddress && !handlers.trusts(peer)) {
      socket.destroy();
      return;
    }
    perAddress.set(unit, count);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      const left = (perAddress.get(unit) ?? 1) - 1;
      if (left <= 0) perAddress.delete(unit);
      else perAddress.set(unit, left);
    });
  });
  server.on('clientError', (error: Error, socket: Duplex) => {
    const code = systemCode(error) ?? '';
    if (code !== 'ECONNRESET' && code !== 'EPIPE') handlers.malformed(code);
    answerMalformed(socket, code);
  });
  server.on('tlsClientError', (_: Error, socket: TLSSocket) => socket.destroy());
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { 'content-length': '0' }).end();
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, early: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (request instanceof LeanRequest) request.isHandedOver = true;
    handlers.upgrade(request, socket, early);
  });
  server.on('session', (session: ServerHttp2Session) => {
    session.on('error', () => session.destroy());
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(busyPort(error, place)));
    server.listen({ host: place.host, port: place.port, backlog: 1_024, reusePort: place.shared }, resolve);
  });
  const { port } = boundAddress(server);
  return {
    place,
    port,
    connections: () => open.size,
    async drain(graceMs) {
      draining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      for (const session of sessions) session.close();
      const until = performance.now() + graceMs;
      while (open.size > 0 && performance.now() < until) {
        if ('closeIdleConnections' in server) server.closeIdleConnections();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function boundAddress(server: Server | Http2SecureServer): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server was asked for');
  return address;
}

const MALFORMED: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What no request came of is answered by hand and ends its connection. */
function answerMalformed(socket: Duplex, code: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = MALFORMED[code] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

const certificates = new WeakMap<Socket, ClientCertificate | null>();

/** The client's certificate where TLS verified it below one of the authorities of the listener; read once a connection. */
export function certificateOf(socket: Socket | TLSSocket): ClientCertificate | null {
  const known = certificates.get(socket);
  if (known !== undefined) return known;
  const read = readCertificate(socket);
  certificates.set(socket, read);
  return read;
}

const MAX_CHAIN = 8;

function readCertificate(socket: Socket | TLSSocket): ClientCertificate | null {
  if (!('getPeerCertificate' in socket) || !socket.authorized) return null;
  const leaf = socket.getPeerCertificate(true);
  if (leaf.raw === undefined) return null;
  let sent: DetailedPeerCertificate = leaf;
  let uppermost = new X509Certificate(leaf.raw);
  for (let i = 0; i < MAX_CHAIN; i++) {
    const above: DetailedPeerCertificate | undefined = sent.issuerCertificate;
    if (above?.raw === undefined || above.fingerprint256 === sent.fingerprint256) break;
    const next = new X509Certificate(above.raw);
    // Node joins what was sent by names alone: a certificate that only bears the issuer's name is not above this one.
    if (!next.ca || !uppermost.checkIssued(next) || !uppermost.verify(next.publicKey)) break;
    sent = above;
    uppermost = next;
  }
  const names = (leaf.subjectaltname ?? '').split(', ').flatMap((name) => {
    const found = /^(?:DNS|URI):(.+)$/u.exec(name)?.[1];
    return found === undefined ? [] : [found];
  });
  return { names, sha256: fingerprint(leaf), uppermost };
}
