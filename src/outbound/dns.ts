// DNS as the look needs it: any record type, the DNSSEC "authentic data" bit, a bound on time and size. Everything in an
// answer is a stranger's word; dns-packet throws on what it cannot read, and that is a failure, not a crash.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { connect, isIPv6 } from 'node:net';
import packet from 'dns-packet';
import { type Failure, failure, failureOf } from './failure.ts';

export type RecordType = 'A' | 'AAAA' | 'TXT' | 'MX' | 'NS' | 'CNAME' | 'CAA' | 'DS' | 'SOA' | 'TLSA';

export interface DnsAnswer {
  readonly ok: true;
  /** NOERROR or NXDOMAIN; anything else is a failure. */
  readonly exists: boolean;
  /** The records of the type asked for, CNAMEs followed by the resolver. */
  readonly records: readonly DnsRecord[];
  /** The resolver says that it checked the signatures. */
  readonly authentic: boolean;
}

/** One record's data as plain text, in the order and form of the zone file. */
export interface DnsRecord {
  readonly name: string;
  readonly ttl: number;
  readonly data: string;
}

/** A name server: address and port. */
export interface NameServer {
  readonly address: string;
  readonly port: number;
}

const UDP_BYTES = 1232; // DNS flag day 2020
const TRY_MS = 2_000;
const TRIES = 2;

/** Reads `1.2.3.4`, `1.2.3.4:53` or `[::1]:53`; null for anything else. */
export function parseNameServer(text: string): NameServer | null {
  const match = /^\[([0-9a-f:.]+)\](?::(\d+))?$/iu.exec(text) ?? /^([0-9.]+)(?::(\d+))?$/u.exec(text);
  const port = Number(match?.[2] ?? 53);
  if (match?.[1] !== undefined && port > 0 && port < 65_536) return { address: match[1], port };
  return isIPv6(text) ? { address: text, port: 53 } : null;
}

/** The system's own name servers. */
export function systemNameServers(): NameServer[] {
  return getServers().flatMap((text) => parseNameServer(text) ?? []);
}

/** Asks for one record set. Never throws. */
export async function queryDns(
  servers: readonly NameServer[],
  name: string,
  type: RecordType,
  signal: AbortSignal,
): Promise<DnsAnswer | Failure> {
  let last: Failure = failure('dns-failed', 'NO_SERVER');
  for (let attempt = 0; attempt < TRIES; attempt++) {
    for (const server of servers) {
      if (signal.aborted) return failure('timeout');
      try {
        return await ask(server, name, type, signal);
      } catch (error) {
        last = error instanceof DnsFailure ? error.failure : { ...failureOf(error), kind: 'dns-failed' };
      }
    }
  }
  return last;
}

class DnsFailure extends Error {
  readonly failure: Failure;

  constructor(code: string) {
    super(code);
    this.failure = failure('dns-failed', code);
  }
}

async function ask(
  server: NameServer,
  name: string,
  type: RecordType,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const id = randomInt(65_536);
  const query: packet.Packet = {
    type: 'query',
    id,
    flags: packet.RECURSION_DESIRED | packet.AUTHENTIC_DATA,
    questions: [{ type, name }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: packet.DNSSEC_OK,
        flag_do: true,
        options: [],
      },
    ],
  };
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]);
  const overUdp = decode(await askUdp(server, packet.encode(query), id, bounded), id, name);
  const reply = overUdp.flag_tc
    ? decode(await askTcp(server, packet.streamEncode(query), bounded), id, name)
    : overUdp;
  if (reply.rcode !== 'NOERROR' && reply.rcode !== 'NXDOMAIN') throw new DnsFailure(reply.rcode);
  return {
    ok: true,
    exists: reply.rcode === 'NOERROR',
    authentic: reply.flag_ad,
    records: (reply.answers ?? []).flatMap((answer) =>
      answer.type === type && answer.name.length <= 255
        ? [{ name: answer.name, ttl: 'ttl' in answer ? (answer.ttl ?? 0) : 0, data: dataText(answer) }]
        : [],
    ),
  };
}

type Decoded = packet.DecodedPacket & { rcode: string };

function decode(bytes: Buffer, id: number, name: string): Decoded {
  let reply: packet.DecodedPacket;
  try {
    reply = packet.decode(bytes);
  } catch {
    throw new DnsFailure('MALFORMED'); // dns-packet throws plain RangeErrors on short or looping messages
  }
  const asked = reply.questions?.[0]?.name.toLowerCase();
  if (reply.id !== id || !reply.flag_qr || (asked !== undefined && asked !== name.toLowerCase())) {
    throw new DnsFailure('MISMATCH');
  }
  if (!('rcode' in reply) || typeof reply.rcode !== 'string') throw new DnsFailure('MALFORMED');
  return { ...reply, rcode: reply.rcode };
}

function dataText(answer: packet.Answer): string {
  switch (answer.type) {
    case 'TXT': {
      const parts = Array.isArray(answer.data) ? answer.data : [answer.data];
      return parts.map((part) => part.toString()).join('');
    }
    case 'MX':
      return `${answer.data.preference ?? 0} ${answer.data.exchange}`;
    case 'CAA':
      return `${answer.data.flags ?? 0} ${answer.data.tag} ${JSON.stringify(answer.data.value)}`;
    case 'DS':
      return `${answer.data.keyTag} ${answer.data.algorithm} ${answer.data.digestType} ${answer.data.digest.toString('hex')}`;
    case 'SOA':
      return `${answer.data.mname} ${answer.data.rname} ${answer.data.serial ?? 0}`;
    default:
      return 'data' in answer && typeof answer.data === 'string' ? answer.data : '';
  }
}

async function askUdp(
  server: NameServer,
  query: Uint8Array,
  id: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      socket.on('error', reject);
      // Connected, so that only this server's packets arrive; one with another id is a stray or a guess.
      socket.connect(server.port, server.address, () => socket.send(query));
      socket.on('message', (message) => {
        if (message.byteLength >= 12 && message.readUInt16BE(0) === id) resolve(message);
      });
    });
  } finally {
    socket.close();
  }
}

async function askTcp(server: NameServer, query: Uint8Array, signal: AbortSignal): Promise<Buffer> {
  const socket = connect({ host: server.address, port: server.port, signal });
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      socket.on('error', reject);
      socket.on('close', () => reject(new DnsFailure('SHORT')));
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        const all = Buffer.concat(chunks);
        if (all.byteLength >= 2 && all.byteLength >= 2 + all.readUInt16BE(0)) {
          resolve(all.subarray(2, 2 + all.readUInt16BE(0)));
        }
      });
      socket.write(query);
    });
  } finally {
    socket.destroy();
  }
}
