// Detached OpenPGP signatures, as projects sign their releases (RFC 9580): enough of it to check one, and no more. What is not known is refused: version 3, SHA-1, keys by
// other algorithms, packets of unknown length. Trust comes from a fingerprint that the caller knows, never from a key's own words.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { asBuffer, hexOf } from '#kernel';
import { cryptoError } from './errors.ts';

/** A key file, a signature: neither is longer, by far. */
const MAX_ARMORED = 512 * 1024;
/** By their numbers (section 9.5). */
const HASHES: Readonly<Record<number, string>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' };
const RSA: ReadonlySet<number> = new Set([1, 3]);
const EDDSA_LEGACY = 22;
const ED25519 = 27;
const ED25519_OID = '2b06010401da470f01';
/** Packet types (section 5). */
const Tag = { signature: 2, key: 6, userId: 13, subkey: 14, userAttribute: 17 } as const;
const EMPTY = Buffer.alloc(0);
/** Signature types (section 5.2.1). */
const SignatureType = {
  binary: 0x00,
  certificationFrom: 0x10,
  certificationTo: 0x13,
  subkeyBinding: 0x18,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
} as const;
/** Subpackets (section 5.2.3.7). */
const Sub = { created: 2, keyExpires: 9, keyFlags: 27 } as const;
const MAY_SIGN = 0x02;

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

interface PublicKey {
  readonly body: Buffer;
  readonly algorithm: number;
  readonly key: KeyObject;
  readonly createdS: number;
  /** Bytes of an RSA modulus; 0 for others. */
  readonly modulusBytes: number;
}

interface Signature {
  readonly type: number;
  readonly algorithm: number;
  readonly hash: string;
  /** What of the packet is hashed. */
  readonly hashed: Buffer;
  readonly subpackets: ReadonlyMap<number, Buffer>;
  readonly numbers: Buffer;
}

/**
 * Whether a detached binary signature over `data` is good, by the key of this fingerprint (40 hexadecimal digits, version 4) or a subkey that it lets sign. Key and signature
 * are armored. Throws `crypto/bad-openpgp` where either cannot be read, or holds no key of that fingerprint.
 */
export function verifyOpenpgp(
  armoredKey: string,
  fingerprint: string,
  armoredSignature: string,
  data: Uint8Array,
): boolean {
  const signature = signaturesIn(packetsOf(dearmored(armoredSignature, 'SIGNATURE')))[0];
  if (signature === undefined || signature.type !== SignatureType.binary)
    throw bad('no signature over a file');
  const createdS = numberIn(signature, Sub.created);
  if (createdS === null) throw bad('a signature without its time');
  return signingKeys(packetsOf(dearmored(armoredKey, 'PUBLIC KEY BLOCK')), fingerprint, createdS).some(
    (key) => isGood(signature, key, [asBuffer(data)]),
  );
}

function bad(why: string): Error {
  return cryptoError('crypto/bad-openpgp', { details: { why } });
}

function dearmored(text: string, kind: string): Buffer {
  if (text.length > MAX_ARMORED) throw bad('too long');
  const found = new RegExp(
    `-----BEGIN PGP ${kind}-----\\r?\\n(?:[A-Za-z-]{1,32}: [^\\r\\n]*\\r?\\n){0,16}\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END PGP ${kind}-----`,
    'u',
  ).exec(text);
  if (found?.[1] === undefined) throw bad('not armored');
  // The checksum line says nothing that the signature does not (section 6.1).
  return Buffer.from(found[1].replace(/\r?\n=[A-Za-z0-9+/]{4}\s*$/u, ''), 'base64');
}

/** Packets in a row (section 4.2); partial lengths are for streams, and refused. */
function packetsOf(bytes: Buffer): readonly Packet[] {
  const packets: Packet[] = [];
  let at = 0;
  const octet = (): number => {
    const value = bytes[at];
    if (value === undefined) throw bad('cut off');
    at += 1;
    return value;
  };
  const number = (octets: number): number => {
    let value = 0;
    for (let i = 0; i < octets; i += 1) value = value * 256 + octet();
    return value;
  };
  while (at < bytes.length) {
    const first = octet();
    if ((first & 0x80) === 0) throw bad('not a packet');
    const isNew = (first & 0x40) !== 0;
    let length: number;
    if (isNew) {
      const one = octet();
      if (one < 192) length = one;
      else if (one < 224) length = ((one - 192) << 8) + octet() + 192;
      else if (one === 255) length = number(4);
      else throw bad('a partial length');
    } else {
      const kind = first & 3;
      if (kind === 3) throw bad('a length that is not told');
      length = number(kind === 0 ? 1 : kind === 1 ? 2 : 4);
    }
    if (at + length > bytes.length) throw bad('cut off');
    packets.push({ tag: isNew ? first & 0x3f : (first >> 2) & 0x0f, body: bytes.subarray(at, at + length) });
    at += length;
  }
  return packets;
}

