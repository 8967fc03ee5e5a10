// Raw TLS client hellos, for versions and suites that node:tls will not offer. Only the first answer is read: whether the
// server would go on. RFC 8446 (1.3), RFC 5246 (1.2), RFC 6101 (SSL 3.0). What an attacker controls: every byte that
// comes back; what is not a well-formed ServerHello or alert within bounds counts as neither yes nor no.
import { randomBytes } from 'node:crypto';
import type { TlsVersion } from '../evidence.ts';

const WIRE_VERSION: Readonly<Record<TlsVersion, number>> = {
  'SSL 3.0': 0x0300,
  'TLS 1.0': 0x0301,
  'TLS 1.1': 0x0302,
  'TLS 1.2': 0x0303,
  'TLS 1.3': 0x0304,
};

/** Suites nobody should accept any more: no encryption, no authentication, export, RC4, DES, 3DES. IANA names. */
export const WEAK_SUITES: ReadonlyMap<number, string> = new Map([
  [0x0001, 'TLS_RSA_WITH_NULL_MD5'],
  [0x0002, 'TLS_RSA_WITH_NULL_SHA'],
  [0x003b, 'TLS_RSA_WITH_NULL_SHA256'],
  [0xc006, 'TLS_ECDHE_ECDSA_WITH_NULL_SHA'],
  [0xc010, 'TLS_ECDHE_RSA_WITH_NULL_SHA'],
  [0x0003, 'TLS_RSA_EXPORT_WITH_RC4_40_MD5'],
  [0x0008, 'TLS_RSA_EXPORT_WITH_DES40_CBC_SHA'],
  [0x0014, 'TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA'],
  [0x0004, 'TLS_RSA_WITH_RC4_128_MD5'],
  [0x0005, 'TLS_RSA_WITH_RC4_128_SHA'],
  [0xc007, 'TLS_ECDHE_ECDSA_WITH_RC4_128_SHA'],
  [0xc011, 'TLS_ECDHE_RSA_WITH_RC4_128_SHA'],
  [0x0009, 'TLS_RSA_WITH_DES_CBC_SHA'],
  [0x0015, 'TLS_DHE_RSA_WITH_DES_CBC_SHA'],
  [0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'],
  [0x0016, 'TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA'],
  [0xc008, 'TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA'],
  [0xc012, 'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA'],
  [0x0018, 'TLS_DH_anon_WITH_RC4_128_MD5'],
  [0x001b, 'TLS_DH_anon_WITH_3DES_EDE_CBC_SHA'],
  [0x0034, 'TLS_DH_anon_WITH_AES_128_CBC_SHA'],
  [0x003a, 'TLS_DH_anon_WITH_AES_256_CBC_SHA'],
  [0x006c, 'TLS_DH_anon_WITH_AES_128_CBC_SHA256'],
  [0x006d, 'TLS_DH_anon_WITH_AES_256_CBC_SHA256'],
  [0x00a6, 'TLS_DH_anon_WITH_AES_128_GCM_SHA256'],
  [0x00a7, 'TLS_DH_anon_WITH_AES_256_GCM_SHA384'],
  [0xc018, 'TLS_ECDH_anon_WITH_AES_128_CBC_SHA'],
  [0xc019, 'TLS_ECDH_anon_WITH_AES_256_CBC_SHA'],
]);

/** Suites of TLS 1.2 and older that real servers accept, strong and old ones: offered to learn about versions. */
const COMMON_SUITES: readonly number[] = [
  0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0xc023, 0xc027, 0xc024,
  0xc028, 0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035, 0x0033, 0x0039, 0x009e, 0x009f, 0x0067, 0x006b,
  0x0041, 0x0084, 0x000a, 0xc012, 0x0016, 0x0005, 0x0004, 0xc011, 0xc05c, 0xc060, 0xc061, 0xc050, 0xc051,
  0x00ba, 0x00c0, 0xc07a, 0xc07b, 0xc08a, 0xc08b,
];

const TLS13_SUITES: readonly number[] = [0x1301, 0x1302, 0x1303];

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16BE(value, i * 2));
  return bytes;
}

/** Bytes preceded by their length in `lengthBytes`. */
function vector(lengthBytes: 1 | 2 | 3, body: Buffer): Buffer {
  const head = Buffer.alloc(lengthBytes);
  head.writeUIntBE(body.byteLength, 0, lengthBytes);
  return Buffer.concat([head, body]);
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([u16(type), vector(2, body)]);
}

