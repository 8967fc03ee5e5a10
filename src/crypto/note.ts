// Signed notes: C2SP signed-note (https://c2sp.org/signed-note), with Ed25519 signatures and the
// timestamped cosignatures of C2SP tlog-cosignature that witnesses give.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { asBuffer, base64Of, concat, equalBytes, fromBase64, hexOf, sha256, utf8 } from '#kernel';
import { cryptoError } from './errors.ts';

const ED25519 = 0x01;
const COSIGNATURE_V1 = 0x04;

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/** A note's text and its signature lines. The text ends with a newline and holds no empty last line. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** First 4 bytes of the hash of name and key. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** Who signed, and for a witness when (Unix seconds). */
export interface Verified {
  readonly name: string;
  readonly timestampS?: number;
}

export interface NoteVerifier {
  readonly name: string;
  readonly keyId: Uint8Array;
  /** The key's own text form: name+hash+key. */
  readonly vkey: string;
  /** Checks one signature line of this key over a note's text. */
  check(text: string, signature: Uint8Array): Verified | null;
}

export interface NoteSigner {
  readonly verifier: NoteVerifier;
  /** One signature line for `text`, with its newline. */
  sign(text: string): string;
}

function isKeyName(name: string): boolean {
  return name !== '' && !/[\s+]/u.test(name) && name.isWellFormed();
}

function keyIdOf(name: string, algorithm: number, publicKey: Uint8Array): Uint8Array {
  return sha256(concat(utf8(`${name}\n`), Uint8Array.of(algorithm), publicKey)).subarray(0, 4);
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_ED25519, raw]), format: 'der', type: 'spki' });
}

function makeVerifier(name: string, algorithm: number, raw: Uint8Array): NoteVerifier {
  const key = publicKeyOf(raw);
  const keyId = keyIdOf(name, algorithm, raw);
  const vkey = `${name}+${hexOf(keyId)}+${base64Of(concat(Uint8Array.of(algorithm), raw))}`;
  if (algorithm === ED25519) {
    return {
      name,
      keyId,
      vkey,
      check: (text, signature) =>
        signature.byteLength === 64 && verify(null, utf8(text), key, signature) ? { name } : null,
    };
  }
  return {
    name,
    keyId,
    vkey,
    check(text, signature) {
      if (signature.byteLength !== 72) return null;
      const timestampS = Number(asBuffer(signature).readBigUInt64BE(0));
      const signed = utf8(`cosignature/v1\ntime ${timestampS}\n${text}`);
      return verify(null, signed, key, signature.subarray(8)) ? { name, timestampS } : null;
    },
  };
}

/** Reads a verifier key in its text form `name+hash+key`. Throws `crypto/bad-key`. */
export function readVerifier(vkey: string): NoteVerifier {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(vkey);
  const [name, idHex, encoded] = match === null ? [] : match.slice(1);
  const body = encoded === undefined ? null : fromBase64(encoded);
  if (name === undefined || body === null || body.byteLength !== 33) throw cryptoError('crypto/bad-key');
  const algorithm = body[0];
  if (algorithm !== ED25519 && algorithm !== COSIGNATURE_V1) throw cryptoError('crypto/bad-key');
  const verifier = makeVerifier(name, algorithm, body.subarray(1));
  if (hexOf(verifier.keyId) !== idHex) throw cryptoError('crypto/bad-key');
  return verifier;
}

/** A signer named `name` from a 32-byte seed (RFC 8032, section 5.1.5). */
export function ed25519Signer(name: string, seed: Uint8Array): NoteSigner {
  const { verifier, signRaw } = signerParts(name, ED25519, seed);
  return { verifier, sign: (text) => signatureLine(verifier, signRaw(utf8(text))) };
}

/** A witness's signer: its signature states when it saw the note. */
export function cosigner(name: string, seed: Uint8Array, nowS: () => number): NoteSigner {
  const { verifier, signRaw } = signerParts(name, COSIGNATURE_V1, seed);
  return {
    verifier,
    sign(text) {
      const timestampS = nowS();
      const stamp = Buffer.alloc(8);
      stamp.writeBigUInt64BE(BigInt(timestampS));
      return signatureLine(
        verifier,
        concat(stamp, signRaw(utf8(`cosignature/v1\ntime ${timestampS}\n${text}`))),
      );
    },
  };
}

function signerParts(name: string, algorithm: number, seed: Uint8Array) {
  if (!isKeyName(name) || seed.byteLength !== 32) throw cryptoError('crypto/bad-key');
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const verifier = makeVerifier(name, algorithm, spki.subarray(SPKI_ED25519.byteLength));
  return { verifier, signRaw: (bytes: Uint8Array): Uint8Array => sign(null, bytes, key) };
}

function signatureLine(verifier: NoteVerifier, signature: Uint8Array): string {
  return `— ${verifier.name} ${base64Of(concat(verifier.keyId, signature))}\n`;
}

/** Joins a text and its signature lines to a note. */
export function writeNote(text: string, signatureLines: readonly string[]): string {
  return `${text}\n${signatureLines.join('')}`;
}

const MAX_NOTE_CHARS = 1_000_000;
const MAX_SIGNATURES = 100;

/** Control characters other than the newline would let two readers see two notes. */
function hasControlCharacters(source: string): boolean {
  for (let at = 0; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if ((code < 0x20 && code !== 0x0a) || code === 0x7f) return true;
  }
  return false;
}

/** Takes a note apart without judging its signatures; null where it is not a note. */
export function parseNoteUnverified(source: string): Note | null {
  if (source.length > MAX_NOTE_CHARS || !source.isWellFormed() || !source.endsWith('\n')) return null;
  if (hasControlCharacters(source)) return null;
  const split = source.lastIndexOf('\n\n');
  if (split < 0) return null;
  const lines = source.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return null;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/u.exec(line);
    const [name, encoded] = match === null ? [] : match.slice(1);
    const bytes = encoded === undefined ? null : fromBase64(encoded);
    if (name === undefined || bytes === null || bytes.byteLength < 5) return null;
    signatures.push({ name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) });
  }
  return { text: source.slice(0, split + 1), signatures };
}

/**
 * Opens a note: its text and who of `verifiers` signed it. Null where it is malformed, where no known key
 * signed it, or where a line of a known key does not verify. Lines of unknown keys are passed over, as
 * the specification asks.
 */
export function openNote(
  source: string,
  verifiers: readonly NoteVerifier[],
): { readonly text: string; readonly signers: readonly Verified[] } | null {
  const note = parseNoteUnverified(source);
  if (note === null) return null;
  const signers: Verified[] = [];
  for (const line of note.signatures) {
    const verifier = verifiers.find((v) => v.name === line.name && equalBytes(v.keyId, line.keyId));
    if (verifier === undefined) continue;
    const verified = verifier.check(note.text, line.signature);
    if (verified === null) return null;
    signers.push(verified);
  }
  return signers.length === 0 ? null : { text: note.text, signers };
}