function signaturesIn(packets: readonly Packet[]): readonly Signature[] {
  return packets.flatMap(({ tag, body }) => {
    const read = tag === Tag.signature ? readSignature(body) : null;
    return read === null ? [] : [read];
  });
}

/** Null for one that is not known: of another version, or by a hash that is too weak. */
function readSignature(body: Buffer): Signature | null {
  const [version, type, algorithm, hashNumber] = body;
  const hash = HASHES[hashNumber ?? 0];
  if (version !== 4 || type === undefined || algorithm === undefined || hash === undefined) return null;
  const hashedEnd = 6 + lengthAt(body, 4);
  const unhashedEnd = hashedEnd + 2 + lengthAt(body, hashedEnd);
  if (unhashedEnd + 2 > body.length) throw bad('cut off');
  return {
    type,
    algorithm,
    hash,
    hashed: body.subarray(0, hashedEnd),
    // Only what is signed counts.
    subpackets: subpacketsOf(body.subarray(6, hashedEnd)),
    numbers: body.subarray(unhashedEnd + 2),
  };
}

function lengthAt(bytes: Buffer, at: number): number {
  if (at + 2 > bytes.length) throw bad('cut off');
  return bytes.readUInt16BE(at);
}

function subpacketsOf(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at] ?? 0;
    let length = first;
    at += 1;
    if (first >= 192 && first < 255) {
      length = ((first - 192) << 8) + (bytes[at] ?? 0) + 192;
      at += 1;
    } else if (first === 255) {
      if (at + 4 > bytes.length) throw bad('cut off');
      length = bytes.readUInt32BE(at);
      at += 4;
    }
    if (length === 0 || at + length > bytes.length) throw bad('cut off');
    found.set((bytes[at] ?? 0) & 0x7f, bytes.subarray(at + 1, at + length));
    at += length;
  }
  return found;
}

function numberIn({ subpackets }: Signature, type: number): number | null {
  const value = subpackets.get(type);
  return value?.length === 4 ? value.readUInt32BE(0) : null;
}

/** The key of a fingerprint, and its subkeys that may sign, as they stood at a time, seconds since 1970. */
function signingKeys(packets: readonly Packet[], fingerprint: string, atS: number): readonly PublicKey[] {
  const first = packets.findIndex(
    ({ tag, body }) => tag === Tag.key && fingerprintOf(body) === fingerprint.toLowerCase(),
  );
  const key = first === -1 ? null : readKey(packets[first]?.body ?? EMPTY);
  if (key === null) throw bad('no key of that fingerprint');
  const next = packets.findIndex(({ tag }, at) => at > first && tag === Tag.key);
  const own = signedParts(packets.slice(first + 1, next === -1 ? undefined : next), key);
  if (own.some(({ signature }) => signature.type === SignatureType.keyRevocation)) return [];
  const certified = newest(own.filter(({ signature }) => saysUntilWhen(signature)));
  if (certified === null || hasEnded(key, certified, atS)) return [];
  const keys = [key];
  for (const { tag, body } of packets.slice(first + 1, next === -1 ? undefined : next)) {
    const subkey = tag === Tag.subkey ? readKey(body) : null;
    if (subkey === null) continue;
    const about = own.filter((one) => one.subkey?.equals(body) === true);
    if (about.some(({ signature }) => signature.type === SignatureType.subkeyRevocation)) continue;
    const binding = newest(about.filter(({ signature }) => signature.type === SignatureType.subkeyBinding));
    const maySign = ((binding?.subpackets.get(Sub.keyFlags)?.[0] ?? 0) & MAY_SIGN) !== 0;
    if (binding !== null && maySign && !hasEnded(subkey, binding, atS)) keys.push(subkey);
  }
  return keys;
}

/** A good signature by a key over itself, one of its names, or one of its subkeys. */
interface SignedPart {
  readonly signature: Signature;
  readonly subkey: Buffer | null;
}

/** Signatures stand behind what they are about (section 10.1); those that are not good are passed over. */
function signedParts(packets: readonly Packet[], key: PublicKey): readonly SignedPart[] {
  const own = hashedKey(key.body);
  const parts: SignedPart[] = [];
  let signed: readonly Buffer[] = [own];
  let subkey: Buffer | null = null;
  for (const packet of packets) {
    if (packet.tag === Tag.userId || packet.tag === Tag.userAttribute) signed = [own, hashedName(packet)];
    else if (packet.tag === Tag.subkey) {
      subkey = packet.body;
      signed = [own, hashedKey(packet.body)];
    }
    const signature = packet.tag === Tag.signature ? readSignature(packet.body) : null;
    if (signature === null) continue;
    const isAboutKey =
      signature.type === SignatureType.keyRevocation || signature.type === SignatureType.directKey;
    if (isGood(signature, key, isAboutKey ? [own] : signed))
      parts.push({ signature, subkey: isAboutKey ? null : subkey });
  }
  return parts;
}