/** The whole first record of a handshake. `suites` replaces the usual offer (TLS 1.2 and older). */
export function clientHello(host: string, version: TlsVersion, suites?: readonly number[]): Buffer {
  const wire = WIRE_VERSION[version];
  const is13 = version === 'TLS 1.3';
  const extensions: Buffer[] = [];
  if (version !== 'SSL 3.0') {
    if (!/^[\d.]+$|:/u.test(host)) {
      extensions.push(
        extension(0, vector(2, Buffer.concat([Buffer.of(0), vector(2, Buffer.from(host, 'ascii'))]))),
      );
    }
    extensions.push(extension(10, vector(2, u16(0x001d, 0x0017, 0x0018, 0x0019))));
    extensions.push(extension(11, vector(1, Buffer.of(0))));
    extensions.push(
      extension(
        13,
        vector(2, u16(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0203, 0x0201)),
      ),
    );
  }
  if (is13) {
    extensions.push(extension(43, vector(1, u16(0x0304))));
    // A random string is a valid X25519 public key; only the server's hello is wanted.
    extensions.push(extension(51, vector(2, Buffer.concat([u16(0x001d), vector(2, randomBytes(32))]))));
  }
  const offer = suites ?? (is13 ? TLS13_SUITES : COMMON_SUITES);
  // TLS_EMPTY_RENEGOTIATION_INFO_SCSV, which careful servers want to see (RFC 5746).
  const body = Buffer.concat([
    u16(is13 ? 0x0303 : wire),
    randomBytes(32),
    vector(1, version === 'SSL 3.0' ? Buffer.alloc(0) : randomBytes(32)),
    vector(2, u16(...offer, ...(is13 ? [] : [0x00ff]))),
    vector(1, Buffer.of(0)),
    ...(extensions.length === 0 ? [] : [vector(2, Buffer.concat(extensions))]),
  ]);
  const handshake = Buffer.concat([Buffer.of(1), vector(3, body)]);
  return Buffer.concat([Buffer.of(22), u16(Math.min(wire, 0x0301)), vector(2, handshake)]);
}

export type HelloAnswer =
  | { readonly kind: 'hello'; readonly version: TlsVersion; readonly suite: number }
  | { readonly kind: 'alert'; readonly description: number }
  | { readonly kind: 'other' };

const RECORD_HEADER = 5;
const MAX_RECORD = 1 << 14;

/** Reads the server's first record; null while it is not whole yet. */
export function readAnswer(bytes: Buffer): HelloAnswer | null {
  if (bytes.byteLength < RECORD_HEADER) return null;
  const type = bytes[0];
  const length = bytes.readUInt16BE(3);
  if (bytes[1] !== 3 || length === 0 || length > MAX_RECORD + 2_048) return { kind: 'other' };
  if (bytes.byteLength < RECORD_HEADER + length) return null;
  const record = bytes.subarray(RECORD_HEADER, RECORD_HEADER + length);
  if (type === 21 && record.byteLength >= 2) return { kind: 'alert', description: record[1] ?? 0 };
  return type === 22 ? readServerHello(record) : { kind: 'other' };
}

function readServerHello(record: Buffer): HelloAnswer {
  // msg_type(1) length(3) version(2) random(32) session_id<0..32> suite(2) compression(1) extensions<0..2^16-1>
  if (record[0] !== 2 || record.byteLength < 4 + 2 + 32 + 1) return { kind: 'other' };
  const legacy = record.readUInt16BE(4);
  const afterSession = 39 + (record[38] ?? 0);
  if (record.byteLength < afterSession + 3) return { kind: 'other' };
  const suite = record.readUInt16BE(afterSession);
  const chosen = supportedVersion(record.subarray(afterSession + 3)) ?? legacy;
  const version = Object.entries(WIRE_VERSION).find(([, wire]) => wire === chosen)?.[0];
  return isVersion(version) ? { kind: 'hello', version, suite } : { kind: 'other' };
}

function isVersion(name: string | undefined): name is TlsVersion {
  return name !== undefined && name in WIRE_VERSION;
}

/** The version named in the supported_versions extension, which TLS 1.3 servers (hello retry included) must send. */
function supportedVersion(bytes: Buffer): number | null {
  if (bytes.byteLength < 2) return null;
  const end = Math.min(bytes.byteLength, 2 + bytes.readUInt16BE(0));
  for (let at = 2; at + 4 <= end; ) {
    const type = bytes.readUInt16BE(at);
    const length = bytes.readUInt16BE(at + 2);
    if (type === 43 && length === 2 && at + 6 <= end) return bytes.readUInt16BE(at + 4);
    at += 4 + length;
  }
  return null;
}
