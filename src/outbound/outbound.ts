import { lookup, Resolver } from 'node:dns/promises';
import { connect as netConnect, isIP, type Socket } from 'node:net';
import { type AddressGate, addressGate } from './address.ts';
import {
  type DnsAnswer,
  type NameServer,
  parseNameServer,
  queryDns,
  type RecordType,
  systemNameServers,
} from './dns.ts';
import { outboundError } from './errors.ts';
import { type Failure, failure, failureOf } from './failure.ts';
import {
  type Download,
  download,
  type DownloadOptions,
  type Exchange,
  exchange,
  handshake,
  type RequestOptions,
  type TlsSeen,
} from './http.ts';

/** What one integration may reach, and how. */
export interface OutboundPolicy {
  /** Networks beyond the public internet that the operator allowed by name; addresses or CIDR blocks. */
  readonly allowNetworks: readonly string[];
  /** Certificate authorities trusted besides the usual ones, PEM. */
  readonly extraCa: readonly string[];
  /** A name server (`address` or `address:port`); the system's own where null. */
  readonly resolver: string | null;
  readonly userAgent: string;
  /** `host:port` → `address:port`: speak to this address instead, as before a change of DNS. Checked like any other. */
  readonly connectTo: Readonly<Record<string, string>>;
}

export interface Resolved {
  readonly ok: true;
  /** Addresses that may be spoken to, in the resolver's order; never empty. */
  readonly addresses: readonly string[];
}

/** The only way out: whatever is reached was resolved, checked and pinned here, and everything is bounded. */
export interface Outbound {
  readonly policy: OutboundPolicy;
  /** The addresses of a host name (or the address itself) that the policy allows. */
  resolve(host: string, signal: AbortSignal): Promise<Resolved | Failure>;
  /** A TCP connection to an allowed address of `host`; the caller must destroy it. `to` pins one address. */
  connect(host: string, port: number, signal: AbortSignal, to?: string): Promise<Socket | Failure>;
  /** One HTTP request and its answer; redirects are not followed. */
  request(options: RequestOptions): Promise<Exchange | Failure>;
  /** One HTTP request whose answer is read as it comes; redirects are not followed. */
  download(options: DownloadOptions): Promise<Download | Failure>;
  /** A TLS handshake with a bad certificate noted, and nothing sent after it. */
  handshake(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<TlsSeen | Failure>;
  dns(name: string, type: RecordType, signal: AbortSignal): Promise<DnsAnswer | Failure>;
}

/** Opens a way out under a policy. Throws `outbound/bad-network` where the policy cannot be read. */
export function openOutbound(policy: OutboundPolicy): Outbound {
  let gate: AddressGate;
  try {
    gate = addressGate(policy.allowNetworks);
  } catch (error) {
    throw outboundError('outbound/bad-network', { cause: error });
  }
  const servers: readonly NameServer[] = nameServers(policy);

  async function addressesOf(host: string): Promise<readonly string[]> {
    if (policy.resolver === null)
      return (await lookup(host, { all: true, order: 'verbatim' })).map((a) => a.address);
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    resolver.setServers(
      servers.map((s) => (s.address.includes(':') ? `[${s.address}]:${s.port}` : `${s.address}:${s.port}`)),
    );
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const [v4] = found;
    if (addresses.length === 0 && v4.status === 'rejected') throw v4.reason;
    return addresses;
  }

  const outbound: Outbound = {
    policy,
    async resolve(host, signal) {
      const bare = host.replace(/^\[|\]$/gu, '');
      let addresses: readonly string[];
      try {
        addresses = isIP(bare) === 0 ? await untilAborted(addressesOf(bare), signal) : [bare];
      } catch (error) {
        return failureOf(error);
      }
      if (addresses.length === 0) return failure('no-address');
      const allowed = addresses.filter((address) => gate.allows(address));
      return allowed.length === 0 ? failure('address-refused') : { ok: true, addresses: allowed };
    },
    async connect(host, askedPort, signal, to) {
      const pinned = policy.connectTo[`${host}:${askedPort}`];
      const [, pinnedHost, pinnedPort] = /^(.*):(\d+)$/u.exec(pinned ?? '') ?? [];
      const port = pinnedPort === undefined ? askedPort : Number(pinnedPort);
      const resolved = await outbound.resolve(to ?? pinnedHost ?? host, signal);
      if (!resolved.ok) return resolved;
      let last: Failure = failure('unreachable');
      for (const address of resolved.addresses.slice(0, MAX_ADDRESSES)) {
        const socket = await connectTo(address, port, signal);
        if (!('ok' in socket)) return socket;
        last = socket;
        if (signal.aborted) break;
      }
      return last;
    },
    request: (options) => exchange(outbound, options),
    download: (options) => download(outbound, options),
    handshake: (host, port, timeoutMs, signal) => handshake(outbound, host, port, timeoutMs, signal),
    dns: (name, type, signal) => queryDns(servers, name, type, signal),
  };
  return outbound;
}

/** How many of a host's addresses are tried before giving up. */
const MAX_ADDRESSES = 3;
const CONNECT_MS = 4_000;

function nameServers(policy: OutboundPolicy): readonly NameServer[] {
  if (policy.resolver === null) return systemNameServers();
  const server = parseNameServer(policy.resolver);
  if (server === null)
    throw outboundError('outbound/bad-network', { details: { resolver: policy.resolver } });
  return [server];
}

async function connectTo(address: string, port: number, signal: AbortSignal): Promise<Socket | Failure> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
  return await new Promise((resolve) => {
    if (bounded.aborted) {
      resolve(failure('timeout'));
      return;
    }
    const socket = netConnect({ host: address, port });
    const giveUp = (): void => {
      socket.destroy();
      resolve(failure('timeout'));
    };
    bounded.addEventListener('abort', giveUp, { once: true });
    socket.once('error', (error) => {
      bounded.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(failureOf(error));
    });
    socket.once('connect', () => {
      bounded.removeEventListener('abort', giveUp);
      socket.removeAllListeners('error');
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
