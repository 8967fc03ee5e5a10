// A proxy for a browser that looks at a stranger's page: every connection the page causes is resolved, checked and pinned
// here, so that no redirect, script or image of it reaches the machine or the network that Loupe runs in.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { headerValues } from './http.ts';
import type { Outbound } from './outbound.ts';

export interface EgressBounds {
  /** All bytes of all answers together; beyond it every connection ends. */
  readonly maxBytes: number;
  readonly maxConnections: number;
  /** Ports that may be reached. A page has no business with a mail server. */
  readonly ports: readonly number[];
  readonly signal: AbortSignal;
}

/** What a page tried to reach, and whether it was let. */
export interface Reached {
  readonly host: string;
  readonly port: number;
  readonly outcome: 'connected' | 'refused' | 'failed';
}

export interface EgressProxy {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly reached: readonly Reached[];
  close(): Promise<void>;
}

const MAX_PLAIN_BYTES = 8 * 1024 * 1024;
const PLAIN_TIMEOUT_MS = 8_000;

export async function openEgressProxy(outbound: Outbound, bounds: EgressBounds): Promise<EgressProxy> {
  const reached: Reached[] = [];
  const open = new Set<Socket>();
  let bytes = 0;
  let connections = 0;

  const admit = (host: string, port: number): boolean => {
    connections += 1;
    const allowed =
      bounds.ports.includes(port) && connections <= bounds.maxConnections && bytes < bounds.maxBytes;
    if (!allowed) reached.push({ host, port, outcome: 'refused' });
    return allowed;
  };

  const tunnel = async (request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
    client.on('error', () => client.destroy());
    const target = parseAuthority(request.url ?? '');
    if (target === null || !admit(target.host, target.port)) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = await outbound.connect(target.host, target.port, bounds.signal);
    if ('ok' in upstream) {
      const outcome = upstream.kind === 'address-refused' ? 'refused' : 'failed';
      reached.push({ ...target, outcome });
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    reached.push({ ...target, outcome: 'connected' });
    open.add(upstream);
    upstream.on('close', () => {
      open.delete(upstream);
      client.destroy();
    });
    client.on('close', () => upstream.destroy());
    upstream.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > bounds.maxBytes) for (const socket of open) socket.destroy();
    });
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.byteLength > 0) upstream.write(head);
    client.pipe(upstream);
    upstream.pipe(client);
  };

  const plain = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = URL.parse(request.url ?? '');
    const port = url === null || url.port === '' ? 80 : Number(url.port);
    if (url?.protocol !== 'http:' || !admit(url.hostname, port)) {
      response.writeHead(403).end();
      return;
    }
    const answer = await outbound.request({
      url,
      method: request.method === 'HEAD' ? 'HEAD' : 'GET',
      maxBodyBytes: Math.min(MAX_PLAIN_BYTES, Math.max(0, bounds.maxBytes - bytes)),
      timeoutMs: PLAIN_TIMEOUT_MS,
      signal: bounds.signal,
      certificate: 'require',
    });
    const host = url.hostname;
    if (!answer.ok) {
      reached.push({ host, port, outcome: answer.kind === 'address-refused' ? 'refused' : 'failed' });
      response.writeHead(502).end();
      return;
    }
    reached.push({ host, port, outcome: 'connected' });
    bytes += answer.body.byteLength;
    for (const name of ['content-type', 'location']) {
      const [value] = headerValues(answer, name);
      if (value !== undefined) response.setHeader(name, value);
    }
    response.writeHead(answer.status).end(answer.body);
  };

  const server = createServer((request, response) => {
    plain(request, response).catch(() => response.destroy());
  });
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    tunnel(request, client, head).catch(() => client.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${isAddressInfo(address) ? address.port : 0}`,
    reached,
    async close() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isAddressInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

function parseAuthority(text: string): { host: string; port: number } | null {
  const match = /^(\[[0-9a-f:.]+\]|[^:/?#@\s]+):(\d{1,5})$/iu.exec(text);
  const port = Number(match?.[2]);
  return match?.[1] === undefined || port < 1 || port > 65_535 ? null : { host: match[1], port };
}