function newest(parts: readonly SignedPart[]): Signature | null {
  const made = (one: Signature): number => numberIn(one, Sub.created) ?? 0;
  return parts.map(({ signature }) => signature).toSorted((a, b) => made(b) - made(a))[0] ?? null;
}

function hasEnded(key: PublicKey, by: Signature, atS: number): boolean {
  const lifetimeS = numberIn(by, Sub.keyExpires) ?? 0;
  return lifetimeS > 0 && key.createdS + lifetimeS < atS;
}

/** Whether a signature of a key over itself says until when it is good. */
function saysUntilWhen({ type }: Signature): boolean {
  return (
    type === SignatureType.directKey ||
    (type >= SignatureType.certificationFrom && type <= SignatureType.certificationTo)
  );
}

function hashedName({ tag, body }: Packet): Buffer {
  const head = Buffer.alloc(5);
  head[0] = tag === Tag.userId ? 0xb4 : 0xd1;
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Version 4 (section 5.5.4.2). */
function fingerprintOf(body: Buffer): string {
  return hexOf(createHash('sha1').update(hashedKey(body)).digest());
}

function hashedKey(body: Buffer): Buffer {
  const head = Buffer.alloc(3);
  head[0] = 0x99;
  head.writeUInt16BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Null for a key that is not known. */
function readKey(body: Buffer): PublicKey | null {
  if (body.length < 6 || body[0] !== 4) return null;
  const algorithm = body[5] ?? 0;
  const material = body.subarray(6);
  const told = { body, algorithm, createdS: body.readUInt32BE(1) };
  if (RSA.has(algorithm)) {
    const [n, e] = numbersIn(material);
    if (n === undefined || e === undefined || n.length < 256) return null;
    const jwk = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
    return { ...told, key: createPublicKey({ key: jwk, format: 'jwk' }), modulusBytes: n.length };
  }
  const point =
    algorithm === ED25519
      ? material.subarray(0, 32)
      : algorithm === EDDSA_LEGACY
        ? legacyPoint(material)
        : null;
  if (point?.length !== 32) return null;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') };
  return { ...told, key: createPublicKey({ key: jwk, format: 'jwk' }), modulusBytes: 0 };
}

/** The point of an EdDSA key as GnuPG writes it: a curve's name, then the number 0x40 and 32 bytes. */
function legacyPoint(material: Buffer): Buffer | null {
  const length = material[0] ?? 0;
  if (hexOf(material.subarray(1, 1 + length)) !== ED25519_OID) return null;
  const [point] = numbersIn(material.subarray(1 + length));
  return point?.length === 33 && point[0] === 0x40 ? point.subarray(1) : null;
}

/** Numbers in a row, each with its length in bits before it (section 3.2). */
function numbersIn(bytes: Buffer): readonly Buffer[] {
  const numbers: Buffer[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const length = Math.ceil(bytes.readUInt16BE(at) / 8);
    if (at + 2 + length > bytes.length) throw bad('cut off');
    numbers.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return numbers;
}

function isGood(
  { algorithm, hash, hashed, numbers }: Signature,
  key: PublicKey,
  signed: readonly Buffer[],
): boolean {
  const isRsa = RSA.has(algorithm);
  if (isRsa !== RSA.has(key.algorithm) || (!isRsa && algorithm !== key.algorithm)) return false;
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  trailer.writeUInt32BE(hashed.length, 2);
  const message = Buffer.concat([...signed, hashed, trailer]);
  if (isRsa) {
    const [number] = numbersIn(numbers);
    return number !== undefined && verify(hash, message, key.key, padded(number, key.modulusBytes));
  }
  const digest = createHash(hash).update(message).digest();
  if (algorithm === ED25519) return numbers.length === 64 && verify(null, digest, key.key, numbers);
  const [r, s] = numbersIn(numbers);
  return (
    algorithm === EDDSA_LEGACY &&
    r !== undefined &&
    s !== undefined &&
    verify(null, digest, key.key, Buffer.concat([padded(r, 32), padded(s, 32)]))
  );
}

/** A number at its full length: leading zeros are left out where it is written. */
function padded(number: Buffer, length: number): Buffer {
  return number.length >= length ? number : Buffer.concat([Buffer.alloc(length - number.length), number]);
}
